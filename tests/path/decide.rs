//! The desk: approve, deny, and who wins.

use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{DecideBody, Desk, PreparedDecision, ProblemCode, RequestState, RequestView},
};
use tokio::task::JoinSet;

use crate::support::{Device, Set, TestPortal};

#[tokio::test]
async fn a_denial_says_why() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!((desk.waiting.len(), desk.waiting[0].statement.request), (1, request.id));
    let silent =
        dispatcher.post(&paths::decision_prepare_of(request.id), &serde_json::json!({ "verdict": "deny", "reason": " " })).await;
    assert_eq!(silent.refusal().code, ProblemCode::Invalid);
    assert!(dispatcher.decide(request.id, Verdict::Deny).await.status.is_success());
    assert!(
        matches!(responder.request(request.id).await.state, RequestState::Denied { reason, .. } if reason == "No such incident is open")
    );
}

#[tokio::test]
async fn of_a_thousand_decisions_by_two_dispatchers_one_wins_and_the_rest_learn_who() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    // Synchronised passkeys have no counter, so that no answer is refused for it and only the race decides.
    let mut dispatchers = Vec::new();
    for id in ["DSP-1", "DSP-2"] {
        dispatchers.push(portal.member_with(Device::synchronised(), id, &[Role::Dispatcher]).await);
    }
    let request = responder.ask(&reference).await.id;
    // Every signature is made while the request still waits: all of them are good.
    let mut signed: Vec<(usize, DecideBody)> = Vec::new();
    for place in 0..1000 {
        let verdict = if place % 4 < 2 { Verdict::Approve } else { Verdict::Deny };
        let dispatcher = &mut dispatchers[place % 2];
        let prepared: PreparedDecision = dispatcher.prepare_decision(request, verdict).await.ok();
        signed.push((place % 2, dispatcher.signed_decision(&prepared).await));
    }
    let mut racing = JoinSet::new();
    for (who, body) in signed {
        let mut dispatcher = dispatchers[who].clone();
        racing.spawn(async move { (who, dispatcher.post(&paths::decision_of(request), &body).await) });
    }
    let answers = racing.join_all().await;
    let winners: Vec<usize> = answers.iter().filter(|(_, answer)| answer.status.is_success()).map(|(who, _)| *who).collect();
    assert_eq!(winners.len(), 1);
    let winner = ["DSP-1 Drill", "DSP-2 Drill"][winners[0]];
    let by = match responder.request(request).await.state {
        RequestState::Approved { mut opened, .. } => opened.by.remove(0),
        RequestState::Denied { by, .. } => by,
        other => panic!("not decided: {other:?}"),
    };
    assert_eq!(by.display_name.as_str(), winner);
    for (_, answer) in answers.iter().filter(|(_, answer)| !answer.status.is_success()) {
        let refusal = answer.refusal();
        assert_eq!(refusal.code, ProblemCode::Decided);
        assert!(refusal.detail.starts_with(winner), "{}", refusal.detail);
    }
    assert_eq!(portal.kinds().await.iter().filter(|kind| *kind == "request.decided").count(), 1);
}

#[tokio::test]
async fn approve_against_deny_has_one_winner_and_the_other_sees_who() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let (mut one, mut other) =
        (portal.member("DSP-1", &[Role::Dispatcher]).await, portal.member("DSP-2", &[Role::Dispatcher]).await);
    let (_, reference) = registrar.seal(b"{}").await;
    for _ in 0..10 {
        let request = responder.ask(&reference).await.id;
        let prepared: (PreparedDecision, PreparedDecision) =
            (one.prepare_decision(request, Verdict::Approve).await.ok(), other.prepare_decision(request, Verdict::Deny).await.ok());
        let signed = (one.signed_decision(&prepared.0).await, other.signed_decision(&prepared.1).await);
        let path = paths::decision_of(request);
        let (approved, denied) = tokio::join!(one.post(&path, &signed.0), other.post(&path, &signed.1));
        assert_ne!(approved.status.is_success(), denied.status.is_success());
        let (lost, winner) = if approved.status.is_success() { (denied, "DSP-1") } else { (approved, "DSP-2") };
        assert!(lost.refusal().detail.starts_with(winner));
        let stands = matches!(responder.request(request).await.state, RequestState::Approved { .. });
        assert_eq!(stands, winner == "DSP-1");
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}

