//! Somebody closes a review by a signature that is not theirs, not fresh or not about it; or has what it shows look other than it was.

use halligan_shared::{
    grant::WipeCause,
    id::RequestId,
    member::Role,
    paths,
    reference::Reference,
    review::Finding,
    statement::{ReviewStatement, digest},
    wire::{PreparedReview, ProblemCode, SignatureState, SignedReview},
};
use serde_json::{Value, json};

use crate::support::{Client, Device, Set, TestPortal};

/// A responder who opens records alone, and a privacy officer.
async fn county() -> (TestPortal, Client, Client, Reference) {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let officer = portal.member_with(Device::synchronised(), "PRV-1", &[Role::PrivacyOfficer]).await;
    (portal, responder, officer, reference)
}

async fn read_alone(portal: &TestPortal, responder: &mut Client, reference: &Reference) -> RequestId {
    let request = responder.ask(reference).await.id;
    portal.pass(45_000);
    responder.open_alone(request).await.done();
    let opened = responder.open(request).await;
    responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
    request
}

#[tokio::test]
async fn a_signature_closes_one_review_once_and_is_its_signers() {
    let (portal, mut responder, mut officer, reference) = county().await;
    let mut other = portal.member_with(Device::synchronised(), "PRV-2", &[Role::PrivacyOfficer]).await;
    let (one, two) = (read_alone(&portal, &mut responder, &reference).await, read_alone(&portal, &mut responder, &reference).await);
    let over = |answer: crate::support::Answer| assert_eq!(answer.refusal().code, ProblemCode::CeremonyOver);

    let signed = officer.signed_review(&officer.clone().prepare_finding(one, Finding::Justified).await.ok()).await;
    over(other.post(&paths::review_finding_of(one), &signed).await);
    over(officer.post(&paths::review_finding_of(two), &signed).await);
    over(officer.post(&paths::review_finding_of(one), &signed).await);

    let prepared: PreparedReview = officer.prepare_finding(one, Finding::Justified).await.ok();
    let mut altered = officer.signed_review(&prepared).await;
    let signature = altered.credential.pointer_mut("/response/signature").unwrap();
    let text = signature.as_str().unwrap();
    let last = if text.ends_with('A') { "B" } else { "A" };
    *signature = json!(format!("{}{last}{}", &text[..40], &text[41..]));
    assert_eq!(officer.post(&paths::review_finding_of(one), &altered).await.refusal().code, ProblemCode::SignatureRefused);

    // What was signed for another finding: the ceremony of the one, the answer of the other.
    let no: PreparedReview = officer.prepare_finding(one, Finding::NotJustified).await.ok();
    let yes: PreparedReview = officer.prepare_finding(one, Finding::Justified).await.ok();
    let crossed = SignedReview { ceremony: yes.ceremony.ceremony, credential: officer.signed_review(&no).await.credential };
    assert_eq!(officer.post(&paths::review_finding_of(one), &crossed).await.refusal().code, ProblemCode::SignatureRefused);
    assert!(officer.review(one).await.review.closed.is_none());

    officer.close_review(one, Finding::Justified).await.done();
    officer.close_review(two, Finding::Unclear).await.done();
    assert_eq!(portal.kinds().await.iter().filter(|kind| *kind == "review.closed").count(), 2);
}

#[tokio::test]
async fn what_closed_a_review_can_be_checked_by_whoever_has_the_log() {
    let (portal, mut responder, mut officer, reference) = county().await;
    let request = read_alone(&portal, &mut responder, &reference).await;
    let before = officer.review(request).await;
    officer.close_review(request, Finding::Unclear).await.done();
    let view = officer.review(request).await;
    let last = view.extract.last().unwrap();
    assert_eq!((last.kind.as_str(), last.signature), ("review.closed", Some(SignatureState::Holds)));
    let event: Value = serde_json::from_str(&last.text).unwrap();
    let statement: ReviewStatement = serde_json::from_value(event["facts"]["statement"].clone()).unwrap();
    assert_eq!((statement.request, statement.finding), (request, Finding::Unclear));
    assert_eq!(statement.request_digest, digest(&view.statement).unwrap());
    assert_eq!(statement.last_event, before.last_event, "up to where it was looked at");
    assert_eq!(event["facts"]["policy"]["policies"], json!(["review-privacy-officer"]));
}

#[tokio::test]
async fn other_words_beside_a_signature_are_said_not_to_be_what_was_signed() {
    let (portal, mut responder, mut officer, reference) = county().await;
    let request = read_alone(&portal, &mut responder, &reference).await;
    let state = |view: &halligan_shared::wire::ReviewView, kind: &str| {
        let line = view.extract.iter().find(|line| line.kind == kind).unwrap();
        (line.fits, line.signature)
    };
    let whole = officer.review(request).await;
    assert_eq!(state(&whole, "request.filed"), (true, Some(SignatureState::Holds)));
    portal.tamper("update audit_event set event = replace(event, '2026-114', '2026-999') where kind = 'request.filed'").await;
    let changed = officer.review(request).await;
    assert_eq!(state(&changed, "request.filed"), (false, Some(SignatureState::Fails)));
    assert_eq!(state(&changed, "request.overridden"), (true, Some(SignatureState::Holds)));
    // Another member's signature is none of this one's.
    portal.tamper("update passkey set member_id = (select id from member where agency_id = 'PRV-1')").await;
    assert_eq!(state(&officer.review(request).await, "request.overridden"), (true, Some(SignatureState::Fails)));
    portal.tamper("delete from passkey").await;
    assert_eq!(state(&officer.review(request).await, "request.overridden"), (true, Some(SignatureState::PasskeyGone)));
}
