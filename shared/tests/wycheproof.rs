//! Points of P-256 and ECDH with them, against the vectors of Wycheproof: points off the curve, of other curves, and in forms that
//! somebody once took for another.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use halligan_shared::crypto::{CryptoFault, Point, agree_with};
use wycheproof::{
    TestResult,
    ecdh::{TestName, TestSet},
};

/// How many vectors of each kind were tried, and how many of the acceptable ones were read.
#[derive(Default)]
struct Tried {
    valid: usize,
    acceptable: usize,
    read: usize,
    invalid: usize,
}

/// What is valid gives the shared secret that the vector names; what is not is no point. What is a matter of taste is refused, or right.
fn tried(name: TestName, parse: impl Fn(&[u8]) -> Result<Point, CryptoFault>) -> Tried {
    let mut tried = Tried::default();
    for test in TestSet::load(name).unwrap().test_groups.iter().flat_map(|group| &group.tests) {
        let what = format!("{}: {}", test.tc_id, test.comment);
        let point = parse(&test.public_key);
        match test.result {
            TestResult::Valid => tried.valid += 1,
            TestResult::Acceptable => tried.acceptable += 1,
            TestResult::Invalid => tried.invalid += 1,
        }
        match point {
            Err(_) => assert!(test.result != TestResult::Valid, "refused: {what}"),
            Ok(point) => {
                assert!(!test.result.must_fail(), "taken: {what}");
                tried.read += usize::from(test.result == TestResult::Acceptable);
                let (share, _) = agree_with(&scalar(&test.private_key), &point).unwrap();
                assert_eq!(share.as_bytes(), test.shared_secret.as_slice(), "{what}");
            }
        }
    }
    tried
}

/// A scalar in 32 bytes: the vectors write numbers, with a zero in front or without one.
fn scalar(number: &[u8]) -> [u8; 32] {
    let mut scalar = [0; 32];
    scalar.iter_mut().rev().zip(number.iter().rev()).for_each(|(byte, digit)| *byte = *digit);
    scalar
}

#[test]
fn sec1_points_agree_with_the_vectors() {
    let Tried { valid, invalid, .. } = tried(TestName::EcdhSecp256r1Ecpoint, Point::from_sec1);
    assert!(valid >= 330 && invalid >= 24, "{valid} valid and {invalid} invalid vectors were tried");
}

#[test]
fn public_keys_in_der_agree_with_the_vectors() {
    let Tried { valid, acceptable, read, invalid } = tried(TestName::EcdhSecp256r1, Point::from_spki_der);
    assert!(valid >= 330 && acceptable >= 230 && invalid >= 52, "{valid}, {acceptable} and {invalid} vectors were tried");
    assert_eq!(read, 0, "one spelling: the named curve, and the point not compressed");
}
