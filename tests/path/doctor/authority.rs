//! What of the authority would fail a release or a sealing.

use halligan_backend::{aws::AuthoritySettings, config::Premises, services::Item};
use halligan_shared::{
    member::Role,
    statement::LockdownAct,
    wire::{Grade, RecordLine},
};

use super::Planted;
use crate::support::{Does, TestPortal};

#[tokio::test]
async fn a_portal_that_is_locked_down_is_said_to_be_that_and_not_misset() {
    let planted = Planted::fine().await;
    let portal = &planted.portal;
    let [mut one, mut other] = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
    let begin = one.propose(LockdownAct::Begin).await;
    assert!(other.confirm(begin).await.status.is_success());
    portal.portal.tend_deny().await.unwrap();
    let checks = planted.is_found(&[]).await;
    let unknown =
        [Item::Decrypt, Item::DecryptOther, Item::Binding, Item::DecryptLate, Item::Derive, Item::DeriveLate].map(Item::id);
    assert_eq!(checks.ids(Grade::Unknown), unknown, "{checks:#?}");
    let found = checks.checks.iter().filter(|check| check.grade == Grade::Unknown);
    assert!(found.into_iter().all(|check| check.found.contains("the portal is locked down")), "{checks:#?}");

    let lift = one.propose(LockdownAct::Lift).await;
    assert!(other.confirm(lift).await.status.is_success());
    portal.pass(2_000);
    assert_eq!(planted.is_found(&[]).await.grade(), Grade::Fine);
}

#[tokio::test]
async fn a_lockdown_of_which_the_authority_knows_nothing_or_which_it_does_not_obey() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    let portal = &planted.portal;
    let [mut one, mut other] = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
    let begin = one.propose(LockdownAct::Begin).await;
    assert!(other.confirm(begin).await.status.is_success());
    planted.is_found(&[Item::Deny]).await;
    planted.portal.portal.tend_deny().await.unwrap();
    let checks = planted.is_found(&[]).await;
    let holds = checks.checks.iter().find(|check| check.id == Item::DenyHolds.id()).unwrap();
    assert_eq!((holds.grade, holds.found.contains("refuses share 1 and share 2")), (Grade::Fine, true), "{holds:?}");

    // The policy is there, and something lets a session past it.
    for call in ["Decrypt", "DeriveSharedSecret"] {
        planted.portal.relay().plant(call, Does::refuses(400, "DryRunOperationException"));
        let checks = planted.examine().await;
        let holds = checks.checks.iter().find(|check| check.id == Item::DenyHolds.id()).unwrap();
        assert_eq!((holds.grade, holds.found.contains(call)), (Grade::Fails, true), "{holds:?}");
        planted.portal.relay().mend();
    }
    // Somebody took it away by hand, or put another in its place.
    planted.portal.portal.authority().deny_no_session().await.unwrap();
    planted.is_found(&[Item::Deny, Item::DenyHolds]).await;
    planted.portal.portal.authority().deny_older_sessions(planted.portal.portal.clock().now()).await.unwrap();
    assert!(planted.examine().await.ids(Grade::Fails).contains(&Item::Deny.id()));
}

#[tokio::test]
async fn a_deny_that_is_not_there_after_the_lift_or_is_there_for_nothing() {
    let planted = Planted::fine().await;
    let portal = &planted.portal;
    let authority = portal.portal.authority();
    authority.deny_older_sessions(portal.portal.clock().now() - time::Duration::days(1)).await.unwrap();
    planted.is_found(&[Item::Deny]).await;
    authority.deny_no_session().await.unwrap();
    planted.is_found(&[]).await;
    let [mut one, mut other] = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
    for act in [LockdownAct::Begin, LockdownAct::Lift] {
        let proposal = one.propose(act).await;
        assert!(other.confirm(proposal).await.status.is_success());
    }
    portal.pass(2_000);
    planted.is_found(&[]).await;
    authority.deny_no_session().await.unwrap();
    planted.is_found(&[Item::Deny]).await;
}

#[tokio::test]
async fn a_portal_that_could_not_tell_the_authority_of_a_lockdown() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    for does in [Does::refuses(403, "AccessDenied"), Does::Cut] {
        planted.portal.relay().plant("GetRolePolicy", does);
        let checks = planted.is_found(&[Item::Deny]).await;
        let check = checks.checks.iter().find(|check| check.id == Item::Deny.id()).unwrap();
        assert!(check.found.starts_with("GetRolePolicy") && check.advice.contains("Halligan-KillSwitch"), "{check:?}");
    }
}

