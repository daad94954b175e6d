//! A responder who is a dispatcher too approves their own request.

use halligan_shared::{
    member::Role,
    paths,
    statement::Verdict,
    wire::{PreparedDecision, ProblemCode},
};

use crate::support::TestPortal;

#[tokio::test]
async fn nobody_decides_their_own_request() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut both = portal.member("EMS-1", &[Role::Responder, Role::Dispatcher]).await;
    let request = both.ask(&reference).await.id;
    assert_eq!(both.prepare_decision(request, Verdict::Approve).await.refusal().code, ProblemCode::OwnRequest);
}

#[tokio::test]
async fn a_decision_on_what_has_become_ones_own_request_is_refused_by_the_deciding_statement() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    // Preparing saw somebody else's request and handed out the ceremony; only the statement in the store is left to refuse.
    let prepared: PreparedDecision = dispatcher.prepare_decision(request, Verdict::Approve).await.ok();
    let body = dispatcher.signed_decision(&prepared).await;
    portal.tamper("update access_request set member_id = (select id from member where agency_id = 'DSP-1')").await;
    assert_eq!(dispatcher.post(&paths::decision_of(request), &body).await.refusal().code, ProblemCode::OwnRequest);
    assert_eq!(portal.count("select count(*) from access_request where state = 'pending'").await, 1);
}
