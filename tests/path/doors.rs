//! The dispatchers' door where it takes several, and what becomes of it when one of them may decide no more.

use std::path::Path;

use axum::http::Method;
use halligan_backend::policy::Policies;
use halligan_shared::{
    assignment::Assignment,
    door::Door,
    grant::Ending,
    member::Role,
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{Desk, GrantState, ProblemCode, RequestState, RequestView},
};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Client, Device, Set, TestPortal, pressing};

/// The built-in policies with one passage in place of another.
fn policies(stands: &str, instead: &str) -> Policies {
    let folder = TempDir::new().unwrap();
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut found = 0;
    for file in std::fs::read_dir(built_in).unwrap().map(|file| file.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap();
        found += text.matches(stands).count();
        std::fs::write(folder.path().join(file.file_name().unwrap()), text.replace(stands, instead)).unwrap();
    }
    assert_eq!(found, 1, "{stands} stands once in the policies");
    // What is expected of the built-in ones is not expected of these.
    let _ = std::fs::remove_file(folder.path().join("cases.toml"));
    Policies::read(folder.path()).unwrap()
}

/// Two decisions, of different stations.
pub(super) fn two_apart() -> Policies {
    policies("@decisions(\"1\")", "@decisions(\"2\")\n@stations(\"apart\")")
}

async fn start_with_two_apart() -> TestPortal {
    TestPortal::start_with(Set { policies: Some(two_apart()), ..Set::default() }).await
}

fn at(station: Option<&str>, crew: Option<&str>) -> Assignment {
    let sign = |name: &str| name.parse().unwrap();
    Assignment { station: station.map(sign), crew: crew.map(sign), ..Assignment::default() }
}

async fn dispatcher(portal: &TestPortal, id: &str, station: Option<&str>) -> Client {
    portal.member_at(Device::synchronised(), id, &[Role::Dispatcher], at(station, None)).await
}

async fn responder(portal: &TestPortal) -> (Client, Reference) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    (portal.member("EMS-1", &[Role::Responder]).await, reference)
}

/// How many approvals a request that waits has.
fn given(view: &RequestView) -> usize {
    match &view.state {
        RequestState::Pending { doors, .. } => doors.decisions.as_ref().unwrap().given.len(),
        other => panic!("it does not wait: {other:?}"),
    }
}

async fn suspend(portal: &TestPortal, member: &str) {
    let mut admin = portal.member(&format!("ADM-{member}"), &[Role::Admin]).await;
    let members: Vec<serde_json::Value> = admin.get(paths::MEMBERS).await.ok();
    let id = members.iter().find(|line| line["agency_id"] == member).unwrap()["id"].as_str().unwrap();
    assert!(admin.post(&paths::member_suspend_of(id.parse().unwrap()), &json!({})).await.status.is_success());
}

#[tokio::test]
async fn two_dispatchers_of_different_stations_open_what_takes_two() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let mut one = dispatcher(&portal, "DSP-1", Some("North")).await;
    let mut beside = dispatcher(&portal, "DSP-2", Some("north")).await;
    let mut apart = dispatcher(&portal, "DSP-3", Some("South")).await;
    let request = responder.ask(&reference).await.id;
    assert!(one.decide(request, Verdict::Approve).await.status.is_success());
    assert_eq!(given(&responder.request(request).await), 1);
    let again = one.prepare_decision(request, Verdict::Approve).await.refusal();
    assert_eq!(again.code, ProblemCode::Decided);
    assert!(again.detail.contains("another dispatcher"), "{}", again.detail);
    assert!(beside.decide(request, Verdict::Approve).await.status.is_success());
    assert_eq!(given(&responder.request(request).await), 2, "two of one station are one station");
    let desk: Desk = apart.get(paths::DESK).await.ok();
    let card = &desk.waiting[0];
    assert!(!card.given && !card.barred);
    let decisions = card.doors.decisions.as_ref().unwrap();
    assert_eq!((decisions.needed, decisions.apart, decisions.given.len()), (2, true, 2));
    assert!(apart.decide(request, Verdict::Approve).await.status.is_success());
    let RequestState::Approved { opened, .. } = responder.request(request).await.state else { panic!("not opened") };
    assert_eq!((opened.door, opened.by.len()), (Door::Dispatcher, 3));
    assert_eq!(portal.kinds().await.iter().filter(|kind| *kind == "request.opened").count(), 1);
}

#[tokio::test]
async fn where_stations_count_whoever_has_none_counts_for_nothing() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let request = responder.ask(&reference).await.id;
    for id in ["DSP-1", "DSP-2"] {
        assert!(dispatcher(&portal, id, None).await.decide(request, Verdict::Approve).await.status.is_success());
    }
    assert!(dispatcher(&portal, "DSP-3", Some("North")).await.decide(request, Verdict::Approve).await.status.is_success());
    assert_eq!(given(&responder.request(request).await), 3);
    assert!(dispatcher(&portal, "DSP-4", Some("South")).await.decide(request, Verdict::Approve).await.status.is_success());
    assert!(matches!(responder.request(request).await.state, RequestState::Approved { .. }));
}

