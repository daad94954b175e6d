//! Calls to the real router, by somebody who has every role and means nothing good.
//!
//! An input is a request line with the route as `paths` writes it, headers, an empty line, and a body. `{request}`, `{grant}`
//! and the like stand for what is there. What computer-aided dispatch tells is signed, unless the input says otherwise.

use std::cell::RefCell;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, Uri, header},
};
use halligan_backend::http::{self, Entry};
use halligan_shared::{
    member::Role,
    paths,
    reference::Reference,
    wire::{
        AuditPage, BulkDecided, Ceremony, Checks, Desk, DrillLine, DrillReport, IncidentFeed, IncidentTaken, Invitation,
        InvitationLine, InvitationView, LockdownBoard, MemberLine, NoticeBoard, OwnDrill, OwnReenrolment, PasskeyLine,
        PreparedBulk, PreparedDecision, PreparedLockdown, PreparedOverride, PreparedReenrolment, PreparedRequest, PreparedReview,
        Problem, PushDevices, Readiness, RecordLine, ReenrolmentLine, Release, RequestView, ReviewList, ReviewView, ReviewsOverdue,
        Sealing, Session,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

use crate::{
    harness::seeds,
    scene::Scene,
    support::{Client, ORIGIN},
};

/// Calls after which the portal is made anew, so that there is something left to call for.
const CALLS: u32 = 500;
/// Routes that write an event although they refuse: a failed sign-in is evidence, and so are a copied passkey and one bracelet too many
/// that nobody made.
const REFUSALS_ARE_EVENTS: [&str; 5] =
    [paths::SIGN_IN_FINISH, paths::INVITATION_FINISH, paths::REQUEST_PREPARE, paths::REQUESTS, paths::DECISION];

thread_local! {
    static BENCH: RefCell<Option<Bench>> = const { RefCell::new(None) };
}

/// Every answer is one that the browser reads, none is our fault, and what was refused left nothing behind.
pub(crate) fn call(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    BENCH.with_borrow_mut(|bench| {
        let ready = bench.take_if(|bench| bench.calls < CALLS).unwrap_or_else(Bench::start);
        let ready = bench.insert(ready);
        ready.judge(&text);
    });
}

struct Bench {
    scene: Scene,
    routes: Vec<Entry>,
    /// What stands for a name in braces.
    names: Vec<(String, String)>,
    calls: u32,
    runtime: Runtime,
}

impl Bench {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let scene = runtime.block_on(async {
            let mut scene = Scene::of(&[Role::ALL]).await;
            let member = &mut scene.people[0];
            let sealing: Sealing = member.post(paths::SEALINGS, &json!({ "record": null })).await.ok();
            let ceremony: Ceremony = member.post(paths::PASSKEY_START, &json!({})).await.ok();
            let unused = Reference::random().unwrap();
            let more = [
                ("ceremony", json!(ceremony.ceremony)),
                ("point", json!(sealing.authority_point)),
                ("unused", json!(unused.digest())),
            ];
            scene.names.extend(more.map(|(name, value)| (name, vec![value])));
            scene
        });
        let first = |(name, values): (&&str, &Vec<Value>)| (format!("{{{name}}}"), values[0].as_str().unwrap().to_owned());
        let names = scene.names.iter().map(first).collect();
        Self { routes: http::entries(&scene.portal.portal), scene, names, calls: 0, runtime }
    }

    /// The text with what is there in place of its names.
    fn filled(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn judge(&mut self, text: &str) {
        let Some(request) = parsed(&self.filled(text), &self.scene) else { return };
        self.calls += 1;
        let Self { runtime, scene: Scene { portal, people, .. }, routes, .. } = self;
        let member = &mut people[0];
        runtime.block_on(async {
            let route = route_of(&request, routes);
            let store = portal.portal.store();
            let before = store.audit_head().await.unwrap().unwrap();
            let response = portal.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            take_cookie(&parts.headers, member);
            if parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
                return;
            }
            let body = to_bytes(body, usize::MAX).await.unwrap();
            // In a clone whose pages are not built, their addresses say so, to a person and not to a page.
            if route == "/" && parts.status == StatusCode::SERVICE_UNAVAILABLE {
                return;
            }
            assert!(!parts.status.is_server_error(), "our fault: {text}");
            if !parts.status.is_success() {
                refused(parts.status, &parts.headers, &body);
                let after = store.audit_head().await.unwrap().unwrap();
                assert!(before == after || REFUSALS_ARE_EVENTS.contains(&route), "partly taken: {text}");
            } else if route == paths::OPENAPI {
                assert_eq!(parts.headers[header::CONTENT_TYPE], "application/json");
            } else if route.starts_with("/api/") {
                assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store");
                read(route, &parts.headers, &body);
            }
            // Who is not signed in any more begins again.
            let signed_out = [paths::SIGN_OUT, paths::SIGN_OUT_EVERYWHERE].contains(&route);
            if signed_out || member.cookie.is_none() || parts.status == StatusCode::UNAUTHORIZED {
                assert!(member.sign_in().await.status.is_success());
            }
        });
    }
}

/// A problem, in words and with a code.
fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) {
    // A file that the browser has already.
    if status == StatusCode::NOT_MODIFIED {
        return;
    }
    assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
    let problem: Problem = serde_json::from_slice(body).unwrap();
    assert_eq!(problem.status, status.as_u16());
    assert!(!problem.title.is_empty() && !problem.detail.is_empty() && !problem.request_id.is_empty());
    assert!(problem.kind.strip_prefix("urn:halligan:problem:").is_some_and(|code| json!(problem.code) == code));
}

