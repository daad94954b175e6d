//! Sign-in as a page of its own. Every other page asks for it in its own place.

use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::{
    components::{Access, Page, SignInPanel},
    state::session::use_session,
};

/// The sign-in page; whoever is signed in goes on to the start page.
#[component]
pub fn SignIn() -> impl IntoView {
    let session = use_session();
    let is_in = Memo::new(move |_| session.with(Option::is_some));
    view! {
        <Page title="Sign in" access=Access::Public>
            {move || if is_in.get() { view! { <Redirect path="/"/> }.into_any() } else { view! { <SignInPanel/> }.into_any() }}
        </Page>
    }
}
