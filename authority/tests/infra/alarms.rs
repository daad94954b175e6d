//! What the alarms hear: the template's filters, held against events in CloudTrail's shape.

use serde_json::{Value, json};

use crate::{
    filter::Filter,
    stack::{ACCOUNT, ADMINISTRATOR, MACHINE, REGION, SERVICE, STACK},
};

pub(crate) const BACKEND: &str = "arn:aws:iam::111122223333:role/Halligan-Backend";

/// The alarms that ring for an event.
pub(crate) fn ringing(event: &Value) -> Vec<String> {
    let filters = STACK.ids_of("AWS::Logs::MetricFilter").into_iter().map(|id| STACK.properties(id));
    let heard = filters.filter(|filter| Filter::parse(filter["FilterPattern"].as_str().unwrap()).matches(event));
    heard.map(|filter| filter["MetricTransformations"][0]["MetricName"].as_str().unwrap().to_owned()).collect()
}

fn quiet(event: &Value) {
    assert!(ringing(event).is_empty(), "{:?} rings for\n{event:#}", ringing(event));
}

fn rings(alarm: &str, event: &Value) {
    assert_eq!(ringing(event), [alarm], "for\n{event:#}");
}

/// An event with these members beside what every event has; `null` takes one away.
#[expect(clippy::needless_pass_by_value, reason = "each is made where it is handed over")]
fn event(service: &str, name: &str, reads: bool, members: Value) -> Value {
    let mut event = json!({
        "eventVersion": "1.11", "eventTime": "2026-11-23T10:00:00Z", "awsRegion": REGION, "recipientAccountId": ACCOUNT,
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "readOnly": reads, "eventType": "AwsApiCall",
        "userIdentity": by_role(ADMINISTRATOR),
    });
    event.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    event
}

pub(crate) fn by_role(role: &str) -> Value {
    json!({
        "type": "AssumedRole", "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": { "sessionIssuer": { "type": "Role", "arn": role }, "sourceIdentity": "EMS-4711" },
    })
}

fn by_user() -> Value {
    json!({ "type": "IAMUser", "accountId": ACCOUNT, "arn": format!("arn:aws:iam::{ACCOUNT}:user/somebody") })
}

/// A call of KMS on a key of the stack.
fn on_key(name: &str, key: &str, by: &Value) -> Value {
    let reads = ["Decrypt", "DeriveSharedSecret", "GenerateDataKey", "GetPublicKey", "DescribeKey"].contains(&name);
    event("kms", name, reads, json!({ "userIdentity": by, "resources": [{ "ARN": STACK.arn(key), "type": "AWS::KMS::Key" }] }))
}

/// A refusal of KMS: no parameters, no resources, only words.
fn refused_on_key(name: &str, key: &str, by: &Value, reads: bool) -> Value {
    let message = format!(
        "User: somebody is not authorized to perform: kms:{name} on resource: {} because no resource-based policy allows it",
        STACK.arn(key)
    );
    event(
        "kms",
        name,
        reads,
        json!({ "userIdentity": by, "errorCode": "AccessDenied", "errorMessage": message, "requestParameters": null }),
    )
}

/// A session of the decrypter begun by the backend, for a person.
fn assumed(by: &Value, source_identity: Option<&str>) -> Value {
    let policy = json!({ "Statement": [{ "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-11-23T10:05:00Z" } } }] });
    let mut parameters = json!({
        "roleArn": STACK.arn("DecrypterRole"), "roleSessionName": "grant-1", "durationSeconds": 900, "policy": policy.to_string(),
    });
    if let Some(person) = source_identity {
        parameters["sourceIdentity"] = json!(person);
    }
    event("sts", "AssumeRole", true, json!({ "userIdentity": by, "requestParameters": parameters }))
}

/// A service takes the backend's role up for a machine or a task.
fn taken_up(service: &str, session: &str) -> Value {
    let parameters = json!({ "roleArn": BACKEND, "roleSessionName": session });
    let by = json!({ "type": "AWSService", "invokedBy": service });
    event("sts", "AssumeRole", true, json!({ "userIdentity": by, "sourceIPAddress": service, "requestParameters": parameters }))
}

