//! Signatures that some library once took and none should: Wycheproof's vectors for ECDSA on P-256 with SHA-256, through the same
//! function that judges what passkeys sign.

use webauthn_rs_core::proto::{COSEAlgorithm, COSEEC2Key, COSEKey, COSEKeyType, ECDSACurve};
use wycheproof::{
    TestResult,
    ecdsa::{TestName, TestSet},
};

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
