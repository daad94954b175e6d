//! What of the portal itself would: certificate, origin, database, disk.

use std::path::PathBuf;

use halligan_backend::{
    policy::{FILES, Policies},
    server::Certificate,
    services::Item,
    store::Store,
};
use halligan_shared::{id::RequestId, member::Role};
use tempfile::TempDir;
use url::Url;

use super::Planted;
use crate::support::Client;

/// A certificate for these names, until so many days from now, with its key.
fn certify(planted: &Planted, names: &[&str], days: i64) -> (TempDir, Certificate) {
    let folder = TempDir::new().unwrap();
    let files = Certificate { chain: folder.path().join("chain.pem"), key: folder.path().join("key.pem") };
    let key = rcgen::KeyPair::generate().unwrap();
    let now = planted.portal.portal.clock().now();
    let mut wanted = rcgen::CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap();
    (wanted.not_before, wanted.not_after) = (now - time::Duration::days(90), now + time::Duration::days(days));
    std::fs::write(&files.chain, wanted.self_signed(&key).unwrap().pem()).unwrap();
    std::fs::write(&files.key, key.serialize_pem()).unwrap();
    (folder, files)
}

fn at(planted: &mut Planted, origin: &str) {
    planted.settings.origin = Url::parse(origin).unwrap();
}

#[tokio::test]
async fn a_certificate_that_is_expired_runs_out_or_has_another_key() {
    let mut planted = Planted::fine().await;
    planted.portal.tamper("delete from audit_event where kind = 'request.filed'").await;
    at(&mut planted, "https://halligan.example");
    planted.is_found(&[Item::Certificate, Item::CertificateName]).await;
    for (days, fails) in [(-1, true), (6, true), (8, false)] {
        let (_folder, files) = certify(&planted, &["halligan.example"], days);
        planted.settings.premises.certificate = Some(files);
        planted.is_found(if fails { &[Item::Certificate] } else { &[] }).await;
    }
    let ((_one, mut files), (_other, others)) =
        (certify(&planted, &["halligan.example"], 90), certify(&planted, &["halligan.example"], 90));
    files.key = others.key;
    planted.settings.premises.certificate = Some(files);
    planted.is_found(&[Item::Certificate]).await;
    planted.settings.premises.certificate =
        Some(Certificate { chain: PathBuf::from("/nowhere.pem"), key: PathBuf::from("/nowhere.key") });
    planted.is_found(&[Item::Certificate]).await;
}

#[tokio::test]
async fn an_origin_that_neither_the_certificate_nor_the_members_know() {
    let mut planted = Planted::fine().await;
    at(&mut planted, "https://halligan.example");
    let (_folder, files) = certify(&planted, &["other.example", "*.elsewhere.example"], 90);
    planted.settings.premises.certificate = Some(files);
    planted.is_found(&[Item::CertificateName, Item::Origin]).await;
    at(&mut planted, "http://halligan.example");
    planted.settings.premises.certificate = None;
    planted.is_found(&[Item::Origin]).await;
}

#[tokio::test]
async fn a_database_that_is_not_there_or_cannot_be_written() {
    let mut planted = Planted::fine().await;
    let nowhere = Store::attach("sqlite:///nowhere/halligan.db?mode=rw").await;
    planted.store = Some(nowhere.map_err(|error| error.to_string()));
    planted.is_found(&[Item::Database]).await;

    let read_only = format!("sqlite://{}?mode=ro", planted.portal.folder().join("halligan.db").display());
    planted.store = Some(Ok(Store::attach(&read_only).await.unwrap()));
    planted.is_found(&[Item::Writable]).await;
}

#[tokio::test]
async fn a_disk_without_room() {
    let mut planted = Planted::fine().await;
    // A file system that never has any.
    planted.settings.premises.data = Some("/proc".into());
    planted.is_found(&[Item::Disk]).await;
}

