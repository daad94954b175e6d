//! What becomes of what was asked in a sign-in that is over: withdrawn at the next sweep where time alone ended it, since nobody could open it
//! any more; gone on with where the same passkey began another at the same browser.

use axum::http::{HeaderValue, StatusCode};
use halligan_backend::store::AuditFilter;
use halligan_shared::{
    id::RequestId,
    member::Role,
    notice::Topic,
    paths,
    statement::Verdict,
    wire::{Desk, NoticeBoard, RequestState},
};
use serde_json::json;

use super::notices::{bracelet, hooks, sent, told_at};
use crate::support::{Client, Listener, Set, TestPortal};

/// A session of [`restless`] rests no longer, in milliseconds: shorter than a request waits.
const IDLE: i64 = 120_000;

async fn restless(listener: &Listener) -> TestPortal {
    TestPortal::start_with(Set { restless: true, outside: listener.outside(), ..Set::unhurried() }).await
}

/// The requests that wait or may be opened, as the desk has them.
async fn on_the_desk(dispatcher: &mut Client) -> Vec<RequestId> {
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    let approved = desk.approved.into_iter().map(|approval| approval.statement.request);
    desk.waiting.into_iter().map(|card| card.statement.request).chain(approved).collect()
}

/// What the log says of withdrawn requests: who, and about which.
async fn withdrawn(portal: &TestPortal) -> Vec<(Option<String>, serde_json::Value)> {
    let page = portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
    let events = page.events.into_iter().filter(|event| event.kind == "request.cancelled");
    events.map(|event| (event.actor, event.facts)).collect()
}

#[tokio::test]
async fn what_was_asked_in_a_session_that_rested_too_long_is_withdrawn_and_the_rest_stands() {
    let listener = Listener::start().await;
    let portal = restless(&listener).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let [mut left, mut approved, mut stays] = [
        portal.member("EMS-1", &[Role::Responder]).await,
        portal.member("EMS-2", &[Role::Responder]).await,
        portal.member("EMS-3", &[Role::Responder]).await,
    ];
    let waits = left.ask(&reference).await.id;
    let may_be_opened = approved.ask(&reference).await.id;
    assert!(dispatcher.decide(may_be_opened, Verdict::Approve).await.status.is_success());
    portal.pass(IDLE - 1);
    let lives = stays.ask(&reference).await.id;
    dispatcher.get(paths::SESSION).await.done();
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await.len(), 3, "none is over yet");
    assert_eq!(withdrawn(&portal).await, []);

    sent(&portal, &listener).await;
    portal.pass(1);
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await, [lives]);
    let mut said = withdrawn(&portal).await;
    said.sort_by_key(|(_, facts)| facts["request"] != waits.to_string());
    let by_time = |request: RequestId| (None, json!({ "request": request, "because": "sign_in_over" }));
    let facts: Vec<_> =
        said.into_iter().map(|(by, facts)| (by, json!({ "request": facts["request"], "because": facts["because"] }))).collect();
    assert_eq!(facts, [by_time(waits), by_time(may_be_opened)]);
    let ends = hooks(&sent(&portal, &listener).await);
    let [end] = &ends[..] else { panic!("told {} times", ends.len()) };
    assert_eq!((&end["type"], &end["data"]["about"]), (&json!("notice.closed"), &json!(waits.to_string())));
    assert_eq!(end["data"]["closed"]["how"], "withdrawn");

    // Whoever signs in again is told, and asks again.
    left.sign_in().await.done();
    let view = left.request(waits).await;
    assert!(matches!(view.state, RequestState::Cancelled) && !view.here, "{view:?}");
    left.ask(&reference).await;
    portal.portal.sweep().await.unwrap();
    assert_eq!(withdrawn(&portal).await.len(), 2, "once");
}

#[tokio::test]
async fn whoever_signs_in_again_at_the_same_browser_goes_on_with_what_they_asked_and_opened() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"the record").await;
    let opened = responder.open(request).await;
    let other = portal.member("REG-2", &[Role::Registrar]).await.seal(b"another").await.1;
    let waits = responder.ask(&other).await.id;
    let before = responder.cookie.clone();
    responder.sign_in().await.done();
    assert_ne!(responder.cookie, before, "a session of its own");
    let view = responder.request(waits).await;
    assert!(view.here && matches!(view.state, RequestState::Pending { .. }), "{view:?}");
    // What was open stays so, and is read on.
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert!(responder.get(&document).await.status.is_success());
    let mut dispatcher = portal.member("DSP-2", &[Role::Dispatcher]).await;
    dispatcher.decide(waits, Verdict::Approve).await.done();
    responder.open(waits).await;
    // Another browser of the same member takes nothing over.
    let mut elsewhere = responder.other_browser();
    elsewhere.sign_in().await.done();
    assert!(!elsewhere.request(waits).await.here && responder.request(waits).await.here);
}

