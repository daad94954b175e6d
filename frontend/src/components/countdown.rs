//! A countdown: always visible, read out only at a few moments, unmistakable at the end.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use crate::browser::clock::{Deadline, TICK};

/// Moments at which a screen reader hears it, in seconds left.
const ANNOUNCED: [(u32, &str); 4] =
    [(120, "2 minutes left"), (60, "1 minute left"), (30, "30 seconds left"), (10, "10 seconds left")];
/// From here on it cannot be overlooked, in seconds left.
const LAST: u32 = 30;

/// A countdown to a deadline.
#[component]
pub fn Countdown(
    /// The deadline; nothing is shown without one.
    #[prop(into)]
    until: Signal<Option<Deadline>>,
    /// What it counts, such as "Record closes in".
    label: &'static str,
    /// Whether it is read out at its marks; not where many run at once.
    #[prop(default = true)]
    spoken: bool,
    /// Called once each time a deadline is reached.
    #[prop(optional, into)]
    on_end: Option<UnsyncCallback<()>>,
) -> impl IntoView {
    let now = RwSignal::new(0_u32);
    let tick = StoredValue::new_local(Interval::new(TICK, move || now.update(|now| *now = now.wrapping_add(1))));
    on_cleanup(move || tick.dispose());
    // Whole seconds, so that the page is drawn anew once a second and not at each look.
    let left = Memo::new(move |_| {
        now.track();
        until.get().map(|until| whole_seconds(until.left()))
    });
    // Not at the first look: where it starts stands on the page, and only passing a mark is news.
    let started_below = StoredValue::new(None::<u32>);
    let announced = Memo::new(move |_| {
        let left = left.get()?;
        if started_below.get_value().is_none() {
            started_below.set_value(Some(left));
        }
        let start = started_below.get_value().unwrap_or_default();
        ANNOUNCED.iter().rev().find(|(mark, _)| left <= *mark && *mark < start).map(|(_, words)| *words)
    });
    let on_end = StoredValue::new_local(on_end);
    Effect::new(move |was_over: Option<bool>| {
        let is_over = left.get() == Some(0);
        if is_over && was_over == Some(false) {
            on_end.get_value().iter().for_each(|on_end| on_end.run(()));
        }
        is_over
    });
    view! {
        <div class="countdown" class:last=move || left.get().is_some_and(|left| left <= LAST)>
            <span class="countdown-label">{label}</span>
            " "
            <span class="countdown-clock" role="timer" aria-live="off">{move || left.get().map(clock_text)}</span>
            {spoken.then(|| view! { <span class="visually-hidden" role="status">{move || announced.get()}</span> })}
        </div>
    }
}

/// `4:07`.
pub fn clock_text(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Rounded up: the clock shows 0:00 when it is over and not before.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and a deadline's rest is never negative"
)]
fn whole_seconds(seconds: f64) -> u32 {
    seconds.ceil() as u32
}
