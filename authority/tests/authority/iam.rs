//! The deny on older sessions: who may put it on the decrypter, what it stops, and that it can be lifted.

use aws_sdk_iam::error::ProvideErrorMetadata;
use serde_json::json;
use tempfile::tempdir;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use crate::support::{RECORD, START, TestAuthority, code, session};

const ROLE: &str = "KEK-Responder-Decrypter";
const NAME: &str = "AWSRevokeOlderSessions";

/// What the console of AWS puts on a role.
fn deny_before(moment: OffsetDateTime) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": moment.format(&Rfc3339).unwrap()}}}]})
    .to_string()
}

#[tokio::test]
async fn older_sessions_end_with_the_deny_newer_ones_do_not_and_both_may_again_when_it_is_lifted() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let authority = TestAuthority::start_with(Some(path.clone())).await.unwrap();
    let other = TestAuthority::start_with(Some(path)).await.unwrap();
    let (_, blob) = authority.data_key("ab").await;
    let older = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let decrypt = |kms: &aws_sdk_kms::Client| kms.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send();
    assert!(decrypt(&older).await.is_ok());

    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let moment = START + Duration::SECOND;
    iam.put_role_policy().role_name(ROLE).policy_name(NAME).policy_document(deny_before(moment)).send().await.unwrap();
    let refused = decrypt(&older).await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert!(refused.message().unwrap().ends_with("with an explicit deny in an identity-based policy"), "{refused:?}");
    authority.clock.set(moment);
    other.clock.set(moment);
    let newer = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    assert!(decrypt(&newer).await.is_ok(), "begun at the very moment");
    // It is kept: another process on the same file refuses as well.
    let there = other.kms(session(&other.decrypter().send().await.unwrap()));
    assert!(decrypt(&there).await.is_ok());

    let kept = iam.get_role_policy().role_name(ROLE).policy_name(NAME).send().await.unwrap();
    let text = kept.policy_document().replace("%22", "\"").replace("%7B", "{").replace("%7D", "}").replace("%3A", ":");
    assert!(text.contains("\"aws:TokenIssueTime\":\"2026-11-23T10:00:01Z\""), "{text}");
    iam.delete_role_policy().role_name(ROLE).policy_name(NAME).send().await.unwrap();
    assert!(decrypt(&older).await.is_ok());
    let gone = iam.delete_role_policy().role_name(ROLE).policy_name(NAME).send().await;
    assert_eq!(code(gone), "NoSuchEntity");
    assert_eq!(code(iam.get_role_policy().role_name(ROLE).policy_name(NAME).send().await), "NoSuchEntity");
}

#[tokio::test]
async fn only_whom_the_template_names_stops_the_decrypter_whatever_the_session_policy_says() {
    let authority = TestAuthority::start().await;
    let everything = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).to_string();
    let registrar = authority.sts(authority.backend()).assume_role().role_arn(&authority.connection.registrar_role_arn);
    let registrar = registrar.role_session_name("enrol-1").source_identity("registrar-3").policy(&everything).send().await.unwrap();
    let decrypter = authority.decrypter().policy(&everything).send().await.unwrap();
    for who in [session(&registrar), session(&decrypter)] {
        let iam = authority.iam(who, &authority.connection.region);
        let put = iam.put_role_policy().role_name(ROLE).policy_name(NAME).policy_document(deny_before(START)).send().await;
        assert_eq!(code(put), "AccessDenied");
        assert_eq!(code(iam.delete_role_policy().role_name(ROLE).policy_name(NAME).send().await), "AccessDenied");
        assert_eq!(code(iam.get_role_policy().role_name(ROLE).policy_name(NAME).send().await), "AccessDenied");
    }
    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let put = |role: &str| iam.put_role_policy().role_name(role).policy_name(NAME).policy_document(deny_before(START)).send();
    assert_eq!(code(put("KEK-Registrar").await), "AccessDenied");
    assert_eq!(code(put("Nobody").await), "AccessDenied");
}

#[tokio::test]
async fn what_is_put_on_the_decrypter_widens_nothing() {
    let authority = TestAuthority::start().await;
    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let everything = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}).to_string();
    iam.put_role_policy().role_name(ROLE).policy_name("wide").policy_document(everything).send().await.unwrap();
    let who = session(&authority.decrypter().send().await.unwrap());
    let kms = authority.kms(who.clone());
    let generate = kms.generate_data_key().key_id(&authority.connection.kek_arn).number_of_bytes(32);
    assert_eq!(code(generate.encryption_context(RECORD, "ab").send().await), "AccessDeniedException");
    let refused = kms.create_key().send().await.unwrap_err();
    assert!(refused.message().unwrap().contains("no permissions boundary allows"), "{refused:?}");
    let chained = authority.iam(who, &authority.connection.region);
    assert_eq!(code(chained.get_role_policy().role_name(ROLE).policy_name("wide").send().await), "AccessDenied");
}

#[tokio::test]
async fn a_policy_is_understood_bounded_and_named_or_it_is_not_put() {
    let authority = TestAuthority::start().await;
    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let put = |name: &str, text: String| iam.put_role_policy().role_name(ROLE).policy_name(name).policy_document(text).send();
    assert_eq!(code(put(NAME, "{}".to_owned()).await), "MalformedPolicyDocument");
    let principal = deny_before(START).replace("\"Action\"", "\"Principal\":\"*\",\"Action\"");
    assert_eq!(code(put(NAME, principal).await), "MalformedPolicyDocument");
    let unknown = deny_before(START).replace("aws:TokenIssueTime", "aws:MultiFactorAuthAge");
    assert_eq!(code(put(NAME, unknown).await), "MalformedPolicyDocument");
    for name in ["a b", "a/b", &"x".repeat(129)] {
        assert_eq!(code(put(name, deny_before(START)).await), "ValidationError", "{name}");
    }
    let long = |length: usize| {
        deny_before(START).replace("\"Resource\":[\"*\"]", &format!("\"Resource\":\"arn:aws:kms:*:*:{}\"", "k".repeat(length)))
    };
    assert_eq!(code(put(NAME, long(11_000)).await), "LimitExceeded");
    assert!(put(NAME, long(6000)).await.is_ok() && put(NAME, long(6000)).await.is_ok());
    assert_eq!(code(put("another", long(6000)).await), "LimitExceeded");
}

#[tokio::test]
async fn iam_is_signed_for_its_own_region_or_the_estates() {
    let authority = TestAuthority::start().await;
    for (region, accepted) in [("us-east-1", true), (authority.connection.region.as_str(), true), ("eu-west-1", false)] {
        let outcome = authority.iam(authority.backend(), region).get_role_policy().role_name(ROLE).policy_name(NAME).send().await;
        assert_eq!(code(outcome), if accepted { "NoSuchEntity" } else { "SignatureDoesNotMatch" }, "{region}");
    }
}
