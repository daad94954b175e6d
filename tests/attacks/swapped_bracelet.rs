//! Somebody who can write to the database points a bracelet at another patient's record. The page that read the bracelet
//! sees it before anything is signed: keys bind a record and its id, only the binding ties the bracelet to them.

use halligan_shared::{id::RecordId, member::Role, reference::Reference};
use uuid::Uuid;

use crate::support::{Client, ForeignRecord, TestPortal};

/// Two patients and their bracelets, and somebody who will read the bracelets.
async fn two_patients(portal: &TestPortal) -> ([(RecordId, Reference); 2], Client) {
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let patients = [registrar.seal(b"one patient").await, registrar.seal(b"another patient").await];
    (patients, portal.member("EMS-1", &[Role::Responder]).await)
}

/// Exchanges the records of the two bracelets; each page finds the other patient's record and refuses to sign.
async fn refused_after(swap: &'static str) {
    let portal = TestPortal::start().await;
    let ([(one, first), (another, second)], mut responder) = two_patients(&portal).await;
    assert_eq!(portal.tamper(swap).await, 2, "{swap}");
    assert_eq!(responder.try_ask(&first, Uuid::now_v7()).await.err(), Some(ForeignRecord(another)), "{swap}");
    assert_eq!(responder.try_ask(&second, Uuid::now_v7()).await.err(), Some(ForeignRecord(one)), "{swap}");
    assert!(!portal.kinds().await.contains(&"request.filed".to_owned()));
}

#[tokio::test]
async fn a_bracelet_pointed_at_another_record_is_asked_nothing_with() {
    refused_after(
        "insert or replace into bracelet (reference_digest, record_id, made_at, binding) \
         select mine.reference_digest, other.record_id, mine.made_at, mine.binding \
         from bracelet mine join bracelet other on other.record_id <> mine.record_id",
    )
    .await;
}

#[tokio::test]
async fn the_other_records_binding_does_not_help() {
    refused_after(
        "insert or replace into bracelet (reference_digest, record_id, made_at, binding) \
         select mine.reference_digest, other.record_id, mine.made_at, other.binding \
         from bracelet mine join bracelet other on other.record_id <> mine.record_id",
    )
    .await;
}
