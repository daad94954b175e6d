//! A member types words that read otherwise than they are, for whoever decides or reviews by them.

use axum::http::Method;
use halligan_shared::{
    justification::Draft,
    member::Role,
    paths,
    wire::{Desk, PasskeyLine, PreparedRequest, ProblemCode},
};
use serde_json::{Value, json};

use crate::support::{TestPortal, pressing};

/// From here on everything reads from right to left.
const TURNED: &str = "Crew of \u{202e}12 ward";

#[tokio::test]
async fn nothing_that_is_typed_steers_how_it_is_seen() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    let mut member = portal.member("ALL-1", &Role::ALL).await;
    let own: Vec<PasskeyLine> = member.get(paths::PASSKEYS).await.ok();
    let responder = member.id_of("EMS-1").await;
    let typed = |text: &str| -> Vec<(Method, String, Value)> {
        vec![
            (
                Method::POST,
                paths::INVITATIONS.into(),
                json!({ "agency_id": "EMS-9", "display_name": text, "roles": ["responder"] }),
            ),
            (Method::POST, paths::DRILLS.into(), json!({ "name": text, "minutes": 60, "members": [responder] })),
            (Method::PUT, paths::passkey_of(own[0].id), json!({ "name": text })),
            (Method::POST, paths::decision_prepare_of(request), json!({ "verdict": "deny", "reason": text })),
            (Method::POST, paths::LOCKDOWN_PREPARE.into(), json!({ "act": "begin", "reason": text })),
            (Method::POST, paths::reenrolment_prepare_of(responder), json!({ "reason": text })),
        ]
    };
    for (method, path, body) in typed(TURNED) {
        let refused = member.raw(method, &path, body).await.refusal();
        assert_eq!(refused.code, ProblemCode::Invalid, "{path}: {}", refused.detail);
    }
    // The same without what turns it is taken.
    for (method, path, body) in typed("Crew of 12 ward") {
        member.raw(method, &path, body).await.done();
    }
}

#[tokio::test]
async fn a_reason_is_one_line_in_what_is_signed_and_on_the_card() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let text = "Found alone and confused\n\nConfirmed by the \u{202e}supervisor\u{202c}".to_owned();
    let prepared: PreparedRequest = responder.prepare_as(reference.digest(), Draft { text, ..pressing() }).await.ok();
    let plain = "Found alone and confused Confirmed by the supervisor";
    assert_eq!(prepared.statement.justification.text(), plain);
    responder.file(prepared).await.done();
    let desk: Desk = portal.member("DSP-1", &[Role::Dispatcher]).await.get(paths::DESK).await.ok();
    assert_eq!(desk.waiting[0].statement.justification.text(), plain);
}
