//! Answers used a second time: assertions, decisions, filed requests, cloned passkeys.

use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{self, ProblemCode, RequestState},
};
use uuid::Uuid;

use crate::support::TestPortal;

#[tokio::test]
async fn a_signed_request_cannot_be_filed_twice() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let credential = responder.device.sign(&prepared.ceremony.options).await;
    let file =
        |key| wire::FileRequest { idempotency_key: key, ceremony: prepared.ceremony.ceremony, credential: credential.clone() };
    let key = Uuid::now_v7();
    let filed: wire::RequestView = responder.post(paths::REQUESTS, &file(key)).await.ok();
    let retried: wire::RequestView = responder.post(paths::REQUESTS, &file(key)).await.ok();
    assert_eq!(filed.id, retried.id, "a retry after a lost answer gives the same request");
    assert_eq!(responder.post(paths::REQUESTS, &file(Uuid::now_v7())).await.refusal().code, ProblemCode::CeremonyOver);
    let second = responder.ask_with(&reference, Uuid::now_v7()).await.refusal();
    assert_eq!(second.code, ProblemCode::WrongState, "one open request a responder and record");
}

#[tokio::test]
async fn a_decision_is_good_for_its_own_request_only_and_once() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (_, first) = registrar.seal(b"1").await;
    let (_, second) = registrar.seal(b"2").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (one, other) = (responder.ask(&first).await.id, responder.ask(&second).await.id);
    let prepared: wire::PreparedDecision = dispatcher.prepare_decision(one, Verdict::Approve).await.ok();
    let body = dispatcher.signed_decision(&prepared).await;
    assert_eq!(dispatcher.post(&paths::decision_of(other), &body).await.refusal().code, ProblemCode::CeremonyOver);
    assert!(matches!(responder.request(other).await.state, RequestState::Pending { .. }));
    assert_eq!(
        dispatcher.post(&paths::decision_of(one), &body).await.refusal().code,
        ProblemCode::CeremonyOver,
        "used up by the attempt"
    );
}

#[tokio::test]
async fn another_members_ceremony_is_worth_nothing() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut thief = portal.member("EMS-2", &[Role::Responder]).await;
    let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let credential = responder.device.sign(&prepared.ceremony.options).await;
    let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
    assert_eq!(thief.post(paths::REQUESTS, &body).await.refusal().code, ProblemCode::CeremonyOver);
}

#[tokio::test]
async fn a_cloned_passkey_is_noticed_by_its_counter() {
    let portal = TestPortal::start().await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    let mut thief = member.other_browser();
    thief.device = member.device.cloned();
    let mut owner = member.other_browser();
    for _ in 0..3 {
        assert!(owner.sign_in().await.status.is_success());
    }
    assert!(!thief.sign_in().await.status.is_success());
    assert!(portal.kinds().await.contains(&"passkey.counter_went_back".to_owned()));
}
