//! A role is taken from a member: what could be done by it ends in the same moment, and an admin is always left.

use axum::http::{Method, StatusCode};
use halligan_backend::services::Fault;
use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{InvitationLine, PreparedDecision, ProblemCode, ReenrolmentLine},
};
use serde_json::json;

use crate::support::TestPortal;

#[tokio::test]
async fn with_the_responders_role_go_sessions_and_what_is_open_in_them() {
    let portal = TestPortal::start().await;
    let (mut responder, opened) = portal.opened(b"the record").await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let path = paths::member_roles_of(admin.id_of("EMS-1").await);
    admin.raw(Method::PUT, &path, json!({ "roles": ["registrar"] })).await.done();
    assert!(!portal.portal.authority().holds(opened.release.grant), "the credentials went in the same moment");
    assert_eq!(responder.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    let kinds = portal.kinds().await;
    assert!(kinds.contains(&"grant.ended".to_owned()) && kinds.contains(&"member.roles_changed".to_owned()));
}

#[tokio::test]
async fn a_decision_signed_before_the_role_was_taken_decides_nothing_after() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher, Role::Auditor]).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let prepared: PreparedDecision = dispatcher.prepare_decision(request, Verdict::Approve).await.ok();
    let signed = dispatcher.signed_decision(&prepared).await;
    let who = portal.past_the_gate("DSP-1").await;
    let path = paths::member_roles_of(admin.id_of("DSP-1").await);
    admin.raw(Method::PUT, &path, json!({ "roles": ["auditor"] })).await.done();
    // Past the gate, as a call that was held open.
    let late = portal.portal.decide(&who, request, &signed).await;
    assert!(matches!(late, Err(Fault::NotSignedIn)), "{late:?}");
    assert!(dispatcher.sign_in().await.status.is_success());
    assert_eq!(dispatcher.post(&paths::decision_of(request), &signed).await.refusal().code, ProblemCode::NotAllowed);
}

#[tokio::test]
async fn of_an_admin_goes_also_what_they_invited_and_proposed() {
    let portal = TestPortal::start().await;
    let (mut demoted, mut admin) = (portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await);
    portal.member("EMS-1", &[Role::Responder]).await;
    let subject = admin.id_of("EMS-1").await;
    let body = json!({ "agency_id": "EMS-9", "display_name": "Second self", "roles": ["admin"] });
    assert!(demoted.post(paths::INVITATIONS, &body).await.status.is_success());
    let id = demoted.propose_reenrolment(subject).await;
    admin.confirm_reenrolment(id).await.done();
    let path = paths::member_roles_of(admin.id_of("ADM-1").await);
    admin.raw(Method::PUT, &path, json!({ "roles": ["auditor"] })).await.done();
    assert!(admin.get(paths::INVITATIONS).await.ok::<Vec<InvitationLine>>().is_empty());
    assert!(admin.get(paths::REENROLMENTS).await.ok::<Vec<ReenrolmentLine>>().is_empty());
    // And being an admin again does not bring it back.
    admin.raw(Method::PUT, &path, json!({ "roles": ["admin"] })).await.done();
    assert!(admin.get(paths::REENROLMENTS).await.ok::<Vec<ReenrolmentLine>>().is_empty());
}

#[tokio::test]
async fn an_admin_is_always_left() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin, Role::Auditor]).await;
    let own = admin.id_of("ADM-1").await;
    let refused = admin.raw(Method::PUT, &paths::member_roles_of(own), json!({ "roles": ["auditor"] })).await;
    assert_eq!(refused.refusal().code, ProblemCode::Oneself);
    // Of two who take it from each other at the same time, one keeps it.
    portal.member("ADM-2", &[Role::Admin]).await;
    let (one, other) = (portal.past_the_gate("ADM-1").await, portal.past_the_gate("ADM-2").await);
    let house = &portal.portal;
    let (first, second) = tokio::join!(
        house.set_roles(&one, other.member.id, vec![Role::Auditor]),
        house.set_roles(&other, one.member.id, vec![Role::Auditor])
    );
    let (won, lost) = if first.is_ok() { (first, second) } else { (second, first) };
    assert!(won.is_ok() && matches!(lost, Err(Fault::NotSignedIn)), "{won:?} {lost:?}");
    assert_eq!(portal.count(r#"select count(*) from member where roles like '%"admin"%'"#).await, 1);
}
