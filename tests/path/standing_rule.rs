//! The door `policy`: a standing rule opens a request at once, for as long as what it goes by holds.

use halligan_shared::{
    assignment::Assignment,
    door::Door,
    justification::Draft,
    member::Role,
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{ProblemCode, RequestState, RequestView},
};

use serde_json::json;

use crate::support::{Cad, Client, Device, Set, TestPortal, pressing};

const INCIDENT: &str = "2026-114";

/// A responder on the unit M12, and a bracelet.
async fn scene(portal: &TestPortal) -> (Client, Reference) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let assignment = Assignment { unit: Some("m12".parse().unwrap()), ..Assignment::default() };
    (portal.member_at(Device::synchronised(), "EMS-1", &[Role::Responder], assignment).await, reference)
}

fn door(view: &RequestView) -> Option<Door> {
    match &view.state {
        RequestState::Approved { opened, .. } => Some(opened.door),
        RequestState::Pending { .. } => None,
        other => panic!("neither waits nor may be opened: {other:?}"),
    }
}

#[tokio::test]
async fn whoever_was_sent_to_the_incident_opens_at_once() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    portal.cad().tell(INCIDENT, "Active", &["E4", "M12"], portal.now()).await;
    let view = responder.ask(&reference).await;
    assert_eq!(door(&view), Some(Door::Policy));
    responder.open(view.id).await;
    let kinds = portal.kinds().await;
    let path: Vec<_> = kinds.iter().filter(|kind| kind.starts_with("request.") || kind.starts_with("record.open")).collect();
    assert_eq!(path, ["request.filed", "request.opened", "record.opened"]);
}

#[tokio::test]
async fn nobody_else_does() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (mut responder, reference) = scene(&portal).await;
    let cad = portal.cad();
    assert_eq!(door(&responder.ask(&reference).await), None, "nothing is known of the incident");
    for (number, status, units) in
        [(INCIDENT, "Active", ["E4", "M13"]), (INCIDENT, "Closed", ["E4", "M12"]), ("2026-115", "Active", ["E4", "M12"])]
    {
        portal.pass(600_000);
        cad.tell(INCIDENT, "Closed", &[], portal.now()).await;
        portal.pass(1_000);
        cad.tell(number, status, &units, portal.now()).await;
        assert_eq!(door(&responder.ask(&reference).await), None, "{number} {status} {units:?}");
    }
    let mut without = portal.member("EMS-2", &[Role::Responder]).await;
    portal.pass(1_000);
    cad.tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    assert_eq!(door(&without.ask(&reference).await), None, "on no unit");
}

#[tokio::test]
async fn a_request_that_waits_opens_when_its_unit_is_sent_and_waits_again_when_it_is_taken_off() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    let cad = portal.cad();
    // A phone writes the number in its own way.
    let asked = Draft { incident: "inc-7/a".into(), ..pressing() };
    let request = responder.ask_as(&reference, asked).await.id;
    portal.pass(1_000);
    cad.tell("INC-7%2FA", "Active", &["M12"], portal.now()).await;
    assert_eq!(door(&responder.request(request).await), Some(Door::Policy));
    portal.pass(1_000);
    cad.tell("INC-7%2FA", "Active", &["E4"], portal.now()).await;
    let view = responder.request(request).await;
    assert_eq!(door(&view), None);
    assert!(matches!(view.state, RequestState::Pending { seconds_left, .. } if (seconds_left - 598.0).abs() < 0.01));
    assert_eq!(portal.kinds().await.into_iter().filter(|kind| kind == "request.waits_again").count(), 1);
}

#[tokio::test]
async fn a_closed_incident_opens_nothing_more_and_leaves_the_dispatchers_door() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    let request = responder.ask(&reference).await.id;
    let point = responder.point(request).await;
    portal.pass(1_000);
    portal.cad().tell(INCIDENT, "Closed", &["M12"], portal.now()).await;
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WrongState);
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    responder.open(request).await;
}

