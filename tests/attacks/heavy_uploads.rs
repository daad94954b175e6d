//! Somebody who may seal sends long bodies, many at once, to use up the memory that the portal may not swap out.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use axum::{
    body::{Body, Bytes},
    http::{Method, StatusCode},
};
use futures_util::stream;
use halligan_backend::services::SEALED_MAX;
use halligan_shared::{
    id::{DocumentId, SealingId},
    member::Role,
    paths,
    wire::{self, ProblemCode},
};

use crate::support::{Answer, Client, Held, TestPortal};

const OCTETS: &str = "application/octet-stream";

async fn begin(registrar: &mut Client) -> SealingId {
    let sealing: wire::Sealing = registrar.post(paths::SEALINGS, &wire::StartSealing { record: None }).await.ok();
    sealing.id
}

fn document_of(sealing: SealingId) -> String {
    paths::sealing_document_of(sealing, DocumentId::random().unwrap())
}

/// An upload that waits for the second half of its body.
async fn under_way(registrar: &Client, sealing: SealingId) -> Held {
    registrar.hold_bytes(Method::PUT, &document_of(sealing), vec![0; 64], OCTETS).await
}

async fn upload(registrar: &mut Client, sealing: SealingId, bytes: usize) -> Answer {
    registrar.call(Method::PUT, &document_of(sealing), Some(vec![0; bytes]), OCTETS).await
}

/// An upload whose body never comes; whether anybody asked for it.
async fn answered_without_a_body(registrar: &mut Client, path: &str) -> (Answer, bool) {
    let asked = Arc::new(AtomicBool::new(false));
    let asking = Arc::clone(&asked);
    let never = stream::poll_fn(move |_| {
        asking.store(true, Ordering::SeqCst);
        Poll::<Option<Result<Bytes, Infallible>>>::Ready(None)
    });
    let answer = registrar.call_with(Method::PUT, path, Body::from_stream(never), Some(&[]), OCTETS).await;
    (answer, asked.load(Ordering::SeqCst))
}

async fn registrar(portal: &TestPortal, number: usize) -> (Client, SealingId) {
    let mut registrar = portal.member(&format!("REG-{number}"), &[Role::Registrar]).await;
    let sealing = begin(&mut registrar).await;
    (registrar, sealing)
}

#[tokio::test]
async fn a_document_that_no_sealing_of_its_caller_waits_for_is_refused_before_it_is_read() {
    let portal = TestPortal::start().await;
    let (mut one, own) = registrar(&portal, 1).await;
    let (mut other, _) = registrar(&portal, 2).await;
    other.seal(b"{}").await;
    let of_record = "select id from sealing where committed = 1";
    let id: String = sqlx::query_scalar(of_record).fetch_one(&portal.database().await).await.unwrap();
    for (sealing, caller) in [(SealingId::fresh(), &mut one), (own, &mut other)] {
        let (answer, asked) = answered_without_a_body(caller, &document_of(sealing)).await;
        assert_eq!((answer.refusal().code, asked), (ProblemCode::NotFound, false));
    }
    let (answer, asked) = answered_without_a_body(&mut other, &document_of(id.parse().unwrap())).await;
    assert_eq!((answer.refusal().code, asked), (ProblemCode::NotFound, false), "it is committed");
    let (answer, asked) = answered_without_a_body(&mut one, &document_of(own)).await;
    assert_eq!((answer.refusal().code, asked), (ProblemCode::TooLarge, true), "one that is waited for is read");
}

#[tokio::test]
async fn a_member_has_two_under_way_and_a_place_is_given_back_whatever_becomes_of_them() {
    let portal = TestPortal::start().await;
    let (mut registrar, sealing) = registrar(&portal, 1).await;
    let refused = async |registrar: &mut Client| {
        let (answer, asked) = answered_without_a_body(registrar, &document_of(sealing)).await;
        assert_eq!((answer.status, asked), (StatusCode::TOO_MANY_REQUESTS, false));
        assert_eq!((answer.retry_after(), answer.refusal().code), (Some(5), ProblemCode::TooOften));
        assert!(answer.refusal().detail.contains("Documents of yours"));
    };
    let (first, second) = (under_way(&registrar, sealing).await, under_way(&registrar, sealing).await);
    refused(&mut registrar).await;
    // Another browser of theirs is theirs.
    let mut elsewhere = registrar.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success());
    refused(&mut elsewhere).await;

    assert!(first.finish().await.status.is_success());
    let third = under_way(&registrar, sealing).await;
    refused(&mut registrar).await;
    second.hang_up().await;
    third.hang_up().await;
    // Refused in each way that there is; none of them keeps its place.
    for _ in 0..3 {
        assert_eq!(upload(&mut registrar, sealing, SEALED_MAX + 1).await.refusal().code, ProblemCode::TooLarge);
        assert_eq!(upload(&mut registrar, sealing, 1).await.refusal().code, ProblemCode::TooLarge);
        assert_eq!(upload(&mut registrar, SealingId::fresh(), 64).await.refusal().code, ProblemCode::NotFound);
    }
    let (_one, _another) = (under_way(&registrar, sealing).await, under_way(&registrar, sealing).await);
    refused(&mut registrar).await;
}

#[tokio::test]
async fn everybody_together_has_eight_under_way() {
    let portal = TestPortal::start().await;
    let mut held = Vec::new();
    for number in 0..4 {
        let (registrar, sealing) = registrar(&portal, number).await;
        held.extend([under_way(&registrar, sealing).await, under_way(&registrar, sealing).await]);
    }
    let (mut fifth, sealing) = registrar(&portal, 4).await;
    let (answer, asked) = answered_without_a_body(&mut fifth, &document_of(sealing)).await;
    assert_eq!((answer.retry_after(), answer.refusal().code, asked), (Some(5), ProblemCode::TooOften, false));
    assert!(answer.refusal().detail.contains("Others are sending"));
    assert!(held.swap_remove(3).finish().await.status.is_success());
    assert!(upload(&mut fifth, sealing, 64).await.status.is_success());
}
