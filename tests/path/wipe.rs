//! The end of a window before its time.

use std::time::Duration;

use halligan_backend::store::AuditFilter;
use halligan_shared::{
    bytes::Bytes,
    grant::{Ending, WipeCause},
    member::Role,
    paths,
    statement::Verdict,
    wire::{GrantState, ProblemCode, RequestState},
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::support::{Client, Opened, TestPortal};

async fn opened(portal: &TestPortal) -> (Client, Client, halligan_shared::id::RequestId, Opened) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let opened = responder.open(request).await;
    (responder, dispatcher, request, opened)
}

async fn ending(responder: &mut Client, request: halligan_shared::id::RequestId) -> Option<Ending> {
    match responder.request(request).await.state {
        RequestState::Released { grant, .. } => match grant.state {
            GrantState::Ended { ending, .. } => Some(ending),
            GrantState::Active { .. } => None,
        },
        other => panic!("not released: {other:?}"),
    }
}

/// How many receipts the log says are missing.
async fn missing(portal: &TestPortal) -> usize {
    portal.kinds().await.iter().filter(|kind| *kind == "wipe_receipt.missing").count()
}

#[tokio::test]
async fn a_dispatcher_ends_a_window_at_once() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, request, opened) = opened(&portal).await;
    assert!(dispatcher.post(&paths::grant_revoke_of(opened.release.grant), &json!({ "reason": "" })).await.status.is_success());
    assert!(!portal.portal.authority().holds(opened.release.grant));
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert_eq!(responder.get(&document).await.refusal().code, ProblemCode::WindowOver);
    assert_eq!(ending(&mut responder, request).await, Some(Ending::Revoked));
    let point = responder.point(request).await;
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WindowOver);
    assert_eq!(portal.calls("AssumeRole"), 2, "nothing was assumed again: one role to seal, one to read");
}

#[tokio::test]
async fn the_responder_reads_why_a_dispatcher_ended_the_window() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, request, opened) = opened(&portal).await;
    let reason = json!({ "reason": " Wrong bracelet " });
    assert!(dispatcher.post(&paths::grant_revoke_of(opened.release.grant), &reason).await.status.is_success());
    let RequestState::Released { grant, .. } = responder.request(request).await.state else { panic!("it was not opened") };
    assert_eq!(grant.state, GrantState::Ended { ending: Ending::Revoked, reason: Some("Wrong bracelet".to_owned()) });
    let page =
        portal.portal.audit(AuditFilter { kind: Some("grant.ended".into()), limit: 1, ..AuditFilter::default() }).await.unwrap();
    assert_eq!(page.events[0].facts["reason"], json!("Wrong bracelet"));
}

#[tokio::test]
async fn a_dispatcher_may_end_a_window_without_a_word() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, request, opened) = opened(&portal).await;
    let nothing = json!({ "reason": " " });
    assert!(dispatcher.post(&paths::grant_revoke_of(opened.release.grant), &nothing).await.status.is_success());
    let RequestState::Released { grant, .. } = responder.request(request).await.state else { panic!("it was not opened") };
    assert_eq!(grant.state, GrantState::Ended { ending: Ending::Revoked, reason: None });
}

#[tokio::test]
async fn open_again_against_revoke_leaves_nothing_open() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (_, reference) = registrar.seal(b"{}").await;
    for _ in 0..10 {
        let request = responder.ask(&reference).await.id;
        dispatcher.decide(request, Verdict::Approve).await;
        let grant = responder.open(request).await.release.grant;
        let point = responder.point(request).await;
        let (revoke, reason) = (paths::grant_revoke_of(grant), json!({ "reason": "" }));
        let (released, revoked) = tokio::join!(responder.try_release(request, &point), dispatcher.post(&revoke, &reason));
        assert!(revoked.status.is_success());
        // Either it was out before the revocation, or it was refused because of it.
        if !released.status.is_success() {
            assert!(matches!(released.refusal().code, ProblemCode::WindowOver | ProblemCode::AuthorityFailed));
        }
        assert_eq!(ending(&mut responder, request).await, Some(Ending::Revoked));
        assert!(!portal.portal.authority().holds(grant));
        assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WindowOver);
        // What is left of this round is over before the next one.
        portal.pass(600_000);
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_leaves_no_credentials_behind() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let point = responder.point(request).await;
    let mut page = responder.clone();
    // Share 1 is on its way, so the grant's credentials are there; share 2 is still to come.
    tokio::select! {
        biased;
        _ = page.try_release(request, &point) => panic!("it was answered before anybody could hang up"),
        () = async { while portal.calls("Decrypt") == 0 { tokio::task::yield_now().await } } => {}
    }
    // What was begun goes on to its end, which is that nobody took the shares.
    let ends = async {
        while !portal.kinds().await.contains(&"record.not_opened".to_owned()) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ends).await.unwrap();
    assert!(portal.portal.authority().held().is_empty());
    assert_eq!(responder.open(request).await.content, b"{}", "the same session may try again");
}

#[tokio::test]
async fn signing_out_ends_every_window_of_the_stay() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request, opened) = opened(&portal).await;
    assert!(responder.post(paths::SIGN_OUT, &json!({})).await.status.is_success());
    assert!(!portal.portal.authority().holds(opened.release.grant));
    let mut again = responder.other_browser();
    again.sign_in().await;
    assert_eq!(ending(&mut again, request).await, Some(Ending::LoggedOff));
}

