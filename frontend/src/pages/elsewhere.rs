//! An address without a page in this part of the portal: another part's, or nobody's.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};

use crate::{
    browser::page,
    components::{Access, Loading, Page},
    state::part::use_part,
};

/// Loads the other part, or says that there is no such page and shows the way back.
///
/// The backend answers every address with the part it belongs to, by the same rule: so a part that is loaded for an address
/// is the right one, and nothing is loaded over and over.
#[component]
pub fn Elsewhere() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    if !use_part().holds(&path) {
        // The router writes the address once what it leads to is there. Loaded before that, the part would be the one that is here
        // already, or its address would stand in the history twice, and Back would lead nowhere.
        set_timeout(move || page::load(&path), Duration::ZERO);
        return view! { <main><Loading>"Opening the portal…"</Loading></main> }.into_any();
    }
    view! {
        <Page title="Nothing here" access=Access::Public>
            <p>"There is no page at this address."</p>
            <p><A href="/">"To the start page"</A></p>
        </Page>
    }
    .into_any()
}
