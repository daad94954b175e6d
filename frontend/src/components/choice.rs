//! One of a few: big radio buttons under one question.

use leptos::prelude::*;

/// A question with its answers, none chosen beforehand.
#[component]
pub fn Choice<T>(
    /// The question.
    legend: &'static str,
    /// The group's name in the page.
    name: &'static str,
    /// The answers and their labels.
    options: Vec<(T, &'static str)>,
    /// What is chosen.
    value: RwSignal<Option<T>>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Whether the answers after the first are short enough to stand two a line.
    #[prop(optional)]
    pairs: bool,
) -> impl IntoView
where
    T: Copy + PartialEq + Send + Sync + 'static,
{
    let error_id = format!("{name}-error");
    let described_by = error_id.clone();
    view! {
        <fieldset class="choice" class:pairs=pairs aria-describedby=move || error.get().map(|_| described_by.clone())>
            <legend>{legend}</legend>
            {options
                .into_iter()
                .enumerate()
                .map(|(i, (option, label))| {
                    view! {
                        <label class="option" for=format!("{name}-{i}")>
                            <input
                                type="radio"
                                id=format!("{name}-{i}")
                                name=name
                                prop:checked=move || value.get() == Some(option)
                                on:change=move |_| value.set(Some(option))
                            />
                            <span>{label}</span>
                        </label>
                    }
                })
                .collect_view()}
            <p class="error" id=error_id role="alert">{move || error.get()}</p>
        </fieldset>
    }
}
