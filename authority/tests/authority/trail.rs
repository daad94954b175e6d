//! Events in CloudTrail's shape: what it writes for each operation, and what it never holds.

use aws_sdk_kms::{primitives::Blob, types::KeyAgreementAlgorithmSpec};
use serde_json::{Value, json};
use time::Duration;

use crate::support::{RECORD, START, TestAuthority, credentials, session};

/// The record of the latest call.
fn latest(authority: &TestAuthority) -> Value {
    authority.authority.events().last().unwrap().cloudtrail().unwrap()
}

#[tokio::test]
async fn a_release_is_written_as_aws_writes_it() {
    let authority = TestAuthority::start().await;
    let (data_key, blob) = authority.data_key("ab").await;
    let account = authority.connection.kek_arn.split(':').nth(4).unwrap().to_owned();
    let policy = authority.grant_policy("ab", START + Duration::minutes(5)).to_string();
    let assumed = authority.decrypter().policy(&policy).send().await.unwrap();
    let who = session(&assumed);
    let begun = latest(&authority);
    assert_eq!(
        begun["userIdentity"],
        json!({
            "type": "IAMUser", "accountId": account, "accessKeyId": authority.connection.access_key_id,
            "arn": format!("arn:aws:iam::{account}:user/Halligan-Backend"), "userName": "Halligan-Backend",
            "principalId": begun["userIdentity"]["principalId"],
        })
    );
    assert_eq!((&begun["eventSource"], &begun["eventName"]), (&json!("sts.amazonaws.com"), &json!("AssumeRole")));
    let asked = &begun["requestParameters"];
    assert_eq!(asked["roleArn"], json!(authority.connection.decrypter_role_arn));
    assert_eq!((&asked["roleSessionName"], &asked["sourceIdentity"]), (&json!("grant-1"), &json!("agency-7")));
    assert_eq!((&asked["durationSeconds"], &asked["policy"]), (&json!(900), &json!(policy)));
    assert_eq!(asked["tags"][2], json!({"key": "door", "value": "dispatcher"}));
    let given = &begun["responseElements"];
    assert_eq!(given["credentials"], json!({"accessKeyId": who.access_key_id(), "expiration": "Nov 23, 2026, 10:15:00 AM"}));
    assert_eq!(given["assumedRoleUser"]["arn"], json!(assumed.assumed_role_user().unwrap().arn()));

    let kms = authority.kms(who.clone());
    kms.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab").send().await.unwrap();
    let opened = latest(&authority);
    let issuer = &opened["userIdentity"]["sessionContext"]["sessionIssuer"];
    assert_eq!((&issuer["type"], &issuer["userName"]), (&json!("Role"), &json!("KEK-Responder-Decrypter")));
    assert_eq!(issuer["arn"], json!(authority.connection.decrypter_role_arn));
    let role_id = issuer["principalId"].as_str().unwrap();
    assert_eq!(opened["userIdentity"]["principalId"], json!(format!("{role_id}:grant-1")));
    assert_eq!(opened["userIdentity"]["accessKeyId"], json!(who.access_key_id()));
    assert_eq!(opened["userIdentity"]["sessionContext"]["sourceIdentity"], json!("agency-7"));
    assert_eq!(
        opened["userIdentity"]["sessionContext"]["attributes"],
        json!({"creationDate": "2026-11-23T10:00:00Z", "mfaAuthenticated": "false"})
    );
    assert_eq!(opened["requestParameters"], json!({"encryptionContext": {RECORD: "ab"}}));
    assert_eq!(opened["responseElements"], Value::Null);
    let key = |arn: &str| json!([{"accountId": account, "type": "AWS::KMS::Key", "ARN": arn}]);
    assert_eq!(opened["resources"], key(&authority.connection.kek_arn));
    for (member, value) in [
        ("eventVersion", json!("1.11")),
        ("eventTime", json!("2026-11-23T10:00:00Z")),
        ("eventSource", json!("kms.amazonaws.com")),
        ("awsRegion", json!(authority.connection.region)),
        ("readOnly", json!(true)),
        ("eventType", json!("AwsApiCall")),
        ("managementEvent", json!(true)),
        ("recipientAccountId", json!(account)),
    ] {
        assert_eq!(opened[member], value, "{member}");
    }
    assert!(opened.get("errorCode").is_none() && opened["requestID"] != opened["eventID"]);

    let agreement = &authority.connection.agreement_arn;
    let peer = authority.kms(authority.backend()).get_public_key().key_id(agreement).send().await.unwrap().public_key.unwrap();
    let derive = kms.derive_shared_secret().key_id(agreement).key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
    let secret = derive.public_key(peer.clone()).send().await.unwrap().shared_secret.unwrap();
    let derived = latest(&authority);
    assert_eq!(derived["requestParameters"], json!({"keyId": agreement, "keyAgreementAlgorithm": "ECDH"}));
    assert_eq!(derived["resources"], key(agreement));

    let lines: Vec<_> = authority.authority.events().iter().filter_map(halligan_authority::Event::cloudtrail).collect();
    let log = json!(lines).to_string();
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    for (what, secret) in [
        ("a session token", who.session_token().unwrap().to_owned()),
        ("a secret access key", who.secret_access_key().to_owned()),
        ("the backend's secret", authority.connection.secret_access_key.to_string()),
        ("a plaintext", base64(&data_key)),
        ("a ciphertext", base64(blob.as_ref())),
        ("a point", base64(peer.as_ref())),
        ("a shared secret", base64(secret.as_ref())),
    ] {
        assert!(!log.contains(&secret), "{what} is in the trail");
    }
}

