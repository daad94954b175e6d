//! The next actions of a page, where the thumb is, and right above them what went wrong.

use leptos::prelude::*;

use super::Trouble;

/// A bar of buttons that stays in sight while the page scrolls.
#[component]
pub fn Actions(
    /// What went wrong with them: said here, since a sentence elsewhere may stand behind the bar.
    #[prop(optional, into)]
    trouble: Option<Signal<Option<String>>>,
    /// The id of that sentence.
    #[prop(optional)]
    trouble_id: Option<&'static str>,
    /// The buttons.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="actions">
            {trouble.map(|words| view! { <Trouble words=words id=trouble_id/> })}
            {children()}
        </div>
    }
}