/// Signs in, and the answer does not arrive: the browser keeps the cookie that it had.
async fn sign_in_unheard(client: &mut Client) {
    let before = client.cookie.clone();
    client.sign_in().await.done();
    client.cookie = before;
    assert_eq!(client.status(paths::SESSION).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_a_sign_in_took_over_whose_answer_was_lost_goes_on_with_the_next_one() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"the record").await;
    let opened = responder.open(request).await;
    let other = portal.member("REG-2", &[Role::Registrar]).await.seal(b"another").await.1;
    let waits = responder.ask(&other).await.id;
    let mut elsewhere = responder.other_browser();
    elsewhere.sign_in().await.done();
    elsewhere.get(paths::SESSION).await.done();
    sign_in_unheard(&mut responder).await;
    sign_in_unheard(&mut responder).await;
    // At another browser of theirs it does not go on.
    elsewhere.cookie = None;
    elsewhere.sign_in().await.done();
    assert!(!elsewhere.request(waits).await.here);

    responder.sign_in().await.done();
    let view = responder.request(waits).await;
    assert!(view.here && matches!(view.state, RequestState::Pending { .. }), "{view:?}");
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert!(responder.get(&document).await.status.is_success());
    let page = portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
    let followed: Vec<_> = page.events.iter().filter(|event| event.kind == "sign_in.followed").collect();
    assert_eq!(followed.len(), 3, "the log says of each what went on");
    for event in followed {
        let requests = event.facts["requests"].as_array().unwrap();
        assert!(requests.contains(&json!(request)) && requests.contains(&json!(waits)), "{}", event.facts);
    }
    let stays = "select count(*) from stay where member_id = (select id from member where agency_id = 'EMS-1')";
    assert_eq!(portal.count(stays).await, 3, "one here, and two elsewhere");
}

#[tokio::test]
async fn what_a_browser_never_heard_of_ends_with_a_sign_out_there_or_anothers_sign_in() {
    for another_signs_in in [false, true] {
        let portal = TestPortal::start().await;
        let (mut responder, request) = portal.approved(b"the record").await;
        let grant = responder.open(request).await.release.grant;
        let another = portal.member("EMS-2", &[Role::Responder]).await;
        sign_in_unheard(&mut responder).await;
        assert!(portal.portal.authority().holds(grant), "it goes on until then");
        if another_signs_in {
            Client { cookie: None, known: responder.known.clone(), ..another }.sign_in().await.done();
        } else {
            responder.post(paths::SIGN_OUT, &()).await.done();
        }
        assert!(!portal.portal.authority().holds(grant));
        let stays = "select count(*) from stay where member_id = (select id from member where agency_id = 'EMS-1')";
        assert_eq!(portal.count(stays).await, 0);
    }
}

/// Else an answer that comes late would sign out whoever has signed in meanwhile, in all tabs.
#[tokio::test]
async fn a_session_that_was_over_takes_no_cookie_back_but_by_a_sign_out() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let mut late = member.clone();
    member.sign_in().await.done();
    for path in [paths::SESSION, paths::REQUESTS] {
        let answer = late.get(path).await;
        assert_eq!((answer.status, answer.headers.get("set-cookie")), (StatusCode::UNAUTHORIZED, None), "{path}");
    }
    let answer = member.post(paths::SIGN_OUT, &()).await;
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("halligan=;") && cookie.contains("Max-Age=0"), "{cookie}");
}

#[tokio::test]
async fn nothing_is_taken_from_a_sign_in_that_somebody_uses() {
    let portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&bracelet(&portal).await).await.id;
    // By anything, and be it that a page which nobody touches asks how things are.
    for is_left in [false, true] {
        responder.sign_in().await.done();
        responder.is_left = is_left;
        responder.get(paths::SESSION).await.done();
        responder.is_left = false;
        // A tablet that was set up as a copy of the other one, with what makes the browser known.
        let mut copy = Client { cookie: None, ..responder.clone() };
        copy.sign_in().await.done();
        assert!(!copy.request(request).await.here && responder.request(request).await.here);
    }
}

/// Whoever takes a stolen passkey away takes what was asked with it too, also at the browser where it was used.
#[tokio::test]
async fn what_was_asked_with_another_passkey_does_not_go_on() {
    let portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&bracelet(&portal).await).await.id;
    let other = "update stay set passkey_id = (select p.id from passkey p join member m on m.id = p.member_id where m.agency_id = 'REG-1') \
        where member_id = (select id from member where agency_id = 'EMS-1')";
    assert_eq!(portal.tamper(other).await, 1);
    responder.sign_in().await.done();
    assert!(matches!(responder.request(request).await.state, RequestState::Cancelled));
}

