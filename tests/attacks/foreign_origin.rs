//! Another site's page makes the member's browser call the portal.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use halligan_backend::http::{Access, entries};
use halligan_shared::{member::Role, paths};
use tower::ServiceExt as _;

use crate::support::{ORIGIN, TestPortal};

#[tokio::test]
async fn a_changing_call_from_elsewhere_is_refused_whatever_cookie_it_carries() {
    let portal = TestPortal::start().await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    for (origin, site) in [
        (Some("https://evil.example"), Some("cross-site")),
        (Some("http://localhost:8081"), Some("same-site")),
        (Some(ORIGIN), Some("cross-site")),
        (Some("null"), None),
        (None, None),
    ] {
        let mut request =
            Request::builder().method(Method::POST).uri(paths::SIGN_OUT).header(header::COOKIE, member.cookie.clone().unwrap());
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = portal.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin:?} {site:?}");
    }
    assert_eq!(member.clone().get(paths::SESSION).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_changing_call_without_an_origin_is_a_machines_or_nobodys() {
    let portal = TestPortal::start().await;
    for entry in entries(&portal.portal).into_iter().filter(|entry| !entry.method.is_safe()) {
        let request = Request::builder().method(&entry.method).uri(entry.path.replace(['{', '}'], "")).body(Body::empty());
        let answer = portal.router.clone().oneshot(request.unwrap()).await.unwrap();
        let refused = if entry.access == Access::Machine { StatusCode::UNAUTHORIZED } else { StatusCode::FORBIDDEN };
        assert_eq!(answer.status(), refused, "{} {}", entry.method, entry.path);
    }
}

#[tokio::test]
async fn another_sites_page_reads_nothing_of_the_api() {
    let portal = TestPortal::start().await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    for (origin, site, expected) in [
        (None, Some("cross-site"), StatusCode::FORBIDDEN),
        (None, Some("same-site"), StatusCode::FORBIDDEN),
        (Some("https://evil.example"), None, StatusCode::FORBIDDEN),
        (Some("null"), None, StatusCode::FORBIDDEN),
        // The portal's own page, an address typed by a person, and a browser too old to say.
        (None, Some("same-origin"), StatusCode::OK),
        (None, Some("none"), StatusCode::OK),
        (None, None, StatusCode::OK),
    ] {
        let mut request = Request::builder().uri(paths::SESSION).header(header::COOKIE, member.cookie.clone().unwrap());
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = portal.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), expected, "{origin:?} {site:?}");
    }
}

#[tokio::test]
async fn browsers_do_not_send_the_cookie_along_from_elsewhere_nor_show_it_to_scripts() {
    let portal = TestPortal::start().await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    let request = Request::builder().uri(paths::SESSION).header(header::COOKIE, member.cookie.clone().unwrap());
    let answer = portal.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["SameSite=Strict", "HttpOnly", "Path=/"] {
        assert!(cookie.contains(attribute), "{attribute} is missing: {cookie}");
    }
}
