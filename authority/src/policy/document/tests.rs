//! The language itself, and the two properties everything rests on: what is unknown never loads, and a deny wins.

use proptest::prelude::*;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime, macros::datetime};

use super::{Kind, MalformedPolicy, PolicyDocument};
use crate::policy::{Act, Circumstances, Decision, Principal};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555";

fn at(time: OffsetDateTime) -> Circumstances {
    Circumstances::at(time).with("kms:EncryptionContext:halligan:record", "ab")
}

fn circumstances() -> Circumstances {
    at(datetime!(2026-11-23 10:00 UTC))
}

fn session() -> Principal {
    Principal::Session {
        arn: "arn:aws:sts::123456789012:assumed-role/KEK-Responder-Decrypter/grant-1".to_owned(),
        role: "arn:aws:iam::123456789012:role/KEK-Responder-Decrypter".to_owned(),
    }
}

fn decide(policy: &Value, circumstances: &Circumstances) -> Decision {
    decide_as(Kind::Session, policy, circumstances)
}

fn decide_as(kind: Kind, policy: &Value, circumstances: &Circumstances) -> Decision {
    let document = PolicyDocument::parse(kind, &policy.to_string()).unwrap_or_else(|fault| panic!("{policy}: {fault}"));
    document.decide(&Act { principal: &session(), action: "kms:Decrypt", resource: KEY, circumstances })
}

fn fault(policy: &Value) -> MalformedPolicy {
    fault_of(Kind::Session, policy)
}

fn fault_of(kind: Kind, policy: &Value) -> MalformedPolicy {
    match PolicyDocument::parse(kind, &policy.to_string()) {
        Ok(_) => panic!("accepted: {policy}"),
        Err(fault) => fault,
    }
}

fn allow_with(condition: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {
        "Sid": "One", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY, "Condition": condition,
    }})
}

#[test]
fn a_grants_policy_holds_for_its_record_until_its_window_ends() {
    let policy = allow_with(&json!({
        "DateLessThan": {"aws:CurrentTime": "2026-11-23T10:05:00Z"},
        "StringEquals": {"kms:EncryptionContext:halligan:record": "ab"},
    }));
    assert_eq!(decide(&policy, &circumstances()), Decision::Allow);
    assert_eq!(decide(&policy, &at(datetime!(2026-11-23 10:04:59.999_999_999 UTC))), Decision::Allow);
    assert_eq!(decide(&policy, &at(datetime!(2026-11-23 10:05 UTC))), Decision::ImplicitDeny);

    let other = circumstances().with("kms:EncryptionContext:halligan:record", "cd");
    assert_eq!(decide(&policy, &other), Decision::ImplicitDeny);
    let none = Circumstances::at(datetime!(2026-11-23 10:00 UTC));
    assert_eq!(decide(&policy, &none), Decision::ImplicitDeny);
}

#[test]
fn condition_key_names_compare_without_case_and_values_with() {
    let name = allow_with(&json!({"StringEquals": {"KMS:encryptioncontext:HALLIGAN:record": "ab"}}));
    assert_eq!(decide(&name, &circumstances()), Decision::Allow);
    let value = allow_with(&json!({"StringEquals": {"kms:EncryptionContext:halligan:record": "AB"}}));
    assert_eq!(decide(&value, &circumstances()), Decision::ImplicitDeny);
}

#[test]
fn dates_compare_with_an_instant_and_an_absent_key_fails() {
    let issued = allow_with(&json!({"DateGreaterThan": {"aws:TokenIssueTime": "2026-11-23T11:00:00+01:00"}}));
    let now = datetime!(2026-11-23 10:00 UTC);
    assert_eq!(decide(&issued, &at(now)), Decision::ImplicitDeny, "a long-term key has no issue time");
    assert_eq!(decide(&issued, &at(now).issued_at(now)), Decision::ImplicitDeny, "not greater than itself");
    assert_eq!(decide(&issued, &at(now).issued_at(now + Duration::SECOND)), Decision::Allow);
}

