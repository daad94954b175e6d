//! The lifecycle of an access request and its grant (docs/ARCHITECTURE.md, Lifecycles).
//!
//! Each state carries only what is true in it. Time is an argument: a state whose time is over reads as what follows
//! it, whether or not anything has written that down yet.

use halligan_shared::{
    grant::Ending,
    id::{GrantId, MemberId, RecordId, RequestId, SealingId, SignInId},
    justification::Justification,
    statement::AccessStatement,
};
use time::OffsetDateTime;

use super::member::Member;

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
    /// Where it stands.
    pub state: State,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// Waits for a door to open.
    Pending {
        /// Until when.
        until: OffsetDateTime,
    },
    /// May be opened.
    Approved {
        /// By whom.
        by: Member,
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
        /// By whose decision.
        by: Member,
        /// The grant it became.
        grant: Grant,
    },
    /// Approved and never opened in time.
    Lapsed,
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
}

impl Grant {
    /// How the grant stands at this instant. Half-open: at `ends_at` the window is over.
    pub fn ending_at(&self, now: OffsetDateTime) -> Option<Ending> {
        self.ending.or_else(|| (now >= self.ends_at).then_some(Ending::Expired))
    }
}

/// Why a request cannot do what was asked of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Nobody decides their own.
    #[error("You cannot decide your own request. Another dispatcher has to.")]
    Own,
    /// Somebody was faster.
    #[error("{by} has already {what} this request. There is nothing left to decide.", by = .by.display_name)]
    Decided {
        /// Who.
        by: Box<Member>,
        /// `approved` or `denied`.
        what: &'static str,
    },
    /// Withdrawn by the responder.
    #[error("This request was withdrawn. If the record is still needed, a new request is the way.")]
    Cancelled,
    /// The time is over.
    #[error("The time for this has passed. A new request is the way.")]
    TooLate,
    /// Not yet approved, or denied.
    #[error("This request is not approved. Wait for a dispatcher, or ask again if it was denied.")]
    NotApproved,
    /// The window is closed.
    #[error("{} To read the record again, make a new request.", what_ended(*.0))]
    WindowOver(Ending),
    /// There is no window any more that could be ended.
    #[error("{} There is nothing left to end.", what_ended(*.0))]
    Ended(Ending),
    /// Another session asked.
    #[error("The record opens only in the browser that asked for it. Go back to that one, or make a new request here.")]
    OtherSession,
}

const fn what_ended(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => "The time to read this record is over.",
        Ending::LoggedOff => "Signing out closed this record.",
        Ending::Revoked => "A dispatcher closed this record.",
        Ending::Wiped => "This record was closed and wiped.",
    }
}

impl State {
    /// The state at this instant: what has run out is over.
    #[must_use]
    pub fn at(self, now: OffsetDateTime) -> Self {
        match self {
            Self::Pending { until } if now >= until => Self::Expired,
            Self::Approved { until, .. } if now >= until => Self::Lapsed,
            other => other,
        }
    }
}

impl AccessRequest {
    /// Whether the request still is what its responder signed. It is not when somebody changed the database: then nobody
    /// decides it and nothing is opened.
    pub fn is_as_signed(&self) -> bool {
        let signed = &self.statement;
        (signed.request, signed.member, signed.record) == (self.id, self.by.id, self.record)
            && signed.justification == self.justification
    }

    /// Whether `member` may decide this request now.
    pub fn may_be_decided_by(&self, member: MemberId, now: OffsetDateTime) -> Result<(), Refusal> {
        if self.by.id == member {
            return Err(Refusal::Own);
        }
        match self.state.clone().at(now) {
            State::Pending { .. } => Ok(()),
            State::Approved { by, .. } | State::Released { by, .. } => Err(Refusal::Decided { by: Box::new(by), what: "approved" }),
            State::Denied { by, .. } => Err(Refusal::Decided { by: Box::new(by), what: "denied" }),
            State::Cancelled => Err(Refusal::Cancelled),
            State::Expired | State::Lapsed => Err(Refusal::TooLate),
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
