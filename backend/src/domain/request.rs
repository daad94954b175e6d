//! The lifecycle of an access request and its grant (docs/ARCHITECTURE.md, Lifecycles).
//!
//! Each state carries only what is true in it. Time is an argument: a state whose time is over reads as what follows
//! it, whether or not anything has written that down yet.

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

/// Why a request cannot do what was asked of it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// Changed in the store since it was signed.
    #[error("This request is no longer what was signed, so nothing was decided. Tell an admin.")]
    Altered,
    /// Nobody decides their own.
    #[error("You cannot decide your own request. Another dispatcher has to.")]
    Own,
    /// The agency's policies leave it to others.
    #[error("The agency's rules do not let you decide this request: it may be your own crew's. Another dispatcher has to.")]
    Barred,
    /// The agency's policies let this member ask for nothing of the kind, or through no door.
    #[error("The agency's rules do not open this record to you. Call dispatch for what the patient needs now.")]
    NoDoor,
    /// A real record, for somebody who takes part in a drill.
    #[error("You are in a drill: only made-up records open. For a real patient, leave the drill. What you typed stays.")]
    DrillOnly,
    /// The agency's policies leave this door shut for this request.
    #[error("The agency's rules do not let you open this one alone. Dispatch has it on the screen: call them.")]
    NotAlone,
    /// The door opens later.
    #[error("You can open this alone in {0} seconds, if nobody answers before.")]
    TooEarly(i64),
    /// What had opened it holds no more.
    #[error(
        "What had opened this holds no more: its incident was closed, your unit was taken off it, or a dispatcher who approved it decides no more. Dispatch sees that your request waits again."
    )]
    WaitsAgain,
    /// Has said so already, and others have to as well.
    #[error("You have approved this already. It waits for another dispatcher.")]
    Given,
    /// What was to be taken back was opened meanwhile.
    #[error("The record was opened meanwhile, or its window is over. What is open stands under “Open now” and can be ended there.")]
    OpenAlready,
    /// What was to be taken back waits again.
    #[error("It waits again, so there is nothing to take back. Deny it, if it should not be opened.")]
    NothingToTakeBack,
    /// The door is not the dispatchers'.
    #[error("By the agency's rules no dispatcher opens this one, so there was nothing to approve. You can still deny it.")]
    NotByDecision,
    /// Somebody was faster.
    #[error("{by} has already {what} this request. There is nothing left to decide.", by = .by.display_name)]
    Decided {
        /// Who.
        by: Box<Member>,
        /// `approved`, `denied` or `opened`.
        what: &'static str,
    },
    /// A standing rule was faster.
    #[error("A standing rule of the agency has already opened this request. There is nothing left to decide.")]
    OpenedByRule,
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
        AccessRequest {
            id,
            by,
            sign_in,
            record,
            sealing,
            justification,
            statement,
            asked_at: NOW,
            denied_at: None,
            first_asked_at: None,
            incident: None,
            drill: None,
            state,
        }
    }

    fn released(ends_at: OffsetDateTime, ending: Option<Ending>) -> State {
        State::Released {
            opened: by_dispatchers(vec![member("DSP-1")]),
            grant: Grant { id: GrantId::fresh(), ends_at, ending, reason: None },
        }
    }

    fn by_dispatchers(by: Vec<Member>) -> Opened {
        Opened { door: Door::Dispatcher, by, window: None }
    }

    fn pending(until: OffsetDateTime) -> State {
        State::Pending { until, approvals: Vec::new() }
    }

    /// A moment before its end a state holds, at its end it does not.
    const BEFORE: OffsetDateTime = NOW.saturating_add(Duration::NANOSECOND);

    #[test]
    fn a_request_is_decided_once_in_time_and_by_somebody_else() {
        let dispatcher = member("DSP-1");
        let other = member("DSP-2");
        let said = |verdict, state| request(state).may_be_decided_by(dispatcher.id, verdict, NOW).err();
        let by = |who: &Member, what| Some(Refusal::Decided { by: Box::new(who.clone()), what });
        let opened = || by_dispatchers(vec![dispatcher.clone(), other.clone()]);
        for verdict in [Verdict::Approve, Verdict::Deny] {
            let decided = |state| said(verdict, state);
            assert_eq!(decided(pending(BEFORE)), None);
            assert_eq!(decided(pending(NOW)), Some(Refusal::TooLate));
            assert_eq!(decided(State::Approved { opened: opened(), until: NOW }), Some(Refusal::TooLate));
            assert!(decided(released(BEFORE, None)).is_some(), "what is open is ended, not denied");
            assert_eq!(decided(State::Denied { by: dispatcher.clone(), reason: String::new() }), by(&dispatcher, "denied"));
            assert_eq!(decided(State::Cancelled), Some(Refusal::Cancelled));
            let own = request(pending(BEFORE));
            assert_eq!(own.may_be_decided_by(own.by.id, verdict, NOW), Err(Refusal::Own));
        }
        assert_eq!(said(Verdict::Approve, State::Approved { opened: opened(), until: BEFORE }), by(&other, "approved"));
        assert_eq!(said(Verdict::Deny, State::Approved { opened: opened(), until: BEFORE }), by(&other, "approved"));
        assert_eq!(said(Verdict::TakeBack, State::Approved { opened: opened(), until: BEFORE }), None);
        assert_eq!(said(Verdict::TakeBack, State::Approved { opened: opened(), until: NOW }), Some(Refusal::TooLate));
        assert_eq!(said(Verdict::TakeBack, pending(BEFORE)), Some(Refusal::NothingToTakeBack));
        assert!(
            said(Verdict::TakeBack, released(BEFORE, None)) == Some(Refusal::OpenAlready),
            "what is open is ended, not taken back"
        );
        let rule = Opened { door: Door::Policy, by: Vec::new(), window: None };
        assert_eq!(said(Verdict::Approve, State::Approved { opened: rule, until: BEFORE }), Some(Refusal::OpenedByRule));
    }

    #[test]
    fn of_several_dispatchers_each_approves_once() {
        let (one, two) = (member("DSP-1"), member("DSP-2"));
        let request = request(State::Pending { until: BEFORE, approvals: vec![one.clone()] });
        assert_eq!(request.may_be_decided_by(one.id, Verdict::Approve, NOW), Err(Refusal::Given));
        assert_eq!(request.may_be_decided_by(one.id, Verdict::Deny, NOW), Ok(()), "a dispatcher may think again");
        assert_eq!(request.may_be_decided_by(two.id, Verdict::Approve, NOW), Ok(()));
    }

    #[test]
    fn a_responder_opens_alone_what_nobody_answered_once_the_wait_is_over() {
        let wait = Duration::seconds(45);
        let alone = |state, now| {
            let request = request(state);
            assert_eq!(request.may_be_overridden_by(SignInId::fresh(), wait, now), Err(Refusal::OtherSession));
            request.may_be_overridden_by(request.sign_in, wait, now)
        };
        let until = NOW + Duration::MINUTE;
        assert_eq!(alone(pending(until), NOW + wait), Ok(()));
        assert_eq!(alone(pending(until), NOW + wait - Duration::MILLISECOND), Err(Refusal::TooEarly(1)));
        assert_eq!(alone(pending(until), NOW), Err(Refusal::TooEarly(45)));
        assert_eq!(alone(pending(until), until), Err(Refusal::TooLate));
        let opened = by_dispatchers(vec![member("DSP-1")]);
        assert!(matches!(alone(State::Approved { opened, until }, NOW + wait), Err(Refusal::Decided { what: "approved", .. })));
        let denied = State::Denied { by: member("DSP-1"), reason: String::new() };
        assert!(matches!(alone(denied, NOW + wait), Err(Refusal::Decided { what: "denied", .. })));
        let alone_before = State::Approved { opened: Opened { door: Door::Override, by: Vec::new(), window: None }, until };
        assert!(matches!(alone(alone_before, NOW + wait), Err(Refusal::Decided { what: "opened", .. })));
    }

    #[test]
    fn a_record_opens_for_the_stay_that_asked_while_the_window_is_open() {
        let approved = |until| State::Approved { opened: by_dispatchers(vec![member("DSP-1")]), until };
        let opened = |state| {
            let request = request(state);
            assert_eq!(request.may_be_opened_by(SignInId::fresh(), NOW), Err(Refusal::OtherSession));
            request.may_be_opened_by(request.sign_in, NOW).map(|grant| grant.is_some())
        };
        assert_eq!(opened(approved(BEFORE)), Ok(false), "the first opening makes the grant");
        assert_eq!(opened(approved(NOW)), Err(Refusal::TooLate));
        assert_eq!(opened(released(BEFORE, None)), Ok(true));
        assert_eq!(opened(released(NOW, None)), Err(Refusal::WindowOver(Ending::Expired)));
        assert_eq!(opened(released(BEFORE, Some(Ending::Revoked))), Err(Refusal::WindowOver(Ending::Revoked)));
        assert_eq!(opened(pending(BEFORE)), Err(Refusal::NotApproved));
        assert_eq!(opened(State::Denied { by: member("DSP-1"), reason: String::new() }), Err(Refusal::NotApproved));
        assert_eq!(opened(pending(NOW)), Err(Refusal::TooLate));
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