/// A template in which a session's own record is compared with itself: only the session policy says which record is opened.
#[tokio::test]
async fn sessions_that_nothing_but_their_policy_ties_to_their_record() {
    let template = include_str!("../../../infra/halligan.yaml");
    let (bound, loose) = ("kms:EncryptionContext:halligan:record: ${aws", "aws:PrincipalTag/record: ${aws");
    for (template, items) in [(template.to_owned(), vec![]), (template.replace(bound, loose), vec![Item::Binding])] {
        let portal = TestPortal::start().await;
        let mut settings = portal.portal.settings().clone();
        settings.premises = Premises { data: Some(portal.folder().to_owned()), certificate: None };
        let clock = portal.portal.clock().clone();
        let clock = halligan_authority::Clock::new(move || clock.now());
        let governed = halligan_authority::Authority::start_governed_by(template, clock).await.unwrap();
        let connection = governed.connection();
        let authority = AuthoritySettings {
            endpoint: Some(connection.endpoint),
            credentials: Some((connection.access_key_id, connection.secret_access_key)),
            kek: connection.kek_arn,
            agreement_key: connection.agreement_arn,
            decrypter_role: connection.decrypter_role_arn,
            registrar_role: connection.registrar_role_arn,
            ..portal.authority_settings()
        };
        let checks = Planted { portal, settings, authority, store: None }.is_found(&items).await;
        assert_eq!(checks.ids(Grade::Unknown), Vec::<&str>::new(), "{checks:#?}");
    }
}

#[tokio::test]
async fn a_wrong_region() {
    let mut planted = Planted::fine().await;
    planted.authority.region = "eu-west-1".to_owned();
    let checks = planted.is_found(&[Item::Names, Item::Credentials]).await;
    assert!(checks.checks[0].found.contains("calls are signed for eu-west-1"), "{:?}", checks.checks[0]);
}

#[tokio::test]
async fn the_keys_taken_for_each_other_or_for_no_keys() {
    let mut planted = Planted::fine().await;
    planted.authority.kek = planted.authority.agreement_key.clone();
    planted.is_found(&[Item::Kek, Item::Named, Item::Decrypt, Item::DataKey]).await;

    let mut planted = Planted::fine().await;
    planted.authority.kek = planted.authority.decrypter_role.clone();
    let checks = planted.examine().await;
    assert_eq!(checks.ids(Grade::Fails)[0], Item::Names.id(), "{checks:#?}");
}

#[tokio::test]
async fn a_key_that_is_not_there() {
    let mut planted = Planted::fine().await;
    let (stem, _) = planted.authority.kek.rsplit_once('/').unwrap();
    planted.authority.kek = format!("{stem}/00000000-0000-4000-8000-000000000000");
    let checks = planted.examine().await;
    assert!(checks.ids(Grade::Fails).contains(&Item::Kek.id()), "{checks:#?}");
    assert!(checks.ids(Grade::Fails).contains(&Item::Decrypt.id()), "{checks:#?}");
}

#[tokio::test]
async fn a_disabled_key() {
    let planted = Planted::fine().await;
    planted.portal.authority.set_key_enabled(&planted.authority.kek, false).await.unwrap();
    planted.is_found(&[Item::Kek, Item::Decrypt, Item::DataKey]).await;

    let planted = Planted::fine().await;
    planted.portal.authority.set_key_enabled(&planted.authority.agreement_key, false).await.unwrap();
    planted.is_found(&[Item::AgreementKey, Item::Derive]).await;
}