#[test]
fn actions_and_resources_take_lists_and_wildcards() {
    for (action, resource, expected) in [
        (json!("kms:*"), json!("*"), Decision::Allow),
        (json!("*"), json!(KEY), Decision::Allow),
        (json!("KMS:decrypt"), json!("arn:aws:kms:*:*:key/*"), Decision::Allow),
        (json!(["kms:Encrypt", "kms:De?rypt"]), json!([KEY]), Decision::Allow),
        (json!("kms:Encrypt"), json!("*"), Decision::ImplicitDeny),
        (json!("kms:Decryp"), json!("*"), Decision::ImplicitDeny),
        (json!("kms:Decrypt"), json!(format!("{KEY}x")), Decision::ImplicitDeny),
        (json!("kms:Decrypt"), json!(KEY.to_uppercase().replace("ARN:", "arn:")), Decision::ImplicitDeny),
    ] {
        let policy = json!({"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]});
        assert_eq!(decide(&policy, &circumstances()), expected, "{policy}");
    }
}

#[test]
fn what_is_outside_the_language_is_malformed() {
    let statement = |extra: Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"});
        statement.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"Version": "2012-10-17", "Statement": [statement]})
    };
    for policy in [
        json!({}),
        json!([]),
        json!({"Statement": []}),
        json!({"Statement": {}}),
        json!({"Version": "2026-01-01", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        json!({"Comment": "x", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        statement(json!({"Effect": "allow"})),
        statement(json!({"Effect": "Maybe"})),
        statement(json!({"Principal": "*"})),
        statement(json!({"NotAction": "kms:Encrypt"})),
        statement(json!({"NotResource": "*"})),
        statement(json!({"NotPrincipal": "*"})),
        statement(json!({"Action": []})),
        statement(json!({"Action": 7})),
        statement(json!({"Action": "Decrypt"})),
        statement(json!({"Action": "kms:"})),
        statement(json!({"Resource": "key/1"})),
        statement(json!({"Resource": "arn:aws:kms:*"})),
        statement(json!({"Resource": "arn:aws:kms:*:*:key/${aws:username}"})),
        statement(json!({"Resource": "arn:aws:kms:*:*:key/${aws:PrincipalTag/key"})),
        statement(json!({"Resource": "arn:aws:kms:*:*:key/${aws:CurrentTime}"})),
        statement(json!({"Resource": "arn:aws:kms:*:*:key/${aws:TagKeys}"})),
        statement(json!({"Condition": {}})),
        statement(json!({"Condition": {"StringEquals": {}}})),
        statement(json!({"Condition": {"StringEquals": {"kms:EncryptionContext:a": []}}})),
        statement(json!({"Condition": {"StringEquals": {"kms:EncryptionContext:": "a"}}})),
        statement(json!({"Condition": {"StringEquals": {"kms:EncryptionContext:a": "${aws:username}"}}})),
        statement(json!({"Condition": {"StringEquals": {"aws:CurrentTime": "2026-11-23T10:05:00Z"}}})),
        statement(json!({"Condition": {"StringEquals": {"aws:SourceIp": "127.0.0.1"}}})),
        statement(json!({"Condition": {"StringEqualsIgnoreCase": {"kms:EncryptionContext:a": "b"}}})),
        statement(json!({"Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContext:a": "b"}}})),
        statement(json!({"Condition": {"StringEquals": {"aws:TagKeys": "a"}}})),
        statement(json!({"Condition": {"ForAllValues:Null": {"aws:TagKeys": "true"}}})),
        statement(json!({"Condition": {"ArnLike": {"kms:EncryptionContext:a": "arn:aws:iam::123456789012:role/a"}}})),
        statement(json!({"Condition": {"ArnLike": {"aws:PrincipalArn": "role/a"}}})),
        statement(json!({"Condition": {"Bool": {"aws:SourceIdentity": "true"}}})),
        statement(json!({"Condition": {"Bool": {"kms:ReEncryptOnSameKey": "yes"}}})),
        statement(json!({"Condition": {"Null": {"aws:SourceIdentity": "maybe"}}})),
        statement(json!({"Condition": {"NullIfExists": {"aws:SourceIdentity": "true"}}})),
        statement(json!({"Condition": {"DateLessThan": {"aws:CurrentTime": "${aws:PrincipalTag/until}"}}})),
        statement(json!({"Condition": {"stringequals": {"kms:EncryptionContext:a": "b"}}})),
        statement(json!({"Condition": {"DateLessThan": {"kms:EncryptionContext:a": "2026-11-23T10:05:00Z"}}})),
        statement(json!({"Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}})),
        statement(json!({"Condition": {"DateLessThan": {"aws:CurrentTime": 1_795_000_000}}})),
    ] {
        fault(&policy);
    }
}

#[test]
fn a_member_twice_is_malformed_wherever_it_stands() {
    for text in [
        r#"{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:a":"1"},"StringEquals":{"kms:EncryptionContext:b":"2"}}}}"#,
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"kms:EncryptionContext:a":"1","kms:EncryptionContext:A":"2"}}}}"#,
    ] {
        assert!(matches!(PolicyDocument::parse(Kind::Session, text), Err(MalformedPolicy::Syntax(_))), "{text}");
    }
}

