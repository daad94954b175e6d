//! The one place that asks the system for the time; everything else is told.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use time::OffsetDateTime;

/// Where the time comes from: the system's clocks, or a test's.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> OffsetDateTime + Send + Sync>,
    steady: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// The system's clocks.
    #[expect(clippy::disallowed_methods, reason = "this is the clock everybody else is sent to")]
    pub fn system() -> Self {
        let start = Instant::now();
        Self { now: Arc::new(OffsetDateTime::now_utc), steady: Arc::new(move || start.elapsed()) }
    }

    /// A clock of one's own, never set back.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        let now = Arc::new(now);
        let steady = Arc::clone(&now);
        Self { now, steady: Arc::new(move || (steady() - OffsetDateTime::UNIX_EPOCH).unsigned_abs()) }
    }

    /// A clock of one's own that is set while time goes on.
    pub fn wandering(
        now: impl Fn() -> OffsetDateTime + Send + Sync + 'static,
        steady: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), steady: Arc::new(steady) }
    }

    /// The time now, UTC.
    pub fn now(&self) -> OffsetDateTime {
        (self.now)()
    }

    /// The time since some fixed moment. Nobody sets this one: it goes on evenly when the system's date is put right.
    pub fn steady(&self) -> Duration {
        (self.steady)()
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}
