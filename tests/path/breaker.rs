//! An authority that fails again and again is left alone: nobody waits for it, whoever needs to know is told, and what fails for one
//! purpose keeps no other waiting.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use halligan_shared::{
    id::RequestId,
    member::Role,
    paths,
    wire::{self, KeyTrouble, ProblemCode},
};
use serde_json::{Value, json};

use super::failure::{approved, fails, newest, opens};
use crate::support::{Client, Does, TestPortal};

#[tokio::test]
async fn a_dead_authority_is_left_alone_and_one_call_finds_out_that_it_is_back() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    portal.relay().plant("*", Does::refuses(503, "ServiceUnavailable"));
    for _ in 0..3 {
        fails(&portal, &mut people, KeyTrouble::Failing, ProblemCode::AuthorityDown).await;
    }
    let asked = portal.relay().all_asked();
    let (responder, dispatcher, request) = &mut people;
    let point = responder.point(*request).await;
    let answer = responder.try_release(*request, &point).await;
    assert_eq!((answer.status, answer.retry_after()), (StatusCode::SERVICE_UNAVAILABLE, Some(10)));
    assert!(answer.refusal().detail.contains("Try again in 10 seconds"), "{}", answer.refusal().detail);
    assert_eq!(portal.relay().all_asked(), asked, "nothing was asked");
    let event = newest(&portal, "record.not_opened").await;
    assert_eq!((&event["grant"], &event["failure"]["call"]), (&Value::Null, &Value::Null), "and the log says so");

    // The desk and whoever begins a request are told, and may ask all the same.
    portal.pass(4_000);
    let desk: wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!((desk.readiness.key_service.trouble, desk.readiness.key_service.seconds), (Some(KeyTrouble::Failing), 4.0));
    let told: wire::Readiness = responder.get(paths::READINESS).await.ok();
    assert_eq!(told, desk.readiness);
    assert_eq!(responder.request(*request).await.readiness.key_service.trouble, Some(KeyTrouble::Failing));

    // One look when the rest is over; it fails, and the rest begins anew.
    portal.portal.look_at_authority().await;
    assert_eq!(portal.relay().all_asked(), asked, "not before");
    portal.pass(6_000);
    portal.portal.look_at_authority().await;
    assert!(portal.relay().all_asked() > asked);
    assert_eq!(responder.try_release(*request, &point).await.retry_after(), Some(10));

    portal.relay().mend();
    portal.pass(10_000);
    let mut changes = portal.portal.changes();
    changes.mark_unchanged();
    portal.portal.look_at_authority().await;
    assert!(changes.has_changed().unwrap(), "the pages are woken");
    assert_eq!(newest(&portal, "keys.answering").await, json!({ "purpose": "release" }));
    opens(&portal, &mut people).await;
    let kinds = portal.kinds().await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "keys.failing").count(), 1, "once, and not at each failure: {kinds:?}");
}

#[tokio::test]
async fn while_one_finds_out_whether_the_authority_is_back_nobody_else_waits_for_it() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, _, request) = approved(&portal).await;
    let point = responder.point(request).await;
    portal.relay().plant("*", Does::refuses(503, "ServiceUnavailable"));
    for _ in 0..3 {
        responder.try_release(request, &point).await;
    }
    portal.pass(10_000);
    portal.relay().plant("*", Does::Hang);
    let asked = portal.relay().all_asked();
    let look = portal.portal.clone();
    let looking = tokio::spawn(async move { look.look_at_authority().await });
    while portal.relay().all_asked() == asked {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let began = Instant::now();
    let answer = responder.try_release(request, &point).await;
    assert_eq!((answer.status, answer.retry_after()), (StatusCode::SERVICE_UNAVAILABLE, Some(1)));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    looking.await.unwrap();
}

#[tokio::test]
async fn sealings_that_fail_without_a_pause_keep_no_release_waiting() {
    let mut portal = TestPortal::relayed().await;
    let mut people = approved(&portal).await;
    let mut registrar = portal.member("REG-2", &[Role::Registrar]).await;
    let start = wire::StartSealing { record: None };
    portal.relay().plant("GenerateDataKey", Does::refuses(400, "ThrottlingException"));
    for _ in 0..3 {
        assert_eq!(registrar.post(paths::SEALINGS, &start).await.refusal().code, ProblemCode::AuthorityBusy);
    }
    let asked = portal.relay().all_asked();
    assert_eq!(registrar.post(paths::SEALINGS, &start).await.retry_after(), Some(10), "sealings rest");
    assert_eq!(portal.relay().all_asked(), asked, "nothing was asked");
    let event = newest(&portal, "keys.failing").await;
    assert_eq!((&event["purpose"], &event["trouble"]), (&json!("sealing"), &json!(KeyTrouble::Busy)), "and the log says so");
    let desk: wire::Desk = people.1.get(paths::DESK).await.ok();
    assert_eq!(desk.readiness.key_service.trouble, None, "which is no matter of those who open records");
    opens(&portal, &mut people).await;
}

/// Tells somebody who may not open the record so, and writes no failure down.
async fn is_told(portal: &TestPortal, caller: &mut Client, request: RequestId, code: ProblemCode) {
    let point = portal.portal.store().request(request).await.unwrap().unwrap().sealing;
    let point = portal.portal.store().sealing(point).await.unwrap().unwrap().point.unwrap();
    let before = portal.kinds().await.len();
    assert_eq!(caller.try_release(request, &point).await.refusal().code, code);
    assert_eq!(portal.kinds().await.len(), before);
}

#[tokio::test]
async fn who_may_not_open_is_told_that_whatever_the_authority_does() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, _, request) = approved(&portal).await;
    let mut elsewhere = responder.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success());
    portal.relay().plant("*", Does::refuses(503, "ServiceUnavailable"));
    is_told(&portal, &mut elsewhere, request, ProblemCode::OtherSession).await;
    let point = responder.point(request).await;
    for _ in 0..3 {
        assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::AuthorityDown);
    }
    let asked = portal.relay().all_asked();
    is_told(&portal, &mut elsewhere, request, ProblemCode::OtherSession).await;
    // The rest is over, and one call may find out: not this one.
    portal.pass(10_000);
    is_told(&portal, &mut elsewhere, request, ProblemCode::OtherSession).await;
    portal.pass(600_000);
    is_told(&portal, &mut responder, request, ProblemCode::WindowOver).await;
    assert_eq!(portal.relay().all_asked(), asked, "the authority is not asked for that");
}
