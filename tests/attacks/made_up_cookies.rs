//! Somebody makes up cookies of sessions, to have the database asked, the log filled, or to come in.

use std::sync::Mutex;

use axum::http::StatusCode;
use halligan_backend::log;
use halligan_shared::{member::Role, paths, wire::ProblemCode};
use serde_json::json;
use tower_sessions::cookie::Cookie;
use tracing_subscriber::EnvFilter;

use crate::support::{Client, TestPortal};

/// How many letters a cookie's signature has, as it stands in the cookie before that is made fit for a header: 32 bytes as base64.
const SIGNATURE: usize = 44;

/// The signature of a cookie, and the id that it is over.
fn parts(cookie: &str) -> (String, String) {
    let cookie = Cookie::parse_encoded(cookie).unwrap();
    let (signature, id) = cookie.value().split_at_checked(SIGNATURE).unwrap_or(("", cookie.value()));
    (signature.to_owned(), id.to_owned())
}

fn cookie(signature: &str, id: &str) -> String {
    Cookie::new("halligan", format!("{signature}{id}")).encoded().to_string()
}

/// Another letter, which base64 has too.
fn other(letter: char) -> char {
    if letter == 'A' { 'B' } else { 'A' }
}

/// The text with the letter at this place exchanged.
fn altered(text: &str, place: usize) -> String {
    text.chars().enumerate().map(|(at, letter)| if at == place { other(letter) } else { letter }).collect()
}

/// Cookies that were never handed out, by somebody who has a member's and another portal's before them.
fn made_up(own: &str, elsewhere: &str) -> Vec<String> {
    let (signature, id) = parts(own);
    let mut made_up: Vec<_> = (0..SIGNATURE - 1).step_by(7).map(|place| cookie(&altered(&signature, place), &id)).collect();
    made_up.extend((0..id.len()).step_by(5).map(|place| cookie(&signature, &altered(&id, place))));
    let (of_another, another) = parts(elsewhere);
    made_up.extend([
        elsewhere.to_owned(),
        cookie(&of_another, &id),
        cookie(&signature, &another),
        // As cookies were before they were signed.
        cookie("", &id),
        cookie("", "AAAAAAAAAAAAAAAAAAAAAA"),
        cookie("", ""),
        cookie(&signature, ""),
        cookie(&"A".repeat(SIGNATURE), &id),
    ]);
    made_up
}

async fn cookie_of_another_portal() -> String {
    TestPortal::start().await.member("EMS-1", &[Role::Responder]).await.cookie.unwrap()
}

#[tokio::test]
async fn a_cookie_that_was_made_up_or_altered_is_nobodys_and_asks_the_store_nothing() {
    let mut portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let own = member.cookie.clone().unwrap();
    let made_up = made_up(&own, &cookie_of_another_portal().await);
    let mut stranger = portal.stranger();
    for cookie in &made_up {
        stranger.cookie = Some(cookie.clone());
        assert_eq!(stranger.get(paths::SESSION).await.refusal().code, ProblemCode::NotSignedIn, "{cookie}");
    }
    // The key is the installation's: a start does not end what it signed.
    portal.restart().await;
    member.router = portal.router.clone();
    stranger.router = portal.router.clone();
    assert_eq!(member.get(paths::SESSION).await.status, StatusCode::OK);

    portal.tamper("alter table http_session rename to gone").await;
    portal.tamper("alter table decoy_key rename to gone_too").await;
    assert_eq!(member.status(paths::SESSION).await, StatusCode::INTERNAL_SERVER_ERROR, "whose cookie is good asks the store");
    stranger.known = Some(format!("halligan-browser={}", "0".repeat(96)));
    for cookie in &made_up {
        stranger.cookie = Some(cookie.clone());
        assert_eq!(stranger.get(paths::SESSION).await.refusal().code, ProblemCode::NotSignedIn, "{cookie}");
        assert_eq!(stranger.get(paths::HEALTH).await.status, StatusCode::OK, "{cookie}");
    }
    assert_eq!(stranger.post(paths::SIGN_IN_START, &json!({})).await.status, StatusCode::OK, "nor does a browser's");
}

#[tokio::test]
async fn what_is_written_of_a_made_up_cookie_or_one_that_is_over_is_what_is_written_of_any_call() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let own = member.cookie.clone().unwrap();
    let cookies: Vec<_> = made_up(&own, &cookie_of_another_portal().await).into_iter().chain([own.clone()]).collect();
    assert!(member.post(paths::SIGN_OUT, &json!({})).await.status.is_success());

    let file = tempfile::NamedTempFile::new().unwrap();
    let written = Mutex::new(file.reopen().unwrap());
    let _log = tracing::subscriber::set_default(log::subscriber(EnvFilter::new(log::USUAL), written));
    // As in `leaked_credentials`: else a test beside this one could silence a line here.
    let _second = tracing::Dispatch::new(log::subscriber(EnvFilter::new(log::USUAL), std::io::sink));
    let mut calls = 0;
    for cookie in &cookies {
        for path in [paths::SESSION, paths::DESK] {
            let mut stranger = Client { cookie: Some(cookie.clone()), ..portal.stranger() };
            assert_eq!(stranger.get(path).await.status, StatusCode::UNAUTHORIZED);
            calls += 1;
        }
    }
    let log = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(log.lines().filter(|line| line.contains("answered")).count(), calls, "the log is read");
    assert_eq!(log.lines().count(), calls, "{log}");
}
