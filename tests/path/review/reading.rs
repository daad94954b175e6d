//! What a review shows: everything that the log has of its request.

use halligan_backend::services::ChainState;
use halligan_shared::{
    grant::{Ending, WipeCause},
    paths,
    review::Finding,
    statement::{Said, Verdict},
    wire::{DecideBody, PreparedBulk, ReviewDecision, SignatureState},
};
use serde_json::json;

use super::County;

#[tokio::test]
async fn the_extract_has_every_event_of_the_request_in_order_in_the_logs_own_words() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.read_alone().await;
    // Another's, in between and after: not in this one's extract.
    county.portal.pass(60_000);
    county.read().await;
    let view = officer.review(request).await;
    let kinds: Vec<_> = view.extract.iter().map(|line| line.kind.as_str()).collect();
    let path = [
        "request.filed",
        "request.overridden",
        "request.opened",
        "review.opened",
        "record.opened",
        "document.sent",
        "record.wiped",
    ];
    assert_eq!(kinds, [&path[..], &["grant.ended"]].concat());
    assert!(view.extract.is_sorted_by_key(|line| line.sequence) && view.extract.iter().all(|line| line.fits));
    assert_eq!(view.extract.last().unwrap().digest, view.last_event.to_hex());
    let signed: Vec<_> = view.extract.iter().filter_map(|line| Some((line.kind.as_str(), line.signature?))).collect();
    assert_eq!(signed, [("request.filed", SignatureState::Holds), ("request.overridden", SignatureState::Holds)]);
    assert_eq!((view.left_out, view.documents.len(), view.openings.len()), (0, 1, 1));
    assert!(view.openings[0].wiped_at.is_some() && !view.openings[0].is_missing && view.documents[0].kind.is_some());
    assert_eq!(view.opened_alone.unwrap().request, request);
    assert!(matches!(county.portal.chain().await, ChainState::Holds { .. }));
}

#[tokio::test]
async fn a_receipt_that_never_came_is_said_to_be_missing() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    county.responder.open(request).await;
    county.portal.pass(300_000);
    county.portal.portal.sweep().await.unwrap();
    county.portal.pass(30_000);
    county.portal.portal.sweep().await.unwrap();
    let view = officer.review(request).await;
    assert!(view.openings[0].is_missing && view.openings[0].wiped_at.is_none());
    assert_eq!(view.ending, Some(Ending::Expired));
    assert_eq!(view.extract.last().unwrap().kind, "wipe_receipt.missing");
}

/// Whoever may read a document may ask for it again and again, and each time stands in the log.
#[tokio::test]
async fn nothing_is_hidden_behind_documents_sent_again_or_behind_many_events() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    let opened = county.responder.open(request).await;
    let path = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    for _ in 0..5 {
        assert!(county.responder.get(&path).await.status.is_success());
    }
    county.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
    let view = officer.review(request).await;
    let [document] = &view.documents[..] else { panic!("{:?}", view.documents) };
    assert_eq!((document.times, view.left_out), (6, 5));
    let kinds: Vec<_> = view.extract.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "document.sent").count(), 1);
    assert_eq!(kinds[kinds.len() - 2..], ["record.wiped", "grant.ended"]);
    // Many of other kinds: the first and the last are shown, and what is signed is among them.
    let many = "with recursive n(i) as (select 10000 union all select i + 1 from n where i < 10599) \
                insert into audit_event (sequence, at, kind, event, digest, request_id) \
                select i, 0, 'record.wiped', 'drill', printf('%064x', i), (select request_id from review) from n";
    assert_eq!(county.portal.tamper(many).await, 600);
    let view = officer.review(request).await;
    let (first, last) = (view.extract.first().unwrap(), view.extract.last().unwrap());
    assert_eq!((first.kind.as_str(), last.sequence, view.extract.len()), ("request.filed", 10599, 500));
    assert_eq!(last.digest, view.last_event.to_hex());
    assert_eq!(view.left_out as usize, kinds.len() + 5 + 600 - 500);
}

/// What a dispatcher signed of several requests at once is no statement of one.
#[tokio::test]
async fn what_was_approved_together_with_others_reads_holds_and_closes() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let denied = county.responder.ask(&county.reference).await.id;
    county.dispatcher.decide(denied, Verdict::Deny).await.done();
    let request = county.responder.ask(&county.reference).await.id;
    let prepared: PreparedBulk = county.dispatcher.post(paths::BULK_PREPARE, &json!({ "requests": [request] })).await.ok();
    let credential = county.dispatcher.device.sign(&prepared.ceremony.options).await;
    county.dispatcher.post(paths::BULK, &DecideBody { ceremony: prepared.ceremony.ceremony, credential }).await.done();
    let opened = county.responder.open(request).await;
    county.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
    let view = officer.review(request).await;
    let [ReviewDecision { by, statement }] = &view.decisions[..] else { panic!("{:?}", view.decisions) };
    assert_eq!((by.agency_id.as_str(), statement), ("DSP-1", &Said::Bulk(prepared.statement.clone())));
    assert_eq!((statement.verdict(), statement.decided_at()), (Verdict::Approve, prepared.statement.decided_at.as_str()));
    let decided = view.extract.iter().find(|line| line.kind == "request.decided").unwrap();
    assert_eq!(decided.signature, Some(SignatureState::Holds));
    officer.close_review(request, Finding::Justified).await.done();
}

/// What a database of before gets when it is opened.
#[tokio::test]
async fn events_of_before_are_found_by_their_request_as_new_ones_are() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.read_alone().await;
    let before = officer.review(request).await;
    assert!(county.portal.tamper("update audit_event set request_id = null").await > 0);
    assert!(matches!(county.portal.chain().await, ChainState::Broken(_)));
    let migration = include_str!("../../../backend/migrations/sqlite/0010_reviews.sql");
    let fills = migration.split(';').find(|statement| statement.contains("update audit_event")).unwrap();
    // What somebody made unreadable keeps no portal from starting.
    county
        .portal
        .tamper("insert into audit_event (sequence, at, kind, event, digest) values (1000000, 0, 'drill', 'not JSON', '')")
        .await;
    county.portal.tamper(fills).await;
    county.portal.tamper("delete from audit_event where sequence = 1000000").await;
    assert_eq!(officer.review(request).await.extract, before.extract);
    assert!(matches!(county.portal.chain().await, ChainState::Holds { .. }));
}
