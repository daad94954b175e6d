//! What a session policy takes away: other actions, other keys, other records, other times.

use aws_sdk_kms::{error::ProvideErrorMetadata, primitives::Blob, types::KeyAgreementAlgorithmSpec};
use serde_json::json;
use time::{Duration, macros::datetime};

use crate::support::{RECORD, START, TestAuthority, code, session};

async fn decrypt(client: &aws_sdk_kms::Client, blob: &Blob, record: &str) -> Option<String> {
    let outcome = client.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, record).send().await;
    if outcome.is_ok() { None } else { Some(code(outcome)) }
}

async fn derive(authority: &TestAuthority, client: &aws_sdk_kms::Client) -> Option<String> {
    let key = &authority.connection.agreement_arn;
    let peer = authority.kms(authority.backend()).get_public_key().key_id(key).send().await.unwrap().public_key.unwrap();
    let request = client.derive_shared_secret().key_id(key).key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
    let outcome = request.public_key(peer).send().await;
    if outcome.is_ok() { None } else { Some(code(outcome)) }
}

const DENIED: Option<&str> = Some("AccessDeniedException");

#[tokio::test]
async fn the_window_is_half_open_to_the_second() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let grant = authority.grant("ab").await;
    let end = START + Duration::minutes(5);
    for (now, expected) in [
        (START, None),
        (end - Duration::SECOND, None),
        (end - Duration::NANOSECOND, None),
        (end, DENIED),
        (end + Duration::SECOND, DENIED),
    ] {
        authority.clock.set(now);
        assert_eq!(decrypt(&grant, &blob, "ab").await.as_deref(), expected, "{now}");
        assert_eq!(derive(&authority, &grant).await.as_deref(), expected, "{now}");
    }
}

#[tokio::test]
async fn a_window_may_also_begin_later() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let later = json!({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {
        "DateGreaterThan": {"aws:CurrentTime": "2026-11-23T10:01:00Z"},
    }}});
    let grant = authority.decrypter_with(&later).await;
    for (now, expected) in [
        (START, DENIED),
        (datetime!(2026-11-23 10:01:00 UTC), DENIED),
        (datetime!(2026-11-23 10:01:00.9 UTC), DENIED),
        (datetime!(2026-11-23 10:01:01 UTC), None),
    ] {
        authority.clock.set(now);
        assert_eq!(decrypt(&grant, &blob, "ab").await.as_deref(), expected, "{now}");
    }
}

#[tokio::test]
async fn a_grant_opens_its_own_record_only() {
    let authority = TestAuthority::start().await;
    let (one_key, one) = authority.data_key("ab").await;
    let (_, other) = authority.data_key("cd").await;
    let grant = authority.grant("ab").await;

    let opened = grant.decrypt().ciphertext_blob(one.clone()).encryption_context(RECORD, "ab").send().await.unwrap();
    assert_eq!(opened.plaintext().unwrap().as_ref(), one_key);
    assert_eq!(opened.key_id(), Some(authority.connection.kek_arn.as_str()));
    // The other record under its own name: the policy. Under this grant's name: the cipher.
    assert_eq!(decrypt(&grant, &other, "cd").await.as_deref(), DENIED);
    assert_eq!(decrypt(&grant, &other, "ab").await.as_deref(), Some("InvalidCiphertextException"));
    assert_eq!(decrypt(&grant, &one, "cd").await.as_deref(), DENIED);
    let without = grant.decrypt().ciphertext_blob(one.clone()).send().await;
    assert_eq!(code(without), "AccessDeniedException");
    let more = grant.decrypt().ciphertext_blob(one).encryption_context(RECORD, "ab").encryption_context("more", "1");
    assert_eq!(code(more.send().await), "InvalidCiphertextException");
}

#[tokio::test]
async fn two_names_that_differ_in_case_only_are_refused() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("cd").await;
    let grant = authority.grant("ab").await;
    let both = grant.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "cd").encryption_context("Halligan:Record", "ab");
    assert_eq!(code(both.send().await), "ValidationException");
}

