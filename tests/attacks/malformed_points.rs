//! Points that are not points, at the door where one goes to KMS.

use axum::http::{Method, StatusCode};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{bytes::Bytes, member::Role, paths, statement::Verdict, wire::Sealing};
use serde_json::json;

use crate::support::{Set, TestPortal};

/// A compressed point whose x belongs to no point of P-256: for x = 1, x^3 - 3x + b is no square.
fn off_curve() -> Vec<u8> {
    let mut point = vec![0; 33];
    (point[0], point[32]) = (2, 1);
    point
}

/// A compressed point whose x is no element of the field.
fn too_large() -> Vec<u8> {
    let mut point = vec![0xff; 33];
    point[0] = 2;
    point
}

#[tokio::test]
async fn identity_and_off_curve_points_never_reach_the_authority() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let good = *responder.point(request).await.as_bytes();
    let (off_curve, too_large) = (off_curve(), too_large());
    let mut bad_tag = good;
    bad_tag[0] = 5;
    for point in [vec![0], vec![0; 33], off_curve, too_large, bad_tag.to_vec(), good[..32].to_vec(), Vec::new()] {
        let (good, bad) = (URL_SAFE_NO_PAD.encode(good), URL_SAFE_NO_PAD.encode(&point));
        for (blinded, page) in [(&bad, &good), (&good, &bad)] {
            let body = json!({ "blinded_point": blinded, "page_point": page, "wipe_commitment": Bytes([0; 32]) });
            let answer = responder.raw(Method::POST, &paths::release_of(request), body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{point:?}");
        }
    }
    assert_eq!((portal.calls("Decrypt"), portal.calls("DeriveSharedSecret")), (0, 0));
    assert_eq!(responder.open(request).await.content, b"{}", "the refused tries cost nothing");
}

#[tokio::test]
async fn no_record_is_sealed_to_such_a_point() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let sealing: Sealing = registrar.post(paths::SEALINGS, &json!({ "record": null })).await.ok();
    for point in [vec![0], vec![0; 33], off_curve(), too_large()] {
        let body = json!({
            "point": URL_SAFE_NO_PAD.encode(&point), "summary": "01".repeat(16), "attachments": [],
            "bracelet": { "reference": Bytes([1; 32]), "binding": Bytes([2; 32]) }, "file_number": "", "drill": true,
        });
        let answer = registrar.raw(Method::POST, &paths::sealing_commit_of(sealing.id), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{point:?}");
    }
}
