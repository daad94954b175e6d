//! Each rule of the lifecycle, to the nanosecond.

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
        let open = decided(released(BEFORE, None));
        assert!(matches!(open, Some(Refusal::Decided { what: "approved", .. })), "what is open is ended, not denied: {open:?}");
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
    assert!(said(Verdict::TakeBack, released(BEFORE, None)) == Some(Refusal::OpenAlready), "what is open is ended, not taken back");
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
        // Whatever its digest is said to be.
        assert!(!altered.is_the_one(&statement::digest(&altered.statement).unwrap()));
    }
    let digest = statement::digest(&signed.statement).unwrap();
    assert!(signed.is_the_one(&digest) && !signed.is_the_one(&statement::digest(&other.statement).unwrap()));
    // Outside of a drill either may be asked for, within one what is made up alone.
    let in_drill = |signed: bool, drill: Option<DrillId>| {
        let asked = request(State::Cancelled);
        let statement = AccessStatement { drill: signed, ..asked.statement.clone() };
        AccessRequest { statement, drill, ..asked }.is_as_signed()
    };
    let drill = Some(DrillId::fresh());
    assert!(in_drill(true, None) && in_drill(false, None) && in_drill(true, drill) && !in_drill(false, drill));
}

#[test]
fn a_refusal_says_how_the_window_ended() {
    let sentence = |ending| Refusal::WindowOver(ending).to_string();
    let all = [Ending::Expired, Ending::LoggedOff, Ending::Revoked, Ending::Wiped, Ending::LockedDown].map(sentence);
    for (place, one) in all.iter().enumerate() {
        assert!(one.ends_with("make a new request.") && !all[..place].contains(one), "{one}");
    }
}

#[test]
fn a_denial_counts_for_an_hour_to_the_end_of_its_last_instant() {
    let instant = Duration::nanoseconds(1);
    let denied = |at: OffsetDateTime| AccessRequest { denied_at: Some(at), ..request(State::Cancelled) };
    let just = denied(NOW - DENIAL_KEPT + instant);
    let long_ago = denied(NOW - DENIAL_KEPT);
    assert!(just.follows_denial() && !long_ago.follows_denial());
    assert!(just.asked(NOW).denied_before && !long_ago.asked(NOW).denied_before);
    // The one goes by when it was asked, the other by now.
    let later = NOW + Duration::MINUTE;
    assert!(just.follows_denial() && !just.asked(later).denied_before);
    let never = request(State::Cancelled);
    assert!(!never.follows_denial() && !never.asked(NOW).denied_before);
}

#[test]
fn a_request_is_over_once_nothing_can_come_of_it() {
    let over = |state: State, now: OffsetDateTime| request(state).is_over(now);
    let (instant, until) = (Duration::nanoseconds(1), NOW + Duration::MINUTE);
    for open in [State::Pending { until, approvals: Vec::new() }, released(until, None)] {
        assert!(!over(open.clone(), until - instant) && over(open, until));
    }
    for ended in [State::Cancelled, State::Expired, State::Lapsed, released(until, Some(Ending::Wiped))] {
        assert!(over(ended, NOW));
    }
}
