//! New material under the same key, and data keys wrapped anew without anybody seeing them.

use aws_sdk_kms::types::RotationType;

use crate::support::{RECORD, TestAuthority, code, session};

#[tokio::test]
async fn after_a_rotation_old_records_open_and_new_ones_are_wrapped_under_the_new_material() {
    let authority = TestAuthority::start().await;
    let kek = &authority.connection.kek_arn;
    let (data_key, blob) = authority.data_key("ab").await;
    let rotation = authority.rotation("ab").await;
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let decrypt = |blob: &aws_sdk_kms::primitives::Blob| {
        decrypter.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send()
    };
    let administrator = authority.kms(authority.administrator());
    assert!(rotation.list_key_rotations().key_id(kek).send().await.unwrap().rotations().is_empty());
    assert_eq!(administrator.rotate_key_on_demand().key_id(kek).send().await.unwrap().key_id(), Some(kek.as_str()));
    let listed = rotation.list_key_rotations().key_id(kek).send().await.unwrap();
    assert_eq!(listed.rotations()[0].rotation_type(), Some(&RotationType::OnDemand));
    assert!(!rotation.get_key_rotation_status().key_id(kek).send().await.unwrap().key_rotation_enabled());

    assert_eq!(decrypt(&blob).await.unwrap().plaintext().unwrap().as_ref(), data_key);
    let (new_key, new_blob) = authority.data_key("ab").await;
    assert_eq!(decrypt(&new_blob).await.unwrap().plaintext().unwrap().as_ref(), new_key);

    let rewrap = rotation.re_encrypt().ciphertext_blob(blob.clone()).destination_key_id(kek);
    let rewrap = rewrap.source_encryption_context(RECORD, "ab").destination_encryption_context(RECORD, "ab");
    let rewrapped = rewrap.send().await.unwrap();
    assert_eq!((rewrapped.source_key_id(), rewrapped.key_id()), (Some(kek.as_str()), Some(kek.as_str())));
    let rewrapped = rewrapped.ciphertext_blob.unwrap();
    assert_eq!(decrypt(&rewrapped).await.unwrap().plaintext().unwrap().as_ref(), data_key);
    // Bytes 17 to 20 say under which material: the old one before, the new one after.
    assert_eq!((&blob.as_ref()[17..21], &rewrapped.as_ref()[17..21]), (&[0, 0, 0, 0][..], &[0, 0, 0, 1][..]));
}

#[tokio::test]
async fn a_record_is_wrapped_anew_as_itself_only_and_under_its_own_key() {
    let authority = TestAuthority::start().await;
    let kek = &authority.connection.kek_arn;
    let (_, blob) = authority.data_key("ab").await;
    let rotation = authority.rotation("ab").await;
    let ask = |from: &str, to: &str| {
        let request = rotation.re_encrypt().ciphertext_blob(blob.clone()).destination_key_id(kek);
        request.source_encryption_context(RECORD, from).destination_encryption_context(RECORD, to)
    };
    assert!(ask("ab", "ab").send().await.is_ok());
    assert_eq!(code(ask("ab", "ab").dry_run(true).send().await), "DryRunOperationException");
    for (from, to) in [("ab", "cd"), ("cd", "ab"), ("cd", "cd")] {
        assert_eq!(code(ask(from, to).send().await), "AccessDeniedException", "{from} as {to}");
    }
    let administrator = authority.kms(authority.administrator());
    let own = administrator.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    assert_eq!(code(ask("ab", "ab").destination_key_id(own).send().await), "AccessDeniedException", "under another key");
    let elsewhere = authority.rotation("cd").await;
    let foreign = elsewhere.re_encrypt().ciphertext_blob(blob.clone()).destination_key_id(kek);
    let foreign = foreign.source_encryption_context(RECORD, "cd").destination_encryption_context(RECORD, "cd");
    assert_eq!(code(foreign.send().await), "InvalidCiphertextException", "allowed, but of another record");
    assert_eq!(code(ask("ab", "ab").source_encryption_context("more", "1").send().await), "InvalidCiphertextException");
    let decrypt = rotation.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send().await;
    assert_eq!(code(decrypt), "AccessDeniedException");
}

#[tokio::test]
async fn only_symmetric_keys_that_are_enabled_rotate() {
    let authority = TestAuthority::start().await;
    let administrator = authority.kms(authority.administrator());
    let rotate = |key: &str| administrator.rotate_key_on_demand().key_id(key).send();
    let asymmetric = administrator.create_key().key_spec("ECC_NIST_P256".into()).key_usage("KEY_AGREEMENT".into());
    let asymmetric = asymmetric.send().await.unwrap().key_metadata.unwrap().key_id;
    assert_eq!(code(rotate(&asymmetric).await), "UnsupportedOperationException");
    authority.authority.set_key_enabled(&authority.connection.kek_arn, false).await.unwrap();
    assert_eq!(code(rotate(&authority.connection.kek_arn).await), "DisabledException");
    authority.authority.set_key_enabled(&authority.connection.kek_arn, true).await.unwrap();
    for _ in 0..25 {
        rotate(&authority.connection.kek_arn).await.unwrap();
    }
    assert_eq!(code(rotate(&authority.connection.kek_arn).await), "LimitExceededException");
}

/// There are 25 in a key's life: they are not the portal's to use up.
#[tokio::test]
async fn no_role_of_the_portal_gives_a_key_new_material() {
    let authority = TestAuthority::start().await;
    let decrypter = authority.grant("ab").await;
    for kms in [authority.kms(authority.backend()), authority.rotation("ab").await, authority.registrar().await, decrypter] {
        let rotated = kms.rotate_key_on_demand().key_id(&authority.connection.kek_arn).send().await;
        assert_eq!(code(rotated), "AccessDeniedException");
    }
    let listed = authority.rotation("ab").await.list_key_rotations().key_id(&authority.connection.kek_arn).send().await.unwrap();
    assert!(listed.rotations().is_empty());
}
