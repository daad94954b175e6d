//! Somebody reads along between backend and page: a proxy that terminates TLS, another part of the browser, a log of bodies.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_backend::store::AuditFilter;
use halligan_shared::{
    crypto::{Blinding, PageKey, Point},
    id::RequestId,
    paths, wire,
};
use serde_json::{Value, json};

use crate::support::{Client, TestPortal};

/// What a release looks like on the line, and both shares.
async fn release(responder: &mut Client, request: RequestId, point: &Point, commitment: u8) -> (Vec<u8>, [[u8; 32]; 2]) {
    let (blinding, blinded_point) = Blinding::new(point).unwrap();
    let page = PageKey::new().unwrap();
    let wipe_commitment = halligan_shared::bytes::Bytes([commitment; 32]);
    let body = wire::ReleaseBody { blinded_point, page_point: page.point(), wipe_commitment };
    let answer = responder.post(&paths::release_of(request), &body).await;
    let release: wire::Release = answer.ok();
    let share1 = page.open(&release.share1, &release.grant).unwrap();
    let share2 = blinding.unblind(&release.blinded_share.0).unwrap();
    (answer.body, [*share1.as_bytes(), *share2.as_bytes()])
}

/// What the texts of an answer stand for.
fn spelled(value: &Value) -> Vec<Vec<u8>> {
    match value {
        Value::String(text) => URL_SAFE_NO_PAD.decode(text).into_iter().collect(),
        Value::Array(list) => list.iter().flat_map(spelled).collect(),
        Value::Object(members) => members.values().flat_map(spelled).collect(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn neither_share_is_on_the_line_and_no_two_releases_look_alike() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"{}").await;
    let point = responder.point(request).await;
    let (first, shares) = release(&mut responder, request, &point, 1).await;
    let (second, again) = release(&mut responder, request, &point, 2).await;
    assert_eq!(shares, again, "they are one record's shares both times");
    for body in [&first, &second] {
        let parts = spelled(&serde_json::from_slice(body).unwrap());
        assert!(parts.iter().any(|part| part.len() == 48), "the sealed share is among them");
        for part in parts.iter().chain([body]) {
            assert!(!part.windows(32).any(|window| shares.iter().any(|share| window == share)));
        }
    }
    let (first, second): (wire::Release, wire::Release) =
        (serde_json::from_slice(&first).unwrap(), serde_json::from_slice(&second).unwrap());
    assert_ne!(first.share1, second.share1);
    assert_ne!(first.blinded_share, second.blinded_share);
}

/// Whoever changes what a page sends can put points of their own in it, and read both shares: the log keeps the points that were
/// answered, to be compared with what a page says it sent.
#[tokio::test]
async fn the_log_has_the_points_that_a_release_was_made_for() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"{}").await;
    let (_, blinded_point) = Blinding::new(&responder.point(request).await).unwrap();
    let page_point = PageKey::new().unwrap().point();
    let body = wire::ReleaseBody { blinded_point, page_point, wipe_commitment: halligan_shared::bytes::Bytes([1; 32]) };
    assert!(responder.post(&paths::release_of(request), &body).await.status.is_success());
    let page = portal.portal.audit(AuditFilter { limit: 200, ..Default::default() }).await.unwrap();
    let opened = page.events.into_iter().find(|event| event.kind == "record.opened").unwrap();
    assert_eq!(opened.facts["blinded_point"], json!(blinded_point));
    assert_eq!(opened.facts["page_point"], json!(page_point));
}
