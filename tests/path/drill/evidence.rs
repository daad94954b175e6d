//! The mark on every event, and the report.

use axum::http::Method;
use halligan_backend::store::Channel;
use halligan_shared::{door::Door, grant::WipeCause, member::Role, paths, statement::Verdict, wire::ProblemCode};
use serde_json::json;

use super::{Agency, id_of, leave};
use crate::support::{Does, Listener, Set, TestPortal};

#[tokio::test]
async fn every_event_of_a_drill_is_marked_and_none_of_a_real_request() {
    let listener = Listener::start().await;
    let mut agency = Agency::start_with(Set { outside: listener.outside(), ..Set::default() }).await;
    let drill = agency.begin_for_both().await;
    let mut real = agency.portal.member("EMS-2", &[Role::Responder]).await;
    for (client, reference) in [(&mut agency.responder, &agency.made_up), (&mut real, &agency.real)] {
        let denied = client.ask(reference).await.id;
        assert!(agency.dispatcher.decide(denied, Verdict::Deny).await.status.is_success());
        let request = client.ask(reference).await.id;
        assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        let opened = client.open(request).await;
        client.wiped(opened.release.grant, opened.secret, WipeCause::Done).await;
        let withdrawn = client.ask(reference).await.id;
        client.raw(Method::POST, &paths::request_cancel_of(withdrawn), json!({})).await.done();
        client.ask(reference).await;
    }
    agency.portal.pass(600_000);
    agency.portal.portal.sweep().await.unwrap();
    // Nobody was told of anything in time.
    agency.portal.pass(25 * 3_600_000);
    agency.portal.portal.deliver(Channel::Webhook).await.unwrap();
    let mut kinds = [Vec::new(), Vec::new()];
    for event in agency.events().await {
        let about_a_request = ["request.", "record.opened", "record.wiped", "grant.", "document.", "review.", "notice."];
        if !about_a_request.iter().any(|family| event.kind.starts_with(family)) {
            continue;
        }
        let is_marked = event.facts.get("drill") == Some(&json!(true));
        assert_eq!(event.facts.get("drill_id").is_some(), is_marked, "{}", event.kind);
        assert!(!is_marked || event.facts["drill_id"] == json!(drill.id));
        // That somebody takes part is told too, and is no step of a request.
        if event.facts.get("about") == Some(&json!(drill.id)) {
            assert!(is_marked, "{}", event.kind);
            continue;
        }
        kinds[usize::from(is_marked)].push(event.kind);
    }
    // Both went the same way, but for the review that an opening after a denial gets and its notice.
    let [mut real, mut marked] = kinds;
    real.sort_unstable();
    marked.sort_unstable();
    assert_eq!(real, marked);
    assert!(marked.iter().any(|kind| kind == "notice.told") && marked.iter().any(|kind| kind == "notice.lost"));
    assert!(marked.iter().any(|kind| kind == "record.wiped") && marked.iter().any(|kind| kind == "request.expired"));
}

#[tokio::test]
async fn the_report_has_each_step_by_the_portals_clock() {
    let mut agency = Agency::start().await;
    let drill = agency.begin_for_both().await;
    let portal = &agency.portal;
    let first = agency.responder.ask(&agency.made_up).await.id;
    portal.pass(12_000);
    assert!(agency.dispatcher.decide(first, Verdict::Approve).await.status.is_success());
    portal.pass(3_000);
    let opened = agency.responder.open(first).await;
    portal.pass(60_000);
    agency.responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await;
    let second = agency.responder.ask(&agency.made_up).await.id;
    portal.pass(45_000);
    assert!(agency.responder.open_alone(second).await.status.is_success());
    // What is asked outside the drill is not in its report.
    leave(&mut agency.responder).await;
    agency.responder.raw(Method::POST, &paths::request_cancel_of(second), json!({})).await.done();
    agency.responder.ask(&agency.made_up).await;
    let report = agency.report(drill.id).await;
    assert_eq!(report.requests.iter().map(|line| line.request).collect::<Vec<_>>(), [first, second]);
    let [one, two] = &report.requests[..] else { panic!("two requests") };
    let answers: Vec<_> = one.answers.iter().map(|said| (said.by.as_str(), said.verdict.as_str(), said.seconds)).collect();
    assert_eq!(answers, [("DSP-1", "approve", 12.0)]);
    assert_eq!((one.door, one.opened, one.released), (Some(Door::Dispatcher), Some(12.0), Some(15.0)));
    assert_eq!((one.ended, one.wiped, one.outcome.as_str()), (Some(75.0), Some(75.0), "released"));
    assert_eq!((two.door, two.opened, two.released), (Some(Door::Override), Some(45.0), None));
    assert_eq!((two.answers.len(), two.outcome.as_str()), (0, "cancelled"));
    let left: Vec<_> = report.drill.members.iter().map(|line| (line.member.agency_id.as_str(), line.left)).collect();
    assert_eq!(left, [("DSP-1", false), ("EMS-1", true)]);
}

#[tokio::test]
async fn a_receipt_that_a_drill_misses_is_marked_too() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    let request = agency.responder.ask(&agency.made_up).await.id;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    agency.responder.open(request).await;
    // The window's end, and half a minute of grace after it.
    for pause in [300_000, 30_000] {
        agency.portal.pass(pause);
        agency.portal.portal.sweep().await.unwrap();
    }
    let events = agency.events().await;
    let missing = events.iter().find(|event| event.kind == "wipe_receipt.missing").unwrap();
    assert_eq!(missing.facts["drill"], json!(true));
    let sealed: Vec<_> =
        events.iter().filter(|event| event.kind == "record.sealed").map(|event| event.facts["drill"].clone()).collect();
    assert_eq!(sealed, [json!(true), json!(true)], "both were sealed as made up: one was made a real one by hand");
}

#[tokio::test]
async fn the_report_names_a_dispatcher_who_answered_and_takes_no_part() {
    let mut agency = Agency::start().await;
    let responder = id_of(&mut agency.responder).await;
    let drill = agency.begin("Night drill", 60, &[responder]).await;
    let request = agency.responder.ask(&agency.made_up).await.id;
    assert!(agency.dispatcher.decide(request, Verdict::Deny).await.status.is_success());
    let report = agency.report(drill.id).await;
    let said = &report.requests[0].answers[0];
    assert_eq!((said.by.as_str(), said.name.as_str(), said.verdict.as_str()), ("DSP-1", "DSP-1 Drill", "deny"));
}

#[tokio::test]
async fn the_report_counts_no_release_of_which_nothing_came() {
    let mut agency = Agency::at(TestPortal::relayed().await).await;
    let drill = agency.begin_for_both().await;
    let request = agency.responder.ask(&agency.made_up).await.id;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    agency.portal.relay().plant("Decrypt", Does::refuses(400, "ThrottlingException"));
    let point = agency.responder.point(request).await;
    assert_eq!(agency.responder.try_release(request, &point).await.refusal().code, ProblemCode::AuthorityBusy);
    assert_eq!(agency.report(drill.id).await.requests[0].released, None);
    // Its door holds no more once its dispatcher is kept out.
    let dispatcher = id_of(&mut agency.dispatcher).await;
    agency.admin.raw(Method::POST, &paths::member_suspend_of(dispatcher), json!({})).await.done();
    let line = agency.report(drill.id).await.requests.remove(0);
    assert_eq!((line.door, line.opened, line.outcome.as_str()), (None, None, "pending"));
    assert!(agency.portal.kinds().await.iter().any(|kind| kind == "request.waits_again"));
}
