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
    /// What the dispatcher who revoked it said, if anything.
    pub reason: Option<String>,
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
        Ending::LockedDown => "The portal was locked down, and every record closed.",
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

#[cfg(test)]
mod tests {
    use halligan_shared::{
        assignment::Assignment,
        justification::{Draft, Reason, Severity},
        member::Role,
    };
    use time::{Duration, macros::datetime};

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-26 10:05:00 UTC);

    fn member(agency_id: &str) -> Member {
        Member {
            id: MemberId::fresh(),
            agency_id: agency_id.parse().unwrap(),
            display_name: "Ada Drill".parse().unwrap(),
            roles: vec![Role::Dispatcher],
            assignment: Assignment::default(),
        }
    }

    fn request(state: State) -> AccessRequest {
        let (id, record, by) = (RequestId::fresh(), RecordId::from([1; 16]), member("EMS-1"));
        let draft = Draft { severity: Severity::Urgent, reason: Reason::CannotSpeak, incident: "1".into(), text: String::new() };
        let justification = Justification::check(&draft).unwrap();
        let statement = AccessStatement {
            kind: AccessStatement::KIND.to_owned(),
            request: id,
            member: by.id,
            agency_id: by.agency_id.clone(),
            record,
            drill: true,
            justification: justification.clone(),
            origin: "http://localhost:8080".to_owned(),
            asked_at: "2026-11-26T10:00:00Z".to_owned(),
        };
        let (sign_in, sealing) = (SignInId::fresh(), SealingId::fresh());
        AccessRequest { id, by, sign_in, record, sealing, justification, statement, asked_at: NOW, state }
    }

    fn released(ends_at: OffsetDateTime, ending: Option<Ending>) -> State {
        State::Released { by: member("DSP-1"), grant: Grant { id: GrantId::fresh(), ends_at, ending, reason: None } }
    }

    /// A moment before its end a state holds, at its end it does not.
    const BEFORE: OffsetDateTime = NOW.saturating_add(Duration::NANOSECOND);

    #[test]
    fn a_request_is_decided_once_in_time_and_by_somebody_else() {
        let dispatcher = member("DSP-1");
        let decided = |state| request(state).may_be_decided_by(dispatcher.id, NOW).err();
        let by = |what| Some(Refusal::Decided { by: Box::new(dispatcher.clone()), what });
        assert_eq!(decided(State::Pending { until: BEFORE }), None);
        assert_eq!(decided(State::Pending { until: NOW }), Some(Refusal::TooLate));
        assert_eq!(decided(State::Approved { by: dispatcher.clone(), until: BEFORE }), by("approved"));
        assert_eq!(decided(State::Approved { by: dispatcher.clone(), until: NOW }), Some(Refusal::TooLate));
        assert_eq!(decided(State::Denied { by: dispatcher.clone(), reason: String::new() }), by("denied"));
        assert_eq!(decided(State::Cancelled), Some(Refusal::Cancelled));
        let own = request(State::Pending { until: BEFORE });
        assert_eq!(own.may_be_decided_by(own.by.id, NOW), Err(Refusal::Own));
    }

    #[test]
    fn a_record_opens_for_the_stay_that_asked_while_the_window_is_open() {
        let opened = |state| {
            let request = request(state);
            assert_eq!(request.may_be_opened_by(SignInId::fresh(), NOW), Err(Refusal::OtherSession));
            request.may_be_opened_by(request.sign_in, NOW).map(|grant| grant.is_some())
        };
        assert_eq!(opened(State::Approved { by: member("DSP-1"), until: BEFORE }), Ok(false), "the first opening makes the grant");
        assert_eq!(opened(State::Approved { by: member("DSP-1"), until: NOW }), Err(Refusal::TooLate));
        assert_eq!(opened(released(BEFORE, None)), Ok(true));
        assert_eq!(opened(released(NOW, None)), Err(Refusal::WindowOver(Ending::Expired)));
        assert_eq!(opened(released(BEFORE, Some(Ending::Revoked))), Err(Refusal::WindowOver(Ending::Revoked)));
        assert_eq!(opened(State::Pending { until: BEFORE }), Err(Refusal::NotApproved));
        assert_eq!(opened(State::Denied { by: member("DSP-1"), reason: String::new() }), Err(Refusal::NotApproved));
        assert_eq!(opened(State::Pending { until: NOW }), Err(Refusal::TooLate));
        assert_eq!(opened(State::Cancelled), Err(Refusal::Cancelled));
    }

    #[test]
    fn any_change_to_what_was_signed_shows() {
        let signed = request(State::Cancelled);
        assert!(signed.is_as_signed());
        let other = request(State::Cancelled);
        let draft = Draft { incident: "2".into(), ..signed.justification.clone().into() };
        for altered in [
            AccessRequest { id: other.id, ..signed.clone() },
            AccessRequest { by: other.by, ..signed.clone() },
            AccessRequest { record: RecordId::from([2; 16]), ..signed.clone() },
            AccessRequest { justification: Justification::check(&draft).unwrap(), ..signed.clone() },
        ] {
            assert!(!altered.is_as_signed());
        }
    }

    #[test]
    fn a_refusal_says_how_the_window_ended() {
        let sentence = |ending| Refusal::WindowOver(ending).to_string();
        let all = [Ending::Expired, Ending::LoggedOff, Ending::Revoked, Ending::Wiped, Ending::LockedDown].map(sentence);
        for (place, one) in all.iter().enumerate() {
            assert!(one.ends_with("make a new request.") && !all[..place].contains(one), "{one}");
        }
    }
}
