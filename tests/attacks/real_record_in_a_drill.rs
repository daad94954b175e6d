//! Somebody who can write to the database exchanges the made-up record of a request for a real one: after it was approved, or inside its
//! window; or calls a real record made up before it is asked for. What was signed as made up opens no real patient's record.

use axum::http::Method;
use halligan_shared::{
    id::RequestId,
    member::Role,
    paths,
    statement::Verdict,
    wire::{DrillLine, ProblemCode, Session},
};
use serde_json::json;

use crate::support::{Client, TestPortal};

/// Makes the record a real one.
const SWAP: &str = "update record set drill = 0";

/// A responder who takes part in a drill, and whose request for a made-up record is approved.
async fn approved() -> (TestPortal, Client, RequestId) {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"made up").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let member = responder.get(paths::SESSION).await.ok::<Session>().member.id;
    let body = json!({ "name": "Night drill", "minutes": 60, "members": [member] });
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    admin.raw(Method::POST, paths::DRILLS, body).await.ok::<DrillLine>();
    let request = responder.ask(&reference).await.id;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    (portal, responder, request)
}

#[tokio::test]
async fn a_record_that_was_made_a_real_one_after_the_approval_is_not_opened() {
    let (portal, mut responder, request) = approved().await;
    let point = responder.point(request).await;
    assert_eq!(portal.tamper(SWAP).await, 1);
    let calls = portal.calls("Decrypt");
    let refused = responder.try_release(request, &point).await.refusal();
    assert_eq!((refused.code, refused.title.as_str()), (ProblemCode::WrongState, "Not as it was signed"));
    assert_eq!(portal.calls("Decrypt"), calls, "and KMS is asked nothing");
    let kinds = portal.kinds().await;
    assert!(kinds.contains(&"request.altered".to_owned()) && !kinds.contains(&"record.opened".to_owned()), "{kinds:?}");
    // Put right again, nothing of the approval was used up.
    assert_eq!(portal.tamper("update record set drill = 1").await, 1);
    assert_eq!(responder.open(request).await.content, b"made up");
}

#[tokio::test]
async fn a_record_that_was_made_a_real_one_inside_the_window_is_not_opened_again() {
    let (portal, mut responder, request) = approved().await;
    responder.open(request).await;
    let point = responder.point(request).await;
    assert_eq!(portal.tamper(SWAP).await, 1);
    assert_eq!(responder.try_release(request, &point).await.refusal().title, "Not as it was signed");
    assert!(!portal.kinds().await.contains(&"record.opened_again".to_owned()));
}

#[tokio::test]
async fn a_real_record_that_was_called_made_up_before_it_was_asked_for_is_not_opened() {
    let (portal, mut responder, made_up) = approved().await;
    let (_, reference) = portal.member("REG-2", &[Role::Registrar]).await.seal_real(b"real").await;
    assert_eq!(portal.tamper("update record set drill = 1").await, 2);
    let request = responder.ask(&reference).await;
    assert!(request.drill, "nothing in the rows tells the two apart");
    let mut dispatcher = portal.member("DSP-2", &[Role::Dispatcher]).await;
    assert!(dispatcher.decide(request.id, Verdict::Approve).await.status.is_success());
    let point = responder.point(request.id).await;
    let calls = portal.calls("Decrypt");
    let refused = responder.try_release(request.id, &point).await.refusal();
    assert_eq!((refused.code, refused.title.as_str()), (ProblemCode::WrongState, "Not as it was signed"));
    assert_eq!(portal.calls("Decrypt"), calls, "and KMS is asked nothing");
    // The log is looked at for this record alone.
    assert_eq!(responder.open(made_up).await.content, b"made up");
}