#[tokio::test]
async fn a_database_that_is_damaged_or_of_another_version() {
    let planted = Planted::fine().await;
    planted.portal.tamper("insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'later', 1, x'00', 0)").await;
    planted.is_found(&[Item::Schema]).await;
    planted.portal.tamper("delete from _sqlx_migrations where version = 9999").await;

    // A copy, which has no write-ahead log, and then a page of it that is no page.
    let (folder, mut planted) = (TempDir::new().unwrap(), planted);
    let file = folder.path().join("halligan.db");
    let copy = sqlx::AssertSqlSafe(format!("vacuum into '{}'", file.display()));
    sqlx::query(copy).execute(&planted.portal.database().await).await.unwrap();
    let url = format!("sqlite://{}?mode=rw", file.display());
    planted.store = Some(Ok(Store::attach(&url).await.unwrap()));
    planted.is_found(&[Item::Journal]).await;
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 4096;
    bytes[last..].fill(0xff);
    std::fs::write(&file, bytes).unwrap();
    planted.store = Some(Ok(Store::attach(&url).await.unwrap()));
    planted.is_found(&[Item::Integrity, Item::Journal]).await;
}

#[tokio::test]
async fn a_sign_in_that_a_request_outlasts() {
    let mut planted = Planted::fine().await;
    let limits = &mut planted.settings.limits;
    limits.idle = limits.pending + limits.approval + limits.window;
    planted.is_found(&[Item::Idle]).await;
    planted.settings.limits.idle += time::Duration::SECOND;
    planted.is_found(&[]).await;
}

#[tokio::test]
async fn policies_that_changed_since_the_start() {
    let mut planted = Planted::fine().await;
    planted.portal.portal.put_policies_in_force().await.unwrap();
    planted.is_found(&[]).await;
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("all.cedar"), "@id(\"all\") permit (principal, action, resource);").unwrap();
    planted.settings.policies = Policies::read(folder.path()).unwrap();
    planted.is_found(&[Item::Policies]).await;
}

/// A portal in order, and a request of which nobody has decided yet, with whoever asked.
async fn waiting() -> (Planted, Client, RequestId) {
    let planted = Planted::fine().await;
    let (_, reference) = planted.portal.member("REG-9", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = planted.portal.member("EMS-9", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    (planted, responder, request)
}

#[tokio::test]
async fn a_review_that_is_gone_or_closed_by_nobody() {
    let (planted, mut responder, request) = Box::pin(waiting()).await;
    planted.portal.pass(60_000);
    responder.open_alone(request).await.done();
    planted.is_found(&[]).await;
    assert_eq!(planted.portal.tamper("update review set closed_at = 1, finding = 'justified'").await, 1);
    planted.is_found(&[Item::Reviews]).await;
    assert_eq!(planted.portal.tamper("delete from review").await, 1);
    planted.is_found(&[Item::Reviews]).await;
}

#[tokio::test]
async fn a_review_that_was_planted_before_the_override() {
    let (planted, mut responder, request) = Box::pin(waiting()).await;
    let one = "insert into review (request_id, reason, opened_at, due_at) select id, 'override', 0, 9223372036854775807 from access_request order by rowid desc limit 1";
    assert_eq!(planted.portal.tamper(one).await, 1);
    planted.portal.pass(60_000);
    responder.open_alone(request).await.done();
    planted.is_found(&[Item::Reviews]).await;
    assert_eq!(planted.portal.tamper("delete from review").await, 1);
    planted.is_found(&[Item::Reviews]).await;
}

#[tokio::test]
async fn policies_by_which_nobody_reviews() {
    let mut planted = Planted::fine().await;
    let folder = TempDir::new().unwrap();
    for (name, text) in FILES.into_iter().filter(|(name, _)| *name != "review.cedar") {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    planted.settings.policies = Policies::read(folder.path()).unwrap();
    planted.is_found(&[Item::Policies]).await;
}
