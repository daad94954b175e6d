//! Where the oracle is known to read policies otherwise than AWS and we do. The generator stays clear of these; should a later
//! version of the oracle mend one, its test fails, and the generator may widen.

use std::collections::HashMap;

use awsim_iam_policy::{AuthzRequest, ContextValue, EvalContext};
use chrono::DateTime;
use halligan_oracle::policy::{Act, Circumstances, Decision, Kind, PolicyDocument, Principal};
use serde_json::{Value, json};
use time::macros::datetime;

use super::language::{ACCOUNT, ROLE, SESSION};

const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/aa";

/// What both say to a policy of an identity that allows everything under this condition, when one key has this value.
fn said(condition: &Value, key: &str, value: &str) -> (bool, bool) {
    said_of(json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}), key, value)
}

fn said_of(statement: Value, key: &str, value: &str) -> (bool, bool) {
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let moment = datetime!(2026-11-23 10:00:00.5 UTC);
    let circumstances = Circumstances::at(moment).with(key, value);
    let principal = Principal::Session { arn: SESSION.to_owned(), role: ROLE.to_owned() };
    let act = Act { principal: &principal, action: "kms:Decrypt", resource: KEY, circumstances: &circumstances };
    let mine = PolicyDocument::parse(Kind::Identity, &text).unwrap().decide(&act);

    let now = DateTime::from_timestamp(moment.unix_timestamp(), moment.nanosecond()).unwrap();
    let context = HashMap::from([
        (key.to_owned(), ContextValue::String(value.to_owned())),
        ("aws:PrincipalArn".to_owned(), ContextValue::String(ROLE.to_owned())),
        ("aws:CurrentTime".to_owned(), ContextValue::Date(now)),
    ]);
    let identity = [awsim_iam_policy::parse(&text).unwrap()];
    let policies = EvalContext {
        identity_policies: &identity,
        permissions_boundary: None,
        resource_policy: None,
        scps: &[],
        session_policy: None,
    };
    let asked = AuthzRequest {
        principal_arn: ROLE,
        principal_account: ACCOUNT,
        action: "kms:Decrypt",
        resource_arn: KEY,
        context: &context,
    };
    (mine == Decision::Allow, awsim_iam_policy::evaluate(&asked, &policies) == awsim_iam_policy::Decision::Allow)
}

#[test]
fn names_of_condition_keys_compare_without_case() {
    let condition = json!({"StringEquals": {"AWS:sourceIDENTITY": "EMS-1"}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (true, false));
}

#[test]
fn dates_compare_to_the_second() {
    let condition = json!({"DateEquals": {"aws:CurrentTime": "2026-11-23T10:00:00Z"}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (true, false));
}

#[test]
fn a_date_that_equals_none_of_several_equals_not_one_of_them() {
    let condition = json!({"DateNotEquals": {"aws:CurrentTime": ["2026-11-23T10:00:00Z", "2026-11-24T10:00:00Z"]}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (false, true));
}

#[test]
fn an_arn_may_have_wildcards_under_either_operator() {
    let condition = json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/KEK-*"}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (true, false));
}

#[test]
fn what_stands_for_a_variable_is_no_wildcard() {
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:kms:eu-central-1:111122223333:key/${aws:PrincipalTag/door}"});
    assert_eq!(said_of(statement, "aws:PrincipalTag/door", "*"), (false, true));
}

#[test]
fn a_star_that_is_meant_as_one_is_no_wildcard() {
    let condition = json!({"StringLike": {"aws:SourceIdentity": "${*}"}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (false, true));
}

#[test]
fn a_question_mark_is_one_letter() {
    let condition = json!({"StringLike": {"aws:SourceIdentity": "J?rg"}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "Jörg"), (true, false));
}

#[test]
fn what_may_be_there_and_may_be_absent_is_either() {
    let condition = json!({"Null": {"aws:SourceIdentity": ["true", "false"]}});
    assert_eq!(said(&condition, "aws:SourceIdentity", "EMS-1"), (true, false));
}
