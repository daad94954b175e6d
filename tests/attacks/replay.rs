//! Answers used a second time: assertions, decisions, filed requests, cloned passkeys.

use std::{pin::pin, time::Duration};

use axum::http::Method;
use halligan_backend::store::AuditFilter;
use halligan_shared::{
    bytes::Bytes,
    crypto::Blinding,
    member::Role,
    paths,
    statement::Verdict,
    wire::{self, ProblemCode, RequestState},
};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Device, Set, TestPortal, so_far};

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
async fn another_request_under_a_used_key_is_refused() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, first), (_, second)) = (registrar.seal(b"1").await, registrar.seal(b"2").await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let key = Uuid::now_v7();
    let filed: wire::RequestView = responder.ask_with(&first, key).await.ok();
    assert_eq!(responder.ask_with(&second, key).await.refusal().code, ProblemCode::Invalid);
    let all: Vec<wire::RequestView> = responder.get(paths::REQUESTS).await.ok();
    assert_eq!(all.iter().map(|request| request.id).collect::<Vec<_>>(), [filed.id], "nothing was filed in its name");
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    assert_ne!(colleague.ask_with(&first, key).await.ok::<wire::RequestView>().id, filed.id, "keys are each member's own");
}

#[tokio::test]
async fn a_release_sent_again_is_an_opening_of_its_own_and_only_for_the_session_that_asked() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let (_, blinded_point) = Blinding::new(&responder.point(request).await).unwrap();
    let body = wire::ReleaseBody { blinded_point, page_point: blinded_point, wipe_commitment: Bytes([7; 32]) };
    let path = paths::release_of(request);
    let first: wire::Release = responder.post(&path, &body).await.ok();
    assert_eq!(responder.post(&path, &body).await.refusal().code, ProblemCode::Invalid, "the very same call opens nothing");
    assert_eq!((portal.calls("Decrypt"), portal.calls("DeriveSharedSecret")), (1, 1));
    let body = wire::ReleaseBody { wipe_commitment: Bytes([8; 32]), ..body };
    let again: wire::Release = responder.post(&path, &body).await.ok();
    assert_eq!(first.grant, again.grant);
    assert!(again.seconds_left <= first.seconds_left, "the window is the same");
    assert_eq!((portal.calls("Decrypt"), portal.calls("DeriveSharedSecret")), (2, 2), "no opening without calls of its own");
    assert!(portal.kinds().await.contains(&"record.opened_again".to_owned()));

    assert_eq!(portal.stranger().post(&path, &body).await.refusal().code, ProblemCode::NotSignedIn);
    let mut elsewhere = responder.other_browser();
    elsewhere.sign_in().await;
    assert_eq!(elsewhere.post(&path, &body).await.refusal().code, ProblemCode::OtherSession);
    portal.pass(300_000);
    assert_eq!(responder.post(&path, &body).await.refusal().code, ProblemCode::WindowOver);
    assert_eq!((portal.calls("Decrypt"), portal.calls("DeriveSharedSecret")), (2, 2));
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
async fn a_ceremony_is_good_for_what_it_was_begun_for() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    let mut both = portal.member("DSP-1", &[Role::Responder, Role::Dispatcher]).await;
    let prepared: wire::PreparedDecision = both.prepare_decision(request, Verdict::Approve).await.ok();
    let body = both.signed_decision(&prepared).await;
    let filed = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: body.ceremony, credential: body.credential.clone() };
    assert_eq!(both.post(paths::REQUESTS, &filed).await.refusal().code, ProblemCode::CeremonyOver);
    assert!(both.post(&paths::decision_of(request), &body).await.status.is_success(), "and still is");
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

#[tokio::test]
async fn a_cloned_passkey_is_noticed_while_its_member_is_kept_out() {
    let portal = TestPortal::start().await;
    let mut owner = portal.member("EMS-1", &[Role::Responder]).await.other_browser();
    let mut thief = owner.clone();
    thief.device = owner.device.cloned();
    assert_eq!(portal.tamper("update member set suspended_at = 1 where agency_id = 'EMS-1'").await, 1);
    assert_eq!(owner.sign_in().await.refusal().code, ProblemCode::KeptOut);
    assert_eq!(thief.sign_in().await.refusal().code, ProblemCode::SignInFailed);
    assert_eq!(portal.kinds().await.last().unwrap(), "passkey.counter_went_back");
}

