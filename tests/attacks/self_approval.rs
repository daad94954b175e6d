//! A responder who is a dispatcher too approves their own request.

use halligan_shared::{member::Role, statement::Verdict, wire::ProblemCode};

use crate::support::TestPortal;

#[tokio::test]
async fn nobody_decides_their_own_request() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut both = portal.member("EMS-1", &[Role::Responder, Role::Dispatcher]).await;
    let request = both.ask(&reference).await.id;
    assert_eq!(both.prepare_decision(request, Verdict::Approve).await.refusal().code, ProblemCode::OwnRequest);
}
