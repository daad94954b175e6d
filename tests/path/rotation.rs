//! Replacing the keys that records are under: share 1 wrapped anew inside KMS, and another agreement key.

use aws_sdk_kms::{
    config::{BehaviorVersion, Credentials, Region},
    types::{KeySpec, KeyUsageType, Tag},
};
use halligan_backend::{
    aws::AuthoritySettings,
    domain::member::Actor,
    services::{ChainState, Fault, Item},
    store::{RotationRow, WrappedRow},
};
use halligan_shared::{
    id::RotationId,
    member::{AgencyId, Role},
    reference::Reference,
    statement::Verdict,
    wire::{self, ProblemCode, RecordLine},
};
use serde_json::json;

use crate::support::{Client, Does, NotOpened, Set, TestPortal};

const OTHER: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
/// How many shares are wrapped anew, and records sealed anew.
const MANY: usize = 1_000;

/// What is read from and counted in the database.
const WRAPPED: &str = "select count(*) from sealing where rotation_id is not null";
const KEPT: &str = "select count(*) from sealing where former_share is not null and former_kek is not null";
const EVENTS: &str = "select count(*) from audit_event where kind = 'record.rewrapped'";

fn operator() -> AgencyId {
    "OPERATOR".parse().unwrap()
}

/// So many sealings with shares of their own, each begun by another registrar: of one's own only the newest stay.
async fn begin_sealings(portal: &TestPortal, many: usize) {
    for number in 0..many {
        let registrar: AgencyId = format!("REG-{number:04}").parse().unwrap();
        portal.portal.start_sealing(Actor::Operator(&registrar), None).await.unwrap();
    }
}

async fn read(responder: &mut Client, dispatcher: &mut Client, reference: &Reference) -> Vec<u8> {
    let request = responder.ask(reference).await.id;
    assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    responder.open(request).await.content
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn share_1_of_a_thousand_sealings_is_wrapped_anew_once_each_also_after_an_interruption() {
    let mut portal = TestPortal::start_with(Set::unhurried()).await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let ((_, open), (_, shut)) = (registrar.seal(b"open").await, registrar.seal(b"shut").await);
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    begin_sealings(&portal, MANY - 2).await;
    // A record is open meanwhile.
    let request = responder.ask(&open).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let opened = responder.open(request).await;
    let before: Vec<(String, String)> =
        sqlx::query_as("select id, wrapped_share from sealing order by id").fetch_all(&portal.database().await).await.unwrap();
    let decrypted = portal.calls("Decrypt");

    // Interrupted in the middle, as a power cut would.
    let kek = portal.portal.authority().kek().to_owned();
    let (far, mut is_far) = tokio::sync::watch::channel(0);
    let house = portal.portal.clone();
    let (by, to) = (operator(), kek.clone());
    let running = tokio::spawn(async move {
        house
            .rotate_kek(&by, &to, |done, _| {
                far.send_replace(done);
            })
            .await
            .map(|_| ())
    });
    is_far.wait_for(|done| *done >= 300).await.unwrap();
    running.abort();
    assert!(running.await.is_err(), "it did not come to its end");
    portal.restart().await;
    // What was being written when it was cut off is written, or never was.
    drop(portal.portal.store().begin().await.unwrap());
    let wrapped = portal.count(WRAPPED).await;
    let many = i64::try_from(MANY).unwrap();
    assert!((300..many).contains(&wrapped), "{wrapped}");
    assert!(portal.portal.authority().held().is_empty() && portal.count(EVENTS).await == wrapped, "each has its event");

    let mut seen = Vec::new();
    let rotated = portal.portal.rotate_kek(&operator(), &kek, |done, everything| seen.push((done, everything))).await.unwrap();
    assert!(rotated.is_whole() && rotated.failed.is_empty(), "{rotated:?}");
    assert_eq!((rotated.done, rotated.everything), (MANY as u64, MANY as u64));
    assert_eq!(seen.last(), Some(&(MANY as u64, MANY as u64)));
    assert_eq!(portal.count(EVENTS).await, many, "once each");
    assert_eq!(portal.count("select count(*) from rotation").await, 1, "one rotation");
    assert_eq!(portal.count(KEPT).await, many, "what they were is kept until it is ended");
    assert_eq!(portal.portal.end_rotation(&operator()).await.unwrap().dropped, MANY as u64);
    assert_eq!(portal.count(KEPT).await, 0);
    assert!(matches!(portal.portal.end_rotation(&operator()).await, Err(Fault::NotNow(_))), "it is over");
    let after: Vec<(String, String)> =
        sqlx::query_as("select id, wrapped_share from sealing order by id").fetch_all(&portal.database().await).await.unwrap();
    assert!(before.iter().zip(&after).all(|(before, after)| before.0 == after.0 && before.1 != after.1), "every one of them");
    assert_eq!(portal.calls("Decrypt"), decrypted, "nothing was opened for it");
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));

    // The open record opens again in its window, and the other by a request of its own.
    for client in [&mut responder, &mut dispatcher] {
        client.router = portal.router.clone();
    }
    assert_eq!(responder.open(request).await.release.grant, opened.release.grant);
    assert_eq!(read(&mut responder, &mut dispatcher, &shut).await, b"shut");
}

