//! Whether the desk can rely on being told: ways to the outside that are silent, computer-aided dispatch, and the dispatcher's own notices.

use halligan_shared::wire::{Channels, DispatchHeard};
use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::{Moment, Notice, Tone};

/// What of it there is to say.
#[component]
pub(super) fn Ways(
    #[prop(into)] channels: Signal<Option<Channels>>,
    /// How many notices the dispatcher has not read.
    #[prop(into)]
    unread: Signal<u32>,
) -> impl IntoView {
    // Not drawn anew with each picture: what is being read out must not be read out again.
    let known = Memo::new(move |_| channels.get().unwrap_or_default());
    let unread = Memo::new(move |_| unread.get());
    view! {
        <div class="ways-out">
            {move || (unread.get() > 0).then(|| view! {
                <p><A href="/notices">{match unread.get() { 1 => "1 notice is unread".to_owned(), unread => format!("{unread} notices are unread") }}</A></p>
            })}
            {move || {
                let Channels { webhook_silent_since, push_failing, dispatch } = known.get();
                view! {
                    {webhook_silent_since.map(|since| view! {
                        <Notice tone=Tone::Status>"The webhook has not answered since "<Moment at=since/>". Notices to it wait."</Notice>
                    })}
                    {(push_failing > 0).then(|| view! {
                        <Notice tone=Tone::Status>
                            {match push_failing { 1 => "Push to 1 device fails.".to_owned(), some => format!("Push to {some} devices fails.") }}
                            " Who relies on it has to look here."
                        </Notice>
                    })}
                    {dispatch.map(|DispatchHeard { at }| match at {
                        Some(at) => view! { <p class="hint">"Computer-aided dispatch was last heard "<Moment at/>"."</p> }.into_any(),
                        None => view! { <p class="hint">"Computer-aided dispatch was never heard."</p> }.into_any(),
                    })}
                }
            }}
        </div>
    }
}
