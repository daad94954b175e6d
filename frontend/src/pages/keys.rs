//! Told before anything is asked: that records may not open just now, and that asking is right all the same.

use halligan_shared::wire::KeyService;
use leptos::{prelude::*, task::spawn_local};

use crate::{api::keys, components::KeyNotice};

/// What a responder does while records may not open.
pub const ASK: &str =
    "Ask all the same: dispatch sees it at once, an approval is kept, and the record opens when the key service is back.";

/// Looks once, when the page is opened.
#[component]
pub fn KeysBeforeAsking() -> impl IntoView {
    let known = RwSignal::new(None::<KeyService>);
    spawn_local(async move {
        // Without an answer there is nothing to say of it; whatever else the page asks says why.
        if let Ok(service) = keys::service().await {
            known.try_set(Some(service));
        }
    });
    view! { <KeyNotice known meanwhile=ASK/> }
}
