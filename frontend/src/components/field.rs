//! A labelled field that keeps what was typed whatever happens, with its hint and its fault beside it.

use leptos::prelude::*;

/// What the field is for, to the keyboard and the spelling checker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Keyboard {
    /// Words.
    #[default]
    Text,
    /// Codes: no correction, no completion.
    Code,
    /// Several lines of words.
    Lines,
}

/// A field.
#[component]
pub fn Field(
    /// The label.
    label: &'static str,
    /// The element's id.
    id: &'static str,
    /// What is typed.
    value: RwSignal<String>,
    /// What to know before typing.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// What it is for.
    #[prop(optional)]
    keyboard: Keyboard,
    /// Whether it has to be filled.
    #[prop(optional, into)]
    required: Signal<bool>,
    /// Most characters that can be typed.
    #[prop(optional)]
    max: Option<usize>,
) -> impl IntoView {
    let described_by = move || {
        let hint = hint.with(Option::is_some).then(|| format!("{id}-hint"));
        let error = error.with(Option::is_some).then(|| format!("{id}-error"));
        Some([error, hint].into_iter().flatten().collect::<Vec<_>>().join(" ")).filter(|ids| !ids.is_empty())
    };
    let is_wrong = move || error.with(Option::is_some).then_some("true");
    let must = move || required.get().then_some("true");
    let typed = move |event| value.set(event_target_value(&event));
    let code = keyboard == Keyboard::Code;
    let input = if keyboard == Keyboard::Lines {
        view! {
            <textarea id=id name=id rows="4" maxlength=max autocomplete="off" prop:value=value on:input=typed
                aria-describedby=described_by aria-invalid=is_wrong aria-required=must></textarea>
        }
        .into_any()
    } else {
        view! {
            <input id=id name=id type="text" maxlength=max autocomplete="off" prop:value=value on:input=typed
                class:code=code autocapitalize=code.then_some("characters")
                spellcheck=code.then_some("false") aria-describedby=described_by aria-invalid=is_wrong aria-required=must/>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label for=id>{label}</label>
            {move || hint.get().map(|hint| view! { <p class="hint" id=format!("{id}-hint")>{hint}</p> })}
            {input}
            <p class="error" id=format!("{id}-error") role="alert">{move || error.get()}</p>
        </div>
    }
}
