//! What an operator can set. Every span of time here is a choice of this project or of NIST SP 800-63B-4.

use time::Duration;
use url::Url;

/// The longest window: the credentials of an opening live 900 seconds (see `aws`), and no record can be opened without them.
const WINDOW_MAX: Duration = Duration::seconds(900);
/// The longest of every other span. A day is more than any of them is meant for; a typing error is longer.
const SPAN_MAX: Duration = Duration::days(1);

/// Spans of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How long a request waits for a decision.
    pub pending: Duration,
    /// How long an approval may stay unused.
    pub approval: Duration,
    /// How long a record is readable.
    pub window: Duration,
    /// How long an invitation can be used (SP 800-63B-4: binding codes live 10 minutes at most).
    pub invitation: Duration,
    /// How long a passkey ceremony may take.
    pub ceremony: Duration,
    /// How long a session lives without activity.
    pub idle: Duration,
    /// How long a session lives at all (SP 800-63B-4, AAL3: 12 hours).
    pub session: Duration,
    /// How long a tab may stay hidden before the record is wiped.
    pub hidden: Duration,
    /// How long an uncommitted sealing is kept.
    pub sealing: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            pending: Duration::minutes(10),
            approval: Duration::minutes(10),
            window: Duration::minutes(5),
            invitation: Duration::minutes(10),
            ceremony: Duration::minutes(5),
            idle: Duration::minutes(30),
            session: Duration::hours(12),
            hidden: Duration::seconds(30),
            sealing: Duration::hours(1),
        }
    }
}

/// Why a limit cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitFault {
    /// Nothing fits into no time.
    #[error("{0} is 0 seconds, and nothing could ever be done in that time: give it at least 1")]
    Zero(&'static str),
    /// KMS would end the window earlier than the portal said.
    #[error(
        "a window of {0} seconds cannot be kept: the credentials that open a record live 900 seconds, so give --window at most 900"
    )]
    Window(i64),
    /// Longer than anything here is meant for.
    #[error("{name} is {seconds} seconds, which is more than a day: give it at most 86400")]
    TooLong {
        /// The option.
        name: &'static str,
        /// What was set.
        seconds: i64,
    },
}

impl Limits {
    /// Whether the portal can keep these.
    pub fn check(&self) -> Result<(), LimitFault> {
        let spans = [
            ("--pending", self.pending),
            ("--approval", self.approval),
            ("--window", self.window),
            ("--invitation", self.invitation),
            ("--ceremony", self.ceremony),
            ("--idle", self.idle),
            ("--session", self.session),
            ("--hidden", self.hidden),
            ("--sealing", self.sealing),
        ];
        if let Some((name, _)) = spans.iter().find(|(_, span)| *span < Duration::SECOND) {
            return Err(LimitFault::Zero(name));
        }
        if self.window > WINDOW_MAX {
            return Err(LimitFault::Window(self.window.whole_seconds()));
        }
        match spans.iter().find(|(_, span)| *span > SPAN_MAX) {
            Some((name, span)) => Err(LimitFault::TooLong { name, seconds: span.whole_seconds() }),
            None => Ok(()),
        }
    }
}

/// Everything the portal is told at start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers reach the portal. Passkeys and bracelets are bound to it.
    pub origin: Url,
    /// The agency's name, shown on every page.
    pub agency: String,
    /// Roles whose passkeys may not be copied to other devices.
    pub device_bound: Vec<halligan_shared::member::Role>,
    /// Spans of time.
    pub limits: Limits,
}

impl Settings {
    /// The origin in its serialised form: no trailing slash, no default port.
    pub fn origin_text(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// Whether browsers reach the portal over TLS.
    pub fn is_tls(&self) -> bool {
        self.origin.scheme() == "https"
    }
}
