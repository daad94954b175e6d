//! Records, versions, bracelets.

use halligan_shared::{member::Role, paths, reference::Reference, statement::Verdict, wire};

use crate::support::TestPortal;

#[tokio::test]
async fn a_replaced_bracelet_stops_working_and_the_new_one_opens_the_same_record() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, lost) = registrar.seal(b"the record").await;
    let new = Reference::random().unwrap();
    let replaced: wire::RecordLine =
        registrar.post(&paths::record_bracelet_of(record), &wire::Bracelet::of(&new, &record)).await.ok();
    assert_eq!(replaced.id, record);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert_eq!(responder.prepare(lost.digest()).await.refusal().code, wire::ProblemCode::UnknownBracelet);
    let request = responder.ask(&new).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    assert_eq!(responder.open(request.id).await.content, b"the record");
}

#[tokio::test]
async fn a_new_version_keeps_the_reference_and_an_open_request_its_version() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, reference) = registrar.seal(b"first").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let before = responder.ask(&reference).await;
    dispatcher.decide(before.id, Verdict::Approve).await;
    let second: wire::RecordLine = registrar.seal_as(b"second", Some(record), None).await.ok();
    assert_eq!(second.version, 2);
    assert_eq!(responder.open(before.id).await.content, b"first", "what was asked for is what opens");
    let after = responder.ask(&reference).await;
    dispatcher.decide(after.id, Verdict::Approve).await;
    assert_eq!(responder.open(after.id).await.content, b"second");
}

#[tokio::test]
async fn what_was_committed_never_changes() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (_, reference) = registrar.seal(b"the record").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    let sealing = portal.portal.store().request(request).await.unwrap().unwrap().sealing;
    let summary = portal.portal.store().documents(sealing).await.unwrap()[0].id;
    let answer = registrar
        .call(axum::http::Method::PUT, &paths::sealing_document_of(sealing, summary), Some(vec![0; 64]), "application/octet-stream")
        .await;
    assert_eq!(answer.refusal().code, wire::ProblemCode::NotFound);
    // A call that was let in before the commit and writes after it: the store itself says no.
    assert!(!portal.portal.store().put_document(sealing, summary, &[0; 64]).await.unwrap());
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    assert_eq!(responder.open(request).await.content, b"the record");
}
