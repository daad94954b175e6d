//! Made-up records alone for whoever takes part, and real patients before them.

use axum::http::Method;
use halligan_backend::policy::{FILES, Policies};
use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{Desk, OwnDrill, PreparedRequest, ProblemCode, RequestState, RequestView},
};
use serde_json::json;

use super::{Agency, leave, own};
use crate::support::{Set, TestPortal};

#[tokio::test]
async fn whoever_takes_part_opens_made_up_records_alone_until_they_leave() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    assert_eq!(own(&mut agency.responder).await, Some(OwnDrill { name: "Night drill".into(), seconds_left: 3600.0 }));
    let refused = agency.responder.prepare(agency.real.digest()).await.refusal();
    assert_eq!(refused.code, ProblemCode::DrillOnly);
    assert!(refused.detail.contains("leave the drill"), "{}", refused.detail);
    let request = agency.responder.ask(&agency.made_up).await.id;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    agency.responder.open(request).await;
    // A real emergency: one press, and the same is asked for again.
    leave(&mut agency.responder).await;
    assert_eq!(own(&mut agency.responder).await, None);
    let real = agency.responder.ask(&agency.real).await;
    assert!(!real.drill);
    assert!(agency.dispatcher.decide(real.id, Verdict::Approve).await.status.is_success());
    assert_eq!(agency.responder.open(real.id).await.content, b"{\"real\":1}");
    // Who leaves twice stays as they are.
    leave(&mut agency.responder).await;
    assert_eq!(agency.portal.kinds().await.iter().filter(|kind| *kind == "drill.left").count(), 1);
}

#[tokio::test]
async fn a_request_signed_before_the_drill_began_is_judged_when_it_is_filed() {
    let mut agency = Agency::start().await;
    let prepared: PreparedRequest = agency.responder.prepare(agency.real.digest()).await.ok();
    let credential = agency.responder.device.sign(&prepared.ceremony.options).await;
    agency.begin_for_both().await;
    let body = json!({ "idempotency_key": uuid::Uuid::now_v7(), "ceremony": prepared.ceremony.ceremony, "credential": credential });
    let refused = agency.responder.post(paths::REQUESTS, &body).await.refusal();
    assert_eq!(refused.code, ProblemCode::DrillOnly);
    assert!(!agency.portal.kinds().await.iter().any(|kind| kind == "request.filed"));
}

#[tokio::test]
async fn a_real_request_that_waits_when_the_drill_begins_goes_on() {
    let mut agency = Agency::start().await;
    let request = agency.responder.ask(&agency.real).await.id;
    agency.begin_for_both().await;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    assert_eq!(agency.responder.open(request).await.content, b"{\"real\":1}");
}

#[tokio::test]
async fn a_request_of_a_drill_whose_record_was_made_a_real_one_is_not_opened() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    let request: RequestView = agency.responder.ask(&agency.made_up).await;
    assert!(agency.dispatcher.decide(request.id, Verdict::Approve).await.status.is_success());
    let point = agency.responder.point(request.id).await;
    // Somebody with the database puts the drill onto a request for a real record.
    let mut other = agency.portal.member("EMS-2", &[Role::Responder]).await;
    let real = other.ask(&agency.real).await.id;
    assert!(agency.dispatcher.decide(real, Verdict::Approve).await.status.is_success());
    let real_point = other.point(real).await;
    agency.portal.tamper("update access_request set drill_id = (select id from drill)").await;
    assert_eq!(other.try_release(real, &real_point).await.refusal().code, ProblemCode::WrongState);
    assert!(matches!(other.request(real).await.state, RequestState::Approved { .. }));
    assert!(agency.responder.try_release(request.id, &point).await.status.is_success());
}

#[tokio::test]
async fn the_desk_has_a_real_patient_before_any_number_of_made_up_ones() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    let drilled = agency.responder.ask(&agency.made_up).await.id;
    // More than the desk has room for, all asked first and all where life is in danger.
    let flood = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 250) \
        insert into access_request (id, member_id, sign_in_id, record_id, sealing_id, idempotency_key, justification, severity, statement, statement_digest, assertion, asked_at, state, until_at, waits_until, incident, drill_id) \
        select printf('00000000-0000-7000-8000-%012x', i), member_id, sign_in_id, record_id, sealing_id, printf('00000000-0000-7000-8000-%012x', i), justification, 0, statement, statement_digest, assertion, asked_at, state, until_at, waits_until, incident, drill_id from access_request, n";
    assert_eq!(agency.portal.tamper(flood).await, 250);
    agency.portal.pass(1_000);
    let mut real = agency.portal.member("EMS-2", &[Role::Responder]).await;
    let real = real.ask(&agency.real).await.id;
    let desk: Desk = agency.dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.waiting[0].statement.request, real);
    assert!(desk.waiting[1..].iter().all(|card| card.statement.drill));
    assert_eq!(desk.drills.iter().map(|drill| (drill.name.as_str(), drill.members)).collect::<Vec<_>>(), [("Night drill", 2)]);
    leave(&mut agency.responder).await;
    agency.responder.raw(Method::POST, &paths::request_cancel_of(drilled), json!({})).await.done();
    let desk: Desk = agency.dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.drills[0].members, 1);
}

#[tokio::test]
async fn policies_older_than_drills_let_no_real_request_into_one() {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, text) in FILES {
        // As it was before there were drills.
        let text = text.split("// Drills never touch real records").next().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let policies = Policies::read(folder.path()).unwrap();
    assert!(policies.written().iter().all(|written| written.id != "ask-drill-not-real"));
    let mut agency = Agency::at(TestPortal::start_with(Set { policies: Some(policies), ..Set::default() }).await).await;
    let early: PreparedRequest = agency.responder.prepare(agency.real.digest()).await.ok();
    agency.begin_for_both().await;
    assert_eq!(agency.responder.prepare(agency.real.digest()).await.refusal().code, ProblemCode::DrillOnly);
    let credential = agency.responder.device.sign(&early.ceremony.options).await;
    let body = json!({ "idempotency_key": uuid::Uuid::now_v7(), "ceremony": early.ceremony.ceremony, "credential": credential });
    assert_eq!(agency.responder.post(paths::REQUESTS, &body).await.refusal().code, ProblemCode::DrillOnly);
    assert!(!agency.portal.kinds().await.iter().any(|kind| kind == "request.filed"), "nothing that nobody could open");
}
