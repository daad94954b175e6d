//! The bounds of `AssumeRole`, and what a role demands of whoever assumes it.

use aws_sdk_sts::{error::ProvideErrorMetadata, types::PolicyDescriptorType};
use serde_json::json;
use time::Duration;

use crate::support::{START, TestAuthority, code, refusal, session, tag};

#[tokio::test]
async fn a_session_is_described_as_sts_does() {
    let authority = TestAuthority::start().await;
    let policy = authority.grant_policy("ab", START + Duration::minutes(5));
    let assumed = authority.decrypter().policy(policy.to_string()).send().await.unwrap();
    assert_eq!(assumed.source_identity(), Some("agency-7"));
    let user = assumed.assumed_role_user().unwrap();
    assert!(user.arn().ends_with(":assumed-role/KEK-Responder-Decrypter/grant-1"), "{}", user.arn());
    assert!(user.assumed_role_id().starts_with("AROA") && user.assumed_role_id().ends_with(":grant-1"));
    let given = assumed.credentials().unwrap();
    assert!(given.access_key_id().starts_with("ASIA") && given.access_key_id().len() == 20);
    assert_eq!(given.secret_access_key().len(), 40);
    assert_eq!(given.expiration().secs(), (START + Duration::seconds(900)).unix_timestamp());
}

#[tokio::test]
async fn a_duration_is_within_900_seconds_and_the_roles_hour() {
    let authority = TestAuthority::start().await;
    for (seconds, accepted) in
        [(899, false), (900, true), (3600, true), (3601, false), (43_200, false), (43_201, false), (0, false), (-1, false)]
    {
        let outcome = authority.decrypter().duration_seconds(seconds).send().await;
        if accepted {
            assert!(outcome.is_ok(), "{seconds}");
        } else {
            assert_eq!(code(outcome), "ValidationError", "{seconds}");
        }
    }
    let hour = authority.decrypter().set_duration_seconds(None).send().await.unwrap();
    assert_eq!(hour.credentials().unwrap().expiration().secs(), (START + Duration::HOUR).unix_timestamp());
}

#[tokio::test]
async fn names_are_of_2_to_64_word_characters() {
    let authority = TestAuthority::start().await;
    let (longest, too_long) = ("x".repeat(64), "x".repeat(65));
    for name in ["ab", "a_b+=,.@-9", &longest] {
        assert!(authority.decrypter().role_session_name(name).send().await.is_ok(), "{name}");
        assert!(authority.decrypter().source_identity(name).send().await.is_ok(), "{name}");
    }
    for name in ["", "a", &too_long, "a b", "a/b", "a:b", "ä-1", "a\nb", "<a>"] {
        assert_eq!(code(authority.decrypter().role_session_name(name).send().await), "ValidationError", "{name}");
        assert_eq!(code(authority.decrypter().source_identity(name).send().await), "ValidationError", "{name}");
    }
}

#[tokio::test]
async fn the_decrypter_demands_a_source_identity_and_four_tags() {
    let authority = TestAuthority::start().await;
    assert_eq!(code(authority.decrypter().set_source_identity(None).send().await), "AccessDenied");
    assert_eq!(code(authority.decrypter().set_tags(None).send().await), "AccessDenied");
    let all = [("incident", "1"), ("request", "1"), ("door", "policy"), ("record", "ab")];
    let with = |tags: &[(&str, &str)]| Some(tags.iter().map(|(key, value)| tag(key, value)).collect::<Vec<_>>());
    assert!(authority.decrypter().set_tags(with(&all)).send().await.is_ok());
    for missing in 0..all.len() {
        let mut tags = all.to_vec();
        let (name, _) = tags.remove(missing);
        let refused = refusal(authority.decrypter().set_tags(with(&tags))).await;
        assert_eq!(refused.code(), Some("AccessDenied"), "without {name}");
        tags.push((name, ""));
        assert_eq!(code(authority.decrypter().set_tags(with(&tags)).send().await), "AccessDenied", "with an empty {name}");
        // AWS's own words: what the trust policy demands is not told to whom it refuses.
        let arn = &authority.connection.decrypter_role_arn;
        assert!(refused.message().unwrap().ends_with(&format!("is not authorized to perform: sts:AssumeRole on resource: {arn}")));
    }
    for door in ["", "window", "Policy", "policy "] {
        let tags = with(&[("incident", "1"), ("request", "1"), ("record", "ab"), ("door", door)]);
        assert_eq!(code(authority.decrypter().set_tags(tags).send().await), "AccessDenied", "{door:?}");
    }
}

