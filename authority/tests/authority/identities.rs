//! Who may do what without any session policy: the table of the estate.

use aws_sdk_kms::{
    primitives::Blob,
    types::{DataKeySpec, KeyAgreementAlgorithmSpec, KeySpec, KeyState, KeyUsageType},
};

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
    let (backend, registrar) = (authority.kms(authority.backend()), authority.registrar().await);

    // Decrypt, DeriveSharedSecret, GenerateDataKey, GetPublicKey, DescribeKey, CreateKey.
    let table = [
        ("backend", &backend, [false, false, false, true, true, true]),
        ("decrypter", &decrypter, [true, true, false, false, false, false]),
        ("registrar", &registrar, [false, false, true, true, false, false]),
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
        ask!(client.generate_data_key().key_id(kek).key_spec(DataKeySpec::Aes256)),
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
async fn a_created_key_is_described_but_used_by_nobody() {
    let authority = TestAuthority::start().await;
    let kms = authority.kms(authority.backend());
    let made = kms.create_key().description("for later").key_spec(KeySpec::EccNistP256).key_usage(KeyUsageType::KeyAgreement);
    let made = made.send().await.unwrap().key_metadata.unwrap();
    assert_eq!(made.description(), Some("for later"));
    let decrypter = authority.kms(session(&authority.decrypter().send().await.unwrap()));
    let ecdh = KeyAgreementAlgorithmSpec::Ecdh;
    let derive = decrypter.derive_shared_secret().key_id(made.arn().unwrap()).key_agreement_algorithm(ecdh);
    assert_eq!(code(derive.public_key(Blob::new([0])).send().await), "AccessDeniedException");

    let rsa = kms.create_key().key_spec(KeySpec::Rsa4096).key_usage(KeyUsageType::SignVerify);
    assert_eq!(code(rsa.send().await), "UnsupportedOperationException");
    assert_eq!(code(kms.create_key().policy("{}").send().await), "ValidationException", "a key policy is not ignored");
}
