//! AES-256-GCM against the vectors of Wycheproof, as far as this crate speaks its form: 96-bit nonces and 128-bit tags.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use halligan_aead::{KEY, NONCE, TAG, decrypt, encrypt};
use wycheproof::{
    TestResult,
    aead::{Test, TestName, TestSet},
};

#[test]
fn what_is_valid_opens_and_what_is_not_is_refused_and_left_alone() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let groups =
        set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size, group.tag_size) == (8 * KEY, 8 * NONCE, 8 * TAG));
    let (mut valid, mut invalid) = (0, 0);
    for test in groups.flat_map(|group| &group.tests) {
        let (key, nonce, tag) = (fixed(&test.key), fixed(&test.nonce), fixed(&test.tag));
        let mut buffer = test.ct.to_vec();
        let opened = decrypt(&key, &nonce, &test.aad, &mut buffer, &tag);
        match test.result {
            TestResult::Valid => {
                valid += 1;
                assert_eq!((opened, buffer.as_slice()), (Some(()), &**test.pt), "{}", what(test));
                assert_eq!(encrypt(&key, &nonce, &test.aad, &mut buffer), Some(tag), "{}", what(test));
                assert_eq!(buffer, **test.ct, "{}", what(test));
            }
            TestResult::Invalid => {
                invalid += 1;
                assert_eq!((opened, buffer.as_slice()), (None, &**test.ct), "{}", what(test));
            }
            TestResult::Acceptable => panic!("GCM leaves nothing to taste: {}", what(test)),
        }
    }
    assert!(valid >= 39 && invalid >= 27, "{valid} valid and {invalid} invalid vectors were tried");
}

fn fixed<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap()
}

fn what(test: &Test) -> String {
    format!("{}: {}", test.tc_id, test.comment)
}
