//! Somebody with a session tries references out, to learn which were ever good.

use halligan_shared::{member::Role, paths, reference::Reference, wire};

use crate::support::{Client, Set, TestPortal};

/// What is said, without the number of the call.
async fn answer(responder: &mut Client, reference: &Reference) -> (u16, wire::Problem) {
    let answer = responder.prepare(reference.digest()).await;
    (answer.status.as_u16(), wire::Problem { request_id: String::new(), ..answer.refusal() })
}

#[tokio::test]
async fn unknown_replaced_foreign_and_unfinished_references_are_answered_alike() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let elsewhere = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;

    let (record, replaced) = registrar.seal(b"{}").await;
    let bracelet = wire::Bracelet::of(&Reference::random().unwrap(), &record);
    assert!(registrar.post(&paths::record_bracelet_of(record), &bracelet).await.status.is_success());
    let (_, foreign) = elsewhere.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;

    let unknown = answer(&mut responder, &Reference::random().unwrap()).await;
    assert_eq!(unknown.1.code, wire::ProblemCode::UnknownBracelet);
    assert_eq!(answer(&mut responder, &replaced).await, unknown);
    assert_eq!(answer(&mut responder, &foreign).await, unknown);
    // Nothing in the store remembers a replaced one: there is nothing that could take longer to find.
    let row = "select count(*) from bracelet";
    assert_eq!(portal.count(row).await, 1);
}
