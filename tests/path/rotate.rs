//! Replacing the keys that records are under: share 1 wrapped anew inside KMS, and another agreement key.

use halligan_backend::{
    domain::member::Actor,
    services::ChainState,
    store::{RotationRow, StaleRow},
};
use halligan_shared::{
    id::RotationId,
    member::{AgencyId, Role},
    reference::Reference,
    statement::Verdict,
    wire::{ProblemCode, RecordLine},
};

use crate::support::{Client, NotOpened, Set, TestPortal};

const OTHER: &str = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555";
/// How many shares are wrapped anew, and records sealed anew.
const MANY: usize = 1_000;

/// What is read from and counted in the database.
const WRAPPED: &str = "select count(*) from sealing where rotation_id is not null";
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
    assert!(rotated.is_over && rotated.failed.is_empty(), "{rotated:?}");
    assert_eq!((rotated.done, rotated.everything), (MANY as u64, MANY as u64));
    assert_eq!(seen.last(), Some(&(MANY as u64, MANY as u64)));
    assert_eq!(portal.count(EVENTS).await, many, "once each");
    assert_eq!(portal.count("select count(*) from rotation where ended_at is not null").await, 1, "one rotation");
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
    assert!(!rotated.is_over);
    assert_eq!((rotated.done, rotated.everything, rotated.failed.len()), (5, 6, 1), "{rotated:?}");
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
        assert_eq!(responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::AuthorityFailed)), "{sql}");
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
    let rotation = RotationRow { id: RotationId::fresh(), kek: portal.portal.authority().kek().to_owned() };
    let [one, other] = store.stale_sealings(rotation.id, None, 10).await.unwrap().try_into().ok().unwrap();
    let mut unit = store.begin().await.unwrap();
    // Another's, and one that was there before something else took its place.
    let foreign = StaleRow { wrapped_share: other.wrapped_share.clone(), ..one.clone() };
    assert!(!unit.rewrap(&foreign, b"anew", &rotation).await.unwrap());
    assert!(!unit.rewrap(&StaleRow { record: other.record, ..one.clone() }, b"anew", &rotation).await.unwrap());
    assert!(unit.rewrap(&one, b"anew", &rotation).await.unwrap());
    assert!(!unit.rewrap(&one, b"once more", &rotation).await.unwrap());
}
