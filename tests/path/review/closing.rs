//! The finding: who may close a review and when, whom it is told to, and what is overdue.

use halligan_shared::{
    assignment::Assignment,
    grant::WipeCause,
    member::Role,
    notice::Topic,
    paths,
    review::Finding,
    wire::{NoticeBoard, PrepareReview, PreparedReview, ProblemCode, ReviewsOverdue},
};
use serde_json::json;

use super::{County, DUE};
use crate::support::Device;

/// Where somebody works may be changed after the statement was handed out.
#[tokio::test]
async fn whoever_is_of_the_crew_by_the_time_of_closing_closes_nothing() {
    let mut county = County::new(0).await;
    let mut admin = county.portal.member("ADM-1", &[Role::Admin]).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.read_alone().await;
    let prepared: PreparedReview = officer.prepare_finding(request, Finding::Justified).await.ok();
    let signed = officer.signed_review(&prepared).await;
    let crew = json!({ "crew": "A-7" });
    for who in ["EMS-1", "PRV-1"] {
        let id = county.portal.past_the_gate(who).await.member.id;
        let path = paths::member_assignment_of(id);
        admin.call(axum::http::Method::PUT, &path, Some(crew.to_string().into()), "application/json").await.done();
    }
    assert_eq!(county.portal.count("select count(*) from review where owner_id is null").await, 1, "they own it no more");
    let refused = officer.post(&paths::review_finding_of(request), &signed).await;
    assert_eq!(refused.refusal().code, ProblemCode::PolicyForbids, "of the same crew by now");
    assert_eq!(county.told("review.closed").await, 0);
}

#[tokio::test]
async fn what_was_not_justified_is_told_to_whoever_has_to_act_and_the_responder_is_told_either_way() {
    let mut county = County::new(0).await;
    let mut admin = county.portal.member("ADM-1", &[Role::Admin]).await;
    let mut supervisor = county.portal.member("SUP-1", &[Role::Responder]).await;
    let works = Assignment { supervisor: Some("SUP-1".parse().unwrap()), ..Assignment::default() };
    county.responder = county.portal.member_at(Device::synchronised(), "EMS-7", &[Role::Responder], works).await;
    let mut officer = county.officer("PRV-1").await;
    for (finding, told) in [(Finding::Justified, 0), (Finding::NotJustified, 1), (Finding::Unclear, 2)] {
        let request = county.read_alone().await;
        officer.close_review(request, finding).await.done();
        for (who, times) in [(&mut admin, told), (&mut supervisor, told), (&mut county.responder, told + 1)] {
            let board: NoticeBoard = who.get(paths::NOTICES).await.ok();
            let lines: Vec<_> = board.notices.iter().filter(|line| line.topic == Topic::ReviewClosed).collect();
            assert_eq!(lines.len(), times, "{finding:?}");
            assert!(lines.iter().all(|line| !line.text.contains("no such incident")), "the note stays in the log");
        }
        county.portal.pass(60_000);
    }
    let board: NoticeBoard = admin.get(paths::NOTICES).await.ok();
    assert!(board.notices.iter().any(|line| line.text.contains("not justified. Somebody has to act on it.")));
}

#[tokio::test]
async fn two_who_close_it_in_the_same_instant_have_one_winner() {
    let mut county = County::new(0).await;
    let (mut one, mut other) = (county.officer("PRV-1").await, county.officer("PRV-2").await);
    for _ in 0..5 {
        let request = county.read_alone().await;
        let yes: PreparedReview = one.prepare_finding(request, Finding::Justified).await.ok();
        let no: PreparedReview = other.prepare_finding(request, Finding::NotJustified).await.ok();
        let (yes, no) = (one.signed_review(&yes).await, other.signed_review(&no).await);
        let path = paths::review_finding_of(request);
        let (said, denied) = tokio::join!(one.post(&path, &yes), other.post(&path, &no));
        let (won, lost, finding) =
            if said.status.is_success() { (&said, &denied, Finding::Justified) } else { (&denied, &said, Finding::NotJustified) };
        won.done();
        assert_eq!(lost.refusal().code, ProblemCode::Decided);
        assert_eq!(one.review(request).await.review.closed.unwrap().finding, finding);
        county.portal.pass(60_000);
    }
    assert_eq!(county.told("review.closed").await, 5);
}

