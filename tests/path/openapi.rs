//! The API's description of itself. That answers are what it says is checked wherever a test makes a call
//! (`support/contract.rs`).

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use futures_util::StreamExt as _;
use halligan_backend::http::{Access, entries};
use halligan_shared::{member::Role, paths, wire};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Answer, Contract, TestPortal};

/// Every method that a client library sends.
const METHODS: [Method; 7] =
    [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE];

async fn document() -> &'static Value {
    &Contract::of_portal().await.document
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, operations)| {
        operations.as_object().unwrap().iter().map(|(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

#[tokio::test]
async fn the_document_is_openapi() {
    // The schema that the OpenAPI Initiative publishes for documents of 3.1: https://spec.openapis.org/oas/3.1/schema/2022-10-07
    let rules: Value = serde_json::from_str(include_str!("../vectors/openapi-3.1.json")).unwrap();
    let contract = Contract::of_portal().await;
    let faults: Vec<_> = jsonschema::validator_for(&rules)
        .unwrap()
        .iter_errors(&contract.document)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{faults:#?}");
    // The rules say nothing of what stands inside a schema, and nothing of where references lead.
    for schema in contract.document["components"]["schemas"].as_object().unwrap().values() {
        contract.validator(schema);
    }
    walk(&contract.document, &mut |value| {
        contract.resolve(value);
    });
}

fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    visit(value);
    match value {
        Value::Array(values) => values.iter().for_each(|value| walk(value, visit)),
        Value::Object(values) => values.values().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

#[tokio::test]
async fn the_document_is_the_same_at_every_start() {
    let (one, other) = (TestPortal::start().await, TestPortal::start().await);
    let first = one.stranger().get(paths::OPENAPI).await;
    assert_eq!(first.body, other.stranger().get(paths::OPENAPI).await.body);
    assert_eq!(first.headers[header::CACHE_CONTROL], "private, max-age=300");
}

#[tokio::test]
async fn every_route_is_described_and_nothing_else() {
    let portal = TestPortal::start().await;
    let routes: BTreeSet<_> =
        entries(&portal.portal).into_iter().map(|entry| (entry.method.as_str().to_ascii_lowercase(), entry.path)).collect();
    let document = document().await;
    let described: BTreeSet<_> = operations(document).map(|(method, path, _)| (method.to_owned(), path)).collect();
    assert_eq!(routes, described);
    let ids: BTreeSet<_> = operations(document).map(|(.., operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), described.len(), "an operation's name is its own");
}

#[tokio::test]
async fn every_route_says_how_it_refuses() {
    let portal = TestPortal::start().await;
    let document = document().await;
    for entry in entries(&portal.portal) {
        let (method, path) = (entry.method.as_str().to_ascii_lowercase(), entry.path);
        let operation = &document["paths"][path][&method];
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path} is on no list of what it is for");
        let mut refusals = vec!["200", "403", "408", "429", "500"];
        if entry.access != Access::Public {
            refusals.push("401");
        }
        if !operation["requestBody"].is_null() {
            refusals.push("413");
        }
        if !operation["requestBody"]["content"]["application/json"].is_null() {
            refusals.push("400");
        }
        let in_path = |parameter: &&Value| parameter["in"] == "path";
        let parameters: Vec<_> = operation["parameters"].as_array().unwrap().iter().filter(in_path).collect();
        assert_eq!(parameters.len(), path.matches('{').count(), "{method} {path}");
        if !parameters.is_empty() {
            refusals.push("404");
        }
        let missing: Vec<_> = refusals.into_iter().filter(|status| operation["responses"][status].is_null()).collect();
        assert!(missing.is_empty(), "{method} {path} says nothing of {missing:?}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_which_are_right() {
    let portal = TestPortal::start().await;
    let mut stranger = portal.stranger();
    let document = document().await;
    for (path, operations) in document["paths"].as_object().unwrap() {
        let known: BTreeSet<_> = operations.as_object().unwrap().keys().map(|method| method.to_ascii_uppercase()).collect();
        for method in METHODS.iter().filter(|method| !known.contains(method.as_str())) {
            let answer = stranger.call(method.clone(), path, None, "").await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_eq!(answer.refusal().code, wire::ProblemCode::WrongMethod);
            let allowed = answer.headers[header::ALLOW].to_str().unwrap();
            let allowed: BTreeSet<_> = allowed.split(',').filter(|method| *method != "HEAD").map(ToOwned::to_owned).collect();
            assert_eq!(allowed, known, "{path}");
        }
    }
}

#[tokio::test]
async fn what_changes_nothing_is_told_so_wherever_it_comes_from() {
    let portal = TestPortal::start().await;
    for method in [Method::OPTIONS, Method::TRACE] {
        let request = Request::builder().method(method).uri(paths::HEALTH).body(Body::empty()).unwrap();
        let answer = portal.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}

#[tokio::test]
async fn what_does_not_exist_is_refused_in_the_portals_own_form() {
    let portal = TestPortal::start().await;
    let mut stranger = portal.stranger();
    for path in ["/api", "/api/", "/api/v1", "/api/v1/nothing", "/api/v1/health/", "/api/v1/requests/%ff", "/api/v2/health"] {
        for method in METHODS {
            let answer: Answer = stranger.call(method.clone(), path, None, "").await;
            // The page's own router knows no POST.
            let codes = [wire::ProblemCode::NotFound, wire::ProblemCode::NotSignedIn, wire::ProblemCode::WrongMethod];
            assert!(codes.contains(&answer.refusal().code), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn any_place_in_the_log_can_be_asked_for() {
    let portal = TestPortal::start().await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    for before in [u64::MAX, u64::MAX / 2 + 1, u64::MAX / 2] {
        let page: wire::AuditPage = auditor.get(&format!("{}?before={before}", paths::AUDIT)).await.ok();
        assert!(!page.events.is_empty(), "{before}");
    }
}

#[tokio::test]
async fn events_carry_what_the_document_says() {
    let portal = TestPortal::start().await;
    let mut person = portal.member("ALL-1", &[Role::Responder, Role::Dispatcher, Role::Admin]).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = person.ask(&reference).await.id;
    let contract = Contract::of_portal().await;
    let streams = contract.streams();
    let known = [paths::DESK_EVENTS, paths::LOCKDOWN_EVENTS, paths::NOTICE_EVENTS, paths::UNREAD_EVENTS, paths::REQUEST_EVENTS];
    assert_eq!(streams.iter().copied().collect::<BTreeSet<_>>(), BTreeSet::from(known));
    for pattern in streams {
        let path = if pattern == paths::REQUEST_EVENTS { paths::request_events_of(request) } else { pattern.to_owned() };
        let stream = person.listen(&path).await;
        assert_eq!(stream.headers()[header::CONTENT_TYPE], "text/event-stream");
        let event = stream.into_body().into_data_stream().next().await.unwrap().unwrap();
        let text = std::str::from_utf8(&event).unwrap();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap();
        let schema = &contract.document["paths"][pattern]["get"]["responses"]["200"]["content"]["text/event-stream"]["schema"];
        contract.fits(schema, &json!({ "event": field("event"), "data": field("data") }), pattern);
        let picture = serde_json::from_str(field("data")).unwrap();
        contract.fits(&schema["properties"]["data"]["contentSchema"], &picture, pattern);
    }
}

#[tokio::test]
async fn operators_are_told_of_every_stream() {
    let told = include_str!("../../docs/OPERATING.md");
    let sentence = told.split_once("must not buffer the answers of").unwrap().1.split_once("(server-sent events)").unwrap().0;
    let named: BTreeSet<_> = sentence.split('`').skip(1).step_by(2).collect();
    // The document of the operators has dots where an id stands.
    let streams = Contract::of_portal().await.streams();
    let streams: BTreeSet<_> = streams.iter().map(|path| path.replace("{request}", "…")).collect();
    assert_eq!(named, streams.iter().map(String::as_str).collect());
}

#[tokio::test]
async fn schemas_are_as_narrow_as_what_is_read() {
    let contract = Contract::of_portal().await;
    let fits =
        |schema: &str, value: Value| contract.validator(&contract.document["components"]["schemas"][schema]).is_valid(&value);
    let point = "AxtC8N0xPpqGLfb5uw8Ax4JvM3XwK7J6sTzzvS8sQm6p";
    for (schema, good, bad) in [
        ("RecordId", "00112233445566778899aabbccddeeff", "00112233445566778899AABBCCDDEEFF"),
        ("RequestId", "0193a5f0-0000-7000-8000-000000000000", "0193a5f0"),
        ("AgencyId", "EMS-4711", "E"),
        ("DisplayName", "Anna Drillmann", "Anna\u{7}"),
        ("DisplayName", "A", "   "),
        ("Point", point, &point.replacen("Ax", "Bx", 1)),
        ("Bytes32", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB"),
        ("Role", "responder", "root"),
    ] {
        assert!(fits(schema, json!(good)), "{schema}: {good}");
        assert!(!fits(schema, json!(bad)), "{schema}: {bad}");
    }
    let draft = json!({ "severity": "urgent", "reason": "other", "incident": "1", "text": "" });
    assert!(fits("Draft", draft.clone()));
    for (field, value) in [("incident", json!("<b>")), ("incident", json!("")), ("severity", json!("x")), ("more", json!(1))] {
        let mut draft = draft.clone();
        draft[field] = value;
        assert!(!fits("Draft", draft), "{field}");
    }
}
