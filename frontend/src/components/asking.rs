//! A button that asks once more before it does what cannot be undone by pressing another.

use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use super::{Button, Look};
use crate::browser::page;

/// A button, and in its place a question with its two answers once it is pressed.
#[component]
pub fn Asking(
    /// What it does.
    label: &'static str,
    /// How it looks before it asks.
    #[prop(optional)]
    look: Look,
    /// What the question says will happen.
    #[prop(into)]
    question: String,
    /// The answer that does it.
    answer: &'static str,
    /// The answer that does nothing.
    #[prop(default = "No")]
    keep: &'static str,
    /// What the first one does.
    #[prop(into)]
    on_yes: UnsyncCallback<()>,
    /// Told when the question begins to stand there, and when it no longer does.
    #[prop(optional, into)]
    on_turn: Option<UnsyncCallback<bool>>,
    /// Whether its work is under way.
    #[prop(into)]
    busy: Signal<bool>,
    /// The id of what it is about, for screen readers. Unique on the page together with the label.
    #[prop(into)]
    about: String,
) -> impl IntoView {
    let asks = RwSignal::new(false);
    let place = format!("{about}-{}", label.replace(' ', "-"));
    // The button that had the focus makes way for others: the group that holds them takes it, once they stand there, so that
    // all of them are in sight.
    let turn = {
        let place = StoredValue::new(place.clone());
        move |is_asking: bool| {
            asks.set(is_asking);
            if let Some(on_turn) = on_turn {
                on_turn.run(is_asking);
            }
            let place = place.get_value();
            spawn_local(async move {
                tick().await;
                page::focus(&place);
            });
        }
    };
    // Taken away while it asks, it asks no more.
    on_cleanup(move || {
        if let Some(on_turn) = on_turn.filter(|_| asks.try_get_untracked() == Some(true)) {
            on_turn.run(false);
        }
    });
    let yes = move |()| {
        on_yes.run(());
        turn(false);
    };
    let described = StoredValue::new(about.clone());
    view! {
        <div class="asking" id=place role="group" tabindex="-1" aria-labelledby=about>
            {move || if asks.get() {
                view! {
                    <p role="alert">{question.clone()}</p>
                    <div class="line-acts">
                        <Button look=Look::Danger busy=busy on_press=yes>{answer}</Button>
                        <Button look=Look::Quiet on_press=move |()| turn(false)>{keep}</Button>
                    </div>
                }
                .into_any()
            } else {
                view! {
                    <Button look=look busy=busy on_press=move |()| turn(true) attr:aria-describedby=described.get_value()>{label}</Button>
                }
                .into_any()
            }}
        </div>
    }
}
