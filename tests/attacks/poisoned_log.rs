//! A member signs, and sends along what they would like to see in the log, or what would keep it from being read.

use halligan_backend::{domain::audit::Event, services::ChainState};
use halligan_shared::{audit::Kind, member::Role, paths, wire, wire::AuditPage};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::TestPortal;

/// As deep as a body may be (`serde_json`: 128 levels), less where the credential stands in it.
const DEEP: usize = 120;

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!("noise"), |inner, _| json!([inner]))
}

#[tokio::test]
async fn what_stands_beside_a_signature_is_not_kept() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let mut credential = responder.device.sign(&prepared.ceremony.options).await;
    credential["noise"] = nested(DEEP);
    credential["response"]["noise"] = json!("x".repeat(20_000));
    // Read by the library, signed by nobody.
    credential["clientExtensionResults"] = json!({ "hmac_get_secret": { "output1": "noise".repeat(400), "output2": null } });
    let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
    let filed: wire::RequestView = responder.post(paths::REQUESTS, &body).await.ok();

    let again: wire::RequestView = responder.post(paths::REQUESTS, &body).await.ok();
    assert_eq!(again.id, filed.id, "sent again it is the same request");
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    let page: AuditPage = auditor.get(paths::AUDIT).await.ok();
    let event = page.events.iter().find(|event| event.kind == "request.filed").unwrap();
    assert!(!event.facts.to_string().contains("noise"));
    assert!(event.facts["assertion"]["response"]["signature"].is_string(), "what was signed is there");
}

#[tokio::test]
async fn an_event_that_could_not_be_read_back_is_not_written() {
    let portal = TestPortal::start().await;
    let mut unit = portal.portal.store().begin().await.unwrap();
    let event = Event::of_portal(Kind::SealingDropped, nested(DEEP));
    assert!(unit.record(&event, portal.portal.clock().now()).await.is_err());
    drop(unit);
    assert!(matches!(portal.chain().await, ChainState::Holds { events: 0, .. }));
}

#[tokio::test]
async fn free_text_in_place_of_an_id_is_refused() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    for (member, text) in [("id", "The dispatcher told me to."), ("id", ""), ("type", "The dispatcher told me to.")] {
        let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
        let mut credential = responder.device.sign(&prepared.ceremony.options).await;
        credential[member] = json!(text);
        let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
        assert_eq!(
            responder.post(paths::REQUESTS, &body).await.refusal().code,
            wire::ProblemCode::SignatureRefused,
            "{member}: {text}"
        );
    }
}

#[tokio::test]
async fn a_signature_longer_than_any_is_refused() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let mut credential = responder.device.sign(&prepared.ceremony.options).await;
    credential["response"]["userHandle"] = json!("QUFB".repeat(4_000));
    let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
    assert_eq!(responder.post(paths::REQUESTS, &body).await.refusal().code, wire::ProblemCode::SignatureRefused);
}
