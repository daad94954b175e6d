//! The template that is deployed loads whole, decides as it says, and one that is not understood does not load.

use time::macros::datetime;

use super::*;

const KEK: &str = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-4333-8444-555555555555";
const AGREEMENT: &str = "arn:aws:kms:eu-central-1:111122223333:key/66666666-2222-4333-8444-555555555555";
const DECRYPTER: &str = "arn:aws:iam::111122223333:role/KEK-Responder-Decrypter";

fn deployment() -> Deployment {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Deployment {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        parameters: pairs(&[("AdministratorRoleArn", "arn:aws:iam::111122223333:role/Halligan-Administrator")]),
        arns: pairs(&[("ResponderKey", KEK), ("AgreementKey", AGREEMENT)]),
    }
}

fn granted() -> Circumstances {
    Circumstances::at(datetime!(2026-11-23 10:00 UTC))
        .with("kms:EncryptionContext:halligan:record", "ab")
        .with("aws:SourceIdentity", "agency-7")
        .with("aws:PrincipalTag/incident", "1")
        .with("aws:PrincipalTag/request", "1")
        .with("aws:PrincipalTag/record", "ab")
        .with("aws:PrincipalTag/door", "dispatcher")
}

fn allowed(stack: &Stack, role: &str, action: &str, resource: &str, circumstances: &Circumstances) -> bool {
    let actor = stack.session(role, "one").unwrap();
    stack.decide(&actor, action, resource, circumstances).decision == Decision::Allow
}

#[test]
fn the_template_that_is_deployed_decides_by_its_own_policies() {
    let stack = Stack::halligan(&deployment()).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(stack.role("DecrypterRole").unwrap().arn, DECRYPTER);
    assert_eq!(stack.role("DecrypterRole").unwrap().max_session_seconds, 3600);
    for role in ["BackendRole", "DecrypterRole", "RegistrarRole", "RotationRole"] {
        assert_eq!(allowed(&stack, role, "kms:Decrypt", KEK, &granted()), role == "DecrypterRole", "{role}");
        assert_eq!(allowed(&stack, role, "kms:DeriveSharedSecret", AGREEMENT, &granted()), role == "DecrypterRole", "{role}");
        assert_eq!(allowed(&stack, role, "kms:GenerateDataKey", KEK, &granted()), role == "RegistrarRole", "{role}");
        assert_eq!(allowed(&stack, role, "iam:PutRolePolicy", DECRYPTER, &granted()), role == "BackendRole", "{role}");
        assert!(!allowed(&stack, role, "kms:Decrypt", &KEK.replace("1111", "9999"), &granted()), "a key that is not there");
    }
    let nameless = Circumstances::at(datetime!(2026-11-23 10:00 UTC)).with("kms:EncryptionContext:halligan:record", "ab");
    assert!(!allowed(&stack, "DecrypterRole", "kms:Decrypt", KEK, &nameless));
    let another = granted().with("aws:PrincipalTag/record", "cd");
    assert!(!allowed(&stack, "DecrypterRole", "kms:Decrypt", KEK, &another));
}

#[test]
fn a_key_that_the_template_does_not_name_is_bound_by_its_tags_all_the_same() {
    let mut stack = Stack::halligan(&deployment()).unwrap();
    let template = stack.key("AgreementKey").unwrap();
    let (policy_text, tags) = (template.policy_text.clone(), template.tags.clone());
    let other = AGREEMENT.replace("6666", "7777");
    let key = |tags| Key::new(other.clone(), policy_text.clone(), tags).unwrap();
    stack.add_key(key(tags));
    assert!(allowed(&stack, "DecrypterRole", "kms:DeriveSharedSecret", &other, &granted()));
    stack.add_key(key(BTreeMap::new()));
    assert!(!allowed(&stack, "DecrypterRole", "kms:DeriveSharedSecret", &other, &granted()), "past its boundary");
}

/// A template with one role that has these properties beside its name and trust.
fn with_role(properties: &str) -> String {
    let trust = "{ Statement: { Effect: Allow, Action: 'sts:AssumeRole', Principal: { AWS: { Ref: 'AWS::AccountId' } } } }";
    format!(
        "Resources:\n  One:\n    Type: AWS::IAM::Role\n    Properties: {{ RoleName: One, AssumeRolePolicyDocument: {trust}{properties} }}\n"
    )
}

#[test]
fn functions_are_resolved_where_they_stand() {
    let resources = "['*', { 'Fn::Sub': 'arn:${AWS::Partition}:s3:::${One}-${!aws:userid}' }, { 'Fn::GetAtt': One.Arn }]";
    let properties = format!(
        ", Policies: [{{ PolicyName: p, PolicyDocument: {{ Version: '2012-10-17', Statement: {{ Effect: Allow, Action: 's3:Get*', Resource: {resources} }} }} }}]"
    );
    let stack = Stack::read(&with_role(&properties), &deployment()).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(allowed(&stack, "One", "s3:GetObject", "arn:aws:s3:::anything", &granted()));
    assert!(!allowed(&stack, "One", "s3:PutObject", "arn:aws:s3:::anything", &granted()));
}

#[test]
fn what_bears_on_permissions_and_is_not_understood_fails() {
    assert!(Stack::read(&with_role(""), &deployment()).is_ok());
    for properties in [
        ", Path: /elsewhere/",
        ", ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']",
        ", PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess'",
        ", Description: { 'Fn::If': [A, b, c] }",
        ", Description: { 'Fn::Sub': ['${A}', { A: b }] }",
        ", Description: { 'Fn::Sub': '${Nobody}' }",
        ", Description: { 'Fn::Sub': '${One' }",
        ", Description: { Ref: Nobody }",
        ", Description: { 'Fn::GetAtt': [One, RoleId] }",
        ", MaxSessionDuration: soon",
        ", RoleName: Two",
    ] {
        assert!(Stack::read(&with_role(properties), &deployment()).is_err(), "{properties}");
    }
    let whole = with_role("");
    for text in [
        String::new(),
        "[]".to_owned(),
        "Resources: {}\n---\nResources: {}\n".to_owned(),
        "Resources: { A: &a { Type: 'AWS::S3::Bucket' }, B: *a }\n".to_owned(),
        "Resources: { A: !Ref B }\n".to_owned(),
        "Resources: { A: { Properties: {} } }\n".to_owned(),
        whole.replace("AWS::IAM::Role", "AWS::IAM::UserPolicy"),
        whole.replace("AWS::IAM::Role", "AWS::KMS::ReplicaKey"),
        whole.replace("    Type:", "    Condition: OnlySometimes\n    Type:"),
        whole.replace("RoleName: One", "RoleName: { Ref: 'AWS::Region' }"),
        whole.replace("sts:AssumeRole", "s3:GetObject"),
        whole.replace("Effect: Allow", "Effect: Allow, NotAction: a"),
        format!("Resources: {}{}\n", "[".repeat(60), "]".repeat(60)),
        format!("{whole}#{}", " ".repeat(1024 * 1024)),
    ] {
        assert!(Stack::read(&text, &deployment()).is_err(), "{}", &text[..text.len().min(200)]);
    }
    let homeless = Deployment { arns: BTreeMap::new(), ..deployment() };
    assert!(Stack::halligan(&homeless).is_err(), "a key without an ARN");
}