#[tokio::test]
async fn who_waits_is_told_how_many_see_the_request_that_may_decide_it() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member_at(Device::default(), "EMS-1", &[Role::Responder], at(None, Some("7"))).await;
    let mut dispatchers = Vec::new();
    for (id, crew) in [("DSP-1", "7"), ("DSP-2", "8"), ("DSP-3", "8")] {
        dispatchers.push(portal.member_at(Device::default(), id, &[Role::Dispatcher], at(None, Some(crew))).await);
    }
    let request = responder.ask(&reference).await.id;
    let members = dispatchers[0].get(paths::DESK).await.ok::<Desk>().dispatchers.into_iter().map(|line| line.member.id);
    let members: Vec<_> = members.collect();
    let seen = async |responder: &mut Client| match responder.request(request).await.state {
        RequestState::Pending { doors, .. } => doors.decisions.unwrap().on_duty,
        other => panic!("it does not wait: {other:?}"),
    };
    assert_eq!(seen(&mut responder).await, 0, "signed in, and nowhere near the desk");
    let own_crew = portal.portal.open_desk(members[0]);
    assert_eq!(seen(&mut responder).await, 0, "their own crew's may not decide");
    let (other, twice) = (portal.portal.open_desk(members[1]), portal.portal.open_desk(members[1]));
    assert_eq!(seen(&mut responder).await, 1);
    drop((own_crew, other));
    assert_eq!(seen(&mut responder).await, 1, "on another screen of theirs");
    drop(twice);
    assert_eq!(seen(&mut responder).await, 0);
}

#[tokio::test]
async fn what_is_left_of_enough_approvals_opens_it() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let request = responder.ask(&reference).await.id;
    for (id, station) in [("DSP-1", Some("A")), ("DSP-2", Some("A"))] {
        dispatcher(&portal, id, station).await.decide(request, Verdict::Approve).await;
    }
    // An admin had entered the wrong station.
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let members: Vec<serde_json::Value> = admin.get(paths::MEMBERS).await.ok();
    let id = members.iter().find(|line| line["agency_id"] == "DSP-2").unwrap()["id"].as_str().unwrap().parse().unwrap();
    let moved = admin.raw(Method::PUT, &paths::member_assignment_of(id), json!({ "station": "B" })).await;
    assert!(moved.status.is_success(), "{}", String::from_utf8_lossy(&moved.body));
    assert!(matches!(responder.request(request).await.state, RequestState::Approved { opened, .. } if opened.by.len() == 2));
}

#[tokio::test]
async fn one_denial_ends_what_takes_two() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let (mut one, mut two) = (dispatcher(&portal, "DSP-1", Some("A")).await, dispatcher(&portal, "DSP-2", Some("B")).await);
    let request = responder.ask(&reference).await.id;
    one.decide(request, Verdict::Approve).await;
    assert!(two.decide(request, Verdict::Deny).await.status.is_success());
    assert!(matches!(responder.request(request).await.state, RequestState::Denied { by, .. } if by.agency_id.as_str() == "DSP-2"));
}

#[tokio::test]
async fn a_dispatcher_who_approved_may_think_again_while_it_waits() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let mut one = dispatcher(&portal, "DSP-1", Some("A")).await;
    let request = responder.ask(&reference).await.id;
    one.decide(request, Verdict::Approve).await;
    assert!(one.decide(request, Verdict::Deny).await.status.is_success());
    assert!(matches!(responder.request(request).await.state, RequestState::Denied { .. }));
}

#[tokio::test]
async fn the_approval_of_a_dispatcher_who_was_kept_out_counts_no_more() {
    let portal = start_with_two_apart().await;
    let (mut responder, reference) = responder(&portal).await;
    let (mut one, mut two) = (dispatcher(&portal, "DSP-1", Some("A")).await, dispatcher(&portal, "DSP-2", Some("B")).await);
    let request = responder.ask(&reference).await.id;
    one.decide(request, Verdict::Approve).await;
    suspend(&portal, "DSP-1").await;
    assert_eq!(given(&responder.request(request).await), 0);
    two.decide(request, Verdict::Approve).await;
    assert_eq!(given(&responder.request(request).await), 1, "what is left is not enough");
}

#[tokio::test]
async fn what_a_dispatcher_approved_who_was_kept_out_waits_again_unless_it_is_open() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = responder(&portal).await;
    let mut one = dispatcher(&portal, "DSP-1", None).await;
    let request = responder.ask(&reference).await.id;
    portal.pass(100_000);
    one.decide(request, Verdict::Approve).await;
    let point = responder.point(request).await;
    suspend(&portal, "DSP-1").await;
    let view = responder.request(request).await;
    assert_eq!(given(&view), 0);
    assert!(
        matches!(view.state, RequestState::Pending { seconds_left, .. } if (seconds_left - 500.0).abs() < 0.01),
        "for as long as it would have"
    );
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::WrongState);
    let mut other = dispatcher(&portal, "DSP-2", None).await;
    assert!(other.decide(request, Verdict::Approve).await.status.is_success());
    responder.open(request).await;
    suspend(&portal, "DSP-2").await;
    assert!(
        matches!(responder.request(request).await.state, RequestState::Released { .. }),
        "an open record is ended, by whoever sees it"
    );
}

