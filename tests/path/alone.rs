//! The override: nobody answers, and the responder opens the record alone.

use halligan_backend::store::AuditFilter;
use halligan_shared::{
    door::Door,
    justification::{Draft, Severity},
    member::Role,
    paths,
    statement::Verdict,
    wire::{Doors, PreparedDecision, PreparedOverride, ProblemCode, RequestState, RequestView},
};
use serde_json::json;

use crate::support::{Client, Device, TestPortal, pressing};

/// A responder whose request waits, and a dispatcher.
async fn waiting(portal: &TestPortal, severity: Severity) -> (Client, Client, RequestView) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    let view = responder.ask_as(&reference, Draft { severity, ..pressing() }).await;
    (responder, dispatcher, view)
}

fn override_in(view: &RequestView) -> Option<f64> {
    match &view.state {
        RequestState::Pending { doors: Doors { override_in, .. }, .. } => *override_in,
        other => panic!("it does not wait: {other:?}"),
    }
}

#[tokio::test]
async fn what_nobody_answers_opens_alone_when_the_wait_is_over_and_not_a_moment_before() {
    let portal = TestPortal::start().await;
    let (mut responder, _, view) = waiting(&portal, Severity::LifeThreatening).await;
    assert_eq!(override_in(&view), Some(45.0), "it shows from the first second");
    portal.pass(44_999);
    let early = responder.prepare_override(view.id).await.refusal();
    assert_eq!((early.code, early.status), (ProblemCode::TooEarly, 409));
    portal.pass(1);
    assert_eq!(override_in(&responder.request(view.id).await), Some(0.0));
    let opened: RequestView = responder.open_alone(view.id).await.ok();
    let RequestState::Approved { opened, .. } = opened.state else { panic!("not opened: {:?}", opened.state) };
    assert_eq!((opened.door, opened.by.len()), (Door::Override, 0));
    responder.open(view.id).await;
    let path = portal.kinds().await.into_iter().filter(|kind| kind.starts_with("request.") || kind.starts_with("record.open"));
    let path: Vec<_> = path.collect();
    assert_eq!(path, ["request.filed", "request.overridden", "request.opened", "record.opened"]);
    let mut told = portal.authority.events().into_iter().rev().filter_map(|event| event.cloudtrail());
    let tagged = told.find(|event| event["eventName"] == "AssumeRole").unwrap();
    assert!(tagged.to_string().contains(r#"{"key":"door","value":"override"}"#), "KMS's own log says through which door");
}

#[tokio::test]
async fn the_words_that_say_what_it_is_are_signed_and_stand_in_the_log() {
    let portal = TestPortal::start().await;
    let (mut responder, _, view) = waiting(&portal, Severity::LifeThreatening).await;
    portal.pass(45_000);
    let prepared: PreparedOverride = responder.prepare_override(view.id).await.ok();
    let body = responder.signed_override(&prepared).await;
    responder.post(&paths::override_of(view.id), &body).await.ok::<RequestView>();
    let page = portal.portal.audit(AuditFilter { limit: 50, ..AuditFilter::default() }).await.unwrap();
    let event = page.events.into_iter().find(|event| event.kind == "request.overridden").unwrap();
    assert_eq!(event.facts["statement"], serde_json::to_value(&prepared.statement).unwrap());
    assert_eq!(event.facts["assertion"]["id"], body.credential["id"]);
    assert_eq!(event.actor.as_deref(), Some("EMS-1"));
}

#[tokio::test]
async fn what_is_not_pressing_never_opens_alone() {
    let portal = TestPortal::start().await;
    let (mut responder, _, view) = waiting(&portal, Severity::Other).await;
    assert_eq!(override_in(&view), None);
    portal.pass(599_000);
    assert_eq!(responder.prepare_override(view.id).await.refusal().code, ProblemCode::PolicyForbids);
}

#[tokio::test]
async fn override_against_a_dispatchers_word_in_the_same_instant_has_one_winner() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    for round in 0..20 {
        let request = responder.ask(&reference).await.id;
        // A denial of an earlier round makes it wait longer.
        portal.pass(60_000);
        let verdict = if round % 2 == 0 { Verdict::Approve } else { Verdict::Deny };
        let decision: PreparedDecision = dispatcher.prepare_decision(request, verdict).await.ok();
        let prepared: PreparedOverride = responder.prepare_override(request).await.ok();
        let (said, alone) = (dispatcher.signed_decision(&decision).await, responder.signed_override(&prepared).await);
        let (decide, open) = (paths::decision_of(request), paths::override_of(request));
        let mut same = responder.clone();
        let (decided, opened) = tokio::join!(dispatcher.post(&decide, &said), same.post(&open, &alone));
        let state = responder.request(request).await.state;
        match (verdict, decided.status.is_success(), opened.status.is_success()) {
            (Verdict::Approve, true, false) => {
                assert_eq!(opened.refusal().code, ProblemCode::Decided);
                assert!(matches!(state, RequestState::Approved { opened, .. } if opened.door == Door::Dispatcher));
            }
            (Verdict::Approve, false, true) => {
                assert_eq!(decided.refusal().code, ProblemCode::Decided);
                assert!(matches!(state, RequestState::Approved { opened, .. } if opened.door == Door::Override));
            }
            (Verdict::Deny, true, false) => {
                assert_eq!(opened.refusal().code, ProblemCode::Decided);
                assert!(matches!(state, RequestState::Denied { .. }));
            }
            (Verdict::Deny, false, true) => {
                assert_eq!(decided.refusal().code, ProblemCode::Decided);
                assert!(matches!(state, RequestState::Approved { opened, .. } if opened.door == Door::Override));
            }
            other => panic!("nobody won: {other:?}"),
        }
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}

#[tokio::test]
async fn a_dispatcher_who_comes_second_can_still_take_it_back() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, view) = waiting(&portal, Severity::LifeThreatening).await;
    portal.pass(45_000);
    responder.open_alone(view.id).await.ok::<RequestView>();
    let point = responder.point(view.id).await;
    assert!(dispatcher.decide(view.id, Verdict::TakeBack).await.status.is_success());
    assert_eq!(responder.try_release(view.id, &point).await.refusal().code, ProblemCode::WrongState);
    assert_eq!(
        responder.prepare_override(view.id).await.refusal().code,
        ProblemCode::Decided,
        "a denial is the end of this request"
    );
}

