//! What keeps every record closed just now, and what that means to whoever works meanwhile.

use halligan_shared::wire::Readiness;
use leptos::prelude::*;

use super::{Lasting, Notice, Tone};

/// Said while records do not open; nothing while all is well. Its place for a lockdown is always in the page, so that screen readers
/// notice when it fills.
#[component]
pub fn ReadinessNotice(
    /// What is known.
    #[prop(into)]
    known: Signal<Option<Readiness>>,
    /// What a lockdown means here, and what to do.
    #[prop(into)]
    locked_down: Signal<&'static str>,
    /// What this page's member does while the key service fails.
    failing: &'static str,
) -> impl IntoView {
    let is_locked_down = Memo::new(move |_| known.get().is_some_and(|known| known.locked_down));
    // Not its seconds: each picture has others, and what is being read out must not be read out anew.
    let trouble = Memo::new(move |_| known.get().and_then(|known| known.key_service.trouble));
    view! {
        <div class="readiness">
            <div role="alert">
                {move || is_locked_down.get().then(|| view! {
                    <p class="notice alert"><strong>"Locked down."</strong>" "{move || locked_down.get()}</p>
                })}
            </div>
            {move || trouble.get().map(|trouble| {
                let seconds = known.with_untracked(|known| known.map_or(0.0, |known| known.key_service.seconds));
                view! {
                    <Notice tone=Tone::Status>
                        <strong>"Records may not open just now. "</strong>
                        {trouble.sentence()}" (For "<Lasting seconds=seconds/>".) "{failing}
                    </Notice>
                }
            })}
        </div>
    }
}
