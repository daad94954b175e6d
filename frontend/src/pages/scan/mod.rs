//! The bracelet: by the link of its code, by the camera, or typed from what is printed under it.
//!
//! The reference stays in memory, and here only until it is read.

mod entry;
mod viewfinder;
mod watch;

use halligan_shared::{member::Role, reference::Reference};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_navigate};
use zeroize::Zeroize;

use self::{entry::Entry, viewfinder::Viewfinder, watch::Trouble};
use crate::{
    components::{Access, Button, Notice, Page, Tone},
    state::{
        request::{Bracelet as Known, use_asking},
        session::use_session,
    },
};

/// Where a bracelet's code leads: on to the form if it was one.
#[component]
pub fn Bracelet() -> impl IntoView {
    let asking = use_asking();
    let is_read = Memo::new(move |_| asking.bracelet() == Known::Read);
    // In its place: whoever goes back from there comes to where they were, and not here and there again.
    let in_place = || NavigateOptions { replace: true, ..NavigateOptions::default() };
    move || view! { <Redirect path=if is_read.get() { "/justify" } else { "/scan" } options=in_place()/> }
}

/// Which bracelet it is.
#[component]
pub fn Scan() -> impl IntoView {
    view! {
        <Page title="Which bracelet?" access=Access::Role(Role::Responder)>
            <Ways/>
        </Page>
    }
}

/// How the bracelet is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Camera,
    /// By choice, or because of trouble with the camera.
    Typing(Option<Trouble>),
}

#[component]
fn Ways() -> impl IntoView {
    let asking = use_asking();
    let way = RwSignal::new(Way::Camera);
    // Kept here, so that a look through the camera loses nothing typed.
    let typed = RwSignal::new(String::new());
    on_cleanup(move || {
        typed.try_update(Zeroize::zeroize);
    });
    let navigate = use_navigate();
    let go_on = StoredValue::new_local(move |reference: Reference| {
        asking.scan(reference);
        navigate("/justify", NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    let go_on = UnsyncCallback::new(move |reference| go_on.with_value(|go_on| go_on(reference)));
    let session = use_session();
    let is_in = Memo::new(move |_| session.with(Option::is_some));
    move || {
        match way.get() {
        // Nobody looks through a camera that nobody is signed in for.
        Way::Camera if !is_in.get() => ().into_any(),
        Way::Camera => view! {
            <Viewfinder
                on_read=go_on
                on_typing=move |()| way.set(Way::Typing(None))
                on_trouble=move |trouble| way.set(Way::Typing(Some(trouble)))
            />
        }
        .into_any(),
        Way::Typing(trouble) => view! {
            {trouble.map(|trouble| view! { <Notice tone=Tone::Alert>{trouble.to_string()}</Notice> })}
            <Entry typed=typed is_chosen=trouble.is_none() on_read=go_on>
                {trouble.is_none_or(Trouble::may_pass).then(|| view! {
                    <Button on_press=move |()| way.set(Way::Camera)>{if trouble.is_some() { "Try the camera again" } else { "Use the camera" }}</Button>
                })}
            </Entry>
        }
        .into_any(),
    }
    }
}
