//! The bracelet just made: the only place where its reference can be read.

use halligan_shared::{bracelet, reference::Reference, wire::RecordLine};
use leptos::prelude::*;
use zeroize::Zeroizing;

use super::Counter;
use crate::{
    browser::page,
    components::{Button, Look, Notice, QrCode, Tone},
    state::session::use_session,
};

/// The bracelet's page.
#[component]
pub(super) fn Bracelet(desk: Counter, record: RecordLine) -> impl IntoView {
    let origin = use_session().with_untracked(|session| session.as_ref().map(|session| session.origin.clone()));
    let made = desk.reference.with_value(|reference| {
        let reference = reference.as_ref()?;
        Some((bracelet::payload(&origin?, reference), Reference::to_text(reference)))
    });
    let done = move |()| desk.to_list(None);
    // Printed, or said to be: this is the only copy.
    let (is_printed, is_asked) = (RwSignal::new(false), RwSignal::new(false));
    let print = move |()| {
        is_printed.set(true);
        page::print();
    };
    let leave = move |()| {
        if is_printed.get_untracked() || is_asked.get_untracked() { done(()) } else { is_asked.set(true) }
    };
    let Some((payload, text)) = made else {
        return view! {
            <Notice tone=Tone::Alert>"The bracelet is not on this page any more. Replace it from the list to get another."</Notice>
            <div class="bar"><Button look=Look::Main on_press=done>"To the list"</Button></div>
        }
        .into_any();
    };
    view! {
        <section class="bracelet" aria-labelledby="bracelet">
            <h2 id="bracelet">"Bracelet of file "{record.file_number}</h2>
            {record.drill.then(|| view! { <p><span class="tag drill-tag">"Drill"</span>" This patient is made up."</p> })}
            <Notice tone=Tone::Status>
                "Print it now. This code is shown only here and kept nowhere: once you leave this page, only a new bracelet helps."
            </Notice>
            <div class="bracelet-sheet">
                <Label payload=payload.clone() text=text.clone() size="25mm" groups=4/>
                <Label payload=payload text=text size="15mm" groups=3/>
            </div>
            <div role="alert">{move || is_asked.get().then(|| view! {
                <p class="notice alert">"It has not been printed from this page. Done without it, and the bracelet has to be replaced."</p>
            })}</div>
            <div class="bar">
                <Button look=Look::Main on_press=print>"Print"</Button>
                <Button on_press=leave>{move || if is_asked.get() { "Done all the same" } else { "Done" }}</Button>
            </div>
        </section>
    }
    .into_any()
}

/// One code with the typed form under it, `groups` groups of four a line.
#[component]
fn Label(payload: Zeroizing<String>, text: Zeroizing<String>, size: &'static str, groups: usize) -> impl IntoView {
    let all = text.split('-').collect::<Vec<_>>();
    let lines = all.chunks(groups).map(|line| line.join("-")).collect::<Vec<_>>();
    let class = if groups == 4 { "label-large" } else { "label-small" };
    view! {
        <figure class=class>
            <QrCode text=payload label="Code of the bracelet" size=size/>
            <figcaption class="typed">{lines.into_iter().map(|line| view! { <span>{line}</span> }).collect_view()}</figcaption>
            <p class="size screen-only">{size.replace("mm", " mm")}</p>
        </figure>
    }
}
