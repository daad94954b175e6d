//! Every operator, on a key that is there and on one that is not.

use serde_json::{Value, json};
use time::macros::datetime;

use crate::policy::{Act, Circumstances, Decision, Kind, PolicyDocument, Principal};

const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-4333-8444-555555555555";

fn session() -> Principal {
    Principal::Session {
        arn: "arn:aws:sts::123456789012:assumed-role/Reader/one".to_owned(),
        role: "arn:aws:iam::123456789012:role/Reader".to_owned(),
    }
}

fn holds(condition: &Value, circumstances: &Circumstances) -> bool {
    let policy = json!({"Version": "2012-10-17", "Statement":
        {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}});
    let policy = PolicyDocument::parse(Kind::Identity, &policy.to_string()).unwrap_or_else(|fault| panic!("{policy}: {fault}"));
    let act = Act { principal: &session(), action: "kms:Decrypt", resource: KEY, circumstances };
    policy.decide(&act) == Decision::Allow
}

fn plain() -> Circumstances {
    Circumstances::at(datetime!(2026-11-23 10:00 UTC))
}

#[test]
fn texts_compare_exactly_or_by_wildcards() {
    let tagged = plain().with("aws:PrincipalTag/crew", "a*c");
    for (operator, wanted, expected) in [
        ("StringEquals", json!("a*c"), true),
        ("StringEquals", json!("a*"), false),
        ("StringEquals", json!(["x", "a*c"]), true),
        ("StringEquals", json!("A*C"), false),
        ("StringNotEquals", json!("a*c"), false),
        ("StringNotEquals", json!(["x", "a*c"]), false),
        ("StringNotEquals", json!(["x", "y"]), true),
        ("StringLike", json!("a?c"), true),
        ("StringLike", json!("*b*"), false),
        ("StringNotLike", json!("a*"), false),
        ("StringNotLike", json!("b*"), true),
        ("StringEqualsIfExists", json!("x"), false),
        ("StringNotEqualsIfExists", json!("a*c"), false),
    ] {
        assert_eq!(holds(&json!({operator: {"aws:PrincipalTag/crew": wanted}}), &tagged), expected, "{operator} {wanted}");
    }
}

