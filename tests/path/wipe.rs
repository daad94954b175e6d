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
