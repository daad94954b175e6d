//! Whose a review is: somebody who took no part, and who may still do it.

use halligan_backend::services::ChainState;
use halligan_shared::{
    assignment::Assignment,
    grant::Ending,
    member::Role,
    notice::{Closing, Topic},
    paths,
    review::Finding,
    statement::{LockdownAct, Verdict},
    wire::{PrepareReview, ProblemCode},
};
use serde_json::json;

use super::{County, PRIVACY, topics};
use crate::{path::policy::built_in_and, support::Device};

#[tokio::test]
async fn an_owner_took_no_part_is_not_kept_out_and_has_the_fewest() {
    let mut county = County::new(0).await;
    let mut both = county.portal.member_with(Device::synchronised(), "AAA-1", &[Role::Dispatcher, Role::PrivacyOfficer]).await;
    let denied = county.responder.ask(&county.reference).await.id;
    both.decide(denied, Verdict::Deny).await.done();
    county.overridden().await;
    let owner = "select count(*) from review v join member m on m.id = v.owner_id where m.agency_id = 'AAA-1'";
    assert_eq!(county.portal.count(owner).await, 1, "they decided on another request, not on this one");
    let mut second = county.officer("PRV-2").await;
    county.portal.pass(600_000);
    let request = county.overridden().await;
    assert!(second.review(request).await.review.own, "the other one has a review already");
    county.portal.pass(600_000);
    // Approved by the one who has no more than the other, and comes first by agency id: the other one's all the same.
    let denied = county.responder.ask(&county.reference).await.id;
    county.dispatcher.decide(denied, Verdict::Deny).await.done();
    let request = county.responder.ask(&county.reference).await.id;
    both.decide(request, Verdict::Approve).await.done();
    county.responder.open(request).await;
    assert!(second.review(request).await.review.own);
}

#[tokio::test]
async fn without_a_privacy_officer_it_is_nobodys_until_there_is_one_and_the_admins_are_told() {
    let mut county = County::new(0).await;
    let mut admin = county.portal.member("ADM-1", &[Role::Admin]).await;
    let request = county.read_alone().await;
    assert_eq!(topics(&mut admin).await, [(Topic::ReviewUnowned, None)], "who can make somebody a privacy officer");
    let (mut one, mut other) = (county.officer("PRV-1").await, county.officer("PRV-2").await);
    assert!(one.review(request).await.review.own, "whoever may do it joined");
    assert_eq!(topics(&mut one).await, [(Topic::ReviewOpened, None)]);
    assert_eq!(topics(&mut admin).await, [(Topic::ReviewUnowned, Some(Closing::Done))]);
    assert_eq!(topics(&mut other).await, []);
    other.take_review(request).await.done();
    other.take_review(request).await.done();
    assert!(other.review(request).await.review.own && !one.review(request).await.review.own);
    assert_eq!(topics(&mut one).await, [], "it is not theirs to do any more");
    assert_eq!(county.told("review.assigned").await, 2, "to have it already changes nothing");
    one.close_review(request, Finding::Justified).await.done();
    assert_eq!(other.take_review(request).await.refusal().code, ProblemCode::Decided);
}

