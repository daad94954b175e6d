//! From a bracelet to an open record, and what the evidence says of it.

use halligan_backend::{aws::Window, services::ChainState};
use halligan_shared::{
    door::Door,
    grant::{Ending, WipeCause},
    member::Role,
    paths,
    statement::Verdict,
    wire::{GrantState, ProblemCode, RequestState},
};
use uuid::Uuid;

use crate::support::{Does, Gate, NotOpened, TestPortal};

const SUMMARY: &[u8] = br#"{"resourceType":"Bundle","note":"CANARY-7QX"}"#;

#[tokio::test]
async fn a_responder_reads_exactly_what_the_registrar_sealed() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;

    let request = responder.ask(&reference).await;
    assert!(matches!(request.state, RequestState::Pending { seconds_left, .. } if (seconds_left - 600.0).abs() < 1.0));
    assert!(dispatcher.decide(request.id, Verdict::Approve).await.status.is_success());
    let opened = responder.open(request.id).await;
    assert_eq!(opened.content, SUMMARY);
    assert!((opened.release.seconds_left - 300.0).abs() < 1.0);
    assert_eq!((portal.calls("Decrypt"), portal.calls("DeriveSharedSecret")), (1, 1), "one of each a release");

    assert!(responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.status.is_success());
    let state = responder.request(request.id).await.state;
    assert!(
        matches!(state, RequestState::Released { grant, .. } if matches!(grant.state, GrantState::Ended { ending: Ending::Wiped, .. }))
    );
    assert!(!portal.portal.authority().holds(opened.release.grant), "the credentials went in the same moment");

    let kinds = portal.kinds().await;
    let path: Vec<_> =
        kinds.iter().map(String::as_str).filter(|kind| !kind.starts_with("member.") && !kind.starts_with("sealing.")).collect();
    assert_eq!(
        path,
        [
            "record.sealed",
            "request.filed",
            "request.decided",
            "request.opened",
            "record.opened",
            "document.sent",
            "record.wiped",
            "grant.ended"
        ]
    );
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));
}

/// KMS compares whole seconds: what is left of one at the end of a window it refuses, so nothing is asked of it then.
#[tokio::test]
async fn in_the_last_part_of_a_second_a_record_is_not_opened_again_and_the_key_service_is_not_asked() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(SUMMARY).await;
    portal.pass(1);
    let opened = responder.open(request).await;
    portal.pass(299_998);
    responder.open(request).await;
    let asked = portal.authority.events().len();
    portal.pass(1);
    let refused = responder.try_open(request).await.err();
    assert_eq!(refused, Some(NotOpened::Refused(ProblemCode::WindowOver)));
    assert_eq!(portal.authority.events().len(), asked, "what it would refuse");
    let state = responder.request(request).await.state;
    let RequestState::Released { grant, .. } = state else { panic!("not open: {state:?}") };
    assert!(matches!(grant.state, GrantState::Active { .. }), "what is open goes on to its end");
    assert!(responder.wiped(grant.id, opened.secret, WipeCause::Done).await.status.is_success());
}

/// What was asked in time may arrive when the window is over. That KMS refuses it then says nothing of the keys.
#[tokio::test]
async fn what_reaches_the_key_service_after_the_window_is_told_as_its_end_and_as_no_failure() {
    let mut portal = TestPortal::relayed().await;
    let (mut responder, request) = portal.approved(SUMMARY).await;
    responder.open(request).await;
    portal.pass(298_000);
    let gate = Gate::closed();
    portal.relay().plant("Decrypt", Does::Held(gate.clone()));
    let late = async {
        gate.reached().await;
        portal.pass(2_000);
        gate.open();
    };
    let (refused, ()) = tokio::join!(responder.try_open(request), late);
    assert_eq!(refused.err(), Some(NotOpened::Refused(ProblemCode::WindowOver)));
    assert!(!portal.kinds().await.iter().any(|kind| kind == "keys.failing"));
}