#[tokio::test]
async fn what_a_decision_opened_does_not_hang_on_the_incident() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    let request = responder.ask(&reference).await.id;
    assert!(portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await.status.is_success());
    portal.cad().tell(INCIDENT, "Closed", &["M12"], portal.now()).await;
    responder.open(request).await;
}

#[tokio::test]
async fn a_feed_that_fell_silent_closes_the_door_at_the_moment_of_the_release() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    let request = responder.ask(&reference).await.id;
    let point = responder.point(request).await;
    portal.pass(299_000);
    portal.cad().heartbeat(portal.now()).await;
    portal.pass(299_999);
    let mut at_the_end = responder.clone();
    portal.pass(1);
    let refusal = at_the_end.try_release(request, &point).await.refusal();
    assert_eq!(refusal.code, ProblemCode::WrongState);
    assert!(refusal.detail.contains("holds no more"), "{}", refusal.detail);
    assert_eq!(door(&responder.request(request).await), None, "it waits for another door");
    portal.cad().heartbeat(portal.now()).await;
    portal.cad().tell(INCIDENT, "Active", &["M12", "E4"], portal.now()).await;
    assert_eq!(door(&responder.request(request).await), Some(Door::Policy));
    responder.open(request).await;
}

#[tokio::test]
async fn an_incident_that_is_closed_against_the_release_has_one_winner() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (mut responder, reference) = scene(&portal).await;
    let cad = portal.cad();
    for _ in 0..10 {
        portal.pass(1_000);
        cad.tell(INCIDENT, "Active", &["M12"], portal.now()).await;
        let request = responder.ask(&reference).await.id;
        let point = responder.point(request).await;
        portal.pass(1_000);
        let (now, mut same) = (portal.now(), responder.clone());
        let (_, released) = tokio::join!(cad.tell(INCIDENT, "Closed", &["M12"], now), same.try_release(request, &point));
        match responder.request(request).await.state {
            RequestState::Pending { .. } => assert_eq!(released.refusal().code, ProblemCode::WrongState),
            RequestState::Released { .. } => assert!(released.status.is_success()),
            other => panic!("neither won: {other:?}"),
        }
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}

#[tokio::test]
async fn after_a_denial_no_standing_rule_opens_the_same_record() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    let denied = responder.ask(&reference).await.id;
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(denied, Verdict::Deny).await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    let view = responder.ask(&reference).await;
    assert_eq!(door(&view), None);
    portal.pass(3_600_000 - 1);
    responder.sign_in().await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    assert_eq!(door(&responder.ask(&reference).await), None);
    portal.pass(600_000);
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    assert_eq!(door(&responder.ask(&reference).await), Some(Door::Policy), "an hour later it is forgotten");
}

#[tokio::test]
async fn what_dispatch_ended_is_not_opened_again_by_a_standing_rule() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    let request = responder.ask(&reference).await.id;
    let opened = responder.open(request).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert!(dispatcher.post(&paths::grant_revoke_of(opened.release.grant), &json!({ "reason": "" })).await.status.is_success());
    assert_eq!(door(&responder.ask(&reference).await), None, "ended is denied");
}

#[tokio::test]
async fn a_rule_that_begins_to_hold_again_opens_what_waits_for_it() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = scene(&portal).await;
    portal.cad().tell(INCIDENT, "Active", &["M12"], portal.now()).await;
    let told = Cad::document("Active", &["M12"], portal.now());
    portal.pass(400_000);
    let request = responder.ask(&reference).await.id;
    assert_eq!(door(&responder.request(request).await), None, "nobody knows whether it still goes on");
    portal.pass(1_000);
    let now = portal.now();
    portal.cad().send(portal.cad().telling(INCIDENT, &told, now)).await;
    assert_eq!(door(&responder.request(request).await), Some(Door::Policy), "told once more, unchanged");
}
