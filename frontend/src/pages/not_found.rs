//! An address without a page.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::{Access, Page};

/// Says so, and shows the way back.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Page title="Nothing here" access=Access::Public>
            <p>"There is no page at this address."</p>
            <p><A href="/">"To the start page"</A></p>
        </Page>
    }
}
