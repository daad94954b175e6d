//! One signature over several requests of an incident, and the sign that somebody else is about to decide.

use std::{collections::HashSet, time::Duration};

use axum::{body::BodyDataStream, http::Method};
use futures_util::StreamExt as _;
use halligan_backend::store::AuditFilter;
use halligan_shared::{
    door::Door,
    id::RequestId,
    justification::Draft,
    member::Role,
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{BulkDecided, DecideBody, Desk, PreparedBulk, PreparedDecision, ProblemCode, RequestState},
};
use serde_json::{Value, json};

use super::doors::two_apart;
use crate::support::{Answer, Client, Device, Set, TestPortal, pressing};

/// A bus: three patients, three responders, one incident.
struct Bus {
    portal: TestPortal,
    responders: Vec<Client>,
    references: Vec<Reference>,
    requests: Vec<RequestId>,
}

impl Bus {
    async fn start() -> Self {
        Self::start_with(Set::default()).await
    }

    async fn start_with(set: Set) -> Self {
        let portal = TestPortal::start_with(set).await;
        let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
        let mut bus = Self { portal, responders: Vec::new(), references: Vec::new(), requests: Vec::new() };
        for place in 0..3 {
            let (_, reference) = registrar.seal(format!("{{\"patient\":{place}}}").as_bytes()).await;
            let mut responder = bus.portal.member(&format!("EMS-{place}"), &[Role::Responder]).await;
            // As phones write it: incidents are compared without regard to case.
            let incident = if place == 1 { "bus-7" } else { "BUS-7" };
            let request = responder.ask_as(&reference, Draft { incident: incident.into(), ..pressing() }).await;
            bus.requests.push(request.id);
            bus.responders.push(responder);
            bus.references.push(reference);
        }
        bus
    }

    async fn dispatcher(&self, id: &str) -> Client {
        self.portal.member_with(Device::synchronised(), id, &[Role::Dispatcher]).await
    }

    /// What the log says of a kind, oldest first.
    async fn facts(&self, kind: &str) -> Vec<Value> {
        let filter = AuditFilter { kind: Some(kind.into()), limit: 50, ..AuditFilter::default() };
        let page = self.portal.portal.audit(filter).await.unwrap();
        page.events.into_iter().rev().map(|event| event.facts).collect()
    }

    async fn is_approved(&mut self, place: usize) -> bool {
        matches!(self.responders[place].request(self.requests[place]).await.state, RequestState::Approved { .. })
    }
}

async fn prepare(dispatcher: &mut Client, requests: &[RequestId]) -> Answer {
    dispatcher.post(paths::BULK_PREPARE, &json!({ "requests": requests })).await
}

async fn signed(dispatcher: &mut Client, requests: &[RequestId]) -> DecideBody {
    let prepared: PreparedBulk = prepare(dispatcher, requests).await.ok();
    let credential = dispatcher.device.sign(&prepared.ceremony.options).await;
    DecideBody { ceremony: prepared.ceremony.ceremony, credential }
}

#[tokio::test]
async fn one_signature_opens_each_request_by_itself() {
    let mut bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    let body = signed(&mut dispatcher, &bus.requests).await;
    let decided: BulkDecided = dispatcher.post(paths::BULK, &body).await.ok();
    assert_eq!(decided, BulkDecided { approved: bus.requests.clone(), missed: Vec::new() });
    let again = dispatcher.post(paths::BULK, &body).await;
    assert_eq!(again.refusal().code, ProblemCode::CeremonyOver);
    let mut grants = Vec::new();
    for place in 0..3 {
        let opened = bus.responders[place].open(bus.requests[place]).await;
        assert_eq!(opened.content, format!("{{\"patient\":{place}}}").as_bytes());
        grants.push(opened.release.grant);
    }
    assert_eq!(grants.into_iter().collect::<HashSet<_>>().len(), 3, "each has a grant of its own");
    let decided = bus.facts("request.decided").await;
    assert_eq!(
        json!(decided.iter().map(|facts| facts["request"].clone()).collect::<Vec<_>>()),
        json!(bus.requests),
        "an event for each"
    );
    assert!(decided.iter().all(|facts| facts["statement"]["requests"].as_array().unwrap().len() == 3));
    let opened = bus.facts("request.opened").await;
    assert_eq!(opened.len(), 3);
    assert!(opened.iter().all(|facts| facts["door"] == json!(Door::Dispatcher)));
    assert_eq!(bus.facts("record.opened").await.len(), 3);
}

