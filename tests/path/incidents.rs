//! The feed of incidents, as computer-aided dispatch (CAD) sends it: in order and out of order.

use axum::http::{Method, StatusCode};
use futures_util::future::join_all;
use halligan_backend::{domain::door, services::ChainState, store::AuditFilter};
use halligan_shared::{member::Role, paths, wire, wire::ProblemCode};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::support::{Cad, Set, TestPortal};

/// Kinds and facts of the events about incidents, oldest first.
async fn told(portal: &TestPortal) -> Vec<(String, Value)> {
    let filter = AuditFilter { kind: Some("incident.".into()), limit: 200, ..AuditFilter::default() };
    let events = portal.portal.audit(filter).await.unwrap().events;
    assert!(events.iter().all(|event| event.actor.is_none()));
    events.into_iter().rev().map(|event| (event.kind, event.facts)).collect()
}

async fn kinds(portal: &TestPortal) -> Vec<String> {
    told(portal).await.into_iter().map(|(kind, _)| kind).collect()
}

/// What the door `policy` is told.
async fn at_the_door(portal: &TestPortal, number: &str) -> Option<door::Incident> {
    let now = portal.now();
    portal.portal.store().incident(number, now).await.unwrap()
}

fn units(incident: &wire::IncidentView) -> Vec<&str> {
    incident.units.iter().map(halligan_shared::assignment::CallSign::as_str).collect()
}

#[tokio::test]
async fn an_incident_opens_changes_closes_and_may_open_again() {
    let portal = TestPortal::start().await;
    let cad = portal.cad();
    assert_eq!(at_the_door(&portal, "2026-7").await, None);

    let opened = cad.tell("2026-7", "Active", &["m12", "E4"], portal.now()).await;
    assert!(opened.taken && opened.incident.is_open);
    assert_eq!((opened.incident.number.as_str(), units(&opened.incident)), ("2026-7", vec!["E4", "M12"]));
    let door = at_the_door(&portal, " 2026-7 ").await.unwrap();
    assert!(door.is_open && door.units.len() == 2);
    assert_eq!(door.heard_ago, Duration::ZERO);

    portal.pass(1_000);
    assert!(cad.tell("2026-7", "Dispatched", &["E4", "M12"], portal.now()).await.taken, "the same units: nothing for the log");
    portal.pass(1_000);
    assert_eq!(units(&cad.tell("2026-7", "Active", &["M12"], portal.now()).await.incident), ["M12"]);
    portal.pass(1_000);
    let closed_at = portal.now();
    assert!(!cad.tell("2026-7", "Closed", &["M12"], closed_at).await.incident.is_open);
    assert!(!at_the_door(&portal, "2026-7").await.unwrap().is_open);
    portal.pass(1_000);
    assert!(cad.tell("2026-7", "Closed", &[], portal.now()).await.taken, "closed once more: nothing for the log");
    portal.pass(1_000);
    assert!(cad.tell("2026-7", "Active", &["M14"], portal.now()).await.incident.is_open);

    let events = told(&portal).await;
    let kinds: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["incident.opened", "incident.changed", "incident.closed", "incident.opened"]);
    let told_at = closed_at.format(&time::format_description::well_known::Rfc3339).unwrap();
    let facts = json!({ "incident": "2026-7", "statuses": ["Closed"], "units": ["M12"], "updated_at": told_at });
    assert_eq!(events[2].1, facts);
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));
}