#[tokio::test]
async fn a_refusal_has_its_words_and_neither_parameters_nor_resources() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let grant = authority.grant("ab").await;
    grant.decrypt().ciphertext_blob(blob).encryption_context(RECORD, "cd").send().await.unwrap_err();
    let refused = latest(&authority);
    assert_eq!(refused["errorCode"], json!("AccessDenied"));
    assert!(refused["errorMessage"].as_str().unwrap().contains(&authority.connection.kek_arn));
    assert_eq!((&refused["requestParameters"], refused.get("resources")), (&Value::Null, None));

    let broken = grant.decrypt().key_id(&authority.connection.kek_arn).ciphertext_blob(Blob::new([7]));
    broken.encryption_context(RECORD, "ab").send().await.unwrap_err();
    assert_eq!(latest(&authority)["errorCode"], json!("InvalidCiphertextException"));

    let nobody = credentials(&authority.connection.access_key_id, "wrong", None);
    authority.kms(nobody).create_key().send().await.unwrap_err();
    assert_eq!(
        authority.authority.events().last().unwrap().cloudtrail(),
        None,
        "whose signature does not hold is in nobody's trail"
    );
}

#[tokio::test]
async fn what_changes_something_is_not_read_only() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.administrator());
    let arn = kms.create_key().description("for later").send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let created = latest(&authority);
    assert_eq!((&created["eventName"], &created["readOnly"]), (&json!("CreateKey"), &json!(false)));
    assert_eq!(created["requestParameters"]["description"], json!("for later"));
    assert_eq!(created["responseElements"]["keyMetadata"]["arn"], json!(arn));
    assert_eq!(created["userIdentity"]["sessionContext"]["sessionIssuer"]["userName"], json!("Halligan-Administrator"));

    let iam = authority.iam(authority.backend(), &authority.connection.region);
    let deny = json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}).to_string();
    iam.put_role_policy().role_name("KEK-Responder-Decrypter").policy_name("stop").policy_document(&deny).send().await.unwrap();
    let put = latest(&authority);
    assert_eq!((&put["eventSource"], &put["awsRegion"]), (&json!("iam.amazonaws.com"), &json!("us-east-1")));
    assert_eq!((&put["eventName"], &put["readOnly"]), (&json!("PutRolePolicy"), &json!(false)));
    let asked = json!({"roleName": "KEK-Responder-Decrypter", "policyName": "stop", "policyDocument": deny});
    assert_eq!((&put["requestParameters"], &put["responseElements"]), (&asked, &Value::Null));

    let rotation = authority.rotation("ab").await;
    let (_, blob) = authority.data_key("ab").await;
    let kek = &authority.connection.kek_arn;
    let rewrap = rotation.re_encrypt().ciphertext_blob(blob).destination_key_id(kek);
    rewrap.source_encryption_context(RECORD, "ab").destination_encryption_context(RECORD, "ab").send().await.unwrap();
    let rewrapped = latest(&authority);
    assert_eq!((&rewrapped["eventName"], &rewrapped["readOnly"]), (&json!("ReEncrypt"), &json!(true)));
    assert_eq!(rewrapped["requestParameters"]["destinationEncryptionContext"], json!({RECORD: "ab"}));
    assert_eq!(rewrapped["resources"].as_array().unwrap().len(), 1, "one key, though it is asked twice");
}