#[tokio::test]
async fn the_reviews_of_whoever_is_kept_out_or_loses_the_role_go_to_others() {
    let mut county = County::new(0).await;
    let mut admin = county.portal.member("ADM-1", &[Role::Admin]).await;
    let (mut one, mut other) = (county.officer("PRV-1").await, county.officer("PRV-2").await);
    let request = county.read_alone().await;
    let owner = one.review(request).await.review.owner.unwrap();
    assert_eq!(owner.agency_id.as_str(), "PRV-1");
    admin.post(&paths::member_suspend_of(owner.id), &json!({})).await.done();
    let owner = other.review(request).await.review.owner.unwrap();
    assert_eq!(owner.agency_id.as_str(), "PRV-2");
    let roles = json!({ "roles": ["auditor"] });
    admin
        .call(axum::http::Method::PUT, &paths::member_roles_of(owner.id), Some(roles.to_string().into()), "application/json")
        .await
        .done();
    assert_eq!(topics(&mut admin).await, [(Topic::ReviewUnowned, None)], "nobody is left");
    let mut third = county.officer("PRV-3").await;
    let line = third.reviews().await.open.remove(0);
    assert_eq!((line.request, line.own), (request, true));
    assert_eq!(topics(&mut third).await, [(Topic::ReviewOpened, None)]);
    // Out again and let in again, when nobody else may.
    let id = county.portal.past_the_gate("PRV-3").await.member.id;
    admin.post(&paths::member_suspend_of(id), &json!({})).await.done();
    let nobodys = "select count(*) from review where owner_id is null";
    assert_eq!(county.portal.count(nobodys).await, 1);
    admin.post(&paths::member_reinstate_of(id), &json!({})).await.done();
    assert_eq!(county.portal.count(nobodys).await, 0);
    assert_eq!(one.get(paths::REVIEWS).await.refusal().code, ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn other_policies_give_a_review_to_somebody_who_may_do_it_or_to_nobody() {
    let mut county = County::new(0).await;
    county.portal.portal.put_policies_in_force().await.unwrap();
    for (id, station) in [("PRV-1", "NORTH"), ("PRV-2", "SOUTH")] {
        let at = Assignment { station: Some(station.parse().unwrap()), ..Assignment::default() };
        county.portal.member_at(Device::synchronised(), id, PRIVACY, at).await;
    }
    county.read_alone().await;
    let of_first = "select count(*) from review r join member m on m.id = r.owner_id where m.agency_id = 'PRV-1'";
    let of_second = "select count(*) from review r join member m on m.id = r.owner_id where m.agency_id = 'PRV-2'";
    assert_eq!((county.portal.count(of_first).await, county.portal.count(of_second).await), (1, 0));
    let not_at = |id: &str, station: &str| {
        format!(
            "@id(\"{id}\") forbid (principal, action == Action::\"review\", resource)\n\
             when {{ principal has station && principal.station == \"{station}\" }};\n"
        )
    };
    county.portal.restart_by(built_in_and(&not_at("no-north", "NORTH"))).await;
    assert_eq!((county.portal.count(of_first).await, county.portal.count(of_second).await), (0, 1));
    county.portal.restart_by(built_in_and(&(not_at("no-north", "NORTH") + &not_at("no-south", "SOUTH")))).await;
    assert_eq!(county.portal.count("select count(*) from review where owner_id is null").await, 1);
    assert_eq!(county.told("review.assigned").await, 2);
}

#[tokio::test]
async fn whoever_took_part_neither_sees_nor_closes_it_and_the_rules_keep_crews_apart() {
    let mut county = County::new(0).await;
    let with = |role| [role, Role::PrivacyOfficer];
    let crew = Assignment { crew: Some("A-7".parse().unwrap()), ..Assignment::default() };
    let device = Device::synchronised;
    let mut asks = county.portal.member_at(device(), "EMS-7", &with(Role::Responder), crew.clone()).await;
    let mut mate = county.portal.member_at(device(), "EMS-8", PRIVACY, crew).await;
    let mut decides = county.portal.member_with(device(), "DSP-7", &with(Role::Dispatcher)).await;
    let mut ends = county.portal.member_with(device(), "DSP-8", &with(Role::Dispatcher)).await;
    let mut officer = county.officer("PRV-1").await;
    // Denied by one of them before, so that the next one is reviewed, which the same one approves and another ends.
    let denied = asks.ask(&county.reference).await.id;
    county.dispatcher.decide(denied, Verdict::Deny).await.done();
    let request = asks.ask(&county.reference).await.id;
    decides.decide(request, Verdict::Approve).await.done();
    let opened = asks.open(request).await;
    ends.post(&paths::grant_revoke_of(opened.release.grant), &json!({ "reason": "Not your patient" })).await.done();
    for (who, code) in [
        (&mut asks, ProblemCode::Oneself),
        (&mut decides, ProblemCode::Oneself),
        (&mut ends, ProblemCode::Oneself),
        (&mut mate, ProblemCode::PolicyForbids),
        (&mut county.dispatcher, ProblemCode::NotAllowed),
    ] {
        assert_eq!(who.get(&paths::review_of(request)).await.refusal().code, code);
        assert_eq!(who.take_review(request).await.refusal().code, code);
        let body = PrepareReview {
            finding: Finding::Justified,
            note: String::new(),
            last_event: officer.review(request).await.last_event,
        };
        assert_eq!(who.post(&paths::review_finding_prepare_of(request), &body).await.refusal().code, code);
    }
    for who in [&mut asks, &mut decides, &mut ends, &mut mate] {
        assert!(who.reviews().await.open.is_empty());
    }
    county.portal.pass(30_000);
    county.portal.portal.sweep().await.unwrap();
    let view = officer.review(request).await;
    assert_eq!((view.ending, view.ending_reason.as_deref()), (Some(Ending::Revoked), Some("Not your patient")));
    assert_eq!(view.decisions.len(), 1);
    officer.close_review(request, Finding::Unclear).await.done();
}

/// A shift's end makes nobody who rode along a stranger.
#[tokio::test]
async fn whoever_was_of_the_crew_when_it_was_opened_does_not_review_it_either() {
    let mut county = County::new(0).await;
    let mut admin = county.portal.member("ADM-1", &[Role::Admin]).await;
    let crew = Assignment { crew: Some("A-7".parse().unwrap()), ..Assignment::default() };
    county.responder = county.portal.member_at(Device::synchronised(), "EMS-7", &[Role::Responder], crew.clone()).await;
    let mut mate = county.portal.member_at(Device::synchronised(), "PRV-1", PRIVACY, crew).await;
    let mut officer = county.officer("PRV-2").await;
    let request = county.read_alone().await;
    for (who, crew) in [("EMS-7", "B-1"), ("PRV-1", "C-1")] {
        let id = county.portal.past_the_gate(who).await.member.id;
        let body = json!({ "crew": crew }).to_string().into();
        admin.call(axum::http::Method::PUT, &paths::member_assignment_of(id), Some(body), "application/json").await.done();
        assert_eq!(mate.get(&paths::review_of(request)).await.refusal().code, ProblemCode::PolicyForbids, "{who} moved");
        assert_eq!(mate.take_review(request).await.refusal().code, ProblemCode::PolicyForbids);
        assert!(mate.reviews().await.open.is_empty());
    }
    assert!(officer.review(request).await.review.own);
    officer.close_review(request, Finding::Justified).await.done();
}

#[tokio::test]
async fn an_owner_who_takes_part_afterwards_owns_it_no_more() {
    let mut county = County::new(0).await;
    let mut both = county.portal.member_with(Device::synchronised(), "AAA-1", &[Role::Dispatcher, Role::PrivacyOfficer]).await;
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    assert!(both.review(request).await.review.own);
    let opened = county.responder.open(request).await;
    both.post(&paths::grant_revoke_of(opened.release.grant), &json!({ "reason": "Not your patient" })).await.done();
    assert!(officer.review(request).await.review.own);
    let has = |topics: &[(Topic, Option<Closing>)]| topics.contains(&(Topic::ReviewOpened, None));
    assert!(has(&topics(&mut officer).await) && !has(&topics(&mut both).await));
}

#[tokio::test]
async fn whoever_ended_it_by_a_lockdown_took_part_whether_they_proposed_or_confirmed_it() {
    let mut county = County::new(0).await;
    let roles = &[Role::Admin, Role::PrivacyOfficer];
    let (mut proposes, mut confirms) = (county.portal.member("ADM-1", roles).await, county.portal.member("ADM-2", roles).await);
    let mut officer = county.officer("PRV-1").await;
    let request = county.overridden().await;
    county.responder.open(request).await;
    assert!(proposes.review(request).await.review.own, "by agency id the first");
    let proposal = proposes.propose(LockdownAct::Begin).await;
    confirms.confirm(proposal).await.done();
    for who in [&mut proposes, &mut confirms] {
        assert_eq!(who.get(&paths::review_of(request)).await.refusal().code, ProblemCode::Oneself);
        assert!(who.reviews().await.open.is_empty());
    }
    assert!(officer.review(request).await.review.own);
    assert!(matches!(county.portal.chain().await, ChainState::Holds { .. }));
}
