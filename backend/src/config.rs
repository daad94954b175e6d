//! What an operator can set. Every span of time here is a choice of this project or of NIST SP 800-63B-4.

use std::{path::PathBuf, sync::Arc};

use ipnet::IpNet;
use time::Duration;
use url::Url;

use crate::{cad::CadKey, outside::Outside, policy::Policies, server::Certificate};

/// The longest window: the credentials of an opening live 900 seconds (see `aws`), and no record can be opened without them.
const WINDOW_MAX: Duration = Duration::seconds(900);
/// The longest of every other span. A day is more than any of them is meant for; a typing error is longer.
const SPAN_MAX: Duration = Duration::days(1);
/// The longest that a review may take: what nobody looked at for a quarter of a year nobody will.
const REVIEW_MAX: Duration = Duration::days(90);

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
    /// How long another admin may take to confirm what one proposed: about a lockdown, or about a member's passkeys.
    pub proposal: Duration,
    /// How long a confirmed re-enrolment waits in case the member objects.
    pub reenrolment_delay: Duration,
    /// How long the review of an override, or of what was opened after a denial, may take.
    pub review_due: Duration,
    /// How long the review of what was drawn at random may take.
    pub review_sample_due: Duration,
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
            proposal: Duration::minutes(10),
            reenrolment_delay: Duration::hours(1),
            review_due: Duration::days(3),
            review_sample_due: Duration::days(14),
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
    /// Longer than anybody remembers.
    #[error("{name} is {seconds} seconds, which is more than 90 days: give it at most 7776000")]
    ReviewTooLong {
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
            ("--proposal", self.proposal),
            ("--reenrolment-delay", self.reenrolment_delay),
        ];
        let reviews = [("--review-due", self.review_due), ("--review-sample-due", self.review_sample_due)];
        if let Some((name, _)) = spans.iter().chain(&reviews).find(|(_, span)| *span < Duration::SECOND) {
            return Err(LimitFault::Zero(name));
        }
        if self.window > WINDOW_MAX {
            return Err(LimitFault::Window(self.window.whole_seconds()));
        }
        if let Some((name, span)) = reviews.iter().find(|(_, span)| *span > REVIEW_MAX) {
            return Err(LimitFault::ReviewTooLong { name, seconds: span.whole_seconds() });
        }
        match spans.iter().find(|(_, span)| *span > SPAN_MAX) {
            Some((name, span)) => Err(LimitFault::TooLong { name, seconds: span.whole_seconds() }),
            None => Ok(()),
        }
    }
}

/// How often something may be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many times at once.
    pub burst: u32,
    /// And once more each time this has passed.
    pub every: std::time::Duration,
}

/// How often a session may do what costs something, or what somebody could try out. A member may do twice as much; strangers at one
/// address together sixteen times (see `http::pace`). Chosen so that nobody who works is ever told to wait: the busiest dispatcher decides on
/// ten requests at once, each with a look, a statement and a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rates {
    /// Steps of signing in and joining, by browser or address.
    pub sign_in: Rate,
    /// Bracelets looked up.
    pub bracelet: Rate,
    /// Requests filed, listed or withdrawn.
    pub request: Rate,
    /// Steps of deciding.
    pub decision: Rate,
    /// Openings of a record, and looks at what would fail: each asks the authority several things.
    pub release: Rate,
    /// Sealings begun.
    pub sealing: Rate,
    /// What computer-aided dispatch tells, all of it together.
    pub feed: Rate,
    /// Everything together, and what strangers call.
    pub other: Rate,
}

impl Default for Rates {
    fn default() -> Self {
        let rate = |burst, milliseconds| Rate { burst, every: std::time::Duration::from_millis(milliseconds) };
        Self {
            sign_in: rate(15, 16_000),
            bracelet: rate(10, 10_000),
            request: rate(30, 2_000),
            decision: rate(60, 1_000),
            release: rate(10, 5_000),
            sealing: rate(10, 10_000),
            feed: rate(1_000, 20),
            other: rate(200, 50),
        }
    }
}

impl Rates {
    /// The same for so many times as many people behind one address or account.
    #[must_use]
    pub fn times(&self, factor: u32) -> Self {
        let more = |rate: Rate| Rate { burst: rate.burst.saturating_mul(factor), every: rate.every / factor.max(1) };
        Self {
            sign_in: more(self.sign_in),
            bracelet: more(self.bracelet),
            request: more(self.request),
            decision: more(self.decision),
            release: more(self.release),
            sealing: more(self.sealing),
            feed: more(self.feed),
            other: more(self.other),
        }
    }
}

/// What of the machine the portal depends on.
#[derive(Debug, Clone, Default)]
pub struct Premises {
    /// The folder of the database.
    pub data: Option<PathBuf>,
    /// The certificate that is served by, where that is the portal's own.
    pub certificate: Option<Certificate>,
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
    /// How often something may be done.
    pub rates: Rates,
    /// Proxies that are believed about whom they pass calls on for.
    pub proxies: Vec<IpNet>,
    /// What of the machine the portal depends on.
    pub premises: Premises,
    /// Who may ask, decide, review and see.
    pub policies: Policies,
    /// How many in a hundred of the records that are opened without anything out of the ordinary are reviewed.
    pub review_sample: u8,
    /// The key by which computer-aided dispatch signs what it tells; without it nothing is taken from anybody.
    pub cad: Option<Arc<CadKey>>,
    /// How devices and another system are told.
    pub outside: Outside,
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
