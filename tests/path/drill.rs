//! Drills: made-up patients alone, marked on every event, and a report whose times are the portal's own.

use axum::http::Method;
use halligan_backend::{
    policy::{FILES, Policies},
    store::{AuditFilter, Channel},
};
use halligan_shared::{
    door::Door,
    grant::WipeCause,
    id::{DrillId, MemberId},
    member::Role,
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{AuditLine, Desk, DrillLine, DrillReport, OwnDrill, PreparedRequest, ProblemCode, RequestState, RequestView},
};
use serde_json::{Value, json};

use crate::support::{Client, Device, Does, Listener, Set, TestPortal};

/// Somebody of each kind, a made-up record and a real one.
struct Agency {
    portal: TestPortal,
    admin: Client,
    responder: Client,
    dispatcher: Client,
    made_up: Reference,
    real: Reference,
}

impl Agency {
    async fn start() -> Self {
        Self::at(TestPortal::start().await).await
    }

    async fn start_with(set: Set) -> Self {
        Self::at(TestPortal::start_with(set).await).await
    }

    async fn at(portal: TestPortal) -> Self {
        let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
        let (_, real) = registrar.seal(b"{\"real\":1}").await;
        assert_eq!(portal.tamper("update record set drill = 0").await, 1);
        let (_, made_up) = registrar.seal(b"{}").await;
        Self {
            admin: portal.member("ADM-1", &[Role::Admin]).await,
            responder: portal.member("EMS-1", &[Role::Responder]).await,
            dispatcher: portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await,
            portal,
            made_up,
            real,
        }
    }

    /// An admin begins a drill for these, of so many minutes.
    async fn begin(&mut self, name: &str, minutes: u32, members: &[MemberId]) -> DrillLine {
        let body = json!({ "name": name, "minutes": minutes, "members": members });
        self.admin.raw(Method::POST, paths::DRILLS, body).await.ok()
    }

    /// The same for the responder and the dispatcher.
    async fn begin_for_both(&mut self) -> DrillLine {
        let members = [id_of(&mut self.responder).await, id_of(&mut self.dispatcher).await];
        self.begin("Night drill", 60, &members).await
    }

    async fn events(&self) -> Vec<AuditLine> {
        let page = self.portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
        page.events.into_iter().rev().collect()
    }

    async fn report(&mut self, drill: DrillId) -> DrillReport {
        self.admin.get(&paths::drill_of(drill)).await.ok()
    }
}

async fn id_of(client: &mut Client) -> MemberId {
    client.get(paths::SESSION).await.ok::<Value>()["member"]["id"].as_str().unwrap().parse().unwrap()
}

async fn own(client: &mut Client) -> Option<OwnDrill> {
    client.get(paths::OWN_DRILL).await.ok()
}

async fn leave(client: &mut Client) {
    client.raw(Method::POST, paths::OWN_DRILL_LEAVE, json!({})).await.done();
}

#[tokio::test]
async fn whoever_takes_part_opens_made_up_records_alone_until_they_leave() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    assert_eq!(own(&mut agency.responder).await, Some(OwnDrill { name: "Night drill".into(), seconds_left: 3600.0 }));
    let refused = agency.responder.prepare(agency.real.digest()).await.refusal();
    assert_eq!(refused.code, ProblemCode::DrillOnly);
    assert!(refused.detail.contains("leave the drill"), "{}", refused.detail);
    let request = agency.responder.ask(&agency.made_up).await.id;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    agency.responder.open(request).await;
    // A real emergency: one press, and the same is asked for again.
    leave(&mut agency.responder).await;
    assert_eq!(own(&mut agency.responder).await, None);
    let real = agency.responder.ask(&agency.real).await;
    assert!(!real.drill);
    assert!(agency.dispatcher.decide(real.id, Verdict::Approve).await.status.is_success());
    assert_eq!(agency.responder.open(real.id).await.content, b"{\"real\":1}");
    // Who leaves twice stays as they are.
    leave(&mut agency.responder).await;
    assert_eq!(agency.portal.kinds().await.iter().filter(|kind| *kind == "drill.left").count(), 1);
}

#[tokio::test]
async fn a_request_signed_before_the_drill_began_is_judged_when_it_is_filed() {
    let mut agency = Agency::start().await;
    let prepared: PreparedRequest = agency.responder.prepare(agency.real.digest()).await.ok();
    let credential = agency.responder.device.sign(&prepared.ceremony.options).await;
    agency.begin_for_both().await;
    let body = json!({ "idempotency_key": uuid::Uuid::now_v7(), "ceremony": prepared.ceremony.ceremony, "credential": credential });
    let refused = agency.responder.post(paths::REQUESTS, &body).await.refusal();
    assert_eq!(refused.code, ProblemCode::DrillOnly);
    assert!(!agency.portal.kinds().await.iter().any(|kind| kind == "request.filed"));
}