#[tokio::test]
async fn only_the_page_that_opened_it_can_say_it_was_wiped() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request, opened) = opened(&portal).await;
    assert_eq!(responder.wiped(opened.release.grant, [0; 32], WipeCause::Done).await.refusal().code, ProblemCode::NotFound);
    assert_eq!(ending(&mut responder, request).await, None);
    assert!(responder.wiped(opened.release.grant, opened.secret, WipeCause::Left).await.status.is_success());
    assert_eq!(ending(&mut responder, request).await, None, "a page that was only left may come back");
    assert!(!portal.portal.authority().holds(opened.release.grant), "but the credentials are gone");
    assert_eq!(
        responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.refusal().code,
        ProblemCode::NotFound,
        "a receipt counts once"
    );
}

#[tokio::test]
async fn a_missing_receipt_is_noted_at_the_end_of_the_window() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request, opened) = opened(&portal).await;
    portal.pass(300_000);
    portal.portal.sweep().await.unwrap();
    assert!(!portal.portal.authority().holds(opened.release.grant));
    assert_eq!(ending(&mut responder, request).await, Some(Ending::Expired));
    portal.pass(29_999);
    portal.portal.sweep().await.unwrap();
    assert_eq!(missing(&portal).await, 0, "it may still be on its way");
    portal.pass(1);
    for _ in 0..2 {
        portal.portal.sweep().await.unwrap();
        assert_eq!(missing(&portal).await, 1, "once");
    }
    assert!(
        responder.wiped(opened.release.grant, opened.secret, WipeCause::Expired).await.status.is_success(),
        "late is not never"
    );
}

#[tokio::test]
async fn a_receipt_is_owed_whatever_ended_the_window() {
    let portal = TestPortal::start().await;
    let (mut responder, mut dispatcher, _, first) = opened(&portal).await;
    assert!(dispatcher.post(&paths::grant_revoke_of(first.release.grant), &json!({ "reason": "" })).await.status.is_success());
    portal.pass(30_000);
    portal.portal.sweep().await.unwrap();
    assert_eq!(missing(&portal).await, 1, "revoked");

    let (_, reference) = portal.member("REG-2", &[Role::Registrar]).await.seal(b"{}").await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    responder.open(request).await;
    responder.post(paths::SIGN_OUT, &json!({})).await;
    portal.pass(30_000);
    portal.portal.sweep().await.unwrap();
    assert_eq!(missing(&portal).await, 2, "signed out");
}

#[tokio::test]
async fn each_opening_owes_a_receipt_of_its_own() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request, first) = opened(&portal).await;
    let second = responder.open(request).await;
    assert!(responder.wiped(second.release.grant, second.secret, WipeCause::Left).await.status.is_success());
    portal.pass(330_000);
    portal.portal.sweep().await.unwrap();
    portal.pass(30_000);
    portal.portal.sweep().await.unwrap();
    assert_eq!(missing(&portal).await, 1, "the first page never said that it wiped");
    assert!(responder.wiped(first.release.grant, first.secret, WipeCause::Left).await.status.is_success());
}

#[tokio::test]
async fn a_page_whose_session_is_over_still_says_that_it_wiped() {
    let portal = TestPortal::start().await;
    let (mut responder, _, _, opened) = opened(&portal).await;
    responder.post(paths::SIGN_OUT, &json!({})).await;
    let mut nobody = portal.stranger();
    assert_eq!(nobody.wiped(opened.release.grant, [0; 32], WipeCause::SessionLost).await.refusal().code, ProblemCode::NotFound);
    assert!(nobody.wiped(opened.release.grant, opened.secret, WipeCause::SessionLost).await.status.is_success());
    let page =
        portal.portal.audit(AuditFilter { kind: Some("record.wiped".into()), limit: 1, ..AuditFilter::default() }).await.unwrap();
    let facts = &page.events[0].facts;
    assert_eq!(page.events[0].actor.as_deref(), Some("EMS-1"));
    assert_eq!(facts["revealed"], json!(Bytes(opened.secret)));
    let commitment: [u8; 32] = Sha256::digest(opened.secret).into();
    assert_eq!(facts["wipe_commitment"], json!(Bytes(commitment)), "whoever reads the log can check it");
}

#[tokio::test]
async fn of_two_who_end_a_window_one_is_told_who_was_faster() {
    let portal = TestPortal::start().await;
    let (_, mut dispatcher, _, opened) = opened(&portal).await;
    let (revoke, reason) = (paths::grant_revoke_of(opened.release.grant), json!({ "reason": "" }));
    assert!(dispatcher.post(&revoke, &reason).await.status.is_success());
    let refusal = dispatcher.post(&revoke, &reason).await.refusal();
    assert_eq!(
        (refusal.code, refusal.detail.as_str()),
        (ProblemCode::WindowOver, "A dispatcher closed this record. There is nothing left to end.")
    );
}

#[tokio::test]
async fn a_page_whose_time_is_over_leaves_the_end_to_the_clock() {
    let portal = TestPortal::start().await;
    let (mut responder, _, request, opened) = opened(&portal).await;
    portal.pass(299_900);
    assert!(responder.wiped(opened.release.grant, opened.secret, WipeCause::Expired).await.status.is_success());
    assert!(!portal.portal.authority().holds(opened.release.grant), "the credentials go with the receipt");
    portal.pass(100);
    portal.portal.sweep().await.unwrap();
    assert_eq!(ending(&mut responder, request).await, Some(Ending::Expired));
    portal.pass(30_000);
    portal.portal.sweep().await.unwrap();
    assert_eq!(missing(&portal).await, 0);
}
