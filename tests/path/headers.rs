//! What every answer tells the browser, judged as Mozilla's HTTP Observatory judges it, and by what this portal needs beyond that.

use std::collections::HashMap;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use halligan_shared::{member::Role, paths, resting::RENEWED, wire::ProblemCode};

use crate::support::{Set, TestPortal};

/// A page, an answer of the API, a refusal, and what does not exist.
const PLACES: [&str; 5] = ["/", "/desk", paths::HEALTH, paths::SESSION, "/nothing.js"];

fn word<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("{name} is missing")).to_str().unwrap()
}

async fn everywhere(set: Set, judge: impl Fn(&HeaderMap)) {
    let portal = TestPortal::start_with(set).await;
    for place in PLACES {
        judge(&portal.stranger().get(place).await.headers);
    }
}

#[tokio::test]
async fn the_content_policy_allows_the_portals_own_files_and_nothing_inline() {
    everywhere(Set::default(), |headers| {
        let policy: HashMap<&str, Vec<&str>> = word(headers, "content-security-policy")
            .split(';')
            .map(|rule| rule.split_whitespace().collect::<Vec<_>>())
            .map(|words| (words[0], words[1..].to_vec()))
            .collect();
        assert_eq!(policy["default-src"], ["'none'"]);
        assert_eq!(policy["style-src"], ["'self'"]);
        assert_eq!(policy["connect-src"], ["'self'"]);
        for rule in ["base-uri", "form-action", "frame-ancestors", "object-src"] {
            assert_eq!(policy[rule], ["'none'"], "{rule}");
        }
        assert_eq!(policy["require-trusted-types-for"], ["'script'"]);
        assert_eq!(policy["trusted-types"], ["default"]);
        let allowed = |source: &&str| ["'self'", "'wasm-unsafe-eval'"].contains(source) || source.starts_with("'sha256-");
        assert!(policy["script-src"].iter().all(allowed), "{:?}", policy["script-src"]);
        // Nothing is loaded from elsewhere, by any rule.
        let near = |source: &&str| source.starts_with('\'') || ["blob:", "default"].contains(source);
        assert!(policy.values().flatten().all(near), "{policy:?}");
    })
    .await;
}

/// A clock that no date has any more brings every call to panic that asks the time.
#[tokio::test]
async fn what_a_panic_becomes_has_the_headers_of_any_answer() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let good = member.get(paths::SESSION).await;
    portal.set_ahead(i64::MAX);
    let panicked = member.get(paths::SESSION).await;
    assert_eq!((panicked.status, panicked.refusal().code), (StatusCode::INTERNAL_SERVER_ERROR, ProblemCode::Internal));
    // What a session or a body adds is not of every answer.
    let of_some = [header::SET_COOKIE.as_str(), header::CONTENT_LENGTH.as_str(), header::CONTENT_TYPE.as_str(), RENEWED];
    let of_every_answer = |name: &&HeaderName| !of_some.contains(&name.as_str());
    let names: Vec<_> = good.headers.keys().filter(of_every_answer).collect();
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let differs = name == "x-request-id";
        assert!(panicked.headers.contains_key(name) && (differs || panicked.headers[name] == good.headers[name]), "{name}");
    }
}

/// A record that got a script to run in there could tell nobody.
#[tokio::test]
async fn the_viewers_page_has_no_origin_and_no_network() {
    let portal = TestPortal::start().await;
    let headers = portal.stranger().get(paths::VIEWER_PAGE).await.headers;
    let policy: Vec<&str> = word(&headers, "content-security-policy").split(';').map(str::trim).collect();
    assert_eq!(
        policy,
        [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
            "sandbox allow-scripts",
            "require-trusted-types-for 'script'",
            "trusted-types default",
        ]
    );
}

#[tokio::test]
async fn pages_are_alone_with_themselves() {
    everywhere(Set::default(), |headers| {
        assert_eq!(word(headers, "cross-origin-opener-policy"), "same-origin");
        assert_eq!(word(headers, "cross-origin-embedder-policy"), "require-corp");
        assert_eq!(word(headers, "cross-origin-resource-policy"), "same-origin");
        assert_eq!(word(headers, "x-content-type-options"), "nosniff");
        assert_eq!(word(headers, "referrer-policy"), "no-referrer");
        assert_eq!(word(headers, "x-dns-prefetch-control"), "off");
        assert!(headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN).is_none());
    })
    .await;
}

#[tokio::test]
async fn a_page_asks_for_a_camera_and_passkeys_and_for_nothing_else() {
    let portal = TestPortal::start().await;
    for page in ["/", "/desk", "/s"] {
        let headers = portal.stranger().get(page).await.headers;
        let permissions = word(&headers, "permissions-policy");
        let granted: Vec<&str> = permissions.split(',').map(str::trim).filter(|one| !one.ends_with("=()")).collect();
        assert_eq!(
            granted,
            ["camera=(self)", "publickey-credentials-get=(self)", "publickey-credentials-create=(self)", "autoplay=(self)"]
        );
    }
}

#[tokio::test]
async fn nothing_of_the_api_is_kept() {
    let portal = TestPortal::start().await;
    for place in [paths::HEALTH, paths::SESSION, "/api/v1/nothing"] {
        assert_eq!(word(&portal.stranger().get(place).await.headers, "cache-control"), "no-store", "{place}");
    }
}

#[tokio::test]
async fn browsers_that_came_by_tls_come_by_nothing_else_for_two_years() {
    everywhere(Set { tls: true, ..Set::default() }, |headers| {
        assert_eq!(word(headers, "strict-transport-security"), "max-age=63072000; includeSubDomains");
    })
    .await;
    everywhere(Set::default(), |headers| assert!(headers.get("strict-transport-security").is_none())).await;
}