#[tokio::test]
async fn the_window_closes_to_the_second_at_the_backend_and_at_the_authority() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    let opened = responder.open(request.id).await;
    let point = responder.point(request.id).await;
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);

    portal.pass(299_999);
    assert!(responder.get(&document).await.status.is_success());
    assert_eq!(responder.open(request.id).await.content, SUMMARY, "the same session opens again inside the window");
    portal.pass(1);
    assert_eq!(responder.get(&document).await.refusal().code, ProblemCode::WindowOver);
    assert_eq!(responder.try_release(request.id, &point).await.refusal().code, ProblemCode::WindowOver);

    // The authority by itself: the credentials still exist for minutes, and open nothing any more.
    let request = responder.ask(&reference).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    let opened = responder.open(request.id).await;
    let sealed = portal.portal.store().request(request.id).await.unwrap().unwrap();
    let wrapped = portal.portal.store().sealing(sealed.sealing).await.unwrap().unwrap().wrapped_share;
    let window = Window {
        keys: portal.portal.authority().current_keys(),
        grant: opened.release.grant,
        agency_id: &"EMS-1".parse().unwrap(),
        request: request.id,
        incident: "2026-114",
        record: sealed.record,
        // Longer than it is: what is held was bound to the end that the grant has.
        door: Door::Dispatcher,
        ends_at: portal.portal.clock().now() + time::Duration::hours(1),
    };
    let release = || portal.portal.authority().release(&window, &wrapped, &point);
    let assumed = portal.calls("AssumeRole");
    assert!(release().await.is_ok());
    assert_eq!(portal.calls("AssumeRole"), assumed, "a grant's role is assumed once");
    portal.pass(300_000);
    assert!(release().await.is_err(), "KMS itself refuses at the end of the window");
}

#[tokio::test]
async fn nobody_but_the_session_that_asked_opens_the_record() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    let point = responder.point(request.id).await;

    assert_eq!(colleague.try_release(request.id, &point).await.refusal().code, ProblemCode::NotFound);
    let mut elsewhere = responder.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success());
    assert_eq!(elsewhere.try_release(request.id, &point).await.refusal().code, ProblemCode::OtherSession);
    assert!(!elsewhere.request(request.id).await.here, "the page knows before it tries");
    assert_eq!(responder.open(request.id).await.content, SUMMARY);
    assert_eq!(elsewhere.try_release(request.id, &point).await.refusal().code, ProblemCode::OtherSession);
}

#[tokio::test]
async fn asking_again_from_another_session_takes_the_place_of_what_nobody_could_open() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (first, key) = (responder.ask(&reference).await.id, Uuid::now_v7());
    assert_eq!(responder.ask_with(&reference, key).await.refusal().code, ProblemCode::WrongState, "here it is still good");
    dispatcher.decide(first, Verdict::Approve).await;

    let mut elsewhere = responder.other_browser();
    elsewhere.sign_in().await;
    let second = elsewhere.ask(&reference).await.id;
    assert!(matches!(elsewhere.request(first).await.state, RequestState::Cancelled));
    dispatcher.decide(second, Verdict::Approve).await;
    assert_eq!(elsewhere.open(second).await.content, SUMMARY);
}

#[tokio::test]
async fn signing_out_withdraws_what_only_that_session_could_open() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, waiting), (_, approved)) = (registrar.seal(SUMMARY).await, registrar.seal(SUMMARY).await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let requests = [responder.ask(&waiting).await.id, responder.ask(&approved).await.id];
    dispatcher.decide(requests[1], Verdict::Approve).await;
    responder.post(paths::SIGN_OUT, &serde_json::json!({})).await;
    let desk: halligan_shared::wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert!(desk.waiting.is_empty(), "nobody is kept busy with it");
    responder.sign_in().await;
    for request in requests {
        assert!(matches!(responder.request(request).await.state, RequestState::Cancelled));
    }
    responder.ask(&waiting).await;
}

#[tokio::test]
async fn an_approval_may_be_used_to_its_last_moment_and_then_lapses() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, first), (_, second)) = (registrar.seal(SUMMARY).await, registrar.seal(SUMMARY).await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let (used, unused) = (responder.ask(&first).await.id, responder.ask(&second).await.id);
    for request in [used, unused] {
        assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    }
    let point = responder.point(unused).await;
    portal.pass(599_999);
    assert_eq!(responder.open(used).await.content, SUMMARY);
    portal.pass(1);
    assert_eq!(responder.try_release(unused, &point).await.refusal().code, ProblemCode::WindowOver);
    assert!(matches!(responder.request(unused).await.state, RequestState::Lapsed));
    portal.portal.sweep().await.unwrap();
    assert!(portal.kinds().await.contains(&"request.lapsed".to_owned()));
}

#[tokio::test]
async fn a_backend_started_anew_still_opens_inside_the_window() {
    let mut portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(SUMMARY).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    let first = responder.open(request.id).await;
    portal.restart().await;
    responder.router = portal.router.clone();
    assert!(!portal.portal.authority().holds(first.release.grant));
    assert_eq!(responder.open(request.id).await.content, SUMMARY);
}