#[tokio::test]
async fn the_registrar_demands_a_source_identity_only() {
    let authority = TestAuthority::start().await;
    let role = || {
        authority.sts(authority.backend()).assume_role().role_arn(&authority.connection.registrar_role_arn).role_session_name("ab")
    };
    assert_eq!(code(role().send().await), "AccessDenied");
    assert!(role().source_identity("registrar-3").send().await.is_ok());
}

#[tokio::test]
async fn tags_are_bounded() {
    let authority = TestAuthority::start().await;
    for (key, value) in [
        ("k".repeat(129), "v".to_owned()),
        ("k".to_owned(), "v".repeat(257)),
        (String::new(), "v".to_owned()),
        ("k;".to_owned(), "v".to_owned()),
        ("k".to_owned(), "v\n".to_owned()),
        ("Incident".to_owned(), "twice".to_owned()),
    ] {
        assert_eq!(code(authority.decrypter().tags(tag(&key, &value)).send().await), "ValidationError", "{key}");
    }
    let many = (0..47).fold(authority.decrypter(), |role, number| role.tags(tag(&format!("k{number}"), "v")));
    assert_eq!(code(many.send().await), "ValidationError");
    let wide = (0..20).fold(authority.decrypter(), |role, number| role.tags(tag(&format!("k{number}"), &"v".repeat(256))));
    assert_eq!(code(wide.send().await), "PackedPolicyTooLarge");
}

#[tokio::test]
async fn a_session_policy_has_2048_characters_at_most() {
    let authority = TestAuthority::start().await;
    let policy = authority.grant_policy("ab", START + Duration::minutes(5)).to_string();
    let fitting = format!("{policy}{}", " ".repeat(2048 - policy.len()));
    assert!(authority.decrypter().policy(&fitting).send().await.is_ok());
    assert_eq!(code(authority.decrypter().policy(format!("{fitting} ")).send().await), "ValidationError");
    for outside in ["", "{\u{1}}", "\u{4e00}"] {
        assert_eq!(code(authority.decrypter().policy(outside).send().await), "ValidationError", "{outside:?}");
    }
}

#[tokio::test]
async fn a_session_policy_that_is_not_understood_begins_no_session() {
    let authority = TestAuthority::start().await;
    let statement = |member: &str, value: serde_json::Value| {
        let mut policy = authority.grant_policy("ab", START + Duration::minutes(5));
        policy["Statement"][0][member] = value;
        policy.to_string()
    };
    for policy in [
        "{}".to_owned(),
        "not JSON".to_owned(),
        statement("Effect", json!("Permit")),
        statement("NotResource", json!("*")),
        statement("Principal", json!("*")),
        statement("Condition", json!({"NumericLessThan": {"aws:CurrentTime": "1"}})),
        statement("Condition", json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
    ] {
        let refused = refusal(authority.decrypter().policy(&policy)).await;
        assert!(refused.is_malformed_policy_document_exception(), "{policy}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_not_supported_is_refused_rather_than_ignored() {
    let authority = TestAuthority::start().await;
    let managed = PolicyDescriptorType::builder().arn("arn:aws:iam::aws:policy/ReadOnlyAccess").build();
    assert_eq!(code(authority.decrypter().policy_arns(managed).send().await), "ValidationError");
    assert_eq!(code(authority.decrypter().external_id("abc").send().await), "ValidationError");
    assert_eq!(
        code(authority.decrypter().serial_number("arn:aws:iam::1:mfa/x").token_code("123456").send().await),
        "ValidationError"
    );
    assert_eq!(code(authority.decrypter().transitive_tag_keys("incident").send().await), "ValidationError");
}

#[tokio::test]
async fn only_the_backend_assumes_roles_and_only_these_two() {
    let authority = TestAuthority::start().await;
    for arn in ["arn:aws:iam::123456789012:role/Admin", &format!("{}x", authority.connection.decrypter_role_arn)] {
        assert_eq!(code(authority.decrypter().role_arn(arn).send().await), "AccessDenied", "{arn}");
    }
    let chained = authority.sts(session(&authority.decrypter().send().await.unwrap()));
    for arn in [&authority.connection.decrypter_role_arn, &authority.connection.registrar_role_arn] {
        let role = chained.assume_role().role_arn(arn).role_session_name("again").source_identity("agency-7");
        assert_eq!(code(role.send().await), "AccessDenied");
    }
}