#[expect(clippy::needless_pass_by_value, reason = "each is made where it is handed over")]
fn iam(name: &str, reads: bool, parameters: Value) -> Value {
    event("iam", name, reads, json!({ "requestParameters": parameters }))
}

#[test]
fn nothing_rings_for_a_release_a_sealing_and_a_look() {
    quiet(&assumed(&by_role(BACKEND), Some("EMS-4711")));
    let decrypter = by_role(&STACK.arn("DecrypterRole"));
    quiet(&on_key("Decrypt", "ResponderKey", &decrypter));
    quiet(&on_key("DeriveSharedSecret", "AgreementKey", &decrypter));
    quiet(&on_key("GenerateDataKey", "ResponderKey", &by_role(&STACK.arn("RegistrarRole"))));
    quiet(&on_key("GetPublicKey", "AgreementKey", &by_role(BACKEND)));
    quiet(&on_key("DescribeKey", "ResponderKey", &by_role(BACKEND)));
    quiet(&iam("GetRolePolicy", true, json!({ "roleName": "KEK-Responder-Decrypter" })));
    // Another role, another key, another log: somebody else's business.
    let other_role = json!({ "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/Another"), "roleSessionName": "x" });
    quiet(&event("sts", "AssumeRole", true, json!({ "requestParameters": other_role })));
    let other_key = json!([{ "ARN": format!("arn:aws:kms:{REGION}:{ACCOUNT}:key/33333333-3333-4333-8333-333333333333") }]);
    quiet(&event("kms", "Decrypt", true, json!({ "resources": other_key })));
    quiet(&event("kms", "PutKeyPolicy", false, json!({ "resources": other_key })));
    quiet(&event("logs", "CreateLogStream", false, json!({ "requestParameters": { "logGroupName": "/halligan/trail" } })));
}

#[test]
fn a_use_of_a_key_by_anything_but_the_decrypter_rings() {
    for by in [by_role(ADMINISTRATOR), by_user(), by_role("arn:aws:iam::999988887777:role/KEK-Responder-Decrypter")] {
        rings("KeyUsedByAnother", &on_key("Decrypt", "ResponderKey", &by));
        rings("KeyUsedByAnother", &on_key("DeriveSharedSecret", "AgreementKey", &by));
        rings("KeyUsedByAnother", &refused_on_key("Decrypt", "ResponderKey", &by, true));
        rings("KeyUsedByAnother", &refused_on_key("DeriveSharedSecret", "AgreementKey", &by, true));
    }
}

/// `halligan doctor` asks for what these must not have. To be refused is as it should be; anything else is not.
#[test]
fn what_the_doctor_is_refused_is_quiet_and_what_it_is_given_rings() {
    for by in [by_role(BACKEND), by_role(&STACK.arn("RegistrarRole"))] {
        for (name, key) in [("Decrypt", "ResponderKey"), ("DeriveSharedSecret", "AgreementKey")] {
            quiet(&refused_on_key(name, key, &by, true));
            rings("KeyUsedByAnother", &on_key(name, key, &by));
            let mut would_be_given = on_key(name, key, &by);
            would_be_given["errorCode"] = json!("DryRunOperationException");
            rings("KeyUsedByAnother", &would_be_given);
        }
    }
}

#[test]
fn a_session_of_the_decrypter_without_a_person_or_not_by_the_backend_rings() {
    rings("DecrypterAssumedOddly", &assumed(&by_role(BACKEND), None));
    rings("DecrypterAssumedOddly", &assumed(&by_role(ADMINISTRATOR), Some("EMS-4711")));
    rings("DecrypterAssumedOddly", &assumed(&by_user(), Some("EMS-4711")));
    let message =
        format!("User: somebody is not authorized to perform: sts:AssumeRole on resource: {}", STACK.arn("DecrypterRole"));
    rings(
        "DecrypterAssumedOddly",
        &event(
            "sts",
            "AssumeRole",
            true,
            json!({ "errorCode": "AccessDenied", "errorMessage": message, "requestParameters": null }),
        ),
    );
    let mut by_a_token = assumed(&by_user(), None);
    by_a_token["eventName"] = json!("AssumeRoleWithWebIdentity");
    rings("DecrypterAssumedOddly", &by_a_token);
}