#[tokio::test]
async fn a_status_with_what_is_not_seen_is_the_status_and_one_that_is_kept_from_before_is_read() {
    let portal = TestPortal::start().await;
    let cad = portal.cad();
    assert!(cad.tell("2026-7", "Acti\u{ad}ve", &["M12"], portal.now()).await.incident.is_open);
    // As a former version kept it.
    assert_eq!(portal.tamper(r#"update incident set statuses = '["Active\u200b \u202edetsissa"]'"#).await, 1);
    let feed: wire::IncidentFeed = portal.member("DSP-1", &[Role::Dispatcher]).await.get(paths::INCIDENTS).await.ok();
    assert_eq!(feed.open[0].statuses[0].as_str(), "Active detsissa");
    portal.pass(1_000);
    let closed = cad.tell("2026-7", "Closed\u{200b}", &["M12"], portal.now()).await.incident;
    assert_eq!((closed.is_open, closed.statuses[0].as_str()), (false, "Closed"));
    assert!(!at_the_door(&portal, "2026-7").await.unwrap().is_open);
    // Nothing at all is none.
    for nothing in ["\u{200b}", "Closed\u{7}"] {
        let document = Cad::document(nothing, &["M12"], portal.now());
        assert_eq!(cad.send(cad.telling("2026-7", &document, portal.now())).await.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn what_comes_late_changes_nothing_and_is_answered_by_what_is_held() {
    let portal = TestPortal::start().await;
    let (cad, before) = (portal.cad(), portal.now());
    portal.pass(5_000);
    cad.tell("7", "Closed", &["M12"], portal.now()).await;
    let late = cad.send(cad.telling("7", &Cad::document("Active", &["M14"], before), portal.now())).await;
    let late: wire::IncidentTaken = late.ok();
    assert!(!late.taken && !late.incident.is_open && units(&late.incident) == ["M12"]);
    assert!(kinds(&portal).await.is_empty(), "what is first heard of when it is over never was open here");

    // Of one instant only a closing counts, whichever comes first.
    let instant = portal.now();
    cad.tell("8", "Active", &["M12"], instant).await;
    assert!(!cad.tell("8", "Active", &["M14"], instant).await.taken);
    assert!(cad.tell("8", "Active", &["M12"], instant).await.taken, "the very same is what is held");
    assert!(cad.tell("8", "Closed", &["M12"], instant).await.taken);
    assert!(!cad.tell("8", "Active", &["M12"], instant).await.taken);
    assert!(!at_the_door(&portal, "8").await.unwrap().is_open);
    // A millisecond is later.
    assert!(cad.tell("8", "Active", &["M12"], instant + Duration::MILLISECOND).await.incident.is_open);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_hundred_words_at_once_the_last_one_counts() {
    let portal = TestPortal::start().await;
    let (cad, start) = (portal.cad(), portal.now());
    portal.pass(1_000);
    let now = portal.now();
    let tell = |place: i64| {
        let cad = cad.clone();
        // Every one once, in no order.
        let turn = place * 73 % 200;
        let document = Cad::document("Active", &[&format!("U{turn}")], start + Duration::milliseconds(turn));
        tokio::spawn(async move { cad.send(cad.telling("7", &document, now)).await.ok::<wire::IncidentTaken>() })
    };
    for answer in join_all((0..200).map(tell)).await {
        assert!(answer.unwrap().incident.is_open);
    }
    assert_eq!(at_the_door(&portal, "7").await.unwrap().units, ["U199".parse().unwrap()]);
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));
    let events = kinds(&portal).await;
    assert_eq!(events.iter().filter(|kind| *kind == "incident.opened").count(), 1);
}

#[tokio::test]
async fn a_number_is_the_same_in_an_address_and_in_a_request() {
    let portal = TestPortal::start().await;
    let cad = portal.cad();
    for (address, named) in [
        ("2026%2F11-24", "2026/11-24"),
        ("inc-7", "INC-7"),
        ("INC%2d8", " inc-8 "),
        ("a%20b", "A b"),
        ("%3A%2F%3D%2B@_.", ":/=+@_."),
        ("a+b", "a+b"),
    ] {
        assert!(cad.tell(address, "Active", &["M12"], portal.now()).await.taken, "{address}");
        assert!(at_the_door(&portal, named).await.is_some_and(|incident| incident.is_open), "{named}");
    }
    let now = portal.now();
    let tell = async |address: &str| cad.send(cad.telling(address, &Cad::document("Active", &[], now), now)).await.refusal();
    for address in ["%3Cb%3E", "%20", "a%00", "%C3%A9", &"9".repeat(65)] {
        assert_eq!(tell(address).await.code, ProblemCode::Invalid, "{address}");
    }
    for address in ["%FF", "", "a/b"] {
        assert_eq!(tell(address).await.code, ProblemCode::NotFound, "{address}");
    }
    assert!(at_the_door(&portal, "<b>").await.is_none());
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_a_sentence_and_nothing_is_kept() {
    let portal = TestPortal::start().await;
    let (cad, now) = (portal.cad(), portal.now());
    let good = Cad::document("Active", &["M12"], now);
    let with = |pointer: &str, value: Value| {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = value;
        document
    };
    let at = |at: OffsetDateTime| Cad::document("Active", &["M12"], at)["lastUpdateTimeStamp"].clone();
    let mut other = good.clone();
    other["incidentComponent"]["internalIncidentId"] = json!("8");
    for (document, code) in [
        (other, ProblemCode::Invalid),
        (with("/lastUpdateTimeStamp", json!("yesterday")), ProblemCode::Invalid),
        (with("/lastUpdateTimeStamp", json!("9999-12-31T23:59:59-23:59")), ProblemCode::Invalid),
        (with("/lastUpdateTimeStamp", at(now + Duration::milliseconds(60_001))), ProblemCode::Invalid),
        (with("/incidentComponent/incidentStatusCommonRegistryText", json!("Active")), ProblemCode::Malformed),
        (with("/incidentComponent/incidentStatusCommonRegistryText", Value::from(vec!["a"; 9])), ProblemCode::Malformed),
        (with("/emergencyResourceComponent", json!([{}])), ProblemCode::Malformed),
        (json!([]), ProblemCode::Malformed),
        (with("/$id", json!("9".repeat(64 << 10))), ProblemCode::TooLarge),
    ] {
        let refusal = cad.send(cad.telling("7", &document, now)).await.refusal();
        assert_eq!(refusal.code, code, "{}", refusal.detail);
    }
    let missing = cad.send(cad.telling("7", &json!({ "incidentComponent": good["incidentComponent"] }), now)).await.refusal();
    assert!(missing.detail.contains("lastUpdateTimeStamp"), "whoever sets CAD up is told what is missing: {}", missing.detail);
    assert_eq!(at_the_door(&portal, "7").await, None);
    assert_eq!(portal.count("select count(*) from incident_feed where heard_at is null").await, 1);

    let mut named = with("/lastUpdateTimeStamp", at(now + Duration::seconds(60)));
    named["incidentComponent"]["internalIncidentId"] = json!(" inc-7 ");
    assert!(cad.send(cad.telling("INC-7", &named, now)).await.ok::<wire::IncidentTaken>().taken);
}

#[tokio::test]
async fn a_feed_is_heard_by_its_signs_of_life_and_by_what_changes_nothing() {
    let portal = TestPortal::start().await;
    let (cad, mut desk) = (portal.cad(), portal.member("DSP-1", &[Role::Dispatcher]).await);
    let feed: wire::IncidentFeed = desk.get(paths::INCIDENTS).await.ok();
    assert_eq!((feed.is_on, feed.heard_ago, feed.open.len()), (true, None, 0));
    cad.tell("7", "Active", &["M12"], portal.now()).await;
    let first = portal.now();

    portal.pass(90_500);
    assert_eq!(at_the_door(&portal, "7").await.unwrap().heard_ago, Duration::milliseconds(90_500));
    assert!(cad.heartbeat(portal.now()).await.status.is_success());
    // A signature tells the time in whole seconds.
    assert_eq!(at_the_door(&portal, "7").await.unwrap().heard_ago, Duration::milliseconds(500));

    portal.pass(60_000);
    let late = cad.send(cad.telling("7", &Cad::document("Active", &["M12"], first), portal.now())).await;
    assert!(late.ok::<wire::IncidentTaken>().taken);
    assert_eq!(at_the_door(&portal, "7").await.unwrap().heard_ago, Duration::milliseconds(500));

    let feed: wire::IncidentFeed = desk.get(paths::INCIDENTS).await.ok();
    assert_eq!((feed.heard_ago, feed.open.len()), (Some(0.5), 1));
    assert_eq!(kinds(&portal).await, ["incident.opened"]);
}

#[tokio::test]
async fn a_clock_that_is_put_back_makes_no_silent_feed_look_alive() {
    let portal = TestPortal::start().await;
    let cad = portal.cad();
    cad.tell("7", "Active", &["M12"], portal.now()).await;
    portal.set_ahead(-3_600_000);
    assert_eq!(at_the_door(&portal, "7").await.unwrap().heard_ago, Duration::hours(1));
    assert!(cad.heartbeat(portal.now()).await.status.is_success());
    assert_eq!(at_the_door(&portal, "7").await.unwrap().heard_ago, Duration::ZERO, "and it is heard again as soon as it speaks");
}

#[tokio::test]
async fn dispatchers_see_what_goes_on_the_last_changed_first_and_pages_are_woken() {
    let mut portal = TestPortal::start().await;
    let (cad, mut desk) = (portal.cad(), portal.member("DSP-1", &[Role::Dispatcher]).await);
    let mut changes = portal.portal.changes();
    for number in ["1", "2", "3"] {
        portal.pass(1_000);
        changes.mark_unchanged();
        cad.tell(number, "Active", &["M12"], portal.now()).await;
        assert!(changes.has_changed().unwrap(), "{number}");
    }
    portal.pass(1_000);
    cad.tell("2", "Closed", &[], portal.now()).await;
    portal.pass(1_000);
    cad.tell("1", "Active", &["M14"], portal.now()).await;
    portal.restart().await;
    let feed: wire::IncidentFeed = desk.get(paths::INCIDENTS).await.ok();
    assert_eq!(feed.open.iter().map(|incident| incident.number.as_str()).collect::<Vec<_>>(), ["1", "3"]);
}

#[tokio::test]
async fn a_closed_incident_is_kept_for_a_day_and_no_late_word_opens_it_after() {
    let portal = TestPortal::start().await;
    let (cad, open) = (portal.cad(), portal.now());
    cad.tell("7", "Active", &["M12"], open).await;
    portal.pass(1);
    cad.tell("7", "Closed", &["M12"], portal.now()).await;
    portal.pass(24 * 3_600_000 - 1);
    portal.portal.sweep().await.unwrap();
    assert!(at_the_door(&portal, "7").await.is_some_and(|incident| !incident.is_open));
    // Told of once more in the last moment, it is forgotten all the same.
    cad.tell("7", "Closed", &[], portal.now()).await;
    portal.pass(1);
    portal.portal.sweep().await.unwrap();
    assert_eq!(at_the_door(&portal, "7").await, None);

    let late = cad.send(cad.telling("7", &Cad::document("Active", &["M12"], open), portal.now())).await;
    assert_eq!(late.refusal().code, ProblemCode::Invalid);
    assert_eq!(at_the_door(&portal, "7").await, None);
    assert!(
        cad.tell("7", "Active", &["M12"], portal.now()).await.incident.is_open,
        "one that goes on again is told with the time of now"
    );
    assert_eq!(kinds(&portal).await, ["incident.opened", "incident.closed", "incident.opened"]);
}

#[tokio::test]
async fn without_a_key_nothing_is_taken() {
    let portal = TestPortal::start_with(Set { deaf: true, ..Set::default() }).await;
    let (cad, now) = (portal.cad(), portal.now());
    let told = cad.send(cad.telling("7", &Cad::document("Active", &["M12"], now), now)).await;
    assert_eq!((told.status, told.refusal().code), (StatusCode::NOT_FOUND, ProblemCode::NotFound));
    assert!(told.refusal().detail.contains("HALLIGAN_CAD_KEY"));
    assert_eq!(cad.heartbeat(now).await.status, StatusCode::NOT_FOUND);
    assert_eq!(at_the_door(&portal, "7").await, None);
    let mut desk = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert!(!desk.get(paths::INCIDENTS).await.ok::<wire::IncidentFeed>().is_on);
}

#[tokio::test]
async fn no_incident_is_called_like_the_sign_of_life() {
    let portal = TestPortal::start().await;
    let now = portal.now();
    let cad = portal.cad();
    let told = cad.send(cad.telling("heartbeat", &Cad::document("Active", &[], now), now)).await;
    assert_eq!(told.refusal().code, ProblemCode::WrongMethod);
    let more = cad.signed(Method::POST, paths::INCIDENT_HEARTBEAT, br#"{"more":1}"#.to_vec(), now);
    assert_eq!(cad.send(more).await.refusal().code, ProblemCode::Malformed);
}