#[tokio::test]
async fn the_approval_of_a_dispatcher_who_is_one_no_more_counts_no_more() {
    let portal = TestPortal::start().await;
    let (mut responder, reference) = responder(&portal).await;
    let request = responder.ask(&reference).await.id;
    dispatcher(&portal, "DSP-1", None).await.decide(request, Verdict::Approve).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let members: Vec<serde_json::Value> = admin.get(paths::MEMBERS).await.ok();
    let id = members.iter().find(|line| line["agency_id"] == "DSP-1").unwrap()["id"].as_str().unwrap().parse().unwrap();
    let roles = json!({ "roles": ["auditor"] });
    assert!(admin.raw(Method::PUT, &paths::member_roles_of(id), roles).await.status.is_success());
    assert_eq!(given(&responder.request(request).await), 0);
}

#[tokio::test]
async fn keeping_a_dispatcher_out_against_the_release_has_one_winner() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (mut responder, reference) = responder(&portal).await;
    let mut admin = portal.member_with(Device::synchronised(), "ADM-1", &[Role::Admin]).await;
    for round in 0..10 {
        let mut one = dispatcher(&portal, &format!("DSP-{round}"), None).await;
        let request = responder.ask(&reference).await.id;
        one.decide(request, Verdict::Approve).await;
        let point = responder.point(request).await;
        let members: Vec<serde_json::Value> = admin.get(paths::MEMBERS).await.ok();
        let id = members.iter().find(|line| line["agency_id"] == format!("DSP-{round}")).unwrap()["id"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        let (path, nothing, mut same) = (paths::member_suspend_of(id), json!({}), responder.clone());
        let (suspended, released) = tokio::join!(admin.post(&path, &nothing), same.try_release(request, &point));
        assert!(suspended.status.is_success());
        match responder.request(request).await.state {
            RequestState::Pending { .. } => assert_eq!(released.refusal().code, ProblemCode::WrongState),
            RequestState::Released { .. } => assert!(released.status.is_success()),
            other => panic!("neither won: {other:?}"),
        }
        // What is left of this round is over before the next one, and the admin's sign-in is fresh.
        portal.pass(600_000);
        admin.sign_in().await;
    }
}

#[tokio::test]
async fn nobody_decides_for_their_own_crew() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let crew = |name| at(None, Some(name));
    let mut responder = portal.member_at(Device::default(), "EMS-1", &[Role::Responder], crew("7")).await;
    let mut mate = portal.member_at(Device::default(), "EMS-2", &[Role::Responder, Role::Dispatcher], crew("7")).await;
    let mut other = portal.member_at(Device::default(), "DSP-1", &[Role::Dispatcher], crew("8")).await;
    let request = responder.ask(&reference).await.id;
    assert!(mate.get(paths::DESK).await.ok::<Desk>().waiting[0].barred);
    assert_eq!(mate.prepare_decision(request, Verdict::Approve).await.refusal().code, ProblemCode::PolicyForbids);
    assert_eq!(mate.prepare_decision(request, Verdict::Deny).await.refusal().code, ProblemCode::PolicyForbids);
    assert!(!other.get(paths::DESK).await.ok::<Desk>().waiting[0].barred);
    assert!(other.decide(request, Verdict::Approve).await.status.is_success());
}

#[tokio::test]
async fn a_door_may_give_less_time_than_the_portal() {
    let window = policies("@decisions(\"1\")", "@decisions(\"1\")\n@window(\"60\")");
    let portal = TestPortal::start_with(Set { policies: Some(window), ..Set::default() }).await;
    let (mut responder, request) = portal.approved(b"{}").await;
    let opened = responder.open(request).await;
    assert!((opened.release.seconds_left - 60.0).abs() < 0.01);
    portal.pass(60_000);
    assert!(matches!(
        responder.request(request).await.state,
        RequestState::Released { grant, .. } if matches!(grant.state, GrantState::Ended { ending: Ending::Expired, .. })
    ));
}

#[tokio::test]
async fn what_no_door_opens_is_refused_before_anything_is_signed() {
    let none = policies(
        "// Nobody decides their own request.",
        "@id(\"none\")\nforbid (principal, action == Action::\"ask\", resource);\n",
    );
    let portal = TestPortal::start_with(Set { policies: Some(none), ..Set::default() }).await;
    let (mut responder, reference) = responder(&portal).await;
    let refusal = responder.prepare_as(reference.digest(), pressing()).await.refusal();
    assert_eq!(refusal.code, ProblemCode::PolicyForbids);
    assert!(refusal.detail.contains("Call dispatch"), "{}", refusal.detail);
}
