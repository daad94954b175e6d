//! Somebody speaks in the place of computer-aided dispatch (CAD), or says once more what it said.

use axum::http::{Method, StatusCode};
use halligan_shared::{
    member::Role,
    paths,
    wire::{self, ProblemCode},
};
use time::Duration;

use crate::support::{Cad, Call, TestPortal};

/// Nothing is known of any incident, and nobody was heard.
async fn is_untold(portal: &TestPortal) -> bool {
    portal.count("select count(*) from incident").await == 0
        && portal.count("select count(*) from incident_feed where heard_at is not null").await == 0
}

#[tokio::test]
async fn nobody_without_the_key_tells_anything() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let document = Cad::document("Active", &["M12"], now);
    for key in [[0; 32], [255; 32]] {
        let forger = cad.with_key(key);
        let answer = forger.send(forger.telling("7", &document, now)).await;
        assert_eq!((answer.status, answer.refusal().code), (StatusCode::UNAUTHORIZED, ProblemCode::NotSigned));
        assert_eq!(forger.heartbeat(now).await.status, StatusCode::UNAUTHORIZED);
    }
    for header in ["signature", "signature-input", "content-digest"] {
        let mut call = cad.telling("7", &document, now);
        call.headers.remove(header);
        assert_eq!(cad.send(call).await.status, StatusCode::UNAUTHORIZED, "without {header}");
        let mut call = cad.telling("7", &document, now);
        let line = call.headers[header].clone();
        call.headers.append(header, line);
        assert_eq!(cad.send(call).await.status, StatusCode::UNAUTHORIZED, "{header} twice");
    }
    // Nor does a session, whatever its role.
    let mut everybody = portal.member("ALL-1", &Role::ALL).await;
    let answer = everybody.raw(Method::PUT, "/api/v1/incidents/7", document).await;
    assert_eq!(answer.refusal().code, ProblemCode::NotSigned);
    assert!(is_untold(&portal).await);
}

#[tokio::test]
async fn what_was_signed_counts_as_it_was_signed_and_in_no_other_way() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let good = cad.telling("7", &Cad::document("Active", &["M12"], now), now);
    let other = cad.telling("7", &Cad::document("Active", &["M13"], now), now);
    let changed = |change: &dyn Fn(&mut Call)| {
        let mut call = good.clone();
        change(&mut call);
        call
    };
    for (what, call) in [
        ("another body", changed(&|call| call.body.clone_from(&other.body))),
        (
            "another body with its digest",
            changed(&|call| {
                call.body.clone_from(&other.body);
                call.headers.insert("content-digest", other.headers["content-digest"].clone());
            }),
        ),
        ("a body and nothing", changed(&|call| call.body.push(b' '))),
        ("another incident", changed(&|call| call.path = "/api/v1/incidents/8".into())),
        ("another spelling of the same one", changed(&|call| call.path = "/api/v1/incidents/%37".into())),
        ("a query", changed(&|call| call.path += "?status=open")),
        ("a sign of life made of it", changed(&|call| (call.method, call.path) = (Method::POST, paths::INCIDENT_HEARTBEAT.into()))),
        (
            "another time",
            changed(&|call| {
                let input = call.headers["signature-input"].to_str().unwrap().replace("created=1", "created=2");
                call.set("signature-input", &input);
            }),
        ),
        (
            "less that is signed",
            changed(&|call| {
                let input = call.headers["signature-input"].to_str().unwrap().replace(" \"@path\"", "");
                call.set("signature-input", &input);
            }),
        ),
        (
            "a signature for anything else",
            changed(&|call| {
                let input = call.headers["signature-input"].to_str().unwrap().replace("halligan/v1/cad", "halligan/v1/other");
                call.set("signature-input", &input);
            }),
        ),
    ] {
        let answer = cad.send(call).await;
        assert_eq!(answer.refusal().code, ProblemCode::NotSigned, "{what}");
    }
    // The route is not there for another method, whoever signed it.
    let deleted = cad.signed(Method::DELETE, &good.path, good.body.clone(), now);
    assert_eq!(cad.send(deleted).await.refusal().code, ProblemCode::WrongMethod);
    assert!(is_untold(&portal).await);
    assert!(cad.send(good).await.ok::<wire::IncidentTaken>().taken);
}