#[tokio::test]
async fn what_was_decided_meanwhile_is_missed_and_the_rest_is_approved() {
    let mut bus = Bus::start().await;
    let (mut dispatcher, mut other) = (bus.dispatcher("DSP-1").await, bus.dispatcher("DSP-2").await);
    let body = signed(&mut dispatcher, &bus.requests).await;
    assert!(other.decide(bus.requests[0], Verdict::Deny).await.status.is_success());
    let path = paths::request_cancel_of(bus.requests[1]);
    assert!(bus.responders[1].post(&path, &json!({})).await.status.is_success());
    let decided: BulkDecided = dispatcher.post(paths::BULK, &body).await.ok();
    assert_eq!(decided.approved, [bus.requests[2]]);
    let missed: Vec<_> = decided.missed.iter().map(|missed| missed.request).collect();
    assert_eq!(missed, bus.requests[..2]);
    assert!(decided.missed[0].why.starts_with("DSP-2 Drill has already denied"), "{}", decided.missed[0].why);
    assert!(decided.missed[1].why.contains("withdrawn"), "{}", decided.missed[1].why);
    assert_eq!([bus.is_approved(0).await, bus.is_approved(1).await, bus.is_approved(2).await], [false, false, true]);
}

#[tokio::test]
async fn where_nothing_is_left_nothing_is_written_and_the_dispatcher_learns_who() {
    let bus = Bus::start().await;
    let (mut dispatcher, mut other) = (bus.dispatcher("DSP-1").await, bus.dispatcher("DSP-2").await);
    let body = signed(&mut dispatcher, &bus.requests[..1]).await;
    assert!(other.decide(bus.requests[0], Verdict::Approve).await.status.is_success());
    let before = bus.portal.kinds().await;
    let refused = dispatcher.post(paths::BULK, &body).await.refusal();
    assert_eq!(refused.code, ProblemCode::Decided);
    assert!(refused.detail.starts_with("DSP-2 Drill"), "{}", refused.detail);
    assert_eq!(bus.portal.kinds().await, before);
}

#[tokio::test]
async fn two_bulk_approvals_at_once_approve_each_request_once() {
    let mut bus = Bus::start().await;
    let (mut one, mut other) = (bus.dispatcher("DSP-1").await, bus.dispatcher("DSP-2").await);
    let (first, second) = (signed(&mut one, &bus.requests).await, signed(&mut other, &bus.requests[1..]).await);
    let (first, second) = tokio::join!(one.post(paths::BULK, &first), other.post(paths::BULK, &second));
    for answer in [&first, &second] {
        assert!(answer.status.is_success() || answer.refusal().code == ProblemCode::Decided);
    }
    assert_eq!(bus.portal.kinds().await.iter().filter(|kind| *kind == "request.opened").count(), 3);
    for place in 0..3 {
        assert!(bus.is_approved(place).await);
    }
}

#[tokio::test]
async fn only_requests_of_one_incident_each_once_and_none_of_ones_own() {
    let mut bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    let mut both = bus.portal.member("BOTH-1", &[Role::Responder, Role::Dispatcher]).await;
    let elsewhere = bus.responders[0].ask_as(&bus.references[1], pressing()).await.id;
    let own = both.ask_as(&bus.references[2], Draft { incident: "BUS-7".into(), ..pressing() }).await.id;
    let refused = [
        (vec![], ProblemCode::Invalid),
        (vec![bus.requests[0], bus.requests[0]], ProblemCode::Invalid),
        (vec![bus.requests[0]; 21], ProblemCode::Invalid),
        (vec![bus.requests[0], elsewhere], ProblemCode::Invalid),
        (vec![bus.requests[0], RequestId::fresh()], ProblemCode::NotFound),
    ];
    for (requests, code) in refused {
        assert_eq!(prepare(&mut dispatcher, &requests).await.refusal().code, code, "{requests:?}");
    }
    assert_eq!(prepare(&mut both, &[bus.requests[0], own]).await.refusal().code, ProblemCode::OwnRequest);
    assert!(!bus.is_approved(0).await);
}

#[tokio::test]
async fn real_patients_and_made_up_ones_are_not_decided_together() {
    let bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    assert_eq!(bus.portal.tamper("update record set drill = 0").await, 3);
    let mut other = bus.portal.member("EMS-9", &[Role::Responder]).await;
    let real = other.ask_as(&bus.references[0], Draft { incident: "BUS-7".into(), ..pressing() }).await.id;
    let refused = prepare(&mut dispatcher, &[bus.requests[0], real]).await.refusal();
    assert_eq!((refused.code, refused.detail.contains("not all of a drill")), (ProblemCode::Invalid, true));
    let _: PreparedBulk = prepare(&mut dispatcher, &[real]).await.ok();
}

