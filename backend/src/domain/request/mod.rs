//! The lifecycle of an access request and its grant (docs/ARCHITECTURE.md, Lifecycles).
//!
//! Each state carries only what is true in it. Time is an argument: a state whose time is over reads as what follows
//! it, whether or not anything has written that down yet.

mod refusal;
#[cfg(test)]
mod tests;

use halligan_shared::{
    bytes::Bytes,
    door::Door,
    grant::Ending,
    id::{DrillId, GrantId, MemberId, RecordId, RequestId, SealingId, SignInId},
    justification::Justification,
    outcome::Outcome,
    statement::{self, AccessStatement, Verdict},
    wire,
};
use time::{Duration, OffsetDateTime};

pub use self::refusal::Refusal;
use super::{
    door::{Asked, Heard},
    member::Member,
};

/// Who wants which record, why, and where that stands.
#[derive(Debug, Clone, PartialEq)]
pub struct AccessRequest {
    /// The id.
    pub id: RequestId,
    /// Who asks.
    pub by: Member,
    /// In which stay: no other session ever opens the record.
    pub sign_in: SignInId,
    /// Which record.
    pub record: RecordId,
    /// Which version of it, fixed when asked.
    pub sealing: SealingId,
    /// Why.
    pub justification: Justification,
    /// What the responder signed.
    pub statement: AccessStatement,
    /// When.
    pub asked_at: OffsetDateTime,
    /// When dispatch last said no to the same member about the same record: denied it, took it back, or ended it while it was open.
    pub denied_at: Option<OffsetDateTime>,
    /// When the member first asked for it of late, where that was denied since: from then on nobody has helped.
    pub first_asked_at: Option<OffsetDateTime>,
    /// The incident that it names, if computer-aided dispatch told of it.
    pub incident: Option<Heard>,
    /// The drill in which it was made.
    pub drill: Option<DrillId>,
    /// Where it stands.
    pub state: State,
}

/// How long a denial is remembered when the same member asks for the same record again.
pub const DENIAL_KEPT: Duration = Duration::HOUR;

/// Where a request stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Waits for a door to open.
    Pending {
        /// Until when.
        until: OffsetDateTime,
        /// The dispatchers who have approved it, first first: fewer than it needs.
        approvals: Vec<Member>,
    },
    /// May be opened.
    Approved {
        /// Through which door.
        opened: Opened,
        /// Until when.
        until: OffsetDateTime,
    },
    /// Refused.
    Denied {
        /// By whom.
        by: Member,
        /// Why.
        reason: String,
    },
    /// Withdrawn.
    Cancelled,
    /// Nobody answered in time.
    Expired,
    /// Opened.
    Released {
        /// Through which door.
        opened: Opened,
        /// The grant it became.
        grant: Grant,
    },
    /// Approved and never opened in time.
    Lapsed,
}

/// How a request was opened: through exactly one door.
#[derive(Debug, Clone, PartialEq)]
pub struct Opened {
    /// The door.
    pub door: Door,
    /// The dispatchers who decided it, first first; nobody, where it was another door.
    pub by: Vec<Member>,
    /// How long the record is readable, where that door says less than the operator.
    pub window: Option<Duration>,
}

impl From<Opened> for wire::Opened {
    fn from(Opened { door, by, .. }: Opened) -> Self {
        Self { door, by: by.into_iter().map(Into::into).collect() }
    }
}

/// One member, one record, one window.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The id.
    pub id: GrantId,
    /// When it closes.
    pub ends_at: OffsetDateTime,
    /// How it ended, if it has.
    pub ending: Option<Ending>,
    /// What the dispatcher who revoked it said, if anything.
    pub reason: Option<String>,
}

impl Grant {
    /// How the grant stands at this instant. Half-open: at `ends_at` the window is over.
    pub fn ending_at(&self, now: OffsetDateTime) -> Option<Ending> {
        self.ending.or_else(|| (now >= self.ends_at).then_some(Ending::Expired))
    }

    /// From when on the key service is asked nothing more for this window. It compares whole seconds, so it would refuse in the part of a
    /// second that may be left.
    pub fn last_asked(&self) -> OffsetDateTime {
        self.ends_at.replace_nanosecond(0).unwrap_or(self.ends_at)
    }
}

impl State {
    /// The state at this instant: what has run out is over.
    #[must_use]
    pub fn at(self, now: OffsetDateTime) -> Self {
        match self {
            Self::Pending { until, .. } if now >= until => Self::Expired,
            Self::Approved { until, .. } if now >= until => Self::Lapsed,
            other => other,
        }
    }

    /// Its word.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Pending { .. } => Outcome::Pending,
            Self::Approved { .. } => Outcome::Approved,
            Self::Denied { .. } => Outcome::Denied,
            Self::Cancelled => Outcome::Cancelled,
            Self::Expired => Outcome::Expired,
            Self::Released { .. } => Outcome::Released,
            Self::Lapsed => Outcome::Lapsed,
        }
    }
}

