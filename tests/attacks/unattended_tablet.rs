//! A tablet is left lying, signed in, and its page goes on by itself: it listens again whenever the line was lost, looks whether the session
//! still is, reads anew what an event tells of. None of that is anything that somebody does, and the session ends by its idle limit.

use axum::http::{HeaderMap, StatusCode, header};
use halligan_shared::{member::Role, paths, resting::RENEWED, wire};
use serde_json::json;

use crate::support::{Client, Contract, TestPortal};

/// The idle limit, in milliseconds.
const IDLE: i64 = 1_800_000;
const MINUTE: i64 = 60_000;

/// What an answer says of the session: that it rests anew, and how long the browser keeps its cookie from now on, in seconds.
fn said(headers: &HeaderMap) -> (bool, Option<&str>) {
    let cookies = headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let mut of_session = cookies.filter(|cookie| cookie.starts_with("halligan="));
    let age = of_session.next().map(|cookie| cookie.split("Max-Age=").nth(1).unwrap().split(';').next().unwrap());
    assert!(of_session.next().is_none(), "one cookie");
    (headers.contains_key(RENEWED), age)
}

/// Everything an answer has to say where it renews nothing.
const NOTHING: (bool, Option<&str>) = (false, None);
const RESTS_ANEW: (bool, Option<&str>) = (true, Some("1800"));

/// Passes the idle limit minute by minute, and does something in each but the last moment.
async fn over_the_idle_limit(portal: &TestPortal, mut each: impl AsyncFnMut()) {
    for _ in 0..IDLE / MINUTE - 1 {
        portal.pass(MINUTE);
        each().await;
    }
    portal.pass(MINUTE - 1);
    each().await;
    portal.pass(1);
}

#[tokio::test]
async fn a_stream_that_is_opened_again_each_minute_keeps_no_session() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut member = portal.member("ALL-1", &[Role::Responder, Role::Dispatcher, Role::Admin]).await;
    let request = member.ask(&reference).await.id;
    let mut pages = Vec::new();
    for stream in Contract::of_portal().await.streams() {
        let (mut page, path) = (member.other_browser(), stream.replace("{request}", &request.to_string()));
        assert!(page.sign_in().await.status.is_success());
        pages.push((page, path, StatusCode::OK));
    }
    // Nor does one that is refused.
    let mut page = member.other_browser();
    assert!(page.sign_in().await.status.is_success());
    pages.push((page, paths::REQUEST_EVENTS.replace("{request}", "0193a5f0-0000-7000-8000-000000000000"), StatusCode::NOT_FOUND));
    assert_eq!(pages.len(), 6);
    over_the_idle_limit(&portal, async || {
        for (page, path, status) in &mut pages {
            let stream = page.listen(path).await;
            assert_eq!((stream.status(), said(stream.headers())), (*status, NOTHING), "{path}");
        }
    })
    .await;
    for (page, path, _) in &mut pages {
        assert_eq!(page.listen(path).await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn what_a_page_calls_by_itself_keeps_no_session() {
    let portal = TestPortal::start().await;
    let dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut page = Client { is_left: true, ..dispatcher.clone() };
    over_the_idle_limit(&portal, async || {
        for path in [paths::SESSION, paths::DESK, paths::INCIDENTS] {
            let answer = page.get(path).await;
            assert_eq!((answer.status, said(&answer.headers)), (StatusCode::OK, NOTHING), "{path}");
        }
    })
    .await;
    let over = page.get(paths::SESSION).await;
    assert_eq!(over.refusal().code, wire::ProblemCode::NotSignedIn);
    assert_eq!(said(&over.headers), NOTHING, "nor the one that a sign-in meanwhile may have set");
}

#[tokio::test]
async fn a_call_that_is_not_let_in_and_one_that_anybody_may_make_keep_no_session() {
    let portal = TestPortal::start().await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let grant = "0193a5f0-0000-7000-8000-000000000000".parse().unwrap();
    over_the_idle_limit(&portal, async || {
        let refused = responder.get(paths::DESK).await;
        assert_eq!((refused.status, said(&refused.headers)), (StatusCode::FORBIDDEN, NOTHING));
        let anybodys = responder.get(paths::OPENAPI).await;
        assert_eq!((anybodys.status, said(&anybodys.headers)), (StatusCode::OK, NOTHING));
        // A wipe receipt comes when its time has come.
        let receipt = responder.post(&paths::grant_wiped_of(grant), &json!({})).await;
        assert_eq!(said(&receipt.headers), NOTHING);
    })
    .await;
    assert_eq!(responder.status(paths::SESSION).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_somebody_does_keeps_a_session_and_its_cookie_lives_as_long() {
    let portal = TestPortal::start().await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await.other_browser();
    assert_eq!(said(&auditor.sign_in().await.headers), RESTS_ANEW);
    // Reading on is something done, and so is what is refused to whoever was let in.
    let next = format!("{}?before=1", paths::AUDIT);
    for (path, status) in [(next.as_str(), StatusCode::OK), ("/api/v1/audit?before=x", StatusCode::BAD_REQUEST)] {
        portal.pass(IDLE - 1);
        let answer = auditor.get(path).await;
        assert_eq!((answer.status, said(&answer.headers)), (status, RESTS_ANEW), "{path}");
    }
    portal.pass(IDLE - 1);
    let over = auditor.post(paths::SIGN_OUT, &json!({})).await;
    assert_eq!((over.status, said(&over.headers)), (StatusCode::OK, (false, Some("0"))));
}
