//! Somebody who can write to the database changes what stands there between seal and release. Nothing opens that was not
//! asked for, approved and sealed exactly so.

use halligan_shared::{
    id::RequestId,
    member::Role,
    paths,
    statement::Verdict,
    wire::{Desk, ProblemCode},
};

use crate::support::{Client, NotOpened, TestPortal};

/// Two patients; the first one's record is asked for and approved.
async fn approved(portal: &TestPortal) -> (Client, RequestId) {
    let asked_for = portal.approved(b"the patient asked for").await;
    portal.member("REG-2", &[Role::Registrar]).await.seal(b"another patient").await;
    asked_for
}

/// Ids sort by time, so the smallest sealing is the first patient's.
async fn after(sql: &'static str) -> Option<NotOpened> {
    let portal = TestPortal::start().await;
    let (mut responder, request) = approved(&portal).await;
    assert_eq!(portal.tamper(sql).await, 1, "{sql}");
    responder.try_open(request).await.err()
}

#[tokio::test]
async fn a_wrapped_share_of_another_record_is_refused_by_the_authority() {
    let swapped = "update sealing set wrapped_share = (select wrapped_share from sealing order by id desc limit 1) where id = (select min(id) from sealing)";
    assert_eq!(after(swapped).await, Some(NotOpened::Refused(ProblemCode::AuthorityFailed)));
}

#[tokio::test]
async fn another_point_opens_nothing() {
    let swapped =
        "update sealing set point = (select point from sealing order by id desc limit 1) where id = (select min(id) from sealing)";
    assert_eq!(after(swapped).await, Some(NotOpened::Unreadable));
}

#[tokio::test]
async fn another_document_opens_nothing() {
    let swapped = "update document set sealed = (select sealed from document order by sealing_id desc limit 1) where sealing_id = (select min(id) from sealing)";
    assert_eq!(after(swapped).await, Some(NotOpened::Unreadable));
}

#[tokio::test]
async fn a_document_under_another_id_or_version_opens_nothing() {
    let renamed = "update document set id = (select id from document order by sealing_id desc limit 1) where sealing_id = (select min(id) from sealing)";
    assert_eq!(after(renamed).await, Some(NotOpened::Unreadable));
    let another_version = "update sealing set version = 2 where id = (select min(id) from sealing)";
    assert_eq!(after(another_version).await, Some(NotOpened::Unreadable));
}

#[tokio::test]
async fn a_request_turned_to_another_record_is_not_as_signed() {
    for turned in [
        "update access_request set record_id = (select record_id from sealing order by id desc limit 1)",
        "update access_request set record_id = (select record_id from sealing order by id desc limit 1), sealing_id = (select max(id) from sealing)",
        "update access_request set record_id = (select record_id from sealing order by id desc limit 1), sealing_id = (select max(id) from sealing), \
         statement = replace(statement, record_id, (select record_id from sealing order by id desc limit 1))",
    ] {
        let portal = TestPortal::start().await;
        let (mut responder, request) = approved(&portal).await;
        assert_eq!(portal.tamper(turned).await, 1);
        assert_eq!(responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::WrongState)), "{turned}");
        assert_eq!(portal.calls("AssumeRole"), 2, "only the two sealings ever asked for credentials");
        assert!(portal.kinds().await.contains(&"request.altered".to_owned()));
    }
}

#[tokio::test]
async fn a_sealing_of_another_record_is_refused_by_the_authority() {
    let turned = "update access_request set sealing_id = (select max(id) from sealing)";
    assert_eq!(after(turned).await, Some(NotOpened::Refused(ProblemCode::AuthorityFailed)));
}

#[tokio::test]
async fn a_justification_changed_after_the_signature_is_not_shown_to_be_decided() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    assert_eq!(portal.tamper("update access_request set justification = replace(justification, '2026-114', '2026-115')").await, 1);
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert_eq!(dispatcher.prepare_decision(request, Verdict::Approve).await.refusal().code, ProblemCode::WrongState);
}

#[tokio::test]
async fn a_real_patient_cannot_be_passed_off_as_made_up() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await;
    assert!(request.drill);
    assert_eq!(portal.tamper("update record set drill = 1 - drill").await, 1);
    assert!(responder.request(request.id).await.drill, "what was signed is what is shown");
    let desk: Desk = dispatcher.get(paths::DESK).await.ok();
    assert!(desk.waiting[0].statement.drill);
    assert_eq!(
        portal.tamper("update access_request set statement = replace(statement, '\"drill\":true', '\"drill\":false')").await,
        1
    );
    let refusal = dispatcher.prepare_decision(request.id, Verdict::Approve).await.refusal();
    assert_eq!(refusal.code, ProblemCode::WrongState, "and what was not signed is not decided");
}
