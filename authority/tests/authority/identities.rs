//! Who may do what without any session policy: the table of the estate.

use aws_sdk_kms::{
    primitives::Blob,
    types::{DataKeySpec, KeyAgreementAlgorithmSpec, KeySpec, KeyState, KeyUsageType, Tag},
};
use serde_json::json;

use crate::support::{RECORD, TestAuthority, code, session};

#[tokio::test]
async fn everyone_learns_who_they_are() {
    let authority = TestAuthority::start().await;
    let identity = authority.sts(authority.backend()).get_caller_identity().send().await.unwrap();
    let account = identity.account().unwrap();
    assert!(identity.arn().unwrap().starts_with(&format!("arn:aws:iam::{account}:user/")));
    assert!(authority.connection.kek_arn.contains(account));

    let assumed = authority.decrypter().send().await.unwrap();
    let identity = authority.sts(session(&assumed)).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn().unwrap(), format!("arn:aws:sts::{account}:assumed-role/KEK-Responder-Decrypter/grant-1"));
    assert!(identity.user_id().unwrap().ends_with(":grant-1"));
}

#[tokio::test]
async fn each_identity_may_do_its_own_and_nothing_else() {
    let authority = TestAuthority::start().await;
    let (_, blob) = authority.data_key("ab").await;
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let (backend, administrator) = (authority.kms(authority.backend()), authority.kms(authority.administrator()));
    let (registrar, rotation) = (authority.registrar().await, authority.rotation("ab").await);

    // Decrypt, DeriveSharedSecret, GenerateDataKey, GetPublicKey, DescribeKey, CreateKey.
    let table = [
        ("backend", &backend, [false, false, false, true, true, false]),
        ("decrypter", &decrypter, [true, true, false, false, false, false]),
        ("registrar", &registrar, [false, false, true, true, false, false]),
        ("rotation", &rotation, [false, false, false, false, false, false]),
        ("administrator", &administrator, [false, false, false, false, true, true]),
    ];
    for (who, client, may) in table {
        let allowed = allowed(&authority, client, &blob).await;
        assert_eq!(allowed, may, "{who}");
    }
}

async fn allowed(authority: &TestAuthority, client: &aws_sdk_kms::Client, blob: &Blob) -> [bool; 6] {
    let (kek, agreement) = (&authority.connection.kek_arn, &authority.connection.agreement_arn);
    let peer = authority.kms(authority.backend()).get_public_key().key_id(agreement).send().await.unwrap().public_key.unwrap();
    let allowed = |code: Option<String>| {
        assert!(code.is_none() || code.as_deref() == Some("AccessDeniedException"), "{code:?}");
        code.is_none()
    };
    macro_rules! ask {
        ($request:expr) => {{
            let outcome = $request.send().await;
            allowed(if outcome.is_ok() { None } else { Some(code(outcome)) })
        }};
    }
    let ecdh = KeyAgreementAlgorithmSpec::Ecdh;
    [
        ask!(client.decrypt().ciphertext_blob(blob.clone()).encryption_context(RECORD, "ab")),
        ask!(client.derive_shared_secret().key_id(agreement).key_agreement_algorithm(ecdh).public_key(peer)),
        ask!(client.generate_data_key().key_id(kek).key_spec(DataKeySpec::Aes256).encryption_context(RECORD, "ab")),
        ask!(client.get_public_key().key_id(agreement)),
        ask!(client.describe_key().key_id(kek)),
        ask!(client.create_key()),
    ]
}

#[tokio::test]
async fn keys_describe_themselves_by_arn_and_by_id() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.backend());
    let kek = kms.describe_key().key_id(&authority.connection.kek_arn).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(kek.key_spec(), Some(&KeySpec::SymmetricDefault));
    assert_eq!(kek.key_usage(), Some(&KeyUsageType::EncryptDecrypt));
    assert_eq!(kek.key_state(), Some(&KeyState::Enabled));

    let (_, bare) = authority.connection.agreement_arn.rsplit_once('/').unwrap();
    let agreement = kms.describe_key().key_id(bare).send().await.unwrap().key_metadata.unwrap();
    assert_eq!(agreement.arn(), Some(authority.connection.agreement_arn.as_str()));
    assert_eq!(agreement.key_spec(), Some(&KeySpec::EccNistP256));
    assert_eq!(agreement.key_usage(), Some(&KeyUsageType::KeyAgreement));
}