#[test]
fn a_session_of_the_decrypter_without_a_session_policy_or_for_another_time_than_a_grants_rings() {
    let asked = |member: &str, value: Value| {
        let mut asked = assumed(&by_role(BACKEND), Some("EMS-4711"));
        let parameters = asked["requestParameters"].as_object_mut().unwrap();
        parameters.remove(member);
        parameters.extend((!value.is_null()).then(|| (member.to_owned(), value)));
        asked
    };
    for alike in [asked("policy", Value::Null), asked("durationSeconds", Value::Null), asked("durationSeconds", json!(3600))] {
        rings("DecrypterUnbounded", &alike);
    }
    rings("DecrypterUnbounded", &asked("durationSeconds", json!(901)));
    let endless = json!({ "Statement": [{ "Effect": "Allow", "Action": "kms:*", "Resource": "*" }] });
    rings("DecrypterUnbounded", &asked("policy", json!(endless.to_string())));
    let mut registrar = asked("policy", Value::Null);
    registrar["requestParameters"]["roleArn"] = json!(STACK.arn("RegistrarRole"));
    quiet(&registrar);
}

/// Whoever is on a machine with the role is the backend.
#[test]
fn the_backends_role_given_to_a_machine_or_a_task_rings() {
    let profile = format!("arn:aws:iam::{ACCOUNT}:instance-profile/Halligan-Backend");
    let asked =
        |service: &str, name: &str, parameters: Value| event(service, name, false, json!({ "requestParameters": parameters }));
    let given_to = |name: &str, to: &Value| asked("ec2", name, json!({ format!("{name}Request"): { "IamInstanceProfile": to } }));
    for given in [
        asked("ec2", "RunInstances", json!({ "iamInstanceProfile": { "arn": profile } })),
        asked("ec2", "RunInstances", json!({ "iamInstanceProfile": { "name": "Halligan-Backend" } })),
        given_to("AssociateIamInstanceProfile", &json!({ "Arn": profile })),
        given_to("AssociateIamInstanceProfile", &json!({ "Name": "Halligan-Backend" })),
        given_to("ReplaceIamInstanceProfileAssociation", &json!({ "Arn": profile })),
        given_to("ReplaceIamInstanceProfileAssociation", &json!({ "Name": "Halligan-Backend" })),
        asked("ecs", "RegisterTaskDefinition", json!({ "family": "x", "taskRoleArn": BACKEND })),
        asked("ecs", "RegisterTaskDefinition", json!({ "family": "x", "taskRoleArn": "Halligan-Backend" })),
        asked("ecs", "RunTask", json!({ "taskDefinition": "x:1", "overrides": { "taskRoleArn": BACKEND } })),
    ] {
        rings("BackendHandedOut", &given);
    }
    // A launch template has the profile: what was asked does not name it, what came of it does.
    let instances = json!({ "items": [{ "instanceId": "i-0fedcba9876543210", "iamInstanceProfile": { "arn": profile } }] });
    let mut by_template = asked("ec2", "RunInstances", json!({ "launchTemplate": { "launchTemplateName": "x" } }));
    by_template["responseElements"] = json!({ "instancesSet": instances });
    rings("BackendHandedOut", &by_template);
    // A profile of another name gets the role in IAM.
    let role_added = iam("AddRoleToInstanceProfile", false, json!({ "instanceProfileName": "x", "roleName": "Halligan-Backend" }));
    rings("RoleChanged", &role_added);
    let another = format!("arn:aws:iam::{ACCOUNT}:instance-profile/Another");
    quiet(&asked("ec2", "RunInstances", json!({ "iamInstanceProfile": { "arn": another } })));
    quiet(&asked("ec2", "RunInstances", json!({ "instanceType": "m8g.large" })));
    quiet(&asked("ecs", "RunTask", json!({ "taskDefinition": "x:1" })));
}