#[tokio::test]
async fn a_share_that_was_exchanged_for_another_records_is_not_wrapped_anew() {
    let portal = TestPortal::start().await;
    begin_sealings(&portal, 6).await;
    let exchange = "update sealing set wrapped_share = (select wrapped_share from sealing where sealed_by = 'REG-0002') where sealed_by = 'REG-0001'";
    assert_eq!(portal.tamper(exchange).await, 1);
    let kek = portal.portal.authority().kek().to_owned();
    let rotated = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
    assert_eq!((rotated.is_whole(), rotated.done, rotated.everything, rotated.failed.len()), (false, 5, 6, 1), "{rotated:?}");
    assert!(matches!(portal.portal.end_rotation(&operator()).await, Err(Fault::NotNow(_))), "something is left to do");
    assert_eq!(portal.count("select count(*) from sealing where sealed_by = 'REG-0001' and rotation_id is null").await, 1);
}

#[tokio::test]
async fn damaged_shares_one_behind_the_other_do_not_keep_the_others_from_being_wrapped_anew() {
    let portal = TestPortal::start().await;
    begin_sealings(&portal, 8).await;
    let exchange = "update sealing set wrapped_share = (select wrapped_share from sealing where sealed_by = 'REG-0007') where sealed_by < 'REG-0006'";
    assert_eq!(portal.tamper(exchange).await, 6);
    let kek = portal.portal.authority().kek().to_owned();
    let rotated = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
    assert_eq!((rotated.done, rotated.everything, rotated.failed.len()), (2, 8, 6), "{rotated:?}");
}

#[tokio::test]
async fn a_share_that_cannot_be_read_keeps_no_other_from_being_wrapped_anew_or_put_back() {
    let portal = TestPortal::start().await;
    begin_sealings(&portal, 3).await;
    let kek = portal.portal.authority().kek().to_owned();
    let damage = "update sealing set wrapped_share = '?' where sealed_by = 'REG-0000'";
    assert!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap().is_whole());
    assert_eq!(portal.tamper(damage).await, 1);
    let ended = portal.portal.end_rotation(&operator()).await.unwrap();
    assert_eq!((ended.dropped, ended.failed.len(), portal.count(KEPT).await), (0, 1, 3));
    assert_eq!(portal.portal.take_rotation_back(&operator()).await.unwrap(), 3);

    assert_eq!(portal.tamper(damage).await, 1);
    let rotated = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
    assert_eq!((rotated.done, rotated.everything, rotated.failed.len()), (2, 3, 1), "{rotated:?}");
}

/// What KMS is made to say.
fn kms_says(body: &serde_json::Value) -> Does {
    Does::answers("200 OK", "content-type: application/x-amz-json-1.1\r\n", &body.to_string())
}

