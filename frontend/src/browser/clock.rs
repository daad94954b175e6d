//! Time: seconds on the page's monotonic clock, deadlines on it, and today's date for ages.
//!
//! Wall time never prolongs anything. It only ever shortens a deadline: some systems stop the monotonic clock while the
//! device sleeps, and the wall clock is then the only witness of the sleep.

use js_sys::Date;

/// How far the wall clock may run ahead of the monotonic one, in seconds, before that means sleep: time servers move a
/// clock by less at once.
const TOLERANCE: f64 = 2.0;

/// How often the end of a window is looked for, and the time left shown, in milliseconds: a fifth of a second late at most, while the
/// page is visible.
pub const TICK: u32 = 200;

/// Seconds on the monotonic clock. Only differences mean anything.
pub fn monotonic_seconds() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(wall_seconds, |performance| performance.now() / 1000.0)
}

/// Seconds that are left, as what a timer waits for: whole milliseconds, none of them too few.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and a rest of time is never negative")]
pub fn milliseconds(seconds: f64) -> u32 {
    (seconds * 1_000.0).ceil() as u32
}

/// Today by the device's calendar (year, month, day), for ages only.
pub fn today() -> (u16, u8, u8) {
    let date = Date::new_0();
    let year = u16::try_from(date.get_full_year()).unwrap_or_default();
    let month = u8::try_from(date.get_month() + 1).unwrap_or_default();
    (year, month, u8::try_from(date.get_date()).unwrap_or_default())
}

fn wall_seconds() -> f64 {
    Date::now() / 1000.0
}

/// A moment so and so many seconds from when it was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Deadline {
    seconds: f64,
    made_monotonic: f64,
    made_wall: f64,
}

impl Deadline {
    /// The moment in `seconds` from now.
    pub fn after(seconds: f64) -> Self {
        Self { seconds, made_monotonic: monotonic_seconds(), made_wall: wall_seconds() }
    }

    /// Seconds left; zero when over.
    pub fn left(&self) -> f64 {
        (self.seconds - self.elapsed()).max(0.0)
    }

    /// Whether the device slept, or stood still in some other way, since this was made.
    pub fn slept(&self) -> bool {
        wall_seconds() - self.made_wall > monotonic_seconds() - self.made_monotonic + TOLERANCE
    }

    /// Seconds since this was made, a sleep of the device included.
    pub fn elapsed(&self) -> f64 {
        if self.slept() { wall_seconds() - self.made_wall } else { monotonic_seconds() - self.made_monotonic }
    }
}