#[tokio::test]
async fn a_real_request_that_waits_when_the_drill_begins_goes_on() {
    let mut agency = Agency::start().await;
    let request = agency.responder.ask(&agency.real).await.id;
    agency.begin_for_both().await;
    assert!(agency.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    assert_eq!(agency.responder.open(request).await.content, b"{\"real\":1}");
}

#[tokio::test]
async fn a_drill_ends_by_itself_to_the_second_and_that_stands_in_the_log_once() {
    let mut agency = Agency::start().await;
    let member = id_of(&mut agency.responder).await;
    agency.begin("A quarter of an hour", 15, &[member]).await;
    agency.portal.pass(899_999);
    assert!(own(&mut agency.responder).await.is_some());
    agency.portal.portal.sweep().await.unwrap();
    assert_eq!(agency.responder.prepare(agency.real.digest()).await.refusal().code, ProblemCode::DrillOnly);
    agency.portal.pass(1);
    assert_eq!(own(&mut agency.responder).await, None);
    agency.responder.ask(&agency.real).await;
    for _ in 0..2 {
        agency.portal.portal.sweep().await.unwrap();
    }
    assert_eq!(agency.portal.kinds().await.iter().filter(|kind| *kind == "drill.ended").count(), 1);
}

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
async fn nobody_takes_part_in_two_drills_at_once_and_two_can_run() {
    let mut agency = Agency::start().await;
    let (one, other) = (id_of(&mut agency.responder).await, id_of(&mut agency.dispatcher).await);
    let first = agency.begin("First", 60, &[one]).await;
    let body = json!({ "name": "Second", "minutes": 60, "members": [one, other] });
    let refused = agency.admin.raw(Method::POST, paths::DRILLS, body).await.refusal();
    assert_eq!(refused.code, ProblemCode::WrongState);
    assert!(refused.detail.contains("(EMS-1) takes part in “First”. Leave"), "{}", refused.detail);
    assert!(!refused.detail.contains("DSP-1"), "{}", refused.detail);
    assert_eq!(own(&mut agency.dispatcher).await, None, "all or nobody");
    let second = agency.begin("Second", 60, &[other]).await;
    assert_eq!(own(&mut agency.responder).await.unwrap().name, "First");
    assert_eq!(own(&mut agency.dispatcher).await.unwrap().name, "Second");
    // Whoever is free joins one that runs; nobody joins one that is over.
    agency.admin.raw(Method::POST, &paths::drill_end_of(first.id), json!({})).await.done();
    let line: DrillLine =
        agency.admin.raw(Method::POST, &paths::drill_members_of(second.id), json!({ "members": [one] })).await.ok();
    assert_eq!(line.members.len(), 2);
    let over = agency.admin.raw(Method::POST, &paths::drill_members_of(first.id), json!({ "members": [one] })).await;
    assert_eq!(over.refusal().code, ProblemCode::WrongState);
    // Ended is ended, and ending it twice says so once.
    agency.admin.raw(Method::POST, &paths::drill_end_of(first.id), json!({})).await.done();
    assert_eq!(agency.portal.kinds().await.iter().filter(|kind| *kind == "drill.ended").count(), 1);
}

#[tokio::test]
async fn a_member_who_is_kept_out_takes_part_no_more() {
    let mut agency = Agency::start().await;
    let drill = agency.begin_for_both().await;
    let id = id_of(&mut agency.responder).await;
    agency.admin.raw(Method::POST, &paths::member_suspend_of(id), json!({})).await.done();
    assert!(agency.report(drill.id).await.drill.members.iter().any(|line| line.member.id == id && line.left));
    let again = agency.admin.raw(Method::POST, &paths::drill_members_of(drill.id), json!({ "members": [id] })).await.refusal();
    assert_eq!(again.code, ProblemCode::WrongState);
    assert!(again.detail.contains("(EMS-1) is kept out"), "{}", again.detail);
}

#[tokio::test]
async fn a_drill_has_a_name_a_length_and_members() {
    let mut agency = Agency::start().await;
    let id = id_of(&mut agency.responder).await;
    let many = vec![id; 501];
    for body in [
        json!({ "name": " ", "minutes": 60, "members": [id] }),
        json!({ "name": "a".repeat(61), "minutes": 60, "members": [id] }),
        json!({ "name": "a\u{7}b", "minutes": 60, "members": [id] }),
        json!({ "name": "Drill", "minutes": 0, "members": [id] }),
        json!({ "name": "Drill", "minutes": 1441, "members": [id] }),
        json!({ "name": "Drill", "minutes": 60, "members": [] }),
    ] {
        assert_eq!(
            agency.admin.raw(Method::POST, paths::DRILLS, body.clone()).await.refusal().code,
            ProblemCode::Invalid,
            "{body}"
        );
    }
    // The same member many times is one member.
    agency.begin("Drill", 1, &many[..500]).await;
    let unknown = json!({ "name": "Drill", "minutes": 60, "members": [MemberId::fresh()] });
    assert_eq!(agency.admin.raw(Method::POST, paths::DRILLS, unknown).await.refusal().code, ProblemCode::NotFound);
}

#[tokio::test]
async fn a_request_of_a_drill_whose_record_was_made_a_real_one_is_not_opened() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    let request: RequestView = agency.responder.ask(&agency.made_up).await;
    assert!(agency.dispatcher.decide(request.id, Verdict::Approve).await.status.is_success());
    let point = agency.responder.point(request.id).await;
    // Somebody with the database puts the drill onto a request for a real record.
    let mut other = agency.portal.member("EMS-2", &[Role::Responder]).await;
    let real = other.ask(&agency.real).await.id;
    assert!(agency.dispatcher.decide(real, Verdict::Approve).await.status.is_success());
    let real_point = other.point(real).await;
    agency.portal.tamper("update access_request set drill_id = (select id from drill)").await;
    assert_eq!(other.try_release(real, &real_point).await.refusal().code, ProblemCode::WrongState);
    assert!(matches!(other.request(real).await.state, RequestState::Approved { .. }));
    assert!(agency.responder.try_release(request.id, &point).await.status.is_success());
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
async fn the_desk_has_a_real_patient_before_any_number_of_made_up_ones() {
    let mut agency = Agency::start().await;
    agency.begin_for_both().await;
    let drilled = agency.responder.ask(&agency.made_up).await.id;
    // More than the desk has room for, all asked first and all where life is in danger.
    let flood = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 250) \
        insert into access_request (id, member_id, sign_in_id, record_id, sealing_id, idempotency_key, justification, severity, statement, statement_digest, assertion, asked_at, state, until_at, waits_until, incident, drill_id) \
        select printf('00000000-0000-7000-8000-%012x', i), member_id, sign_in_id, record_id, sealing_id, printf('00000000-0000-7000-8000-%012x', i), justification, 0, statement, statement_digest, assertion, asked_at, state, until_at, waits_until, incident, drill_id from access_request, n";
    assert_eq!(agency.portal.tamper(flood).await, 250);
    agency.portal.pass(1_000);
    let mut real = agency.portal.member("EMS-2", &[Role::Responder]).await;
    let real = real.ask(&agency.real).await.id;
    let desk: Desk = agency.dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.waiting[0].statement.request, real);
    assert!(desk.waiting[1..].iter().all(|card| card.statement.drill));
    assert_eq!(desk.drills.iter().map(|drill| (drill.name.as_str(), drill.members)).collect::<Vec<_>>(), [("Night drill", 2)]);
    leave(&mut agency.responder).await;
    agency.responder.raw(Method::POST, &paths::request_cancel_of(drilled), json!({})).await.done();
    let desk: Desk = agency.dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.drills[0].members, 1);
}

