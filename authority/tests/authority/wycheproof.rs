//! `DeriveSharedSecret` against the vectors of Wycheproof, with the vectors' own private keys in the keys file.

use std::{collections::BTreeMap, fs, os::unix::fs::OpenOptionsExt, path::Path};

use aws_sdk_kms::{primitives::Blob, types::KeyAgreementAlgorithmSpec};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tempfile::tempdir;
use wycheproof::{
    TestResult,
    ecdh::{Test, TestName, TestSet},
};

use crate::support::{TestAuthority, code, session};

#[tokio::test]
async fn shared_secrets_agree_with_the_vectors_and_nothing_but_points_of_p256_gives_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let authority = TestAuthority::start_with(Some(path.clone())).await.unwrap();
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let (mut valid, mut acceptable, mut invalid) = (0, 0, 0);
    for (scalar, tests) in &by_private_key() {
        put_scalar(&path, scalar);
        for test in tests {
            let what = format!("{}: {}", test.tc_id, test.comment);
            let request = decrypter.derive_shared_secret().key_id(&authority.connection.agreement_arn);
            let request =
                request.key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh).public_key(Blob::new(test.public_key.to_vec()));
            let derived = request.send().await;
            match test.result {
                TestResult::Valid => valid += 1,
                TestResult::Acceptable => acceptable += 1,
                TestResult::Invalid => invalid += 1,
            }
            match derived {
                Ok(derived) => {
                    assert!(!test.result.must_fail(), "taken: {what}");
                    assert_eq!(derived.shared_secret().unwrap().as_ref(), test.shared_secret.as_slice(), "{what}");
                }
                refused => {
                    assert!(test.result != TestResult::Valid, "refused: {what}");
                    assert_eq!(code(refused), "ValidationException", "{what}");
                }
            }
        }
    }
    assert!(valid >= 330 && acceptable >= 230 && invalid >= 52, "{valid}, {acceptable} and {invalid} vectors were tried");
}

/// The vectors by scalar: 32 bytes, where they write a number with a zero in front or without one.
fn by_private_key() -> BTreeMap<[u8; 32], Vec<Test>> {
    let mut sorted = BTreeMap::<_, Vec<_>>::new();
    for test in TestSet::load(TestName::EcdhSecp256r1).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
        let mut scalar = [0; 32];
        scalar.iter_mut().rev().zip(test.private_key.iter().rev()).for_each(|(byte, digit)| *byte = *digit);
        sorted.entry(scalar).or_default().push(test);
    }
    sorted
}

/// Makes this scalar the agreement key, as another process that holds the file would.
fn put_scalar(path: &Path, scalar: &[u8; 32]) {
    let mut keys: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    // The agreement key is the one whose material says so.
    let material = keys.pointer_mut("/keys/1/material/agreement").unwrap();
    *material = json!(STANDARD.encode(scalar));
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new).unwrap();
    std::io::Write::write_all(&mut file, keys.to_string().as_bytes()).unwrap();
    fs::rename(new, path).unwrap();
}
