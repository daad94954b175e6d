//! The bracelet: by the link of its code, or typed from what is printed under it.
//!
//! The reference stays in memory, and here only until it is read.

use halligan_shared::{
    member::Role,
    reference::{Reference, ReferenceFault, SYMBOLS, TEXT_MAX, Typing},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, components::Redirect, hooks::use_navigate};
use zeroize::Zeroize;

use crate::{
    browser::page,
    components::{Access, Button, Look, Notice, Page, Tone},
    state::request::{Bracelet as Known, use_asking},
};

/// Where a bracelet's code leads: on to the form if it was one.
#[component]
pub fn Bracelet() -> impl IntoView {
    let asking = use_asking();
    let is_read = Memo::new(move |_| asking.bracelet() == Known::Read);
    move || view! { <Redirect path=if is_read.get() { "/justify" } else { "/scan" }/> }
}

/// Which bracelet it is.
#[component]
pub fn Scan() -> impl IntoView {
    view! {
        <Page title="Which bracelet?" access=Access::Role(Role::Responder)>
            <Entry/>
        </Page>
    }
}

#[component]
fn Entry() -> impl IntoView {
    let asking = use_asking();
    let typed = RwSignal::new(String::new());
    let asked_to_go_on = RwSignal::new(false);
    on_cleanup(move || {
        typed.try_update(Zeroize::zeroize);
    });
    let read = Memo::new(move |_| typed.with(|typed| Reference::parse(typed).map(drop)));
    // A fault is said as soon as it is certain: missing characters only once the responder wants to go on.
    let fault = Memo::new(move |_| match read.get() {
        Ok(()) => None,
        Err(ReferenceFault::Empty | ReferenceFault::TooShort { .. }) if !asked_to_go_on.get() => None,
        Err(fault) => Some(fault.to_string()),
    });
    let navigate = use_navigate();
    let go_on = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked_to_go_on.set(true);
        match typed.with_untracked(|typed| Reference::parse(typed)) {
            Ok(reference) => {
                asking.scan(reference);
                navigate("/justify", NavigateOptions::default());
            }
            Err(_) => page::focus("reference"),
        }
    };
    let type_in = move |event| {
        asked_to_go_on.set(false);
        let text = event_target_value(&event);
        let longer = typed.with_untracked(|before| text.len() > before.len());
        // Laid out while it grows at its end; corrections in the middle are left alone, or the caret would jump.
        let is_at_end = page::caret_at_end(&event);
        typed.set(if longer && is_at_end { Typing::of(&text).text.to_string() } else { text });
    };
    let count = move || typed.with(|typed| Typing::of(typed).count);
    view! {
        {move || (asking.bracelet() == Known::Refused).then(|| view! {
            <Notice tone=Tone::Alert>"This is not a Halligan bracelet. Type the characters printed under the code instead."</Notice>
        })}
        <form novalidate on:submit=go_on>
            <div class="field">
                <label for="reference">"Characters under the code"</label>
                <p class="hint" id="reference-hint">"Seven groups of four. Upper or lower case, with or without hyphens."</p>
                <input id="reference" class="code" type="text" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" enterkeyhint="go" maxlength=TEXT_MAX.to_string() prop:value=typed on:input=type_in
                    aria-describedby="reference-error reference-hint" aria-invalid=move || fault.get().map(|_| "true")/>
                <p class="count" aria-hidden="true" class:complete=move || read.get().is_ok()>
                    {move || if read.get().is_ok() { "Complete: the check characters fit.".to_owned() } else { format!("{} of {SYMBOLS}", count()) }}
                </p>
                <p class="visually-hidden" role="status">{move || read.get().is_ok().then_some("Complete: the check characters fit.")}</p>
                <p class="error" id="reference-error" role="alert">{move || fault.get()}</p>
            </div>
            <div class="actions"><Button look=Look::Main submits=true>"Continue"</Button></div>
        </form>
    }
}
