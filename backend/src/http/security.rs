//! The layers every call goes through: request id, headers, same origin, sessions.

use std::sync::Arc;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use halligan_shared::paths;
use tower_sessions::{
    Expiry, SessionManagerLayer,
    cookie::{Key, SameSite},
    service::SignedCookie,
};
use uuid::Uuid;

use super::{address, gate::Access, pace::Paces, problem::Refused, routes::Entry};
use crate::{config::Settings, services::Portal, store::Sessions};

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the call under way, for answers and logs.
pub(super) fn current_request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Gives every call an id, and logs it once when it is answered: method, route, status. Never what was typed or scanned into an
/// address: the route is named as the table of routes writes it.
pub(super) async fn request_id(request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "pages".to_owned(), |path| path.as_str().to_owned());
    REQUEST_ID
        .scope(id.clone(), async move {
            let mut response = next.run(request).await;
            tracing::info!(request_id = id, %method, route, status = response.status().as_u16(), "answered");
            if let Ok(value) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
            }
            response
        })
        .await
}

/// What the cookie of a session is called. `__Host-` needs `Secure`, which browsers refuse to store from `http://localhost`.
pub(super) fn cookie_name(settings: &Settings) -> &'static str {
    if settings.is_tls() { "__Host-halligan" } else { "halligan" }
}

/// Cookie sessions. The cookie is signed: one that a stranger made up is no session, and asks the store nothing. Whoever has the database
/// can sign one too, and knows no id of a session to put into it.
pub(super) fn sessions(portal: &Portal) -> SessionManagerLayer<Sessions, SignedCookie> {
    let key = portal.decoy_key().session_key();
    SessionManagerLayer::new(portal.sessions())
        .with_name(cookie_name(portal.settings()))
        .with_signed(Key::from(key.as_slice()))
        .with_secure(portal.settings().is_tls())
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        // How long browsers keep the cookie. When the session ends is the store's to say, by the portal's own clock.
        .with_expiry(Expiry::OnInactivity(portal.settings().limits.idle))
        // What renews the idle limit, and the cookie with it, the gate says.
        .with_always_save(false)
}

/// Leaves a browser its session's cookie, but for where somebody signs out: an answer that found a session over would else take back, by
/// its name, that of a sign-in which was answered before it.
pub(super) async fn keep_cookie(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let signs_out = [paths::SIGN_OUT, paths::SIGN_OUT_EVERYWHERE].contains(&request.uri().path());
    let mut response = next.run(request).await;
    if !signs_out {
        let taken_back = format!("{}=;", cookie_name(portal.settings()));
        let headers = response.headers_mut();
        let all = headers.get_all(header::SET_COOKIE).iter();
        let kept: Vec<_> = all.filter(|cookie| !cookie.as_bytes().starts_with(taken_back.as_bytes())).cloned().collect();
        headers.remove(header::SET_COOKIE);
        for cookie in kept {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Refuses every call of the API that another site's page sent, and every changing one that did not come from the portal's own
/// pages. A browser too old to say where a call comes from sends no origin with a GET; its cookie stays at home all the same.
pub(super) async fn same_origin(
    State((portal, paces, routes)): State<(Portal, Arc<Paces>, Arc<[Entry]>)>,
    request: Request,
    next: Next,
) -> Response {
    let changes = !request.method().is_safe();
    let origin = request.headers().get(header::ORIGIN).map(HeaderValue::as_bytes);
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_own =
        origin.map_or(!changes || is_machines(&routes, &request), |origin| origin == portal.settings().origin_text().as_bytes());
    // A person who types an address comes from no site.
    let is_near = site.is_none_or(|site| site == b"same-origin" || (!changes && site == b"none"));
    if is_own && is_near {
        return next.run(request).await;
    }
    paces.other_site(address::of(&request)).err().unwrap_or(Refused::ForeignOrigin).into_response()
}

/// Whether machines call this, and no page does: each call is signed by itself, and no browser adds anything to it that counts.
fn is_machines(routes: &[Entry], request: &Request) -> bool {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let mut of_it = routes.iter().filter(|entry| Some(entry.path) == route).peekable();
    // By any method: one that the address does not take is refused as that.
    of_it.peek().is_some() && of_it.all(|entry| entry.access == Access::Machine)
}

/// Headers of every answer.
pub(super) async fn headers(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    let policy = super::assets::content_security_policy(request.uri().path());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
        // A name that is looked up ahead tells a name server what stood on a page.
        ("x-dns-prefetch-control", "off"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if portal.settings().is_tls() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000; includeSubDomains"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
