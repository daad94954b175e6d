//! Which requests get a review, and that nothing waits for one.

use halligan_shared::{door::Door, review::ReviewReason, statement::Verdict};

use super::{County, DUE};
use crate::support::Client;

#[tokio::test]
async fn an_override_is_reviewed_at_once_and_its_openings_add_nothing() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    let listed = officer.reviews().await;
    let [line] = &listed.open[..] else { panic!("{:?}", listed.open) };
    assert_eq!((line.request, line.reason, line.drill), (request, ReviewReason::Override, true), "before anything was read");
    assert_eq!((line.door, line.own, line.overdue), (Some(Door::Override), true, false));
    let point = county.responder.point(request).await;
    let mut same = county.responder.clone();
    let both = tokio::join!(county.responder.try_release(request, &point), same.try_release(request, &point));
    assert!(both.0.status.is_success() && both.1.status.is_success(), "one begins the window and the other goes on in it");
    assert_eq!((county.reviews().await, county.told("review.opened").await), (1, 1));
}

#[tokio::test]
async fn what_is_opened_after_a_denial_is_reviewed_when_it_is_opened_through_whichever_door() {
    let mut county = County::new(0).await;
    let mut officer = county.officer("PRV-1").await;
    let denied = county.responder.ask(&county.reference).await.id;
    county.dispatcher.decide(denied, Verdict::Deny).await.done();
    let request = county.responder.ask(&county.reference).await.id;
    county.dispatcher.decide(request, Verdict::Approve).await.done();
    assert_eq!(county.reviews().await, 0, "nothing was opened yet");
    // Long after the hour for which a denial is remembered, as pages and approvals may wait: it was within it when this was asked.
    county.portal.pass(599_000);
    county.responder.open(request).await;
    assert_eq!(officer.reviews().await.open[0].reason, ReviewReason::AfterDenial);
    county.portal.pass(3_600_000);
    let mut again = Client { device: county.responder.device.clone(), ..county.portal.stranger() };
    assert!(again.sign_in().await.status.is_success());
    let alone = again.ask(&county.reference).await.id;
    county.portal.pass(60_000);
    again.open_alone(alone).await.done();
    assert_eq!(county.reviews().await, 2);
    officer.sign_in().await.done();
    assert_eq!(officer.review(alone).await.review.reason, ReviewReason::Override, "that denial is forgotten");
}

#[tokio::test]
async fn of_the_rest_all_none_or_no_drill_is_drawn_and_each_once() {
    for (percent, is_real, expected) in [(100, true, 1), (0, true, 0), (100, false, 0)] {
        let mut county = if is_real { County::real(percent).await } else { County::new(percent).await };
        let request = county.responder.ask(&county.reference).await.id;
        county.dispatcher.decide(request, Verdict::Approve).await.done();
        assert_eq!(county.reviews().await, 0);
        county.responder.open(request).await;
        county.responder.open(request).await;
        assert_eq!(county.reviews().await, expected, "{percent} {is_real}");
        let late = county.portal.count("select count(*) from review where due_at - opened_at <> 14 * 24 * 3600000").await;
        assert_eq!(late, 0, "a sample has a fortnight");
    }
}

#[tokio::test]
async fn nothing_waits_for_a_review_however_overdue() {
    let mut county = County::new(0).await;
    for _ in 0..3 {
        county.read_alone().await;
        county.portal.pass(60_000);
    }
    county.portal.pass(DUE);
    county.portal.portal.sweep().await.unwrap();
    assert_eq!(county.told("review.overdue").await, 3);
    county.responder.sign_in().await.done();
    county.dispatcher.sign_in().await.done();
    county.read().await;
    county.portal.pass(60_000);
    county.read_alone().await;
}