#[tokio::test]
async fn a_signature_over_several_is_none_over_one() {
    let bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    let bulk = signed(&mut dispatcher, &bus.requests).await;
    let as_one = dispatcher.post(&paths::decision_of(bus.requests[0]), &bulk).await;
    assert_eq!(as_one.refusal().code, ProblemCode::CeremonyOver);
    let prepared: PreparedDecision = dispatcher.prepare_decision(bus.requests[0], Verdict::Approve).await.ok();
    let one = dispatcher.signed_decision(&prepared).await;
    assert_eq!(dispatcher.post(paths::BULK, &one).await.refusal().code, ProblemCode::CeremonyOver);
    // What one dispatcher signed says nothing in another's session.
    let (mut other, body) = (bus.dispatcher("DSP-2").await, signed(&mut dispatcher, &bus.requests).await);
    assert_eq!(other.post(paths::BULK, &body).await.refusal().code, ProblemCode::CeremonyOver);
}

#[tokio::test]
async fn a_request_that_was_changed_since_it_was_signed_for_is_not_approved_by_that_signature() {
    let bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    let body = signed(&mut dispatcher, &bus.requests[1..]).await;
    let prepared: PreparedDecision = dispatcher.prepare_decision(bus.requests[0], Verdict::Approve).await.ok();
    let one = dispatcher.signed_decision(&prepared).await;
    // Another statement, as the store would have it, under the same id.
    assert_eq!(
        bus.portal
            .tamper(
                "update access_request set statement = replace(statement, '\"asked_at\":\"20', '\"asked_at\":\"19') where rowid < 3"
            )
            .await,
        2
    );
    let refused = dispatcher.post(&paths::decision_of(bus.requests[0]), &one).await.refusal();
    assert_eq!((refused.code, refused.title.as_str()), (ProblemCode::WrongState, "Not as it was signed"));
    let decided: BulkDecided = dispatcher.post(paths::BULK, &body).await.ok();
    assert_eq!((decided.approved, decided.missed[0].request), (vec![bus.requests[2]], bus.requests[1]));
    assert_eq!(bus.portal.kinds().await.iter().filter(|kind| *kind == "request.altered").count(), 2);
    // Where nothing else is left to approve, the log has it all the same.
    let body = signed_before_the_change(&bus, &mut dispatcher).await;
    assert_eq!(dispatcher.post(paths::BULK, &body).await.refusal().title, "Not as it was signed");
    assert_eq!(bus.portal.kinds().await.iter().filter(|kind| *kind == "request.altered").count(), 3);
}

/// A signature over a request that is changed right after it.
async fn signed_before_the_change(bus: &Bus, dispatcher: &mut Client) -> DecideBody {
    let mut responder = bus.portal.member("EMS-9", &[Role::Responder]).await;
    let request = responder.ask_as(&bus.references[0], Draft { incident: "BUS-9".into(), ..pressing() }).await.id;
    let body = signed(dispatcher, &[request]).await;
    assert_eq!(bus.portal.tamper("update access_request set statement = replace(statement, '\"asked_at\":\"20', '\"asked_at\":\"19') where incident = 'BUS-9'").await, 1);
    body
}

#[tokio::test]
async fn whoever_is_kept_out_meanwhile_approves_nothing() {
    let mut bus = Bus::start().await;
    let mut dispatcher = bus.dispatcher("DSP-1").await;
    let mut admin = bus.portal.member("ADM-1", &[Role::Admin]).await;
    let body = signed(&mut dispatcher, &bus.requests).await;
    let id = dispatcher.get(paths::SESSION).await.ok::<Value>()["member"]["id"].as_str().unwrap().parse().unwrap();
    admin.raw(Method::POST, &paths::member_suspend_of(id), json!({})).await.done();
    assert_eq!(dispatcher.post(paths::BULK, &body).await.refusal().code, ProblemCode::NotSignedIn);
    assert!(!bus.is_approved(0).await);
}

#[tokio::test]
async fn one_of_two_dispatchers_is_not_enough_for_any_of_them() {
    let mut bus = Bus::start_with(Set { policies: Some(two_apart()), ..Set::default() }).await;
    let at = |station: &str| halligan_shared::assignment::Assignment {
        station: Some(station.parse().unwrap()),
        ..halligan_shared::assignment::Assignment::default()
    };
    for (id, station, opens) in [("DSP-1", "NORTH", false), ("DSP-2", "NORTH", false), ("DSP-3", "SOUTH", true)] {
        let mut dispatcher = bus.portal.member_at(Device::synchronised(), id, &[Role::Dispatcher], at(station)).await;
        let body = signed(&mut dispatcher, &bus.requests).await;
        let decided: BulkDecided = dispatcher.post(paths::BULK, &body).await.ok();
        assert_eq!(decided.approved, bus.requests);
        for place in 0..3 {
            assert_eq!(bus.is_approved(place).await, opens, "{id}");
        }
    }
}

