//! The next actions of a page, where the thumb is, and right above them what went wrong.

use leptos::{
    html,
    prelude::*,
    task::{spawn_local, tick},
};

use super::Trouble;
use crate::browser::{page, size::Heights};

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
    let part = RwSignal::new(0.0);
    let is_high = Memo::new(move |_| part.get() > MOST);
    let heights = StoredValue::new_local(None::<Heights>);
    Effect::new(move |_| heights.set_value(bar.get().and_then(|bar| Heights::watch(&bar, move |now| part.set(now)))));
    // What was just said would be out of sight with a bar that does not stay there. Said once, the page is the person's to scroll.
    Effect::new(move |_| {
        let is_troubled = trouble.is_some_and(|words| words.with(Option::is_some));
        if is_high.get() && is_troubled {
            spawn_local(async move {
                tick().await;
                if let Some(bar) = bar.try_get_untracked().flatten() {
                    page::reveal(&bar);
                }
            });
        }
    });
    view! {
        <div class="actions" data-high=move || is_high.get().then_some("") node_ref=bar>
            {trouble.map(|words| view! { <Trouble words=words id=trouble_id/> })}
            {children()}
        </div>
    }
}