#[test]
fn an_absent_key_fails_what_is_not_negated_and_does_not_say_if_exists() {
    for (operator, wanted) in [("StringEquals", "x"), ("StringLike", "*"), ("StringNotEquals", "x"), ("StringNotLike", "x")] {
        let negated = operator.contains("Not");
        assert_eq!(holds(&json!({operator: {"aws:SourceIdentity": wanted}}), &plain()), negated, "{operator}");
        assert!(holds(&json!({format!("{operator}IfExists"): {"aws:SourceIdentity": wanted}}), &plain()), "{operator}IfExists");
    }
    let dates = ["DateEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "DateNotEquals"];
    for operator in dates {
        let condition = |operator: &str| json!({operator: {"aws:TokenIssueTime": "2026-11-23T10:00:00Z"}});
        assert_eq!(holds(&condition(operator), &plain()), operator == "DateNotEquals", "{operator}");
        assert!(holds(&condition(&format!("{operator}IfExists")), &plain()), "{operator}IfExists");
    }
    assert!(!holds(&json!({"Bool": {"kms:ReEncryptOnSameKey": "false"}}), &plain()));
    assert!(holds(&json!({"BoolIfExists": {"kms:ReEncryptOnSameKey": "true"}}), &plain()));
    assert!(!holds(&json!({"ArnLike": {"aws:SourceArn": "arn:*:*:*:*:*"}}), &plain()));
    assert!(holds(&json!({"ArnNotLike": {"aws:SourceArn": "arn:*:*:*:*:*"}}), &plain()));
}

#[test]
fn dates_compare_to_the_second_both_ways() {
    let (before, same, after) = ("2026-11-23T09:59:59Z", "2026-11-23T11:00:00+01:00", "2026-11-23T10:00:01Z");
    let now = Circumstances::at(datetime!(2026-11-23 10:00:00.7 UTC));
    for (operator, expected) in [
        ("DateEquals", [false, true, false]),
        ("DateNotEquals", [true, false, true]),
        ("DateLessThan", [false, false, true]),
        ("DateLessThanEquals", [false, true, true]),
        ("DateGreaterThan", [true, false, false]),
        ("DateGreaterThanEquals", [true, true, false]),
    ] {
        let said = [before, same, after].map(|date| holds(&json!({operator: {"aws:CurrentTime": date}}), &now));
        assert_eq!(said, expected, "{operator}");
    }
}

#[test]
fn null_asks_whether_a_key_is_there() {
    let named = plain().with("aws:SourceIdentity", "agency-7");
    for (absent, without, with) in [("true", true, false), ("false", false, true)] {
        let condition = json!({"Null": {"aws:SourceIdentity": absent}});
        assert_eq!((holds(&condition, &plain()), holds(&condition, &named)), (without, with), "{absent}");
    }
    // A tag with an empty value is there.
    assert!(holds(&json!({"Null": {"aws:RequestTag/incident": "false"}}), &plain().with("aws:RequestTag/incident", "")));
    let long_term = json!({"Null": {"aws:TokenIssueTime": "true"}});
    assert!(holds(&long_term, &plain()) && !holds(&long_term, &plain().issued_at(datetime!(2026-11-23 9:00 UTC))));
}

#[test]
fn a_principals_arn_is_its_roles_and_nobody_else_says_it() {
    let role = "arn:aws:iam::123456789012:role/Reader";
    let forged = plain().with("aws:PrincipalArn", "arn:aws:iam::123456789012:role/Writer");
    for (operator, wanted, expected) in [
        ("ArnEquals", role, true),
        ("ArnEquals", "arn:aws:iam::*:role/Read??", true),
        ("ArnLike", "arn:aws:iam::123456789012:role/*", true),
        ("ArnLike", "arn:aws:*:role/Reader:*:*:*", false),
        ("ArnLike", "arn:aws:iam::123456789012:role/Writer", false),
        ("ArnNotEquals", role, false),
        ("ArnNotLike", "arn:aws:iam::123456789012:role/W*", true),
        ("StringEquals", role, true),
        ("StringLike", "arn:aws:iam::*", true),
        ("StringNotEquals", "arn:aws:iam::123456789012:role/Writer", true),
        ("StringEquals", "arn:aws:sts::123456789012:assumed-role/Reader/one", false),
    ] {
        for circumstances in [&plain(), &forged] {
            assert_eq!(holds(&json!({operator: {"aws:PrincipalArn": wanted}}), circumstances), expected, "{operator} {wanted}");
        }
    }
    assert!(holds(&json!({"StringEquals": {"kms:CallerAccount": "123456789012"}}), &plain()));
}

#[test]
fn several_values_are_asked_for_all_or_for_any() {
    let tags = |keys: &[&str]| plain().with_all("aws:TagKeys", keys.iter().map(|key| (*key).to_owned()));
    for (operator, keys, expected) in [
        ("ForAllValues:StringEquals", &["a", "b"][..], true),
        ("ForAllValues:StringEquals", &["a", "x"], false),
        ("ForAllValues:StringEquals", &[], true),
        ("ForAnyValue:StringEquals", &["a", "x"], true),
        ("ForAnyValue:StringEquals", &["x"], false),
        ("ForAnyValue:StringEquals", &[], false),
        ("ForAnyValue:StringNotEquals", &["a", "x"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], false),
        ("ForAnyValue:StringNotEquals", &[], false),
        ("ForAllValues:StringNotEquals", &["x", "y"], true),
        ("ForAllValues:StringNotEquals", &["x", "a"], false),
    ] {
        assert_eq!(holds(&json!({operator: {"aws:TagKeys": ["a", "b"]}}), &tags(keys)), expected, "{operator} {keys:?}");
    }
}

#[test]
fn a_variable_is_a_value_and_never_a_wildcard() {
    let record = "kms:EncryptionContext:halligan:record";
    let tied = json!({"StringLike": {record: "${aws:PrincipalTag/record}"}});
    let asked = |tag: Option<&str>| {
        let circumstances = plain().with(record, "ab");
        tag.map_or(circumstances.clone(), |tag| circumstances.with("aws:PrincipalTag/record", tag))
    };
    assert!(holds(&tied, &asked(Some("ab"))));
    for other in [Some("cd"), Some("*"), Some("??"), Some("${aws:PrincipalTag/record}"), Some(""), None] {
        assert!(!holds(&tied, &asked(other)), "{other:?}");
    }
    let elsewhere = json!({"StringNotEquals": {record: "${aws:PrincipalTag/record}"}});
    assert!(!holds(&elsewhere, &asked(Some("ab"))) && holds(&elsewhere, &asked(Some("cd"))) && holds(&elsewhere, &asked(None)));
}
