//! Where the authority's time comes from. Every decision that depends on time asks here, so a test owns all of them.

use std::{fmt, sync::Arc};

use time::{OffsetDateTime, UtcOffset};

/// A source of the current time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> OffsetDateTime + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else sources time from")]
    pub fn system() -> Self {
        Self::new(OffsetDateTime::now_utc)
    }

    /// A clock that says whatever `now` returns.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// In UTC, whatever offset the source speaks in.
    pub(crate) fn now(&self) -> OffsetDateTime {
        (self.0)().to_offset(UtcOffset::UTC)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}
