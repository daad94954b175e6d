//! An address without a page in this part of the portal: another part's, or nobody's.

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
    // The router's word, not the address bar's: that one changes once the page is there, and this page never will be.
    let path = use_location().pathname.get_untracked();
    if !use_part().holds(&path) {
        page::load(&path);
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
