//! Moments of the past, as the backend tells them, and how long something has lasted.

use gloo_timers::callback::Interval;
use leptos::prelude::*;

use super::clock_text;
use crate::browser::clock::monotonic_seconds;

/// How often a lasting time moves, in milliseconds.
const TICK: u32 = 1_000;

/// A moment of the past: `2026-11-24 02:53:10 UTC` of an RFC 3339 text in UTC.
#[component]
pub fn Moment(
    /// RFC 3339.
    at: String,
) -> impl IntoView {
    let text = plain(&at);
    view! { <time class="moment" datetime=at>{text}</time> }
}

/// How long something has lasted, counting up on the monotonic clock.
#[component]
pub fn Lasting(
    /// How long it had lasted when this was drawn, in seconds.
    seconds: f64,
) -> impl IntoView {
    let begun = monotonic_seconds() - seconds;
    let now = RwSignal::new(monotonic_seconds());
    let tick = StoredValue::new_local(Interval::new(TICK, move || now.set(monotonic_seconds())));
    on_cleanup(move || tick.dispose());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and time only grows")]
    let whole = move || (now.get() - begun) as u32;
    view! { <span class="lasting" role="timer" aria-live="off">{move || clock_text(whole())}</span> }
}

/// Seconds are enough, and the zone is said in words.
fn plain(at: &str) -> String {
    match at.split_once('T') {
        Some((date, time)) if time.ends_with('Z') => format!("{date} {} UTC", time.get(..8).unwrap_or(time)),
        _ => at.to_owned(),
    }
}