#[tokio::test]
async fn a_share_that_comes_from_another_key_than_the_one_asked_is_refused() {
    let mut portal = TestPortal::relayed().await;
    begin_sealings(&portal, 1).await;
    let kek = portal.portal.authority().kek().to_owned();
    let share = async |portal: &TestPortal| -> String {
        sqlx::query_scalar("select wrapped_share from sealing").fetch_one(&portal.database().await).await.unwrap()
    };
    let before = share(&portal).await;
    for answer in [
        json!({ "CiphertextBlob": "QUFBQQ==", "SourceKeyId": kek, "KeyId": OTHER }),
        json!({ "CiphertextBlob": "QUFBQQ==", "SourceKeyId": kek }),
        json!({ "CiphertextBlob": "", "SourceKeyId": kek, "KeyId": kek }),
    ] {
        portal.relay().plant("ReEncrypt", kms_says(&answer));
        let rotated = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
        assert_eq!((rotated.done, rotated.failed.len()), (0, 1), "{answer}");
        assert_eq!((share(&portal).await, portal.count(KEPT).await), (before.clone(), 0), "{answer}");
    }
    portal.relay().mend();
    assert!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap().is_whole());
    assert_ne!(share(&portal).await, before);
}

#[tokio::test]
async fn what_shares_were_before_a_rotation_is_put_back_when_what_came_of_it_does_not_open() {
    let mut portal = TestPortal::relayed().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
    portal.member("ADM-1", &[Role::Admin]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let kek = portal.portal.authority().kek().to_owned();
    // By the right key, and nothing that opens.
    portal.relay().plant("ReEncrypt", kms_says(&json!({ "CiphertextBlob": "QUFBQQ==", "SourceKeyId": kek, "KeyId": kek })));
    assert!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap().is_whole());
    portal.relay().mend();
    let who = portal.past_the_gate("ADM-1").await;
    assert_eq!(portal.portal.examine(&who).await.unwrap().ids(wire::Grade::Fails), [Item::Decrypt.id()]);
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    assert_eq!(responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::AuthorityFailed)));

    let ended = portal.portal.end_rotation(&operator()).await.unwrap();
    assert_eq!((ended.dropped, ended.failed.len(), portal.count(KEPT).await), (0, 1, 1), "what it was before is not dropped");
    assert_eq!(portal.portal.take_rotation_back(&operator()).await.unwrap(), 1);
    assert_eq!(portal.portal.examine(&who).await.unwrap().ids(wire::Grade::Fails), Vec::<&str>::new());
    assert_eq!(responder.open(request).await.content, b"the record");
    assert_eq!((portal.count(EVENTS).await, portal.count(WRAPPED).await, portal.count(KEPT).await), (2, 0, 0));
    assert!(matches!(portal.portal.take_rotation_back(&operator()).await, Err(Fault::NotNow(_))), "it is over");
    assert!(matches!(portal.chain().await, ChainState::Holds { .. }));
}

#[tokio::test]
async fn nothing_is_wrapped_anew_while_kms_makes_new_material() {
    let mut portal = TestPortal::relayed().await;
    begin_sealings(&portal, 2).await;
    let kek = portal.portal.authority().kek().to_owned();
    let under_way = json!({ "KeyId": kek, "KeyRotationEnabled": true, "OnDemandRotationStartDate": 1_764_000_000 });
    portal.relay().plant("GetKeyRotationStatus", kms_says(&under_way));
    assert!(matches!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await, Err(Fault::NotNow(_))));
    assert_eq!((portal.relay().asked("ReEncrypt"), portal.count("select count(*) from rotation").await), (0, 0));
    portal.relay().mend();
    assert!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap().is_whole());
}

#[tokio::test]
async fn shares_are_wrapped_once_more_when_the_material_they_were_wrapped_by_is_not_the_newest() {
    let mut portal = TestPortal::relayed().await;
    begin_sealings(&portal, 2).await;
    let kek = portal.portal.authority().kek().to_owned();
    let first: Vec<String> =
        sqlx::query_scalar("select wrapped_share from sealing order by id").fetch_all(&portal.database().await).await.unwrap();
    // There is other material when the run ends than when it began.
    let rotated = json!([{ "KeyId": kek, "RotationDate": 1_764_000_000, "RotationType": "ON_DEMAND" }]);
    let listed = kms_says(&json!({ "Rotations": rotated, "Truncated": false }));
    portal.relay().plant("ListKeyRotations", Does::Times(1, Box::new(listed.clone())));
    let overtaken = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
    assert!(overtaken.is_overtaken && !overtaken.is_whole() && overtaken.done == 2, "{overtaken:?}");
    assert_eq!(overtaken.material_since.map(time::OffsetDateTime::unix_timestamp), Some(1_764_000_000));
    let again = portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap();
    assert!(again.is_whole() && again.material_since.is_none(), "{again:?}");
    assert_eq!(portal.count(EVENTS).await, 4, "each once more");
    let kept: Vec<String> =
        sqlx::query_scalar("select former_share from sealing order by id").fetch_all(&portal.database().await).await.unwrap();
    assert_eq!(kept, first, "what they were before the first of both runs");
    // By the same material nothing is done twice.
    assert!(portal.portal.rotate_kek(&operator(), &kek, |_, _| {}).await.unwrap().is_whole());
    assert_eq!(portal.count(EVENTS).await, 4);
    portal.portal.end_rotation(&operator()).await.unwrap();
    assert_eq!(portal.count("select count(*) from rotation where ended_at is null").await, 0, "the one before gave way");
}

