//! Told before anything is asked: that no record opens just now, and that asking is right all the same.

use halligan_shared::wire::Readiness;
use leptos::{prelude::*, task::spawn_local};

use crate::{api::readiness, browser::page, components::ReadinessNotice};

/// What a responder does while records may not open.
const ASK: &str =
    "Ask all the same: dispatch sees it at once, an approval is kept, and the record opens when the key service is back.";
/// The same in a lockdown.
const CALL: &str = "No record opens until two admins lift it. You can still ask, and dispatch sees it: call dispatch for what the patient needs now.";

/// Looks when the page is opened, and again when it comes back into sight.
#[component]
pub fn BeforeAsking(
    /// What is known; whoever learns more of it says so here.
    #[prop(optional, into)]
    known: RwSignal<Option<Readiness>>,
    /// Whether whoever looks asks for records.
    #[prop(default = true)]
    asks: bool,
) -> impl IntoView {
    let look = move || {
        spawn_local(async move {
            // Without an answer there is nothing to say of it; whatever else the page asks says why.
            if let Ok(readiness) = readiness::look().await {
                known.try_set(Some(readiness));
            }
        });
    };
    look();
    let again = StoredValue::new_local(page::on_visibility(move |is_hidden| {
        if !is_hidden {
            look();
        }
    }));
    on_cleanup(move || again.dispose());
    let (locked_down, failing) = if asks { (CALL, ASK) } else { ("No record opens until two admins lift it.", "") };
    view! { <ReadinessNotice known locked_down failing/> }
}