/// What the page of a route reads; an empty answer where it reads nothing.
fn read(route: &str, headers: &HeaderMap, body: &[u8]) {
    fn is<T: DeserializeOwned>(body: &[u8]) -> bool {
        serde_json::from_slice::<T>(body).is_ok()
    }
    if body.is_empty() || headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind != "application/json") {
        return;
    }
    let readable = match route {
        paths::SESSION | paths::SIGN_IN_FINISH | paths::INVITATION_FINISH => is::<Session>(body),
        paths::SIGN_IN_START | paths::INVITATION_START | paths::PASSKEY_START => is::<Ceremony>(body),
        paths::INVITATION_VIEW => is::<InvitationView>(body),
        paths::INVITATIONS => is::<Invitation>(body) || is::<Vec<InvitationLine>>(body),
        paths::REENROLMENTS => is::<Vec<ReenrolmentLine>>(body),
        paths::REENROLMENT_PREPARE | paths::REENROLMENT_CONFIRMATION_PREPARE => is::<PreparedReenrolment>(body),
        paths::REENROLMENT_LINK => is::<Invitation>(body),
        paths::OWN_REENROLMENT => is::<Option<OwnReenrolment>>(body),
        paths::MEMBERS => is::<Vec<MemberLine>>(body),
        paths::PASSKEYS => is::<Vec<PasskeyLine>>(body),
        paths::NOTICES => is::<NoticeBoard>(body),
        paths::PUSH_DEVICES => is::<PushDevices>(body),
        paths::REQUEST_PREPARE => is::<PreparedRequest>(body),
        paths::REQUESTS => is::<Vec<RequestView>>(body) || is::<RequestView>(body),
        paths::REQUEST | paths::REQUEST_CANCEL | paths::OVERRIDE => is::<RequestView>(body),
        paths::OVERRIDE_PREPARE => is::<PreparedOverride>(body),
        paths::RELEASE => is::<Release>(body),
        paths::READINESS => is::<Readiness>(body),
        paths::DECISION_PREPARE => is::<PreparedDecision>(body),
        paths::BULK_PREPARE => is::<PreparedBulk>(body),
        paths::BULK => is::<BulkDecided>(body),
        paths::OWN_DRILL => is::<Option<OwnDrill>>(body),
        paths::DRILLS => is::<Vec<DrillLine>>(body) || is::<DrillLine>(body),
        paths::DRILL => is::<DrillReport>(body),
        paths::DRILL_MEMBERS => is::<DrillLine>(body),
        paths::DESK => is::<Desk>(body),
        paths::INCIDENTS => is::<IncidentFeed>(body),
        paths::INCIDENT => is::<IncidentTaken>(body),
        paths::LOCKDOWN => is::<LockdownBoard>(body),
        paths::LOCKDOWN_PREPARE | paths::LOCKDOWN_CONFIRMATION_PREPARE => is::<PreparedLockdown>(body),
        paths::SEALINGS => is::<Sealing>(body),
        paths::SEALING_COMMIT | paths::RECORD_BRACELET => is::<RecordLine>(body),
        paths::RECORDS => is::<Vec<RecordLine>>(body),
        paths::AUDIT => is::<AuditPage>(body),
        paths::REVIEWS => is::<ReviewList>(body),
        paths::REVIEWS_OVERDUE => is::<ReviewsOverdue>(body),
        paths::REVIEW => is::<ReviewView>(body),
        paths::REVIEW_FINDING_PREPARE => is::<PreparedReview>(body),
        paths::DOCTOR => is::<Checks>(body),
        // A route that answers more than this says has a line here.
        _ => false,
    };
    assert!(readable, "{route}: {}", String::from_utf8_lossy(body));
}

