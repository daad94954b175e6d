//! The desk: approve, deny, and who wins.

use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{DecideBody, Desk, PreparedDecision, ProblemCode, RequestState},
};
use tokio::task::JoinSet;

use crate::support::TestPortal;

#[tokio::test]
async fn a_denial_says_why() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!((desk.waiting.len(), desk.waiting[0].id), (1, request.id));
    let silent =
        dispatcher.post(&paths::decision_prepare_of(request.id), &serde_json::json!({ "verdict": "deny", "reason": " " })).await;
    assert_eq!(silent.refusal().code, ProblemCode::Invalid);
    assert!(dispatcher.decide(request.id, Verdict::Deny).await.status.is_success());
    assert!(
        matches!(responder.request(request.id).await.state, RequestState::Denied { reason, .. } if reason == "No such incident is open")
    );
}

#[tokio::test]
async fn of_a_thousand_decisions_at_once_one_wins_and_the_rest_learn_who() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    // Every signature is made while the request still waits, so that all of them are good and only the race decides.
    let mut signed: Vec<DecideBody> = Vec::new();
    for place in 0..1000 {
        let verdict = if place % 2 == 0 { Verdict::Approve } else { Verdict::Deny };
        let prepared: PreparedDecision = dispatcher.prepare_decision(request, verdict).await.ok();
        signed.push(dispatcher.signed_decision(&prepared).await);
    }
    let mut racing = JoinSet::new();
    for body in signed {
        let mut dispatcher = dispatcher.clone();
        racing.spawn(async move { dispatcher.post(&paths::decision_of(request), &body).await });
    }
    let answers = racing.join_all().await;
    let won = answers.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(won, 1);
    // A counter that another answer moved on meanwhile is refused before the race: both are refusals, neither decides.
    for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
        let refusal = answer.refusal();
        assert!(matches!(refusal.code, ProblemCode::Decided | ProblemCode::SignatureRefused), "{refusal:?}");
        assert!(refusal.code != ProblemCode::Decided || refusal.detail.contains("DSP-1"));
    }
    assert_eq!(portal.kinds().await.iter().filter(|kind| *kind == "request.decided").count(), 1);
}

#[tokio::test]
async fn approve_against_cancel_has_one_winner() {
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
