//! The end of a window before its time.

use halligan_shared::{
    grant::{Ending, WipeCause},
    member::Role,
    paths,
    statement::Verdict,
    wire::{GrantState, ProblemCode, RequestState},
};
use serde_json::json;

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
            GrantState::Ended { ending } => Some(ending),
            GrantState::Active { .. } => None,
        },
        other => panic!("not released: {other:?}"),
    }
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
    let sealing = portal.portal.store().request(request).await.unwrap().unwrap();
    let wrapped = portal.portal.store().sealing(sealing.sealing).await.unwrap().unwrap().wrapped_share;
    let calls = portal.authority.events().len();
    assert!(portal.portal.authority().release(opened.release.grant, &sealing.record, &wrapped, &point).await.is_err());
    assert_eq!(portal.authority.events().len(), calls, "there is nothing left to ask the authority with");
}

#[tokio::test]
async fn open_again_against_revoke_leaves_nothing_open() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    for _ in 0..10 {
        let (_, reference) = registrar.seal(b"{}").await;
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
    let RequestState::Released { grant, .. } = responder.request(request).await.state else { panic!("it was not opened") };
    assert!(!portal.portal.authority().holds(grant.id));
    assert_eq!(responder.open(request).await.content, b"{}", "the same session may try again inside the window");
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
    assert!(portal.kinds().await.contains(&"wipe_receipt.missing".to_owned()));
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
    assert!(!portal.kinds().await.contains(&"wipe_receipt.missing".to_owned()));
}