#[tokio::test]
async fn a_clone_that_signs_at_the_same_moment_is_noticed_too() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, first), (_, second)) = (registrar.seal(b"1").await, registrar.seal(b"2").await);
    let mut owner = portal.member("EMS-1", &[Role::Responder]).await;
    let mut thief = owner.clone();
    thief.device = owner.device.cloned();
    // Both begin before either ends, so both are judged by the counter that stood when they began.
    let prepared: wire::PreparedRequest = thief.prepare(second.digest()).await.ok();
    owner.ask(&first).await;
    let credential = thief.device.sign(&prepared.ceremony.options).await;
    let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
    assert_eq!(thief.post(paths::REQUESTS, &body).await.refusal().code, ProblemCode::SignatureRefused);
    assert!(portal.kinds().await.contains(&"passkey.counter_went_back".to_owned()));
}

#[tokio::test]
async fn a_passkey_removed_while_it_signs_signs_nothing() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"1").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let credential = responder.device.sign(&prepared.ceremony.options).await;
    assert_eq!(portal.tamper("delete from passkey where member_id = (select id from member where agency_id = 'EMS-1')").await, 1);
    let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
    assert!(!responder.post(paths::REQUESTS, &body).await.status.is_success());
    assert_eq!(portal.count("select count(*) from access_request").await, 0);
}

#[tokio::test]
async fn a_passkey_removed_at_any_moment_of_the_call_signs_nothing_after_it() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    for steps in 1.. {
        // What was asked for before is over, and a sign-in is fresh.
        portal.pass(600_000);
        for member in [&mut registrar, &mut responder] {
            assert!(member.sign_in().await.status.is_success());
        }
        let (_, reference) = registrar.seal(b"{}").await;
        let device = Device::default();
        let ceremony: wire::Ceremony = responder.post(paths::PASSKEY_START, &json!({})).await.ok();
        let credential = device.create(&ceremony.options).await;
        let body = wire::PasskeyBody { ceremony: ceremony.ceremony, credential, name: "another".into() };
        assert!(responder.post(paths::PASSKEY_FINISH, &body).await.status.is_success());
        let passkeys: Vec<wire::PasskeyLine> = responder.get(paths::PASSKEYS).await.ok();
        let passkey = passkeys.iter().find(|line| line.name == "another").unwrap().id;
        let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
        let credential = device.sign(&prepared.ceremony.options).await;
        let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };

        let (mut page, mut elsewhere, own) = (responder.clone(), responder.clone(), paths::passkey_of(passkey));
        let mut filing = pin!(page.post(paths::REQUESTS, &body));
        let mut removing = pin!(elsewhere.call(Method::DELETE, &own, None, ""));
        let is_filed = so_far(filing.as_mut(), steps).await;
        // Held there, unless the removal has to wait for it.
        let is_removed = tokio::time::timeout(Duration::from_millis(300), removing.as_mut()).await.is_ok();
        if is_filed.is_none() {
            filing.await;
        }
        if !is_removed {
            assert!(removing.await.status.is_success());
        }
        if is_filed.is_some() {
            break;
        }
    }
    let (filed, removed) = (events(&portal, "request.filed").await, events(&portal, "passkey.removed").await);
    for request in &filed {
        let removal = removed.iter().find(|removal| removal.facts["passkey"] == request.facts["passkey"]).unwrap();
        assert!(request.sequence < removal.sequence, "filed by a passkey that was gone");
    }
    assert!(!filed.is_empty() && filed.len() < removed.len(), "{} of {} were filed", filed.len(), removed.len());
}

async fn events(portal: &TestPortal, kind: &str) -> Vec<wire::AuditLine> {
    let filter = AuditFilter { kind: Some(kind.to_owned()), limit: 200, ..AuditFilter::default() };
    portal.portal.audit(filter).await.unwrap().events
}
