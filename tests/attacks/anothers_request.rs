//! A responder who knows the ids of a colleague's request and grant.

use axum::http::StatusCode;
use halligan_shared::{grant::WipeCause, member::Role, paths, statement::Verdict, wire::ProblemCode, wire::RequestState};
use serde_json::json;

use crate::support::TestPortal;

#[tokio::test]
async fn a_colleagues_request_is_not_there_for_anybody_else() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let point = responder.point(request).await;

    assert_eq!(colleague.get(&paths::request_of(request)).await.refusal().code, ProblemCode::NotFound);
    assert_eq!(colleague.get(&paths::request_events_of(request)).await.refusal().code, ProblemCode::NotFound);
    assert_eq!(colleague.post(&paths::request_cancel_of(request), &json!({})).await.refusal().code, ProblemCode::NotFound);
    assert_eq!(colleague.try_release(request, &point).await.refusal().code, ProblemCode::NotFound);
    assert!(matches!(responder.request(request).await.state, RequestState::Approved { .. }), "nothing happened to it");

    let opened = responder.open(request).await;
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert_eq!(colleague.get(&document).await.refusal().code, ProblemCode::NotFound);
    let receipt = colleague.wiped(opened.release.grant, [0; 32], WipeCause::Done).await;
    assert_eq!(receipt.refusal().code, ProblemCode::NotFound);
    assert_eq!(responder.get(&document).await.status, StatusCode::OK);
}
