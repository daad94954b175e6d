//! Reviews: which requests get one, whose it is, who may close it, what it shows, and that nothing waits for it.

use std::sync::LazyLock;

use halligan_backend::services::ChainState;
use halligan_shared::{
    assignment::Assignment,
    door::Door,
    grant::{Ending, WipeCause},
    id::RequestId,
    member::Role,
    notice::{Closing, Topic},
    paths,
    reference::Reference,
    review::{Finding, ReviewReason},
    statement::{LockdownAct, Said, Verdict},
    wire::{
        DecideBody, NoticeBoard, PrepareReview, PreparedBulk, PreparedReview, ProblemCode, ReviewDecision, ReviewsOverdue,
        SignatureState,
    },
};
use serde_json::json;

use super::policy::built_in_and;
use crate::support::{Client, Device, Set, TestPortal};

const PRIVACY: &[Role] = &[Role::PrivacyOfficer];
/// Three days, in milliseconds.
const DUE: i64 = 3 * 24 * 3_600_000;
/// Reasons of reviews, as the log has them.
static OPENED: LazyLock<String> = LazyLock::new(|| "review.opened".to_owned());

/// A county: a record, a responder, a dispatcher. Sessions outlive the test's clock by signing in anew.
struct County {
    portal: TestPortal,
    reference: Reference,
    responder: Client,
    dispatcher: Client,
}

impl County {
    async fn new(review_sample: u8) -> Self {
        let portal = TestPortal::start_with(Set { review_sample, ..Set::unhurried() }).await;
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
        let responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
        let dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
        Self { portal, reference, responder, dispatcher }
    }

    /// The same with a patient who is not made up.
    async fn real(review_sample: u8) -> Self {
        let county = Self::new(review_sample).await;
        assert_eq!(county.portal.tamper("update record set drill = 0").await, 1);
        county
    }

    async fn officer(&self, id: &str) -> Client {
        self.portal.member_with(Device::synchronised(), id, PRIVACY).await
    }

    /// A request that the responder opened alone, and did not read.
    async fn overridden(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        self.portal.pass(60_000);
        self.responder.open_alone(request).await.done();
        request
    }

    /// A request that the responder opened alone, read and wiped.
    async fn read_alone(&mut self) -> RequestId {
        let request = self.overridden().await;
        let opened = self.responder.open(request).await;
        self.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
        request
    }

    /// A request that a dispatcher approved, read and wiped.
    async fn read(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        self.dispatcher.decide(request, Verdict::Approve).await.done();
        let opened = self.responder.open(request).await;
        self.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
        request
    }

    async fn reviews(&self) -> i64 {
        self.portal.count("select count(*) from review").await
    }

    async fn told(&self, kind: &str) -> usize {
        self.portal.kinds().await.iter().filter(|one| *one == kind).count()
    }
}

/// What a member was told, the last first, and how it ended.
async fn topics(member: &mut Client) -> Vec<(Topic, Option<Closing>)> {
    let board: NoticeBoard = member.get(paths::NOTICES).await.ok();
    board
        .notices
        .into_iter()
        .filter(|line| line.topic != Topic::OpenedAlone)
        .map(|line| (line.topic, line.closed.map(|closed| closed.how)))
        .collect()
}

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
    assert_eq!((county.reviews().await, county.told(&OPENED).await), (1, 1));
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
    let migration = include_str!("../../backend/migrations/sqlite/0010_reviews.sql");
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
