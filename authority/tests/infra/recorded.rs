//! The alarms, on what the embedded authority itself writes down of calls by the unmodified AWS SDK.

use aws_sdk_kms::{primitives::Blob, types::KeyAgreementAlgorithmSpec};
use serde_json::{Value, json};
use time::Duration;

use crate::{
    alarms::{BACKEND, by_role, ringing},
    stack::{ACCOUNT, STACK},
    support::{RECORD, START, TestAuthority},
};

/// What the authority has written, as it would stand in the trail of the stack: the account and the keys are the stack's, and the
/// backend is its role and not the user that stands in for it here.
fn written(authority: &TestAuthority) -> Vec<Value> {
    let account = authority.connection.kek_arn.split(':').nth(4).unwrap();
    let lines = authority.authority.events().into_iter().filter_map(|event| event.cloudtrail());
    lines
        .map(|line| {
            let text = line.to_string().replace(&authority.connection.kek_arn, &STACK.arn("ResponderKey"));
            let text = text.replace(&authority.connection.agreement_arn, &STACK.arn("AgreementKey")).replace(account, ACCOUNT);
            let mut line: Value = serde_json::from_str(&text).unwrap();
            if line["userIdentity"]["userName"] == "Halligan-Backend" {
                line["userIdentity"] = by_role(BACKEND);
            }
            line
        })
        .collect()
}

#[tokio::test]
async fn a_sealing_and_a_release_ring_nothing() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let policy = authority.grant_policy("ab", START + Duration::minutes(5));
    let kms = authority.decrypter_with(&policy).await;
    kms.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send().await.unwrap();
    let agreement = &authority.connection.agreement_arn;
    let point = authority.kms(authority.backend()).get_public_key().key_id(agreement).send().await.unwrap().public_key.unwrap();
    let derive = kms.derive_shared_secret().key_id(agreement).key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
    derive.public_key(point).send().await.unwrap();
    kms.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "another").send().await.unwrap_err();

    let written = written(&authority);
    let names: Vec<_> = written.iter().map(|line| line["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["AssumeRole", "GenerateDataKey", "AssumeRole", "Decrypt", "GetPublicKey", "DeriveSharedSecret", "Decrypt"]);
    for line in &written {
        assert!(ringing(line).is_empty(), "{:?} rings for\n{line:#}", ringing(line));
    }
}

#[tokio::test]
async fn a_session_for_nobody_is_refused_and_rings() {
    let authority = TestAuthority::start().await;
    authority.decrypter().set_source_identity(None).send().await.unwrap_err();
    assert_eq!(ringing(written(&authority).last().unwrap()), ["DecrypterAssumedOddly"]);
}

#[tokio::test]
async fn a_session_without_a_session_policy_or_for_longer_than_a_grants_rings() {
    let authority = TestAuthority::start().await;
    let policy = authority.grant_policy("ab", START + Duration::minutes(5)).to_string();
    for (assume, alarms) in [
        (authority.decrypter().policy(&policy), &[] as &[_]),
        (authority.decrypter(), &["DecrypterUnbounded"]),
        (authority.decrypter().policy(&policy).duration_seconds(901), &["DecrypterUnbounded"]),
        (authority.decrypter().policy(&policy).set_duration_seconds(None), &["DecrypterUnbounded"]),
    ] {
        assume.send().await.unwrap();
        let line = written(&authority).pop().unwrap();
        assert_eq!(ringing(&line), alarms, "for\n{line:#}");
    }
}

#[tokio::test]
async fn a_use_by_somebody_else_is_refused_and_rings() {
    let authority = TestAuthority::start().await;
    let kek = authority.connection.kek_arn.clone();
    authority
        .kms(authority.backend())
        .decrypt()
        .key_id(kek)
        .ciphertext_blob(Blob::new([1; 64]))
        .encryption_context(RECORD, "ab")
        .send()
        .await
        .unwrap_err();
    let mut line = written(&authority).pop().unwrap();
    assert!(ringing(&line).is_empty(), "the doctor is refused this as well");
    line["userIdentity"] = by_role("arn:aws:iam::111122223333:role/Somebody");
    assert_eq!(ringing(&line), ["KeyUsedByAnother"], "for\n{line:#}");
}

#[tokio::test]
async fn the_kill_switch_and_a_rotation_are_heard() {
    let authority = TestAuthority::start().await;
    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let deny = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2026-11-23T10:01:00Z" } } }] });
    let put = iam.put_role_policy().role_name("KEK-Responder-Decrypter").policy_name("AWSRevokeOlderSessions");
    put.policy_document(deny.to_string()).send().await.unwrap();
    assert_eq!(ringing(written(&authority).last().unwrap()), ["RoleChanged"]);
    let kms = authority.kms(authority.administrator());
    kms.rotate_key_on_demand().key_id(&authority.connection.kek_arn).send().await.unwrap();
    assert_eq!(ringing(written(&authority).last().unwrap()), ["KeyChanged"]);
}
