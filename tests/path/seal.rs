//! Records, versions, bracelets.

use axum::http::Method;
use halligan_backend::store::Room;
use halligan_shared::{
    crypto, id::DocumentId, member::Role, paths, reference::Reference, statement::Verdict, wire, wire::ProblemCode,
};

use crate::support::{Answer, Client, TestPortal};

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
    assert_eq!(responder.prepare(lost.digest()).await.refusal().code, ProblemCode::UnknownBracelet);
    let request = responder.ask(&new).await;
    dispatcher.decide(request.id, Verdict::Approve).await;
    assert_eq!(responder.open(request.id).await.content, b"the record");
}

#[tokio::test]
async fn what_was_begun_with_a_bracelet_ends_when_it_is_replaced() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, lost) = registrar.seal(b"the record").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let scanned: wire::PreparedRequest = responder.prepare(lost.digest()).await.ok();
    let new = Reference::random().unwrap();
    registrar.post(&paths::record_bracelet_of(record), &wire::Bracelet::of(&new, &record)).await.done();
    assert_eq!(responder.file(scanned).await.refusal().code, ProblemCode::UnknownBracelet);
    assert_eq!(portal.count("select count(*) from access_request").await, 0);
    // Whoever has the new one asks as ever.
    responder.ask(&new).await;
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
        .call(Method::PUT, &paths::sealing_document_of(sealing, summary), Some(vec![0; 64]), "application/octet-stream")
        .await;
    assert_eq!(answer.refusal().code, ProblemCode::NotFound);
    // A call that was let in before the commit and writes after it: the store itself says no.
    assert!(
        !portal
            .portal
            .store()
            .put_document(sealing, summary, &[0; 64], Room { documents: 21, bytes: 1 << 30 }, None)
            .await
            .unwrap()
    );
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    assert_eq!(responder.open(request).await.content, b"the record");
}

async fn begin(registrar: &mut Client) -> wire::Sealing {
    registrar.post(paths::SEALINGS, &wire::StartSealing { record: None }).await.ok()
}

async fn upload(registrar: &mut Client, sealing: &wire::Sealing, document: DocumentId) -> Answer {
    let path = paths::sealing_document_of(sealing.id, document);
    registrar.call(Method::PUT, &path, Some(vec![0; 64]), "application/octet-stream").await
}

fn commit(sealing: &wire::Sealing, documents: &[DocumentId]) -> wire::CommitSealing {
    let (_, point) = crypto::agree(&sealing.authority_point).unwrap();
    wire::CommitSealing {
        point,
        summary: documents[0],
        attachments: documents[1..].to_vec(),
        bracelet: Some(wire::Bracelet::of(&Reference::random().unwrap(), &sealing.record)),
        file_number: "drill 1".into(),
        drill: true,
    }
}

#[tokio::test]
async fn a_full_record_takes_no_more_and_the_same_again() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let sealing = begin(&mut registrar).await;
    let documents: Vec<_> = (0..21).map(|_| DocumentId::random().unwrap()).collect();
    for document in documents.iter().chain(&documents[..2]) {
        assert!(upload(&mut registrar, &sealing, *document).await.status.is_success());
    }
    assert_eq!(upload(&mut registrar, &sealing, DocumentId::random().unwrap()).await.refusal().code, ProblemCode::TooLarge);
    let twice = [documents[0], documents[0]];
    let path = paths::sealing_commit_of(sealing.id);
    assert_eq!(registrar.post(&path, &commit(&sealing, &twice)).await.refusal().code, ProblemCode::Invalid);
    let line: wire::RecordLine = registrar.post(&path, &commit(&sealing, &documents[..3])).await.ok();
    assert_eq!(line.documents, 3, "what was uploaded and is not on the list is no part of the record");
    assert_eq!(portal.count("select count(*) from document").await, 3);
}

#[tokio::test]
async fn unfinished_sealings_do_not_pile_up() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut sealings = Vec::new();
    for _ in 0..4 {
        let sealing = begin(&mut registrar).await;
        assert!(upload(&mut registrar, &sealing, DocumentId::random().unwrap()).await.status.is_success());
        sealings.push(sealing);
        portal.pass(1_000);
    }
    let answer = upload(&mut registrar, &sealings[0], DocumentId::random().unwrap()).await;
    assert_eq!(answer.refusal().code, ProblemCode::NotFound, "the oldest made room");
    assert_eq!(portal.count("select count(*) from document").await, 3);
    portal.pass(3_600_000);
    portal.portal.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from sealing").await, 0, "an hour later they are gone");
    assert_eq!(portal.count("select count(*) from document").await, 0);
}

#[tokio::test]
async fn a_made_up_patient_never_becomes_a_real_one() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, _) = registrar.seal(b"first").await;
    let sealing: wire::Sealing = registrar.post(paths::SEALINGS, &wire::StartSealing { record: Some(record) }).await.ok();
    let document = DocumentId::random().unwrap();
    assert!(upload(&mut registrar, &sealing, document).await.status.is_success());
    let real = wire::CommitSealing { bracelet: None, drill: false, ..commit(&sealing, &[document]) };
    let path = paths::sealing_commit_of(sealing.id);
    assert_eq!(registrar.post(&path, &real).await.refusal().code, ProblemCode::Invalid);
    let drill: wire::RecordLine = registrar.post(&path, &wire::CommitSealing { drill: true, ..real }).await.ok();
    assert_eq!((drill.version, drill.drill), (2, true), "the refusal cost nothing");
}
