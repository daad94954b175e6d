//! What an operator can set. Every span of time here is a rule of DESIGN section 4 or of NIST SP 800-63B-4.

use time::Duration;
use url::Url;

/// Spans of time and sizes.
#[derive(Debug, Clone)]
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