impl AccessRequest {
    /// The request as the policies judge it at this instant.
    pub fn asked(&self, now: OffsetDateTime) -> Asked<'_> {
        Asked {
            by: &self.by,
            severity: self.justification.severity(),
            reason: self.justification.reason(),
            drill: self.statement.drill,
            in_drill: self.drill.is_some(),
            denied_before: self.denied_at.is_some_and(|denied| denied > now - DENIAL_KEPT),
            incident: self.incident.as_ref().map(|heard| heard.until(now)),
        }
    }

    /// Whether dispatch had said no to the same member about the same record within an hour before this was asked.
    pub fn follows_denial(&self) -> bool {
        self.denied_at.is_some_and(|denied| denied > self.asked_at - DENIAL_KEPT)
    }

    /// Whether everything has happened that can come of it: its record is closed, or opens no more.
    pub fn is_over(&self, now: OffsetDateTime) -> bool {
        match self.state.clone().at(now) {
            State::Pending { .. } | State::Approved { .. } => false,
            State::Released { grant, .. } => grant.ending_at(now).is_some(),
            State::Denied { .. } | State::Cancelled | State::Expired | State::Lapsed => true,
        }
    }

    /// Whether the request still is what its responder signed. It is not when somebody changed the database: then nobody
    /// decides it and nothing is opened.
    pub fn is_as_signed(&self) -> bool {
        let signed = &self.statement;
        (signed.request, signed.member, signed.record) == (self.id, self.by.id, self.record)
            && signed.justification == self.justification
            // Whatever the policies say: a drill never opens a real record.
            && (self.drill.is_none() || signed.drill)
    }

    /// Whether the request is still the one whose statement has this digest: what was signed about it counts for nothing else.
    pub fn is_the_one(&self, digest: &Bytes<32>) -> bool {
        self.is_as_signed() && statement::digest(&self.statement).is_ok_and(|own| own == *digest)
    }

    /// Whether `member` may say this word on this request now. What was approved can be taken back until the record is opened.
    pub fn may_be_decided_by(&self, member: MemberId, verdict: Verdict, now: OffsetDateTime) -> Result<(), Refusal> {
        if self.by.id == member {
            return Err(Refusal::Own);
        }
        match self.state.clone().at(now) {
            State::Pending { .. } if verdict == Verdict::TakeBack => Err(Refusal::NothingToTakeBack),
            State::Pending { approvals, .. } if verdict == Verdict::Approve && approvals.iter().any(|by| by.id == member) => {
                Err(Refusal::Given)
            }
            State::Pending { .. } => Ok(()),
            State::Approved { .. } if verdict == Verdict::TakeBack => Ok(()),
            State::Released { .. } if verdict == Verdict::TakeBack => Err(Refusal::OpenAlready),
            State::Approved { opened, .. } | State::Released { opened, .. } => Err(self.opened_before(opened)),
            State::Denied { by, .. } => Err(Refusal::Decided { by: Box::new(by), what: "denied" }),
            State::Cancelled => Err(Refusal::Cancelled),
            State::Expired | State::Lapsed => Err(Refusal::TooLate),
        }
    }

    /// From when the wait of an override counts: a denial does not begin it anew, or one dispatcher could keep it from ever ending.
    pub fn waits_since(&self) -> OffsetDateTime {
        self.first_asked_at.map_or(self.asked_at, |first| first.min(self.asked_at))
    }

    /// Whether the responder, in this stay, may open it alone now, where the policies let them after this wait.
    pub fn may_be_overridden_by(&self, sign_in: SignInId, wait: Duration, now: OffsetDateTime) -> Result<(), Refusal> {
        if self.sign_in != sign_in {
            return Err(Refusal::OtherSession);
        }
        match self.state.clone().at(now) {
            State::Pending { .. } if now < self.waits_since() + wait => {
                Err(Refusal::TooEarly(whole_seconds(self.waits_since() + wait - now)))
            }
            State::Pending { .. } => Ok(()),
            State::Approved { opened, .. } | State::Released { opened, .. } => Err(self.opened_before(opened)),
            State::Denied { by, .. } => Err(Refusal::Decided { by: Box::new(by), what: "denied" }),
            State::Cancelled => Err(Refusal::Cancelled),
            State::Expired | State::Lapsed => Err(Refusal::TooLate),
        }
    }

    /// Who opened it before somebody else could.
    fn opened_before(&self, opened: Opened) -> Refusal {
        let Opened { door, mut by, .. } = opened;
        match (door, by.pop()) {
            (Door::Dispatcher, Some(last)) => Refusal::Decided { by: Box::new(last), what: "approved" },
            (Door::Override, _) => Refusal::Decided { by: Box::new(self.by.clone()), what: "opened" },
            (Door::Dispatcher | Door::Policy, _) => Refusal::OpenedByRule,
        }
    }

    /// Whether this stay may open the record now, and into which grant: none yet means that the first release makes it.
    pub fn may_be_opened_by(&self, sign_in: SignInId, now: OffsetDateTime) -> Result<Option<Grant>, Refusal> {
        if self.sign_in != sign_in {
            return Err(Refusal::OtherSession);
        }
        match self.state.clone().at(now) {
            State::Approved { .. } => Ok(None),
            State::Released { grant, .. } => match grant.ending_at(now) {
                None => Ok(Some(grant)),
                Some(ending) => Err(Refusal::WindowOver(ending)),
            },
            State::Pending { .. } | State::Denied { .. } => Err(Refusal::NotApproved),
            State::Cancelled => Err(Refusal::Cancelled),
            State::Expired | State::Lapsed => Err(Refusal::TooLate),
        }
    }
}

/// Upwards: whoever waits that long is not too early.
fn whole_seconds(span: Duration) -> i64 {
    span.whole_seconds() + i64::from(span.subsec_nanoseconds() > 0)
}