#[tokio::test]
async fn a_signature_counts_for_a_minute() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let document = Cad::document("Active", &["M12"], now);
    for seconds in [-61, 61, 3_600, -86_400] {
        let answer = cad.send(cad.telling("7", &document, now + Duration::seconds(seconds))).await;
        assert_eq!(answer.refusal().code, ProblemCode::NotSigned, "{seconds}");
        assert_eq!(cad.heartbeat(now + Duration::seconds(seconds)).await.status, StatusCode::UNAUTHORIZED);
    }
    assert!(is_untold(&portal).await);
    for seconds in [-60, 60] {
        assert!(cad.heartbeat(now + Duration::seconds(seconds)).await.status.is_success());
    }
}

#[tokio::test]
async fn a_repetition_opens_nothing_again() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let opening = cad.telling("7", &Cad::document("Active", &["M12"], now), now);
    assert!(cad.send(opening.clone()).await.ok::<wire::IncidentTaken>().incident.is_open);
    portal.pass(30_000);
    let closing = cad.telling("7", &Cad::document("Closed", &[], portal.now()), portal.now());
    assert!(!cad.send(closing.clone()).await.ok::<wire::IncidentTaken>().incident.is_open);

    let again: wire::IncidentTaken = cad.send(opening.clone()).await.ok();
    assert!(!again.taken && !again.incident.is_open && again.incident.units.is_empty());
    let incident = portal.portal.store().incident("7", portal.now()).await.unwrap();
    assert!(incident.is_some_and(|incident| !incident.is_open));

    // Opened again by CAD itself, it is not closed by what closed it before.
    portal.pass(10_000);
    cad.tell("7", "Active", &["M14"], portal.now()).await;
    assert!(cad.send(closing).await.ok::<wire::IncidentTaken>().incident.is_open);
    portal.pass(50_000);
    assert_eq!(cad.send(opening).await.refusal().code, ProblemCode::NotSigned, "nor is it heard at all after a minute");
}

#[tokio::test]
async fn a_repetition_keeps_no_silent_feed_alive() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let told = cad.telling("7", &Cad::document("Active", &["M12"], now), now);
    let heartbeat = cad.signed(Method::POST, paths::INCIDENT_HEARTBEAT, b"{}".to_vec(), now);
    assert!(cad.send(told.clone()).await.status.is_success() && cad.send(heartbeat.clone()).await.status.is_success());
    portal.pass(59_000);
    for call in [told, heartbeat] {
        assert!(cad.send(call).await.status.is_success());
        let incident = portal.portal.store().incident("7", portal.now()).await.unwrap().unwrap();
        assert_eq!(incident.heard_ago, Duration::seconds(59), "heard when it was signed, not when it came again");
    }
    // Nor does one that says that it was signed in a while.
    assert!(cad.heartbeat(portal.now() + Duration::minutes(1)).await.status.is_success());
    portal.pass(20_000);
    let incident = portal.portal.store().incident("7", portal.now()).await.unwrap().unwrap();
    assert_eq!(incident.heard_ago, Duration::seconds(20));
}

#[tokio::test]
async fn a_stranger_at_its_address_keeps_cad_from_nothing() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let forger = cad.with_key([0; 32]);
    let mut last = StatusCode::OK;
    for _ in 0..4_000 {
        last = forger.heartbeat(now).await.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert!(cad.heartbeat(now).await.status.is_success());
    // CAD itself may come often, and not without end.
    let document = Cad::document("Active", &[], now);
    let mut answer = cad.heartbeat(now).await;
    for number in 0..1_001 {
        answer = cad.send(cad.telling(&format!("N-{number}"), &document, now)).await;
    }
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    portal.pass(1_000 * answer.retry_after().unwrap());
    assert!(cad.heartbeat(portal.now()).await.status.is_success());
}

#[tokio::test]
async fn a_call_that_is_sent_again_uses_up_nothing_of_cads() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let read_on_its_way = cad.signed(Method::POST, paths::INCIDENT_HEARTBEAT, b"{}".to_vec(), now);
    assert!(cad.send(read_on_its_way.clone()).await.status.is_success());
    let other_body = Call { body: b"[]".to_vec(), ..read_on_its_way.clone() };
    let mut last = StatusCode::OK;
    for _ in 0..2_100 {
        cad.send(other_body.clone()).await;
        last = cad.send(read_on_its_way.clone()).await.status;
        if last == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS, "whoever sends it is a stranger");
    assert!(cad.tell("2026-7", "Closed", &[], now).await.taken);
}
