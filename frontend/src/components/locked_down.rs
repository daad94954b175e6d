//! The banner of a lockdown. Always in the page, so that screen readers notice when it fills.

use leptos::prelude::*;

/// Says that the portal is locked down, while it is.
#[component]
pub fn LockedDown(
    /// Whether it is.
    #[prop(into)]
    is: Signal<bool>,
    /// What that means here, and what to do.
    words: &'static str,
) -> impl IntoView {
    view! {
        <div class="lockdown" role="alert">
            {move || is.get().then(|| view! { <p class="notice alert"><strong>"Locked down."</strong>" "{words}</p> })}
        </div>
    }
}
