//! What is wrong with the key service, and what that means to whoever works meanwhile.

use halligan_shared::wire::KeyService;
use leptos::prelude::*;

use super::{Lasting, Notice, Tone};

/// Said while records may not open; nothing while all is well.
#[component]
pub fn KeyNotice(
    /// What is known.
    #[prop(into)]
    known: Signal<Option<KeyService>>,
    /// What this page's member does meanwhile.
    meanwhile: &'static str,
) -> impl IntoView {
    // Not its seconds: each picture has others, and what is being read out must not be read out anew.
    let trouble = Memo::new(move |_| known.get().and_then(|known| known.trouble));
    move || {
        trouble.get().map(|trouble| {
            let seconds = known.with_untracked(|known| known.map_or(0.0, |known| known.seconds));
            view! {
                <Notice tone=Tone::Status>
                    <strong>"Records may not open just now. "</strong>
                    {trouble.sentence()}" (For "<Lasting seconds=seconds/>".) "{meanwhile}
                </Notice>
            }
        })
    }
}