#[tokio::test]
async fn a_key_that_is_not_there_is_not_found() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.backend());
    let kek = &authority.connection.kek_arn;
    let elsewhere = kek.replace(&authority.connection.region, "us-east-1");
    let (_, bare) = kek.rsplit_once('/').unwrap();
    for name in
        ["alias/KEK-Responder", "11111111-2222-4333-8444-555555555555", &elsewhere, &bare.to_uppercase(), &bare.replace('-', "")]
    {
        assert_eq!(code(kms.describe_key().key_id(name).send().await), "NotFoundException", "{name}");
    }
}

#[tokio::test]
async fn a_created_key_is_used_by_whom_its_own_policy_names() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.administrator());
    let ask = || kms.create_key().description("for later").key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::KeyAgreement);
    let peer = authority.kms(authority.backend()).get_public_key().key_id(&authority.connection.agreement_arn);
    let peer = peer.send().await.unwrap().public_key.unwrap();
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let derive = |key: String| {
        let request = decrypter.derive_shared_secret().key_id(key).key_agreement_algorithm(KeyAgreementAlgorithmSpec::Ecdh);
        request.public_key(peer.clone()).send()
    };
    let arn = |made: aws_sdk_kms::operation::create_key::CreateKeyOutput| made.key_metadata.unwrap().arn.unwrap();

    // Without a policy the account's own decide, and those of the decrypter name one key only.
    let plain = ask().send().await.unwrap();
    assert_eq!(plain.key_metadata().unwrap().description(), Some("for later"));
    assert_eq!(code(derive(arn(plain)).await), "AccessDeniedException");

    // With the policy of the key that it is to replace, and the tag that the decrypter's boundary asks for.
    let policy = kms.get_key_policy().key_id(&authority.connection.agreement_arn).send().await.unwrap().policy.unwrap();
    let tag = Tag::builder().tag_key("halligan").tag_value("record-keys").build().unwrap();
    let untagged = arn(ask().policy(&policy).send().await.unwrap());
    assert_eq!(code(derive(untagged).await), "AccessDeniedException");
    let replacement = arn(ask().policy(&policy).tags(tag).send().await.unwrap());
    assert_eq!(derive(replacement.clone()).await.unwrap().shared_secret().unwrap().as_ref().len(), 32);
    assert_eq!(code(authority.kms(authority.backend()).create_key().send().await), "AccessDeniedException");
}

#[tokio::test]
async fn a_key_is_not_created_with_a_policy_that_is_not_understood_or_locks_its_author_out() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.administrator());
    let locked = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": authority.connection.decrypter_role_arn}, "Action": "kms:*", "Resource": "*",
    }});
    let nobody = json!({"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}});
    for policy in ["{}".to_owned(), "not JSON".to_owned(), nobody.to_string(), locked.to_string()] {
        assert_eq!(code(kms.create_key().policy(&policy).send().await), "MalformedPolicyDocumentException", "{policy}");
    }
    let knowing = kms.create_key().policy(locked.to_string()).bypass_policy_lockout_safety_check(true).send().await;
    assert!(knowing.is_ok());
    let rsa = kms.create_key().key_spec(KeySpec::Rsa4096).key_usage(KeyUsageType::SignVerify);
    assert_eq!(code(rsa.send().await), "UnsupportedOperationException");
}

#[tokio::test]
async fn nobody_assumes_the_administrators_role() {
    let authority = TestAuthority::start().await;
    let arn = authority.connection.decrypter_role_arn.replace("KEK-Responder-Decrypter", "Halligan-Administrator");
    for who in [authority.backend(), authority.administrator()] {
        let role = authority.sts(who).assume_role().role_arn(&arn).role_session_name("again").source_identity("agency-7");
        assert_eq!(code(role.send().await), "AccessDenied");
    }
    // Nor does the administrator assume what uses the keys.
    let decrypter = authority.sts(authority.administrator()).assume_role().role_arn(&authority.connection.decrypter_role_arn);
    assert_eq!(code(decrypter.role_session_name("again").send().await), "AccessDenied");
}
