//! What the page has to say: troubles, news, and the states in which there is nothing else to show.

use leptos::prelude::*;

/// How pressing a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something failed: read out at once.
    Alert,
    /// Something is so: read out when there is time.
    Status,
}

/// A notice.
#[component]
pub fn Notice(
    /// How pressing it is.
    tone: Tone,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let (class, role) = match tone {
        Tone::Alert => ("notice alert", "alert"),
        Tone::Status => ("notice", "status"),
    };
    view! { <div class=class role=role>{children()}</div> }
}

/// What went wrong, if something did. Always in the page, so that screen readers notice when it fills.
#[component]
pub fn Trouble(
    /// The sentence.
    #[prop(into)]
    words: Signal<Option<String>>,
    /// The element's id, where something else is described by it.
    #[prop(optional_no_strip)]
    id: Option<&'static str>,
) -> impl IntoView {
    view! { <div class="trouble" id=id role="alert">{move || words.get().map(|words| view! { <p class="notice alert">{words}</p> })}</div> }
}

/// Something is being fetched.
#[component]
pub fn Loading(
    /// What.
    children: Children,
) -> impl IntoView {
    view! { <p class="loading" role="status">{children()}</p> }
}

/// There is nothing, and that is all right.
#[component]
pub fn Empty(
    /// Of what, and what to do.
    children: Children,
) -> impl IntoView {
    view! { <p class="empty">{children()}</p> }
}
