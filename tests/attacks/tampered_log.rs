//! Somebody with the database file changes history.

use halligan_backend::{
    domain::audit::{Broken, Event, Head},
    services::ChainState,
};
use halligan_shared::{audit::Kind, bytes::Bytes, member::Role, paths, wire::AuditPage};
use serde_json::json;
use time::OffsetDateTime;

use crate::support::TestPortal;

#[tokio::test]
async fn the_chain_of_a_used_portal_holds() {
    let portal = TestPortal::start().await;
    portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    assert!(matches!(portal.chain().await, ChainState::Holds { events, .. } if events >= 3));
}

/// What the auditor's page says of a log that was changed in the file, and which event the walk names.
async fn after(sql: &'static str) -> (bool, Option<u64>) {
    let portal = TestPortal::start().await;
    portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    assert!(auditor.get(paths::AUDIT).await.ok::<AuditPage>().chain_holds, "before");
    assert_eq!(portal.tamper(sql).await, 1, "{sql}");
    let broken = match portal.chain().await {
        ChainState::Broken(Broken { sequence, .. }) => Some(sequence),
        ChainState::Holds { .. } => None,
    };
    (auditor.get(paths::AUDIT).await.ok::<AuditPage>().chain_holds, broken)
}

#[tokio::test]
async fn a_log_changed_in_the_file_is_shown_as_broken() {
    for (sql, first) in [
        ("update audit_event set event = replace(event, 'REG-1', 'REG-2') where sequence = 2", 2),
        ("delete from audit_event where sequence = 2", 2),
        ("delete from audit_event where sequence = (select max(sequence) from audit_event)", 6),
        // Not a word of it changed: but the auditor would not find it any more.
        ("update audit_event set kind = 'drill.noise' where sequence = 3", 3),
        ("update audit_event set actor = null where sequence = 2", 2),
        ("update audit_event set at = at + 1000 where sequence = 2", 2),
        // What cannot be read must not keep the rest from being shown.
        ("update audit_event set event = 'not JSON' where sequence = 2", 2),
        ("update audit_event set event = x'ff00' where sequence = 2", 2),
        (
            "update audit_event set event = replace(event, '\"facts\":{', '\"facts\":{\"z\":' || replace(hex(zeroblob(124)), '00', '[') || replace(hex(zeroblob(124)), '00', ']') || ',') where sequence = 2",
            2,
        ),
        ("update audit_event set digest = x'00' where sequence = 2", 2),
        ("update audit_event set at = 'noon' where sequence = 2", 2),
        ("update audit_event set sequence = 2.5 where sequence = 2", 2),
        ("update audit_head set sequence = 'none'", 0),
        ("delete from audit_head", 0),
        (
            "insert into audit_event select 1000000, at, kind, actor, event, digest, request_id from audit_event where sequence = 1",
            7,
        ),
        // The review of that request would show it.
        ("update audit_event set request_id = 'another' where sequence = 2", 2),
    ] {
        assert_eq!(after(sql).await, (false, Some(first)), "{sql}");
    }
}

#[tokio::test]
async fn an_event_outside_the_chain_is_not_listed() {
    let portal = TestPortal::start().await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    let forged = "insert into audit_event select 0, at, 'request.decided', actor, event, digest, request_id from audit_event where sequence = 1";
    assert_eq!(portal.tamper(forged).await, 1);
    let page: AuditPage = auditor.get(paths::AUDIT).await.ok();
    assert!(page.events.iter().all(|event| event.sequence >= 1) && !page.chain_holds);
}

#[tokio::test]
async fn the_log_is_filtered_by_a_kind_or_by_a_family() {
    let portal = TestPortal::start().await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    auditor.sign_in().await;
    for (kind, found) in [("sign_in.done", true), ("sign_in.", true), ("sign_in", false), ("sign_in.don", false), ("%", false)] {
        let page: AuditPage = auditor.get(&format!("{}?kind={}", paths::AUDIT, kind.replace('%', "%25"))).await.ok();
        assert_eq!(!page.events.is_empty(), found, "{kind}");
        assert!(page.events.iter().all(|event| event.kind.starts_with(kind)), "{kind}");
    }
    let all: AuditPage = auditor.get(&format!("{}?before={}", paths::AUDIT, u64::MAX)).await.ok();
    assert_eq!(all, auditor.get(paths::AUDIT).await.ok());
}

#[test]
fn a_changed_missing_or_swapped_event_is_named() {
    let at = OffsetDateTime::UNIX_EPOCH;
    let mut head = Head::START;
    let mut chain = Vec::new();
    for place in 0..5 {
        let (text, next) = head.append(&Event::of_portal(Kind::SealingDropped, json!({ "place": place })), at).unwrap();
        chain.push((text, next.digest.to_hex()));
        head = next;
    }
    let walk = |chain: &[(String, String)]| {
        chain
            .iter()
            .try_fold(Head::START, |head, (text, digest)| head.follow(text, digest).map(|(_, next)| next))
            .map_err(|Broken { sequence, .. }| sequence)
    };
    assert_eq!(walk(&chain).unwrap(), head);
    let mut changed = chain.clone();
    changed[2].0 = changed[2].0.replace(":2}", ":7}");
    assert_eq!(walk(&changed), Err(3));
    let mut missing = chain.clone();
    missing.remove(1);
    assert_eq!(walk(&missing), Err(2));
    let mut swapped = chain.clone();
    swapped.swap(3, 4);
    assert_eq!(walk(&swapped), Err(4));
    // Rewritten with all its numbers right: the event behind it still names the one that was there.
    let before = Head { sequence: 1, digest: Bytes::from_hex(&chain[0].1).unwrap() };
    let (text, rewritten) = before.append(&Event::of_portal(Kind::SealingDropped, json!({ "place": 7 })), at).unwrap();
    let mut forged = chain.clone();
    forged[1] = (text, rewritten.digest.to_hex());
    assert_eq!(walk(&forged), Err(3));
    let mut spaced = chain;
    spaced[0].0 = spaced[0].0.replacen(':', ": ", 1);
    assert_eq!(walk(&spaced), Err(1));
}
