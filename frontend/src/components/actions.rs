//! The next actions of a page, where the thumb is, and right above them what went wrong.

use leptos::{html, prelude::*};

use super::Trouble;
use crate::browser::height::{self, Heights};

/// The part of the window's height that a bar may take and still stay in sight: more of it would hide what it is about.
const MOST: f64 = 1.0 / 3.0;

/// A bar of buttons that stays in sight while the page scrolls, unless it is too high for that, as with large text.
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
    let bar = NodeRef::<html::Div>::new();
    let heights = StoredValue::new_local(None::<Heights>);
    let is_troubled = move || trouble.is_some_and(|words| words.with_untracked(Option::is_some));
    Effect::new(move |_| {
        let Some(bar) = bar.get() else { return };
        let measured = bar.clone();
        heights.set_value(Heights::watch(&bar, move |part| {
            let is_high = part > MOST;
            // Refused only for a name that is none.
            let _ = measured.toggle_attribute_with_force("data-high", is_high);
            // What was just said goes out of sight with the bar.
            if is_high && is_troubled() {
                height::reveal(&measured);
            }
        }));
    });
    view! {
        <div class="actions" node_ref=bar>
            {trouble.map(|words| view! { <Trouble words=words id=trouble_id/> })}
            {children()}
        </div>
    }
}
