//! Signatures that some library once took and none should: Wycheproof's vectors for ECDSA on P-256 with SHA-256, through the same
//! function that judges what passkeys sign. And that what it refuses is refused by the portal.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{member::Role, paths, wire, wire::ProblemCode};
use serde_json::{Value, json};
use uuid::Uuid;
use webauthn_rs_core::proto::{COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, ECDSACurve};
use wycheproof::{
    TestResult,
    ecdsa::{TestName, TestSet},
};

use crate::support::{Device, TestPortal};

#[test]
fn signatures_agree_with_the_vectors() {
    let (mut valid, mut invalid) = (0, 0);
    for group in TestSet::load(TestName::EcdsaSecp256r1Sha256).unwrap().test_groups {
        // SEC 1, not compressed.
        let (x, y) = group.key.key[1..].split_at(32);
        let key = COSEEC2Key { curve: ECDSACurve::SECP256R1, x: x.to_vec(), y: y.to_vec() };
        let key = COSEKey { type_: COSEAlgorithm::ES256, key: COSEKeyType::EC_EC2(key) };
        for test in group.tests {
            let holds = key.verify_signature(&test.sig, &test.msg).unwrap_or(false);
            assert_eq!(holds, test.result == TestResult::Valid, "{}: {}", test.tc_id, test.comment);
            if holds { valid += 1 } else { invalid += 1 }
        }
    }
    assert!(valid >= 174 && invalid >= 310, "{valid} valid and {invalid} invalid vectors were tried");
}

#[tokio::test]
async fn what_the_passkey_did_not_sign_is_not_filed() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    // Without a counter: nothing but the signature tells.
    let mut responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let earlier: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let earlier = responder.device.sign(&earlier.ceremony.options).await;
    let signature = |answer: &Value| URL_SAFE_NO_PAD.decode(answer["response"]["signature"].as_str().unwrap()).unwrap();
    for place in 0..5 {
        let prepared: wire::PreparedRequest = responder.prepare(reference.digest()).await.ok();
        let mut credential = responder.device.sign(&prepared.ceremony.options).await;
        let mut flipped = signature(&credential);
        *flipped.last_mut().unwrap() ^= 1;
        let forgeries = [
            ("a bit flipped", flipped),
            ("of an earlier request", signature(&earlier)),
            ("r = s = 0", vec![0x30, 6, 2, 1, 0, 2, 1, 0]),
            ("r = s = 1", vec![0x30, 6, 2, 1, 1, 2, 1, 1]),
            ("none", Vec::new()),
        ];
        let (what, forged) = &forgeries[place];
        credential["response"]["signature"] = json!(URL_SAFE_NO_PAD.encode(forged));
        let body = wire::FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
        let answer = responder.post(paths::REQUESTS, &body).await;
        assert_ne!(answer.status, StatusCode::OK, "{what}");
        assert_eq!(answer.refusal().code, ProblemCode::SignatureRefused, "{what}");
    }
    responder.ask(&reference).await;
}
