//! A button that stays where it is while it works: same label, same focus, deaf to a second press.

use leptos::prelude::*;

/// How a button looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Look {
    /// The next action of the page.
    Main,
    /// Any other.
    #[default]
    Plain,
    /// One that ends or removes something.
    Danger,
    /// One that should not draw the eye.
    Quiet,
}

impl Look {
    const fn class(self) -> &'static str {
        match self {
            Self::Main => "button main",
            Self::Plain => "button",
            Self::Danger => "button danger",
            Self::Quiet => "button quiet",
        }
    }
}

/// A button. Within a form, leave `submits` to let Enter and the button do the same.
#[component]
pub fn Button(
    /// What pressing it does; for a submit button leave it empty and listen to the form.
    #[prop(optional, into)]
    on_press: Option<UnsyncCallback<()>>,
    /// Whether its work is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it takes no press for a moment, without any work of its own.
    #[prop(optional, into)]
    held: Signal<bool>,
    /// How it looks.
    #[prop(optional)]
    look: Look,
    /// Whether it submits its form.
    #[prop(optional)]
    submits: bool,
    /// An id by which it can take the focus.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The label.
    children: Children,
) -> impl IntoView {
    // Not `disabled`: that would throw the focus away, and a screen reader with it.
    let on_press = StoredValue::new_local(on_press);
    let press = move |event: leptos::ev::MouseEvent| {
        if busy.get_untracked() || held.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press.get_value() {
            on_press.run(());
        }
    };
    view! {
        <button
            id=id
            type=if submits { "submit" } else { "button" }
            class=look.class()
            aria-disabled=move || (busy.get() || held.get()).then_some("true")
            aria-busy=move || busy.get().then_some("true")
            on:click=press
        >
            {children()}
        </button>
    }
}
