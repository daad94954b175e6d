//! The log of calls: enough to reconcile every release, and no secret in it.

use aws_sdk_kms::operation::RequestId;
use time::Duration;

use crate::support::{RECORD, START, TestAuthority, credentials, session};

#[tokio::test]
async fn a_release_can_be_followed_from_session_to_decrypt() {
    let authority = TestAuthority::start().await;
    let (data_key, blob) = authority.data_key("ab").await;
    let policy = authority.grant_policy("ab", START + Duration::minutes(5));
    let assumed = authority.decrypter().policy(policy.to_string()).send().await.unwrap();
    let who = session(&assumed);
    let kms = authority.kms(who.clone());
    let opened = kms.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send().await.unwrap();
    let refused = kms.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "cd").send().await;

    let events = authority.authority.events();
    let [.., assume, decrypt, denied] = events.as_slice() else { panic!("too few events") };
    assert_eq!((assume.name.as_str(), assume.error_code.as_deref()), ("AssumeRole", None));
    assert_eq!(assume.access_key_id.as_deref(), Some(authority.connection.access_key_id.as_str()));
    assert_eq!(assume.issued_access_key_id.as_deref(), Some(who.access_key_id()));
    assert_eq!(assume.resource.as_deref(), Some(authority.connection.decrypter_role_arn.as_str()));

    assert_eq!((decrypt.name.as_str(), decrypt.error_code.as_deref()), ("Decrypt", None));
    assert_eq!(decrypt.access_key_id.as_deref(), Some(who.access_key_id()));
    assert_eq!(decrypt.principal_arn.as_deref(), Some(assumed.assumed_role_user().unwrap().arn()));
    assert_eq!(decrypt.session_name.as_deref(), Some("grant-1"));
    assert_eq!(decrypt.source_identity.as_deref(), Some("agency-7"));
    assert_eq!(decrypt.resource.as_deref(), Some(authority.connection.kek_arn.as_str()));
    assert_eq!(decrypt.encryption_context.get(RECORD).map(String::as_str), Some("ab"));
    assert_eq!(opened.request_id(), Some(decrypt.request_id.as_str()));
    assert_eq!(decrypt.time, START);

    assert_eq!(denied.error_code.as_deref(), Some("AccessDeniedException"));
    assert_eq!(refused.unwrap_err().request_id(), Some(denied.request_id.as_str()));

    let log = format!("{events:?}");
    let as_list = format!("{data_key:?}");
    for secret in [
        who.secret_access_key(),
        who.session_token().unwrap(),
        &authority.connection.secret_access_key,
        as_list.trim_matches(['[', ']']),
    ] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
}

#[tokio::test]
async fn a_call_without_a_checked_signature_has_no_principal() {
    let authority = TestAuthority::start().await;
    let who = credentials(&authority.connection.access_key_id, "wrong", None);
    authority.kms(who).create_key().send().await.unwrap_err();
    let events = authority.authority.events();
    let last = events.last().unwrap();
    assert_eq!(last.principal_arn, None);
    assert_eq!(last.error_code.as_deref(), Some("InvalidSignatureException"));
}