#[tokio::test]
async fn policies_older_than_drills_let_no_real_request_into_one() {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, text) in FILES {
        // As it was before there were drills.
        let text = text.split("// Drills never touch real records").next().unwrap();
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let policies = Policies::read(folder.path()).unwrap();
    assert!(policies.written().iter().all(|written| written.id != "ask-drill-not-real"));
    let mut agency = Agency::at(TestPortal::start_with(Set { policies: Some(policies), ..Set::default() }).await).await;
    let early: PreparedRequest = agency.responder.prepare(agency.real.digest()).await.ok();
    agency.begin_for_both().await;
    assert_eq!(agency.responder.prepare(agency.real.digest()).await.refusal().code, ProblemCode::DrillOnly);
    let credential = agency.responder.device.sign(&early.ceremony.options).await;
    let body = json!({ "idempotency_key": uuid::Uuid::now_v7(), "ceremony": early.ceremony.ceremony, "credential": credential });
    assert_eq!(agency.responder.post(paths::REQUESTS, &body).await.refusal().code, ProblemCode::DrillOnly);
    assert!(!agency.portal.kinds().await.iter().any(|kind| kind == "request.filed"), "nothing that nobody could open");
}

#[tokio::test]
async fn whoever_left_a_drill_is_not_brought_back_into_it() {
    let mut agency = Agency::start().await;
    let drill = agency.begin_for_both().await;
    leave(&mut agency.responder).await;
    let responder = id_of(&mut agency.responder).await;
    let again = agency.admin.raw(Method::POST, &paths::drill_members_of(drill.id), json!({ "members": [responder] })).await;
    assert!(again.refusal().detail.contains("(EMS-1) has left this drill"));
    assert_eq!(own(&mut agency.responder).await, None);
    // Another one is theirs again.
    agency.begin("Next", 60, &[responder]).await;
    assert_eq!(own(&mut agency.responder).await.unwrap().name, "Next");
}

#[tokio::test]
async fn an_admin_who_signed_in_long_ago_takes_nobody_away_from_real_patients() {
    let mut agency = Agency::start().await;
    let [one, other] = [id_of(&mut agency.responder).await, id_of(&mut agency.dispatcher).await];
    let drill = agency.begin("Drill", 60, &[one]).await;
    agency.portal.pass(600_000);
    let begin = json!({ "name": "Second", "minutes": 60, "members": [other] });
    for (path, body) in [(paths::DRILLS.to_owned(), begin), (paths::drill_members_of(drill.id), json!({ "members": [other] }))] {
        assert_eq!(agency.admin.raw(Method::POST, &path, body).await.refusal().code, ProblemCode::StaleSignIn, "{path}");
    }
    // Letting go needs no more than being there.
    agency.admin.raw(Method::POST, &paths::drill_end_of(drill.id), json!({})).await.done();
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