async fn deciding(dispatcher: &mut Client) -> Vec<Vec<String>> {
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    desk.waiting.iter().map(|card| card.deciding.iter().map(|by| by.agency_id.to_string()).collect()).collect()
}

/// The next picture of a desk; a minute is long enough for what is sure to come.
async fn picture(pictures: &mut BodyDataStream) -> Desk {
    let next = async {
        loop {
            let event = pictures.next().await.unwrap().unwrap();
            let mut lines = std::str::from_utf8(&event).unwrap().lines();
            if let Some(desk) = lines.find_map(|line| serde_json::from_str(line.strip_prefix("data:")?.trim()).ok()) {
                return desk;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), next).await.unwrap()
}

#[tokio::test]
async fn the_other_desks_hear_at_once_that_somebody_is_about_to_decide() {
    let bus = Bus::start().await;
    let (mut one, mut other) = (bus.dispatcher("DSP-1").await, bus.dispatcher("DSP-2").await);
    let mut pictures = other.listen(paths::DESK_EVENTS).await.into_body().into_data_stream();
    let is_decided = |desk: &Desk| desk.waiting.iter().any(|card| !card.deciding.is_empty());
    assert!(!is_decided(&picture(&mut pictures).await));
    drop(one.prepare_decision(bus.requests[0], Verdict::Approve).await.ok::<PreparedDecision>());
    while !is_decided(&picture(&mut pictures).await) {}
}

#[tokio::test]
async fn the_other_desks_see_who_is_about_to_decide_until_they_did_or_gave_up() {
    let bus = Bus::start().await;
    let (mut one, mut other) = (bus.dispatcher("DSP-1").await, bus.dispatcher("DSP-2").await);
    let nobody: Vec<Vec<String>> = vec![vec![]; 3];
    let first = vec![vec!["DSP-1".to_owned()], vec![], vec![]];
    let prepared: PreparedDecision = one.prepare_decision(bus.requests[0], Verdict::Approve).await.ok();
    assert_eq!((deciding(&mut other).await, deciding(&mut one).await), (first.clone(), nobody.clone()));
    // It holds nobody up, and a touch that never came is forgotten.
    portal_passes(&bus, 59_999).await;
    assert_eq!(deciding(&mut other).await, first);
    portal_passes(&bus, 1).await;
    assert_eq!(deciding(&mut other).await, nobody);
    let path = paths::deciding_of(bus.requests[0]);
    one.raw(Method::PUT, &path, json!({ "deciding": true })).await.done();
    assert_eq!(deciding(&mut other).await, first);
    one.raw(Method::PUT, &path, json!({ "deciding": false })).await.done();
    assert_eq!(deciding(&mut other).await, nobody);
    // Or all at once, which touches nobody else's.
    other.raw(Method::PUT, &paths::deciding_of(bus.requests[1]), json!({ "deciding": true })).await.done();
    one.raw(Method::PUT, &path, json!({ "deciding": true })).await.done();
    one.raw(Method::DELETE, paths::DESK_DECIDING, json!({})).await.done();
    assert_eq!(
        (deciding(&mut other).await, deciding(&mut one).await),
        (nobody.clone(), vec![vec![], vec!["DSP-2".to_owned()], vec![]])
    );
    other.raw(Method::DELETE, paths::DESK_DECIDING, json!({})).await.done();
    one.raw(Method::PUT, &path, json!({ "deciding": true })).await.done();
    let body = one.signed_decision(&prepared).await;
    assert!(one.post(&paths::decision_of(bus.requests[0]), &body).await.status.is_success());
    // A bulk approval is a sign on each of its cards.
    let _ = signed(&mut one, &bus.requests[1..]).await;
    assert_eq!(deciding(&mut other).await, vec![vec!["DSP-1".to_owned()]; 2]);
}

async fn portal_passes(bus: &Bus, milliseconds: i64) {
    bus.portal.pass(milliseconds);
    bus.portal.portal.sweep().await.unwrap();
}

#[tokio::test]
async fn nobody_marks_what_they_may_not_decide() {
    let bus = Bus::start().await;
    let mut both = bus.portal.member("BOTH-1", &[Role::Responder, Role::Dispatcher]).await;
    let own = both.ask(&bus.references[0]).await.id;
    let mark = json!({ "deciding": true });
    let refused = both.raw(Method::PUT, &paths::deciding_of(own), mark.clone()).await;
    assert_eq!(refused.refusal().code, ProblemCode::OwnRequest);
    let unknown = both.raw(Method::PUT, &paths::deciding_of(RequestId::fresh()), mark).await;
    assert_eq!(unknown.refusal().code, ProblemCode::NotFound);
}