#[tokio::test]
async fn what_still_goes_on_is_not_closed_and_neither_is_what_went_on_unseen() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    assert!(!officer.review(request).await.is_over);
    assert_eq!(officer.close_review(request, Finding::Justified).await.refusal().code, ProblemCode::WrongState, "may be opened");
    let opened = county.responder.open(request).await;
    assert_eq!(officer.close_review(request, Finding::Justified).await.refusal().code, ProblemCode::WrongState, "is open");
    county.portal.pass(300_000);
    county.portal.portal.sweep().await.unwrap();
    assert!(!officer.review(request).await.is_over, "the page owes its wipe receipt");
    assert_eq!(officer.close_review(request, Finding::Justified).await.refusal().code, ProblemCode::WrongState);
    county.portal.pass(30_000);
    county.portal.portal.sweep().await.unwrap();
    let seen = officer.review(request).await;
    assert!(seen.is_over, "it is written down that none came");
    let prepared: PreparedReview = officer.prepare_finding(request, Finding::Justified).await.ok();
    let signed = officer.signed_review(&prepared).await;
    // It comes all the same, between the look and the touch.
    county.responder.wiped(opened.release.grant, opened.secret, WipeCause::Expired).await.done();
    let unseen = officer.post(&paths::review_finding_of(request), &signed).await.refusal();
    assert_eq!(unseen.code, ProblemCode::WrongState);
    assert!(unseen.detail.contains("Load the page again"), "{}", unseen.detail);
    let body = PrepareReview { finding: Finding::Justified, note: String::new(), last_event: seen.last_event };
    let stale = officer.post(&paths::review_finding_prepare_of(request), &body).await.refusal();
    assert_eq!(stale.code, ProblemCode::WrongState);
    officer.close_review(request, Finding::Justified).await.done();
}

#[tokio::test]
async fn a_finding_against_somebody_needs_a_reason() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.read_alone().await;
    let last_event = officer.review(request).await.last_event;
    let path = paths::review_finding_prepare_of(request);
    for finding in [Finding::NotJustified, Finding::Unclear] {
        let body = PrepareReview { finding, note: " . . . . . . . . . .".into(), last_event };
        assert_eq!(officer.post(&path, &body).await.refusal().code, ProblemCode::Invalid);
    }
    let body = PrepareReview { finding: Finding::Justified, note: String::new(), last_event };
    officer.post(&path, &body).await.done();
}

#[tokio::test]
async fn what_is_overdue_is_told_once_to_the_second_and_stands_first() {
    let mut county = County::new(0).await;
    let request = county.read_alone().await;
    let opened = county.portal.count("select opened_at from review").await;
    let mut admin = county.portal.member_with(Device::synchronised(), "ADM-1", &[Role::Admin]).await;
    let mut officer = county.officer("PRV-1").await;
    let now = i64::try_from(county.portal.now().unix_timestamp_nanos() / 1_000_000).unwrap();
    county.portal.pass(DUE - (now - opened) - 1);
    county.portal.portal.sweep().await.unwrap();
    admin.sign_in().await.done();
    assert_eq!(admin.get(paths::REVIEWS_OVERDUE).await.ok::<ReviewsOverdue>().overdue, 0);
    assert_eq!(county.told("review.overdue").await, 0);
    county.portal.pass(1);
    assert_eq!(admin.get(paths::REVIEWS_OVERDUE).await.ok::<ReviewsOverdue>().overdue, 1, "by the clock, whoever swept or not");
    for _ in 0..3 {
        county.portal.portal.sweep().await.unwrap();
        county.portal.pass(1_000);
    }
    assert_eq!(county.told("review.overdue").await, 1);
    county.responder.sign_in().await.done();
    let later = county.overridden().await;
    county.portal.pass(600_000);
    officer.sign_in().await.done();
    let open: Vec<_> = officer.reviews().await.open.into_iter().map(|line| (line.request, line.overdue)).collect();
    assert_eq!(open, [(request, true), (later, false)]);
    officer.close_review(request, Finding::Justified).await.done();
    assert_eq!(admin.get(paths::REVIEWS_OVERDUE).await.ok::<ReviewsOverdue>().overdue, 0);
}