#[test]
fn the_backends_role_taken_up_by_anything_but_the_portals_machine_rings() {
    quiet(&taken_up(SERVICE, MACHINE));
    rings("BackendHandedOut", &taken_up(SERVICE, "i-0fedcba9876543210"));
    rings("BackendHandedOut", &taken_up("lambda.amazonaws.com", MACHINE));
    let mut by_somebody = taken_up(SERVICE, MACHINE);
    by_somebody["userIdentity"] = by_role(ADMINISTRATOR);
    rings("BackendHandedOut", &by_somebody);
    by_somebody["eventName"] = json!("AssumeRoleWithWebIdentity");
    rings("BackendHandedOut", &by_somebody);
    let refusal = |role: &str| {
        let message = format!("User: somebody is not authorized to perform: sts:AssumeRole on resource: {role}");
        let by = by_role(ADMINISTRATOR);
        event("sts", "AssumeRole", true, json!({ "userIdentity": by, "errorCode": "AccessDenied", "errorMessage": message }))
    };
    rings("BackendHandedOut", &refusal(BACKEND));
    quiet(&refusal(&format!("arn:aws:iam::{ACCOUNT}:role/Another")));
}

/// Before the stack is told which machine it is, and with ECS always, a service's own calls ring nothing: they come again and again.
#[test]
fn any_machine_is_the_portals_until_the_stack_is_told_which() {
    assert_eq!(STACK.default("BackendMachine"), "*");
    let pattern = STACK.properties("BackendAssumedOddlyFilter")["FilterPattern"].as_str().unwrap().replace(MACHINE, "*");
    let filter = Filter::parse(&pattern);
    for machine in [MACHINE, "i-0fedcba9876543210", "d190d14a24044d6d91134eda22d7f2c7"] {
        assert!(!filter.matches(&taken_up(SERVICE, machine)), "{machine}");
    }
    assert!(filter.matches(&taken_up("lambda.amazonaws.com", MACHINE)));
}

#[test]
fn a_change_of_a_key_rings_also_in_vain() {
    for key in ["ResponderKey", "AgreementKey"] {
        for name in [
            "PutKeyPolicy",
            "DisableKey",
            "ScheduleKeyDeletion",
            "CreateGrant",
            "TagResource",
            "UntagResource",
            "RotateKeyOnDemand",
        ] {
            rings("KeyChanged", &on_key(name, key, &by_role(ADMINISTRATOR)));
            rings("KeyChanged", &refused_on_key(name, key, &by_user(), false));
        }
    }
}

#[test]
fn a_change_of_a_role_rings() {
    for role in ["BackendRole", "DecrypterRole", "RegistrarRole", "RotationRole", "TrailRole"] {
        let arn = STACK.arn(role);
        let name = arn.rsplit('/').next().unwrap();
        for change in ["UpdateAssumeRolePolicy", "PutRolePolicy", "AttachRolePolicy", "DeleteRolePermissionsBoundary", "DeleteRole"]
        {
            rings("RoleChanged", &iam(change, false, json!({ "roleName": name })));
        }
    }
    for policy in STACK.ids_of("AWS::IAM::ManagedPolicy") {
        rings("RoleChanged", &iam("CreatePolicyVersion", false, json!({ "policyArn": STACK.arn(policy) })));
    }
    quiet(&iam("PutRolePolicy", false, json!({ "roleName": "Another" })));
}

#[test]
fn a_change_of_what_would_tell_rings() {
    for name in ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"] {
        rings("WatchChanged", &event("cloudtrail", name, false, json!({ "requestParameters": { "name": "halligan" } })));
    }
    for name in ["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"] {
        rings("WatchChanged", &event("monitoring", name, false, json!({})));
    }
    for (service, name, parameters) in [
        ("logs", "DeleteMetricFilter", json!({ "logGroupName": "/halligan/trail" })),
        ("logs", "DeleteLogGroup", json!({ "logGroupName": "/halligan/trail" })),
        ("sns", "DeleteTopic", json!({ "topicArn": STACK.arn("AlarmTopic") })),
        ("s3", "PutBucketPolicy", json!({ "bucketName": "the-trail" })),
    ] {
        rings("WatchChanged", &event(service, name, false, json!({ "requestParameters": parameters })));
    }
    quiet(&event("cloudtrail", "LookupEvents", true, json!({})));
}