/// Another agreement key beside the stack's, which the same roles may use.
async fn another_agreement_key(portal: &TestPortal) -> String {
    let (connection, given) = (portal.authority.connection(), portal.authority.administrator("OPS-1").unwrap());
    let (id, secret) = (given.access_key_id, given.secret_access_key.to_string());
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(connection.endpoint)
        .region(Region::new(connection.region))
        .credentials_provider(Credentials::new(id, secret, Some(given.session_token.to_string()), None, "test"))
        .build();
    let kms = aws_sdk_kms::Client::from_conf(config);
    let policy = kms.get_key_policy().key_id(connection.agreement_arn).send().await.unwrap().policy.unwrap();
    let tag = Tag::builder().tag_key("halligan").tag_value("record-keys").build().unwrap();
    let made = kms.create_key().key_usage(KeyUsageType::KeyAgreement).key_spec(KeySpec::EccNistP256).policy(policy).tags(tag);
    made.send().await.unwrap().key_metadata.unwrap().arn.unwrap()
}

#[tokio::test]
async fn a_record_under_a_former_agreement_key_opens_beside_one_under_the_new() {
    let mut portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    portal.member("ADM-1", &[Role::Admin]).await;
    let (record, older) = registrar.seal(b"older").await;

    let (former, another) = (portal.portal.authority().agreement_key().to_owned(), another_agreement_key(&portal).await);
    let named = |former_keys| AuthoritySettings { agreement_key: another.clone(), former_keys, ..portal.authority_settings() };
    let (both, new_alone) = (named(vec![former]), named(Vec::new()));
    portal.restart_with(both).await;
    for client in [&mut registrar, &mut responder, &mut dispatcher] {
        client.router = portal.router.clone();
    }
    let (_, newer) = registrar.seal(b"newer").await;
    assert_eq!(portal.count("select count(distinct agreement_key) from sealing").await, 2);
    let who = portal.past_the_gate("ADM-1").await;
    let checks = portal.portal.examine(&who).await.unwrap();
    assert_eq!(checks.grade(), wire::Grade::Fine, "{checks:#?}");
    assert_eq!(read(&mut responder, &mut dispatcher, &older).await, b"older");
    assert_eq!(read(&mut responder, &mut dispatcher, &newer).await, b"newer");

    // Sealed anew from its source it needs the former key no more.
    let left = portal.portal.under_former_agreement_keys().await.unwrap().left;
    assert_eq!(left.iter().map(|row| row.record).collect::<Vec<_>>(), [record]);
    registrar.seal_as(b"older, sealed anew", Some(record), None).await.ok::<RecordLine>();
    portal.restart_with(new_alone).await;
    for client in [&mut responder, &mut dispatcher] {
        client.router = portal.router.clone();
    }
    assert_eq!(portal.portal.examine(&who).await.unwrap().grade(), wire::Grade::Fine);
    assert_eq!(read(&mut responder, &mut dispatcher, &older).await, b"older, sealed anew");
}