#[tokio::test]
async fn a_request_waits_to_its_last_moment_and_not_beyond() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, first), (_, second)) = (registrar.seal(b"1").await, registrar.seal(b"2").await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    let (in_time, late) = (responder.ask(&first).await.id, responder.ask(&second).await.id);
    portal.pass(599_999);
    let prepared: PreparedDecision = dispatcher.prepare_decision(late, Verdict::Approve).await.ok();
    let body = dispatcher.signed_decision(&prepared).await;
    assert!(dispatcher.decide(in_time, Verdict::Approve).await.status.is_success());
    portal.pass(1);
    assert_eq!(dispatcher.prepare_decision(late, Verdict::Approve).await.refusal().code, ProblemCode::WindowOver);
    let sent_late = dispatcher.post(&paths::decision_of(late), &body).await;
    assert_eq!(sent_late.refusal().code, ProblemCode::WindowOver, "signed in time and sent too late");
    assert!(matches!(responder.request(late).await.state, RequestState::Expired));
    assert!(dispatcher.get(paths::DESK).await.ok::<Desk>().waiting.is_empty());
    portal.portal.sweep().await.unwrap();
    assert!(portal.kinds().await.contains(&"request.expired".to_owned()));
}

#[tokio::test]
async fn a_decision_on_a_withdrawn_request_is_refused() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    let prepared: PreparedDecision = dispatcher.prepare_decision(request, Verdict::Approve).await.ok();
    let body = dispatcher.signed_decision(&prepared).await;
    responder.post(&paths::request_cancel_of(request), &serde_json::json!({})).await.ok::<serde_json::Value>();
    assert_eq!(dispatcher.post(&paths::decision_of(request), &body).await.refusal().code, ProblemCode::WrongState);
    assert!(matches!(responder.request(request).await.state, RequestState::Cancelled));
}

#[tokio::test]
async fn approve_against_cancel_leaves_nothing_to_open() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (_, reference) = registrar.seal(b"{}").await;
    for _ in 0..10 {
        let request = responder.ask(&reference).await.id;
        let prepared: PreparedDecision = dispatcher.prepare_decision(request, Verdict::Approve).await.ok();
        let body = dispatcher.signed_decision(&prepared).await;
        let (cancel, decision) = (paths::request_cancel_of(request), paths::decision_of(request));
        let nothing = serde_json::json!({});
        let (cancelled, decided) = tokio::join!(responder.post(&cancel, &nothing), dispatcher.post(&decision, &body));
        // An approval that came first is withdrawn with the request; one that came second is told that it was withdrawn.
        assert!(matches!(cancelled.ok::<RequestView>().state, RequestState::Cancelled));
        if !decided.status.is_success() {
            assert_eq!(decided.refusal().code, ProblemCode::WrongState);
        }
        let view = responder.request(request).await;
        assert!(matches!(view.state, RequestState::Cancelled));
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}

#[tokio::test]
async fn open_against_cancel_has_one_winner() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (_, reference) = registrar.seal(b"{}").await;
    for _ in 0..10 {
        let request = responder.ask(&reference).await.id;
        dispatcher.decide(request, Verdict::Approve).await;
        let point = responder.point(request).await;
        let mut same_session = responder.clone();
        let cancel = paths::request_cancel_of(request);
        let nothing = serde_json::json!({});
        let (released, cancelled) = tokio::join!(same_session.try_release(request, &point), responder.post(&cancel, &nothing));
        match cancelled.ok::<RequestView>().state {
            RequestState::Cancelled => assert_eq!(released.refusal().code, ProblemCode::WrongState),
            RequestState::Released { .. } => assert!(released.status.is_success()),
            other => panic!("neither won: {other:?}"),
        }
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}