/// None of these changes the alarm, the topic or the log group itself, and each keeps mail from coming or a filter from seeing.
#[test]
fn to_silence_an_alarm_rings() {
    let subscription = format!("{}:00000000-0000-4000-8000-000000000000", STACK.arn("AlarmTopic"));
    let group = STACK.arn("TrailLogGroup");
    for (service, name, parameters) in [
        ("sns", "Unsubscribe", json!({ "subscriptionArn": subscription })),
        ("sns", "SetSubscriptionAttributes", json!({ "subscriptionArn": subscription, "attributeName": "FilterPolicy" })),
        ("sns", "PutDataProtectionPolicy", json!({ "resourceArn": STACK.arn("AlarmTopic") })),
        ("logs", "PutDataProtectionPolicy", json!({ "logGroupIdentifier": "/halligan/trail" })),
        ("logs", "PutTransformer", json!({ "logGroupIdentifier": group })),
        ("logs", "AssociateKmsKey", json!({ "resourceIdentifier": group.trim_end_matches(":*") })),
        ("logs", "PutAccountPolicy", json!({ "policyName": "x", "policyType": "DATA_PROTECTION_POLICY" })),
    ] {
        rings("WatchChanged", &event(service, name, false, json!({ "requestParameters": parameters })));
    }
    let elsewhere = format!("arn:aws:sns:{REGION}:{ACCOUNT}:another:00000000-0000-4000-8000-000000000000");
    quiet(&event("sns", "Unsubscribe", false, json!({ "requestParameters": { "subscriptionArn": elsewhere } })));
    quiet(&event("logs", "PutDataProtectionPolicy", false, json!({ "requestParameters": { "logGroupIdentifier": "/another" } })));
}

/// A filter without an alarm counts and tells nobody; an alarm without a topic neither.
#[test]
fn every_filter_has_an_alarm_and_every_alarm_a_listener() {
    let alarms: Vec<_> = STACK.ids_of("AWS::CloudWatch::Alarm").into_iter().map(|id| STACK.properties(id)).collect();
    for id in STACK.ids_of("AWS::Logs::MetricFilter") {
        let filter = STACK.properties(id);
        assert_eq!(
            filter["LogGroupName"],
            STACK.properties("Trail")["CloudWatchLogsLogGroupArn"].as_str().unwrap().split(':').nth(6).unwrap()
        );
        let transformation = &filter["MetricTransformations"][0];
        let hears = |alarm: &&Value| {
            alarm["MetricName"] == transformation["MetricName"] && alarm["Namespace"] == transformation["MetricNamespace"]
        };
        let alarm = alarms.iter().find(hears).unwrap_or_else(|| panic!("{id} has no alarm"));
        assert_eq!((&alarm["Threshold"], &alarm["EvaluationPeriods"], &alarm["Statistic"]), (&json!(1), &json!(1), &json!("Sum")));
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanOrEqualToThreshold");
    }
    assert!(alarms.iter().any(|alarm| alarm["MetricName"] == "IncomingLogEvents" && alarm["TreatMissingData"] == "breaching"));
    for alarm in &alarms {
        assert_eq!(alarm["AlarmActions"], json!([STACK.arn("AlarmTopic")]), "{}", alarm["AlarmName"]);
    }
}

#[test]
fn every_alarm_is_explained() {
    let operating = include_str!("../../../docs/OPERATING.md");
    for id in STACK.ids_of("AWS::CloudWatch::Alarm") {
        let name = STACK.properties(id)["AlarmName"].as_str().unwrap().to_owned();
        assert!(operating.contains(&format!("| `{name}` |")), "docs/OPERATING.md does not say what {name} means");
    }
}