#[tokio::test]
async fn records_under_a_key_that_is_not_named() {
    for sql in ["update sealing set kek = 'OTHER'", "update sealing set agreement_key = 'OTHER'"] {
        let planted = Planted::fine().await;
        let mut registrar = planted.portal.member("REG-2", &[Role::Registrar]).await;
        registrar.seal(b"{}").await;
        planted.portal.tamper(sql).await;
        // The newest of three is in order.
        registrar.seal(b"{}").await;
        let checks = planted.is_found(&[Item::Named]).await;
        let check = checks.checks.iter().find(|check| check.id == Item::Named.id()).unwrap();
        assert_eq!(check.found, r#"2 of 3 records are under a key that is not named: {"OTHER"}"#, "{sql}");
    }
    // A version that another one took the place of is nobody's emergency.
    let planted = Planted::fine().await;
    let mut registrar = planted.portal.member("REG-2", &[Role::Registrar]).await;
    let (record, _) = registrar.seal(b"{}").await;
    sqlx::query("update sealing set kek = 'OTHER' where record_id = $1")
        .bind(record.to_string())
        .execute(&planted.portal.database().await)
        .await
        .unwrap();
    registrar.seal_as(b"anew", Some(record), None).await.ok::<RecordLine>();
    planted.is_found(&[]).await;
}

#[tokio::test]
async fn a_former_key_that_does_not_open_what_is_under_it() {
    for (sql, item) in
        [("update sealing set kek = 'FORMER'", Item::Decrypt), ("update sealing set agreement_key = 'FORMER'", Item::Derive)]
    {
        let mut planted = Planted::fine().await;
        planted.portal.tamper(sql).await;
        // The newest is in order.
        planted.portal.member("REG-2", &[Role::Registrar]).await.seal(b"{}").await;
        let (stem, _) = planted.authority.kek.rsplit_once('/').unwrap();
        let former = format!("{stem}/00000000-0000-4000-8000-000000000000");
        sqlx::query("update sealing set kek = replace(kek, 'FORMER', $1), agreement_key = replace(agreement_key, 'FORMER', $1)")
            .bind(&former)
            .execute(&planted.portal.database().await)
            .await
            .unwrap();
        planted.authority.former_keys = vec![former.clone()];
        let checks = planted.is_found(&[item]).await;
        let check = checks.checks.iter().find(|check| check.id == item.id()).unwrap();
        assert!(check.found.contains(&former), "{check:?}");
    }
}

#[tokio::test]
async fn a_former_key_that_is_no_arn() {
    let mut planted = Planted::fine().await;
    planted.authority.former_keys = vec!["alias/former".to_owned()];
    planted.is_found(&[Item::Names]).await;
}

#[tokio::test]
async fn a_role_that_cannot_be_assumed() {
    let mut planted = Planted::fine().await;
    planted.authority.decrypter_role.push_str("-Renamed");
    planted.is_found(&[Item::Decrypter, Item::Deny]).await;

    let mut planted = Planted::fine().await;
    planted.authority.registrar_role.push_str("-Renamed");
    planted.is_found(&[Item::Registrar]).await;
}

#[tokio::test]
async fn a_role_whose_policy_lacks_a_call() {
    for (call, item) in [("DeriveSharedSecret", Item::Derive), ("GenerateDataKey", Item::DataKey), ("Decrypt", Item::Decrypt)] {
        let mut planted = Planted::with(TestPortal::relayed().await).await;
        planted.portal.relay().plant(call, Does::refuses(400, "AccessDeniedException"));
        planted.is_found(&[item]).await;
    }
}

/// Whatever allows what the session policy forbids: a key policy or a grant of KMS that names the session.
#[tokio::test]
async fn a_role_whose_session_policy_does_not_bind() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    planted.portal.relay().plant("Decrypt", Does::refuses(400, "DryRunOperationException"));
    planted.is_found(&[Item::OwnDecrypt, Item::DecryptOther, Item::Binding, Item::DecryptLate, Item::RegistrarDecrypt]).await;
    planted.portal.relay().mend();
    planted.portal.relay().plant("DeriveSharedSecret", Does::refuses(400, "DryRunOperationException"));
    planted.is_found(&[Item::DeriveLate]).await;
}

#[tokio::test]
async fn a_policy_that_does_not_fit() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    planted.portal.relay().plant("AssumeRole", Does::Times(1, Box::new(Does::refuses(400, "PackedPolicyTooLarge"))));
    planted.is_found(&[Item::Policy]).await;
}

#[tokio::test]
async fn expired_and_unknown_credentials() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    planted.portal.relay().plant("*", Does::refuses(403, "ExpiredToken"));
    let checks = planted.is_found(&[Item::Credentials]).await;
    assert_eq!(checks.grade(), Grade::Fails);
    planted.portal.relay().mend();
    planted.authority.credentials.as_mut().unwrap().0 = "AKIAUNKNOWNTOANYBODY".to_owned();
    planted.is_found(&[Item::Credentials]).await;
}

#[tokio::test]
async fn a_clock_that_is_off_by_six_minutes_or_by_one() {
    let planted = Planted::fine().await;
    for (milliseconds, words) in [(360_000, "360 seconds ahead"), (-360_000, "360 seconds behind"), (60_000, "60 seconds ahead")] {
        planted.portal.set_ahead(milliseconds);
        let checks = planted.is_found(&[Item::Clock]).await;
        let clock = checks.checks.iter().find(|check| check.id == Item::Clock.id()).unwrap();
        assert!(clock.found.contains(words), "{clock:?}");
    }
}

#[tokio::test]
async fn an_authority_that_is_not_there() {
    let mut planted = Planted::with(TestPortal::relayed().await).await;
    planted.portal.relay().close();
    let checks = planted.is_found(&[Item::Endpoint]).await;
    assert!(checks.ids(Grade::Unknown).contains(&Item::Decrypt.id()), "what needs it was not looked at");
}
