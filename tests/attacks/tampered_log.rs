//! Somebody with the database file changes history.

use halligan_backend::{
    domain::audit::{Broken, Event, Head},
    services::ChainState,
};
use halligan_shared::{bytes::Bytes, member::Role};
use serde_json::json;
use time::OffsetDateTime;

use crate::support::TestPortal;

#[tokio::test]
async fn the_chain_of_a_used_portal_holds() {
    let portal = TestPortal::start().await;
    portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    assert!(matches!(portal.chain().await, ChainState::Holds { events, .. } if events >= 3));
}

#[test]
fn a_changed_missing_or_swapped_event_is_named() {
    let at = OffsetDateTime::UNIX_EPOCH;
    let mut head = Head::START;
    let mut chain = Vec::new();
    for place in 0..5 {
        let (text, next) = head.append(&Event::of_portal("drill", json!({ "place": place })), at).unwrap();
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
    let (text, rewritten) = before.append(&Event::of_portal("drill", json!({ "place": 7 })), at).unwrap();
    let mut forged = chain.clone();
    forged[1] = (text, rewritten.digest.to_hex());
    assert_eq!(walk(&forged), Err(3));
    let mut spaced = chain;
    spaced[0].0 = spaced[0].0.replacen(':', ": ", 1);
    assert_eq!(walk(&spaced), Err(1));
}