#[tokio::test]
async fn a_session_without_a_session_policy_opens_the_record_that_it_was_begun_for_and_no_other() {
    let authority = TestAuthority::start().await;
    let ((_, one), (_, other)) = (authority.data_key("ab").await, authority.data_key("cd").await);
    let alone = authority.kms(session(&authority.decrypter_for("ab").duration_seconds(3600).send().await.unwrap()));
    assert_eq!(decrypt(&alone, &one, "ab").await, None);
    assert_eq!(decrypt(&alone, &other, "cd").await.as_deref(), DENIED);
    let narrowed_otherwise = authority.grant_policy("cd", START + Duration::minutes(5));
    let narrowed_otherwise = authority.decrypter_with(&narrowed_otherwise).await;
    assert_eq!(decrypt(&narrowed_otherwise, &other, "cd").await.as_deref(), DENIED, "nor by a policy for it");
    assert_eq!(decrypt(&narrowed_otherwise, &one, "ab").await.as_deref(), DENIED);
}

#[tokio::test]
async fn a_session_policy_adds_nothing_to_the_role() {
    let authority = TestAuthority::start().await;
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let grant = authority.decrypter_with(&everything).await;
    let ask = grant.generate_data_key().key_id(&authority.connection.kek_arn).number_of_bytes(32).encryption_context(RECORD, "ab");
    let refused = ask.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(refused.message().unwrap().contains("explicit deny in a resource-based policy"), "{refused:?}");
}

#[tokio::test]
async fn a_session_policy_restricts_action_and_key_and_a_deny_wins() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let (kek, agreement) = (&authority.connection.kek_arn, &authority.connection.agreement_arn);
    let allow = |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
    for (statements, may_decrypt, may_derive) in [
        (json!([allow("kms:Decrypt", kek)]), None, DENIED),
        (json!([allow("kms:DeriveSharedSecret", "*")]), DENIED, None),
        (json!([allow("kms:*", agreement)]), DENIED, None),
        (json!([allow("kms:Encrypt", "*")]), DENIED, DENIED),
        (json!([allow("*", "*"), {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]), DENIED, None),
    ] {
        let grant = authority.decrypter_with(&json!({"Statement": statements})).await;
        assert_eq!(decrypt(&grant, &blob, "ab").await.as_deref(), may_decrypt, "{statements}");
        assert_eq!(derive(&authority, &grant).await.as_deref(), may_derive, "{statements}");
    }
    let grant = authority.decrypter_with(&json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})).await;
    let refused = grant.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "ab").send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("explicit deny in a session policy"), "{refused:?}");
}

#[tokio::test]
async fn a_dry_run_says_what_the_call_would_and_gives_nothing() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let grant = authority.grant("ab").await;
    let dry = |record: &str| grant.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, record).dry_run(true);
    assert_eq!(code(dry("ab").send().await), "DryRunOperationException");
    assert_eq!(code(dry("cd").send().await), "AccessDeniedException");
    let mut altered = blob.as_ref().to_vec();
    *altered.last_mut().unwrap() ^= 1;
    let altered = grant.decrypt().ciphertext_blob(Blob::new(altered)).encryption_context(RECORD, "ab").dry_run(true);
    assert_eq!(code(altered.send().await), "InvalidCiphertextException");
    let ignoring = grant.decrypt().key_id(&authority.connection.kek_arn).dry_run(true);
    let ignoring = ignoring.dry_run_modifiers(aws_sdk_kms::types::DryRunModifierType::IgnoreCiphertext);
    assert_eq!(code(ignoring.clone().encryption_context(RECORD, "ab").send().await), "DryRunOperationException");
    assert_eq!(code(ignoring.encryption_context(RECORD, "cd").send().await), "AccessDeniedException");

    authority.clock.set(START + Duration::minutes(5));
    assert_eq!(code(dry("ab").send().await), "AccessDeniedException");
}