#[test]
fn a_fault_names_what_to_write_instead() {
    let said = fault(&allow_with(&json!({"NumericEquals": {"aws:MultiFactorAuthAge": "1"}}))).to_string();
    assert!(said.contains("NumericEquals") && said.contains("StringEquals"), "{said}");
}

/// Every operator of the language, without quantifier and `IfExists`.
const OPERATORS: [&str; 16] = [
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "ArnLike",
    "ArnNotLike",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "Null",
];

/// A statement that may or may not apply to the act of [`circumstances`].
fn any_statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![Just("Allow"), Just("Deny")];
    let action = prop_oneof![Just("kms:Decrypt"), Just("kms:*"), Just("*"), Just("kms:GenerateDataKey")];
    let resource = prop_oneof![Just("*"), Just(KEY), Just("arn:aws:kms:*:*:key/1*"), Just("arn:aws:kms:*:*:key/2*")];
    let record = prop_oneof![Just(None), Just(Some("ab")), Just(Some("cd"))];
    let until = prop_oneof![Just(None), Just(Some("2026-11-23T10:00:00Z")), Just(Some("2026-11-23T10:00:01Z"))];
    (effect, action, resource, record, until).prop_map(|(effect, action, resource, record, until)| {
        let mut statement = json!({"Effect": effect, "Action": action, "Resource": resource});
        if let Some(record) = record {
            statement["Condition"]["StringEquals"]["kms:EncryptionContext:halligan:record"] = json!(record);
        }
        if let Some(until) = until {
            statement["Condition"]["DateLessThan"]["aws:CurrentTime"] = json!(until);
        }
        statement
    })
}

proptest! {
    #[test]
    fn an_unknown_operator_never_allows(
        operator in "[A-Za-z:]{1,24}|(ForAnyValue:|ForAllValues:)?(String|Numeric|Ip|Arn|Date|Bool|Null)[A-Z][a-z]{1,6}(IfExists)?",
        key in prop_oneof![Just("aws:CurrentTime"), Just("kms:EncryptionContext:halligan:record"), Just("aws:SourceIp")],
        value in prop_oneof![Just("ab"), Just("2026-11-23T10:05:00Z"), Just("true")],
    ) {
        let bare = operator.trim_start_matches("ForAnyValue:").trim_start_matches("ForAllValues:");
        prop_assume!(!OPERATORS.contains(&bare.trim_end_matches("IfExists")));
        let policy = allow_with(&json!({operator.as_str(): {key: value}}));
        prop_assert_eq!(PolicyDocument::parse(Kind::Session, &policy.to_string()).err(), Some(MalformedPolicy::Operator(operator)));
    }

    #[test]
    fn a_deny_wins_wherever_it_stands(statements in prop::collection::vec(any_statement(), 0..6), place in 0usize..6) {
        let mut statements = statements;
        let deny = json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"});
        statements.insert(place.min(statements.len()), deny);
        prop_assert_eq!(decide(&json!({"Statement": statements}), &circumstances()), Decision::ExplicitDeny);
    }

    #[test]
    fn a_document_says_what_its_statements_say_one_by_one(statements in prop::collection::vec(any_statement(), 1..6)) {
        let alone: Vec<Decision> =
            statements.iter().map(|statement| decide(&json!({"Statement": statement}), &circumstances())).collect();
        let expected = if alone.contains(&Decision::ExplicitDeny) {
            Decision::ExplicitDeny
        } else if alone.contains(&Decision::Allow) {
            Decision::Allow
        } else {
            Decision::ImplicitDeny
        };
        prop_assert_eq!(decide(&json!({"Statement": statements}), &circumstances()), expected);
    }

    #[test]
    fn nothing_makes_the_reader_panic(text in "\\PC{0,300}") {
        let _ = PolicyDocument::parse(Kind::Session, &text);
    }
}