#[tokio::test]
async fn a_sign_in_that_cannot_be_written_down_leaves_nothing_that_nobody_has() {
    let portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&bracelet(&portal).await).await.id;
    portal.tamper("create trigger full before insert on http_session begin select raise(abort, 'full'); end").await;
    assert_eq!(responder.sign_in().await.status, StatusCode::INTERNAL_SERVER_ERROR);
    portal.tamper("drop trigger full").await;
    let stays = "select count(*) from stay where member_id = (select id from member where agency_id = 'EMS-1')";
    assert_eq!(portal.count(stays).await, 0);
    responder.sign_in().await.done();
    assert!(matches!(responder.request(request).await.state, RequestState::Cancelled));
}

/// The former session goes a moment before the new one is written down, and a sweep may come between the two.
#[tokio::test]
async fn a_sweep_in_the_middle_of_signing_in_again_withdraws_nothing() {
    let portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    responder.ask(&bracelet(&portal).await).await;
    portal.pass(120_000);
    responder.sign_in().await.done();
    assert_eq!(
        portal.tamper("delete from http_session where member_id = (select id from member where agency_id = 'EMS-1')").await,
        1
    );
    portal.pass(59_999);
    portal.portal.sweep().await.unwrap();
    assert_eq!(withdrawn(&portal).await, []);
    portal.pass(1);
    portal.portal.sweep().await.unwrap();
    assert_eq!(withdrawn(&portal).await.len(), 1, "it never came");
}

#[tokio::test]
async fn whoever_signs_out_of_a_session_that_is_over_is_out_and_nobody_is_told_at_that_browser() {
    let listener = Listener::start().await;
    let portal = restless(&listener).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    let told = "select count(*) from push_device";
    portal.pass(IDLE);
    assert_eq!(dispatcher.status(paths::SESSION).await, StatusCode::UNAUTHORIZED);
    // From another browser nothing is taken away, whoever calls.
    portal.stranger().post(paths::SIGN_OUT, &()).await.done();
    assert_eq!(portal.count(told).await, 1);
    let answer = dispatcher.post(paths::SIGN_OUT, &()).await;
    assert_eq!((answer.status, &answer.headers["clear-site-data"]), (StatusCode::OK, &HeaderValue::from_static("\"storage\"")));
    assert_eq!(portal.count(told).await, 0);
    let page = portal.portal.audit(AuditFilter { limit: 2, ..AuditFilter::default() }).await.unwrap();
    let last: Vec<_> = page.events.iter().map(|event| (event.kind.as_str(), &event.actor)).collect();
    assert_eq!(last, [("notice.told", &None), ("notice.device_removed", &None)]);
    // Nobody knows who it was, so whoever was told there has to hear of it.
    dispatcher.sign_in().await.done();
    let board: NoticeBoard = dispatcher.get(paths::NOTICES).await.ok();
    let [notice] = &board.notices[..] else { panic!("{} notices", board.notices.len()) };
    assert!(notice.topic == Topic::DeviceEnded && notice.text.starts_with("Somebody signed out"), "{}", notice.text);
}

#[tokio::test]
async fn what_was_asked_just_before_the_absolute_limit_is_withdrawn_at_it() {
    let portal = TestPortal::start().await;
    let reference = bracelet(&portal).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    for _ in 0..47 {
        portal.pass(900_000);
        responder.get(paths::SESSION).await.done();
    }
    portal.pass(600_000);
    let request = responder.ask(&reference).await.id;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    portal.pass(299_999);
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await, [request]);
    portal.pass(1);
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await, []);
    assert_eq!(withdrawn(&portal).await.len(), 1);
}

#[tokio::test]
async fn whoever_only_listens_keeps_what_they_asked_for_as_long_as_their_session_may_rest() {
    let listener = Listener::start().await;
    let portal = restless(&listener).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    let stream = responder.listen(&paths::request_events_of(request)).await;
    assert!(stream.status().is_success());
    portal.pass(IDLE - 1);
    dispatcher.get(paths::SESSION).await.done();
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await, [request]);
    // Of two browsers the one that asked counts.
    let mut other = responder.other_browser();
    other.sign_in().await.done();
    portal.pass(1);
    portal.portal.sweep().await.unwrap();
    assert_eq!(on_the_desk(&mut dispatcher).await, []);
    assert!(matches!(other.request(request).await.state, RequestState::Cancelled));
}
