//! `GenerateDataKey` and `Decrypt`: what comes back, and what the cipher itself refuses.

use aws_sdk_kms::{
    primitives::Blob,
    types::{DataKeySpec, EncryptionAlgorithmSpec},
};

use crate::support::{RECORD, TestAuthority, code, session};

#[tokio::test]
async fn data_keys_have_the_length_that_was_asked_for_and_come_back() {
    let authority = TestAuthority::start().await;
    let (registrar, kek) = (authority.registrar().await, &authority.connection.kek_arn);
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let ask = || registrar.generate_data_key().key_id(kek).encryption_context(RECORD, "ab");
    for (request, length) in [
        (ask().key_spec(DataKeySpec::Aes128), 16),
        (ask().key_spec(DataKeySpec::Aes256), 32),
        (ask().number_of_bytes(1), 1),
        (ask().number_of_bytes(1024), 1024),
    ] {
        let made = request.send().await.unwrap();
        let plaintext = made.plaintext.unwrap();
        assert_eq!(plaintext.as_ref().len(), length);
        let opened =
            decrypter.decrypt().ciphertext_blob(made.ciphertext_blob.unwrap()).encryption_context(RECORD, "ab").send().await;
        assert_eq!(opened.unwrap().plaintext, Some(plaintext));
    }
    for request in
        [ask(), ask().number_of_bytes(0), ask().number_of_bytes(1025), ask().number_of_bytes(32).key_spec(DataKeySpec::Aes256)]
    {
        assert_eq!(code(request.send().await), "ValidationException");
    }
    assert_eq!(code(ask().number_of_bytes(32).dry_run(true).send().await), "DryRunOperationException");
}

#[tokio::test]
async fn two_data_keys_are_never_the_same() {
    let authority = TestAuthority::start().await;
    let (one, two) = (authority.data_key("ab").await, authority.data_key("ab").await);
    assert!(one.0 != two.0 && one.1 != two.1);
}

#[tokio::test]
async fn a_wrong_context_fails_in_the_cipher_without_any_session_policy() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let ask = || decrypter.decrypt().ciphertext_blob(blob.clone());
    assert_eq!(code(ask().send().await), "AccessDeniedException", "the key policy demands a record");
    for other in ["cd", "AB"] {
        let theirs = authority.kms(session(&authority.decrypter_for(other).send().await.unwrap()));
        let wrong = theirs.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, other);
        assert_eq!(code(wrong.send().await), "InvalidCiphertextException", "{other}");
    }
    for wrong in
        [ask().encryption_context("Halligan:record", "ab"), ask().encryption_context(RECORD, "ab").encryption_context("more", "")]
    {
        assert_eq!(code(wrong.send().await), "InvalidCiphertextException");
    }
}

#[tokio::test]
async fn a_broken_ciphertext_is_invalid() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let ask = |bytes: Vec<u8>| decrypter.decrypt().ciphertext_blob(Blob::new(bytes)).encryption_context(RECORD, "ab").send();
    let whole = blob.into_inner();
    let mut altered = whole.clone();
    *altered.last_mut().unwrap() ^= 1;
    for broken in [altered, whole[..whole.len() - 1].to_vec(), vec![1], vec![0; 100], [whole.as_slice(), &[0]].concat()] {
        assert_eq!(code(ask(broken).await), "InvalidCiphertextException");
    }
    assert_eq!(code(ask(Vec::new()).await), "ValidationException");
    assert_eq!(code(ask(vec![1; 6145]).await), "ValidationException");
    // A key id inside that is nobody's, or not the one that the caller names.
    let mut foreign = whole;
    foreign[1..17].fill(7);
    assert_eq!(code(ask(foreign.clone()).await), "AccessDeniedException");
    let named = decrypter.decrypt().key_id(&authority.connection.kek_arn).ciphertext_blob(Blob::new(foreign));
    assert_eq!(code(named.encryption_context(RECORD, "ab").send().await), "IncorrectKeyException");
}

#[tokio::test]
async fn a_key_does_only_what_it_is_for() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let (kek, agreement) = (&authority.connection.kek_arn, &authority.connection.agreement_arn);
    let by = |key: &str| decrypter.decrypt().key_id(key).ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab");
    assert!(by(kek).send().await.is_ok());
    // The roles do not allow the wrong pairs, so policy speaks before usage does.
    assert_eq!(code(by(agreement).send().await), "AccessDeniedException");
    assert_eq!(
        code(by(kek).encryption_algorithm(EncryptionAlgorithmSpec::RsaesOaepSha256).send().await),
        "InvalidKeyUsageException"
    );
    let administrator = authority.kms(authority.administrator());
    let symmetric = administrator.create_key().send().await.unwrap().key_metadata.unwrap().key_id;
    assert_eq!(code(administrator.get_public_key().key_id(symmetric).send().await), "UnsupportedOperationException");
}

#[tokio::test]
async fn a_disabled_key_does_nothing_until_it_is_enabled_again() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let grant = authority.grant("ab").await;
    let decrypt = |record: &str| grant.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, record).send();
    let kek = &authority.connection.kek_arn;

    authority.authority.set_key_enabled(kek, false).await.unwrap();
    assert_eq!(code(decrypt("ab").await), "DisabledException");
    assert_eq!(code(decrypt("cd").await), "AccessDeniedException", "who may not use a key does not learn its state");
    let registrar = authority.registrar().await;
    let generate = registrar.generate_data_key().key_id(kek).number_of_bytes(32).encryption_context(RECORD, "ab").send().await;
    assert_eq!(code(generate), "DisabledException");
    let described = authority.kms(authority.backend()).describe_key().key_id(kek).send().await.unwrap();
    assert!(!described.key_metadata().unwrap().enabled());

    authority.authority.set_key_enabled(kek, true).await.unwrap();
    assert!(decrypt("ab").await.is_ok());
    assert!(authority.authority.set_key_enabled("11111111-2222-4333-8444-555555555555", false).await.is_err());
}