#[tokio::test]
async fn only_the_session_that_asked_opens_it_alone_and_only_by_the_words_of_an_override() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, view) = waiting(&portal, Severity::LifeThreatening).await;
    portal.pass(45_000);
    let mut elsewhere = Client { device: responder.device.clone(), ..portal.stranger() };
    assert!(elsewhere.sign_in().await.status.is_success());
    assert_eq!(elsewhere.prepare_override(view.id).await.refusal().code, ProblemCode::OtherSession);
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    assert_eq!(colleague.prepare_override(view.id).await.refusal().code, ProblemCode::NotFound);
    assert_eq!(dispatcher.prepare_override(view.id).await.refusal().code, ProblemCode::NotAllowed);

    let prepared: PreparedOverride = responder.prepare_override(view.id).await.ok();
    let body = responder.signed_override(&prepared).await;
    assert_eq!(elsewhere.post(&paths::override_of(view.id), &body).await.refusal().code, ProblemCode::OtherSession);
    assert_eq!(
        responder.post(&paths::override_of(view.id), &body).await.refusal().code,
        ProblemCode::CeremonyOver,
        "an answer is judged once, whoever brought it"
    );
    // A signature over a request is no signature over an override.
    let decision: PreparedDecision = dispatcher.prepare_decision(view.id, Verdict::Approve).await.ok();
    let signed = dispatcher.signed_decision(&decision).await;
    let other = json!({ "ceremony": signed.ceremony, "credential": signed.credential });
    assert_eq!(responder.post(&paths::override_of(view.id), &other).await.refusal().code, ProblemCode::CeremonyOver);
    assert!(matches!(responder.request(view.id).await.state, RequestState::Pending { .. }));
}

#[tokio::test]
async fn an_answer_that_came_in_time_and_is_sent_too_late_opens_nothing() {
    let portal = TestPortal::start().await;
    let (mut responder, _, view) = waiting(&portal, Severity::LifeThreatening).await;
    portal.pass(599_000);
    let prepared: PreparedOverride = responder.prepare_override(view.id).await.ok();
    let body = responder.signed_override(&prepared).await;
    portal.pass(1_000);
    assert_eq!(responder.post(&paths::override_of(view.id), &body).await.refusal().code, ProblemCode::WindowOver);
}

#[tokio::test]
async fn a_denial_does_not_begin_the_wait_anew_or_a_dispatcher_could_keep_it_from_ending() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    for waited in [40, 80] {
        let request = responder.ask(&reference).await.id;
        portal.pass(40_000);
        dispatcher.decide(request, Verdict::Deny).await;
        assert_eq!(override_in(&responder.ask(&reference).await), Some(f64::from((60 - waited).max(0))));
        let again: Vec<RequestView> = responder.get(paths::REQUESTS).await.ok();
        responder.post(&paths::request_cancel_of(again[0].id), &json!({})).await;
    }
    let request = responder.ask(&reference).await.id;
    let opened: RequestView = responder.open_alone(request).await.ok();
    assert!(matches!(opened.state, RequestState::Approved { opened, .. } if opened.door == Door::Override));
}
