//! The characters printed under the code, typed.

use halligan_shared::{
    reference::{Reference, ReferenceFault, SYMBOLS, TEXT_MAX},
    typing::Typing,
};
use leptos::prelude::*;

use crate::{
    browser::page,
    components::{Actions, Button, Look, Notice, Tone},
    state::request::{Bracelet as Known, use_asking},
};

#[component]
pub fn Entry(
    /// What is typed so far; its owner overwrites it.
    typed: RwSignal<String>,
    /// Whether the person chose to type, and is to find the caret in the field.
    is_chosen: bool,
    /// Gets the reference once it is whole.
    on_read: UnsyncCallback<Reference>,
    /// Other ways, beside the button that goes on.
    children: Children,
) -> impl IntoView {
    let asking = use_asking();
    let asked_to_go_on = RwSignal::new(false);
    let read = Memo::new(move |_| typed.with(|typed| Reference::parse(typed).map(drop)));
    // A fault is said as soon as it is certain: missing characters only once the responder wants to go on.
    let fault = Memo::new(move |_| match read.get() {
        Ok(()) => None,
        Err(ReferenceFault::Empty | ReferenceFault::TooShort { .. }) if !asked_to_go_on.get() => None,
        Err(fault) => Some(fault.to_string()),
    });
    let go_on = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        asked_to_go_on.set(true);
        match typed.with_untracked(|typed| Reference::parse(typed)) {
            Ok(reference) => on_read.run(reference),
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
    if is_chosen {
        Effect::new(move |_| page::focus("reference"));
    }
    view! {
        {move || (asking.bracelet() == Known::Refused).then(|| view! {
            <Notice tone=Tone::Alert>"This is not a Halligan bracelet. Type the characters printed under the code instead."</Notice>
        })}
        <form novalidate on:submit=go_on>
            <div class="field">
                <label for="reference">"Characters under the code"</label>
                <p class="hint" id="reference-hint">"Seven groups of four. Upper or lower case, with or without hyphens."</p>
                <input id="reference" class="code" name="reference" type="text" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" enterkeyhint="go" maxlength=TEXT_MAX.to_string() prop:value=typed on:input=type_in
                    aria-describedby="reference-error reference-hint" aria-invalid=move || fault.get().map(|_| "true")/>
                <p class="groups code" aria-hidden="true">{move || typed.with(|typed| Typing::of(typed).text.to_string())}</p>
                <p class="count" aria-hidden="true" class:complete=move || read.get().is_ok()>
                    {move || if read.get().is_ok() { "Complete: the check characters fit.".to_owned() } else { format!("{} of {SYMBOLS}", count()) }}
                </p>
                <p class="visually-hidden" role="status">{move || read.get().is_ok().then_some("Complete: the check characters fit.")}</p>
            </div>
            <Actions trouble=fault trouble_id="reference-error">
                {children()}
                <Button look=Look::Main submits=true>"Continue"</Button>
            </Actions>
        </form>
    }
}