/// The pattern that a path was made of, and `/` for a page.
fn route_of(request: &Request<Body>, routes: &[Entry]) -> &'static str {
    let path: Vec<_> = request.uri().path().split('/').collect();
    let fits = |route: &&Entry| {
        let parts: Vec<_> = route.path.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, given)| part == given || part.starts_with('{'))
    };
    let fitting = routes.iter().filter(fits);
    fitting.min_by_key(|route| route.path.matches('{').count()).map_or("/", |route| route.path)
}

fn take_cookie(headers: &HeaderMap, member: &mut Client) {
    for value in headers.get_all(header::SET_COOKIE) {
        let pair = value.to_str().unwrap().split(';').next().unwrap().to_owned();
        // The other one says that somebody signed in with this browser before, and signs in nobody.
        if pair.starts_with("halligan=") {
            member.cookie = Some(pair).filter(|pair| !pair.ends_with('='));
        }
    }
}

/// The request that a text is, as far as it is one; with the member's session and origin unless it says otherwise.
fn parsed(text: &str, Scene { portal, people, .. }: &Scene) -> Option<Request<Body>> {
    let (head, body) = text.split_once("\n\n")?;
    let mut lines = head.lines();
    let (method, target) = lines.next()?.split_once(' ')?;
    let mut request = Request::builder().method(method).uri(target.parse::<Uri>().ok()?);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request = request.header(name, value.trim());
    }
    let mut request = request.body(Body::from(body.to_owned())).ok()?;
    if request.uri().path().starts_with(paths::INCIDENTS) {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let signed = portal.cad().signed(method, &path, body.as_bytes().to_vec(), portal.now()).headers;
        for (name, value) in &signed {
            request.headers_mut().entry(name).or_insert(value.clone());
        }
    }
    let usual = [
        (header::ORIGIN, ORIGIN.to_owned()),
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::COOKIE, people[0].cookie.clone().unwrap_or_default()),
    ];
    for (name, value) in usual {
        request.headers_mut().entry(name).or_insert(value.parse().ok()?);
    }
    Some(request)
}

/// A route that no seed calls may not be tried at all.
#[test]
fn every_route_has_an_input() {
    let bench = Bench::start();
    let called: Vec<_> = seeds("routes")
        .iter()
        .filter_map(|input| parsed(&bench.filled(&String::from_utf8_lossy(input)), &bench.scene))
        .map(|request| (request.method().clone(), route_of(&request, &bench.routes)))
        .collect();
    for Entry { method, path, .. } in &bench.routes {
        assert!(called.contains(&(method.clone(), path)), "no seed calls {method} {path}");
    }
}
