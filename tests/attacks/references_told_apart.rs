//! Somebody with a session tries references out, to learn which were ever good.

use axum::http::{HeaderMap, header};
use halligan_shared::{member::Role, paths, reference::Reference, wire};

use crate::support::{Client, Set, TestPortal};

const EVENTS: &str = "select count(*) from audit_event";

/// What is said, without the number of the call, and how many events it leaves behind.
async fn answer(portal: &TestPortal, responder: &mut Client, reference: &Reference) -> (u16, HeaderMap, wire::Problem, i64) {
    let before = portal.count(EVENTS).await;
    let mut answer = responder.prepare(reference.digest()).await;
    assert!(answer.headers.remove("x-request-id").is_some());
    // Each session has its own.
    let cookie = answer.headers.remove(header::SET_COOKIE).unwrap();
    assert!(cookie.to_str().unwrap().starts_with("halligan="));
    let problem = wire::Problem { request_id: String::new(), ..answer.refusal() };
    (answer.status.as_u16(), answer.headers, problem, portal.count(EVENTS).await - before)
}

#[tokio::test]
async fn unknown_replaced_foreign_and_unfinished_references_are_answered_alike() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let elsewhere = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;

    let (_, unfinished) = registrar.seal(b"{}").await;
    portal.tamper("update sealing set committed = 0").await;
    let (record, replaced) = registrar.seal(b"{}").await;
    let bracelet = wire::Bracelet::of(&Reference::random().unwrap(), &record);
    assert!(registrar.post(&paths::record_bracelet_of(record), &bracelet).await.status.is_success());
    let (_, foreign) = elsewhere.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;

    // The one past the ordinary number, and each that waits after it, are as alike as the first.
    for round in 0..10 {
        let (mut answers, mut lengths) = (Vec::new(), Vec::new());
        for reference in [&Reference::random().unwrap(), &replaced, &foreign, &unfinished] {
            // Each is looked up by somebody who has looked up as many before: what counts scans would tell them apart by their order.
            let mut other = portal.member(&format!("EMS-{round}-{}", answers.len()), &[Role::Responder]).await;
            for _ in 0..round {
                other.prepare(Reference::random().unwrap().digest()).await;
            }
            answers.push(answer(&portal, &mut other, reference).await);
            lengths.push(other.prepare(reference.digest()).await.body.len());
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]), "{round}: {answers:#?}");
        assert!(lengths.iter().all(|length| *length == lengths[0]), "{round}: {lengths:?}");
    }
    let (_, _, unknown, _) = answer(&portal, &mut responder, &replaced).await;
    assert_eq!(unknown.code, wire::ProblemCode::UnknownBracelet);
    // Nothing in the store remembers a replaced one: there is nothing that could take longer to find.
    assert_eq!(portal.count("select count(*) from bracelet").await, 2);
}
