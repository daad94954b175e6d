//! What the template says beside policies: names, what outlives the stack, what the trail keeps.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stack::{ACCOUNT, ADMINISTRATOR, STACK};

#[test]
fn it_can_be_handed_to_cloudformation_as_it_is() {
    assert!(include_str!("../../../infra/halligan.yaml").len() <= 51_200, "larger than a template's body may be");
}

/// A session's ARN in a key policy would let that session past its session policy, and so past its window.
#[test]
fn key_policies_name_roles_and_no_session() {
    for key in STACK.ids_of("AWS::KMS::Key") {
        for statement in STACK.key_policy(key)["Statement"].as_array().unwrap() {
            if statement["Principal"] == "*" {
                assert_eq!(statement["Effect"], "Deny", "{statement:#}");
                continue;
            }
            for arn in texts(&statement["Principal"]["AWS"]) {
                let is_role = arn.starts_with(&format!("arn:aws:iam::{ACCOUNT}:role/"));
                let is_root = arn == format!("arn:aws:iam::{ACCOUNT}:root");
                assert!(is_role || is_root && statement["Condition"]["StringEquals"]["aws:PrincipalArn"] == arn, "{statement:#}");
            }
        }
    }
}

/// A statement's name is how a refusal, a review and the table find it.
#[test]
fn every_statement_has_a_name_of_its_own() {
    for key in STACK.ids_of("AWS::KMS::Key") {
        let policy = STACK.key_policy(key);
        let statements = policy["Statement"].as_array().unwrap();
        let names: BTreeSet<_> = statements.iter().map(|statement| statement["Sid"].as_str().unwrap()).collect();
        assert_eq!(names.len(), statements.len(), "{key}");
    }
}

#[test]
fn the_keys_are_what_the_portal_needs_and_outlive_the_stack() {
    let kek = STACK.properties("ResponderKey");
    assert_eq!((&kek["KeySpec"], &kek["KeyUsage"]), (&json!("SYMMETRIC_DEFAULT"), &json!("ENCRYPT_DECRYPT")));
    assert_eq!(kek["EnableKeyRotation"], true);
    let agreement = STACK.properties("AgreementKey");
    assert_eq!((&agreement["KeySpec"], &agreement["KeyUsage"]), (&json!("ECC_NIST_P256"), &json!("KEY_AGREEMENT")));
    for id in ["ResponderKey", "AgreementKey"] {
        assert_eq!(STACK.properties(id)["PendingWindowInDays"], 30, "{id}");
        assert_eq!(STACK.properties(id)["MultiRegion"], false, "{id}");
    }
    for id in ["ResponderKey", "AgreementKey", "TrailBucket", "TrailLogGroup"] {
        let resource = STACK.resource(id);
        assert_eq!((&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]), (&json!("Retain"), &json!("Retain")), "{id}");
    }
}

#[test]
fn a_session_of_a_role_is_short_and_no_user_has_one() {
    for id in ["DecrypterRole", "RegistrarRole", "RotationRole"] {
        assert_eq!(STACK.properties(id)["MaxSessionDuration"], 3600, "{id}");
    }
    assert!(STACK.ids_of("AWS::IAM::User").is_empty() && STACK.ids_of("AWS::IAM::AccessKey").is_empty());
}

#[test]
fn the_trail_has_everything_and_nobody_alters_it() {
    let trail = STACK.properties("Trail");
    for on in ["IsLogging", "IsMultiRegionTrail", "IncludeGlobalServiceEvents", "EnableLogFileValidation"] {
        assert_eq!(trail[on], true, "{on}");
    }
    // No source is left out: what KMS is asked for is a management event.
    assert_eq!(trail["EventSelectors"], json!([{ "ReadWriteType": "All", "IncludeManagementEvents": true }]));
    let bucket = STACK.properties("TrailBucket");
    assert_eq!(bucket["ObjectLockEnabled"], true);
    assert_eq!(bucket["ObjectLockConfiguration"]["ObjectLockEnabled"], "Enabled");
    assert!(bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"].is_string());
    assert_eq!(bucket["VersioningConfiguration"]["Status"], "Enabled");
    let closed = bucket["PublicAccessBlockConfiguration"].as_object().unwrap();
    assert!(closed.len() == 4 && closed.values().all(|on| on == true));
}

/// Another account's trail must not be written into this bucket, and nothing goes in or out in the clear.
#[test]
fn the_bucket_takes_this_trail_alone() {
    let policy = STACK.properties("TrailBucketPolicy");
    for statement in policy["PolicyDocument"]["Statement"].as_array().unwrap() {
        match statement["Effect"].as_str().unwrap() {
            "Allow" => {
                assert_eq!(statement["Principal"], json!({ "Service": "cloudtrail.amazonaws.com" }));
                let trail = statement["Condition"]["StringEquals"]["aws:SourceArn"].as_str().unwrap();
                assert!(trail.contains(ACCOUNT) && trail.ends_with(":trail/halligan"), "{trail}");
            }
            _ => assert_eq!(statement["Condition"], json!({ "Bool": { "aws:SecureTransport": "false" } })),
        }
    }
    assert_eq!(STACK.properties("Trail")["TrailName"], "halligan");
}

#[test]
fn the_administrator_is_the_role_that_was_named() {
    for key in ["ResponderKey", "AgreementKey"] {
        let policy = STACK.key_policy(key);
        let changers: Vec<_> =
            policy["Statement"].as_array().unwrap().iter().filter(|s| texts(&s["Action"]).contains(&"kms:TagResource")).collect();
        assert_eq!(changers.len(), 1);
        assert_eq!(changers[0]["Principal"]["AWS"], ADMINISTRATOR);
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().map(|value| value.as_str().unwrap()).collect(),
        value => vec![value.as_str().unwrap()],
    }
}