#[tokio::test]
async fn a_record_is_opened_by_the_keys_it_was_sealed_under_and_by_no_key_that_is_not_named() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let assumed = portal.calls("AssumeRole");
    let (kek, agreement_key) = (portal.portal.authority().kek().to_owned(), portal.portal.authority().agreement_key().to_owned());
    for (sql, back) in [
        ("update sealing set kek = 'OTHER'", "update sealing set kek = $1"),
        ("update sealing set agreement_key = 'OTHER'", "update sealing set agreement_key = $2"),
    ] {
        assert_eq!(portal.tamper(sql).await, 1);
        assert_eq!(responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::KeyNotNamed)), "{sql}");
        sqlx::query(back).bind(&kek).bind(&agreement_key).execute(&portal.database().await).await.unwrap();
    }
    assert_eq!(portal.calls("AssumeRole"), assumed, "no session was begun for a key that nobody named");
    assert!(!portal.kinds().await.contains(&"record.opened".to_owned()), "and nothing of the approval was used up");
    assert_eq!(portal.portal.store().under_other_agreement_keys(&agreement_key).await.unwrap(), []);
    assert_eq!(portal.portal.store().under_other_agreement_keys(OTHER).await.unwrap().len(), 1);
    assert_eq!(responder.open(request).await.content, b"the record");
}

#[tokio::test]
async fn a_thousand_records_are_sealed_anew_under_another_agreement_key() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (_, reference) = registrar.seal(b"the record").await;
    // As if each had been sealed when the portal named another key: what is in them is what their registrar has.
    for sql in [
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 999) insert into record (id, version, file_number, drill) select printf('%032x', i), 1, printf('file %d', i), 1 from n",
        "insert into sealing (id, record_id, version, wrapped_share, point, sealed_by, sealed_at, committed, kek, agreement_key) select r.id, r.id, 1, 'AAAA', s.point, 'REG-1', 0, 1, s.kek, s.agreement_key from record r, sealing s where r.file_number like 'file %'",
        "insert into bracelet (reference_digest, record_id, made_at, binding) select r.id || r.id, r.id, 0, b.binding from record r, bracelet b where r.file_number like 'file %'",
        "update sealing set agreement_key = 'OTHER'",
    ] {
        portal.tamper(sql).await;
    }
    let left = portal.portal.under_former_agreement_keys().await.unwrap().left;
    assert_eq!(left.len(), MANY);
    for (place, row) in left.iter().enumerate() {
        registrar.seal_as(b"the record, sealed anew", Some(row.record), None).await.ok::<RecordLine>();
        if place % 250 == 0 {
            let now = portal.portal.under_former_agreement_keys().await.unwrap().left;
            assert_eq!(now, left[place + 1..], "those that were not sealed anew, and in the same order");
        }
    }
    assert_eq!(portal.portal.under_former_agreement_keys().await.unwrap().left, []);
    assert_eq!(portal.count("select count(*) from record where version = 2").await, i64::try_from(MANY).unwrap());

    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    assert_eq!(responder.open(request).await.content, b"the record, sealed anew", "by the bracelet that it had");
}

#[tokio::test]
async fn requests_that_still_need_a_former_agreement_key_are_counted() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, reference) = registrar.seal(b"the record").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let requests = async || portal.portal.under_former_agreement_keys().await.unwrap().requests;
    assert_eq!(requests().await, 0);
    let request = responder.ask(&reference).await.id;
    assert_eq!(portal.tamper("update sealing set agreement_key = 'OTHER'").await, 1);
    registrar.seal_as(b"anew", Some(record), None).await.ok::<RecordLine>();
    assert_eq!(requests().await, 1, "it was made for the version before");
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    assert_eq!(requests().await, 1);
    portal.pass(600_000);
    assert_eq!(requests().await, 0, "its time is over");
}

#[tokio::test]
async fn a_share_takes_the_place_of_exactly_the_one_it_was_made_from() {
    let portal = TestPortal::start().await;
    begin_sealings(&portal, 2).await;
    let store = portal.portal.store();
    let rotation = RotationRow { id: RotationId::fresh(), kek: portal.portal.authority().kek().to_owned(), material: 0 };
    let [one, other] = store.sealings_to_rewrap(rotation.id, None, 10).await.unwrap().try_into().ok().unwrap();
    let mut unit = store.begin().await.unwrap();
    // Another's, and one that was there before something else took its place.
    let foreign = WrappedRow { wrapped_share: other.wrapped_share.clone(), ..one.clone() };
    assert!(!unit.rewrap(&foreign, b"anew", &rotation).await.unwrap());
    assert!(!unit.rewrap(&WrappedRow { record: other.record, ..one.clone() }, b"anew", &rotation).await.unwrap());
    assert!(unit.rewrap(&one, b"anew", &rotation).await.unwrap());
    assert!(!unit.rewrap(&one, b"once more", &rotation).await.unwrap());
}
