//! Notices: who is told of what, by which way, and how each ends.

use axum::http::Method;
use halligan_backend::store::Channel;
use halligan_shared::{
    assignment::Assignment,
    grant::WipeCause,
    justification::{Draft, Severity},
    member::Role,
    notice::{Closing, Topic},
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{Desk, NoticeBoard, NoticeLine, PushDevices, RequestView},
};
use serde_json::Value;

use crate::support::{Answer, Browser, Client, Device, Heard, Listener, Set, TestPortal, pressing};

pub(super) async fn started(listener: &Listener) -> TestPortal {
    TestPortal::start_with(Set { outside: listener.outside(), ..Set::unhurried() }).await
}

pub(super) async fn told_at(member: &mut Client, browser: &Browser) -> Answer {
    member.raw(Method::PUT, paths::PUSH_DEVICES, serde_json::to_value(browser.body()).unwrap()).await
}

pub(super) async fn board(member: &mut Client) -> NoticeBoard {
    member.get(paths::NOTICES).await.ok()
}

pub(super) async fn bracelet(portal: &TestPortal) -> Reference {
    portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await.1
}

/// Sends what stands in the outbox, and gives what arrived.
pub(super) async fn sent(portal: &TestPortal, listener: &Listener) -> Vec<Heard> {
    for channel in [Channel::Push, Channel::Webhook] {
        portal.portal.deliver(channel).await.unwrap();
    }
    listener.take()
}

pub(super) fn hooks(heard: &[Heard]) -> Vec<Value> {
    heard.iter().filter(|heard| heard.path == "/hook").map(|heard| heard.hook(&heard.body).unwrap()).collect()
}

pub(super) fn pushes(browser: &Browser, heard: &[Heard]) -> Vec<Value> {
    heard.iter().filter(|heard| browser.is_for(heard)).map(|heard| browser.open(heard)).collect()
}

#[tokio::test]
async fn a_request_that_waits_is_told_to_dispatchers_devices_and_the_webhook_and_so_is_its_end() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let reference = bracelet(&portal).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor]).await;
    let (desk, other) = (listener.browser("desk", 1), listener.browser("other", 2));
    told_at(&mut dispatcher, &desk).await.done();
    told_at(&mut auditor, &other).await.done();

    let request = responder.ask(&reference).await.id;
    let heard = sent(&portal, &listener).await;
    let [push] = &pushes(&desk, &heard)[..] else { panic!("told {} times", heard.len()) };
    assert_eq!(push["title"], "Drill: Request waits: life-threatening");
    assert_eq!((&push["url"], &push["closed"]), (&"/desk".into(), &false.into()));
    let [hook] = &hooks(&heard)[..] else { panic!("no hook") };
    assert_eq!((&hook["type"], &hook["data"]["about"]), (&"notice.made".into(), &request.to_string().into()));
    assert_eq!(heard.len(), 2, "and nobody else");
    assert!(sent(&portal, &listener).await.is_empty(), "once");

    // Nothing of the record in what a push service sees or a lock screen shows, and nothing a person typed.
    let call = heard.iter().find(|heard| desk.is_for(heard)).unwrap();
    let shown = format!("{push} {:?} {hook}", call.headers);
    let record = responder.request(request).await.record.to_string();
    let (text, compact) = (reference.to_text(), reference.to_compact());
    for secret in [record.as_str(), "2026-114", "drill 1", text.as_str(), compact.as_str()] {
        assert!(!shown.contains(secret), "{secret}");
    }
    let key = dispatcher.get(paths::PUSH_DEVICES).await.ok::<PushDevices>().key;
    let claims = call.claims(&key);
    let origin = desk.endpoint.split("/push").next().unwrap();
    assert_eq!((&claims["aud"], &claims["sub"]), (&origin.into(), &"mailto:it@agency.example".into()));
    let lasts = claims["exp"].as_i64().unwrap() - portal.now().unix_timestamp();
    assert!((1..=86_400).contains(&lasts), "{lasts}");
    assert_eq!(call.headers["ttl"], "600", "for as long as the request waits");
    assert_eq!(call.headers["urgency"], "high");

    dispatcher.decide(request, Verdict::Approve).await.done();
    let heard = sent(&portal, &listener).await;
    let [end] = &pushes(&desk, &heard)[..] else { panic!("the end is told {} times", heard.len()) };
    assert_eq!((&end["tag"], &end["closed"], &end["body"]), (&push["tag"], &true.into(), &"Approved, by DSP-1.".into()));
    let topics = [call, heard.iter().find(|heard| desk.is_for(heard)).unwrap()].map(|heard| heard.headers["topic"].clone());
    assert_eq!(topics[0], topics[1], "the push service knows what replaces what");
    let [hook] = &hooks(&heard)[..] else { panic!("no hook") };
    assert_eq!((&hook["type"], &hook["data"]["closed"]["how"]), (&"notice.closed".into(), &"approved".into()));
}

#[tokio::test]
async fn what_is_decided_before_a_device_was_told_is_never_told_to_it() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let reference = bracelet(&portal).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    let request = responder.ask(&reference).await.id;
    responder.post(&paths::request_cancel_of(request), &()).await.ok::<RequestView>();
    assert!(sent(&portal, &listener).await.is_empty());
    assert_eq!(portal.count("select count(*) from notice where closed_how = 'withdrawn'").await, 1);
}

#[tokio::test]
async fn a_request_that_waits_is_told_before_what_nobody_waits_for() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher, Role::PrivacyOfficer]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    portal.member("SUP-1", &[Role::Responder]).await;
    let mut registrar = portal.member("REG-2", &[Role::Registrar]).await;
    let ((_, withdrawn), (_, other)) = (registrar.seal(b"{}").await, registrar.seal(b"{}").await);
    // The end of a request that was told is told as well, and nobody waits for it.
    let mut hasty = portal.member("EMS-2", &[Role::Responder]).await;
    let request = hasty.ask(&withdrawn).await.id;
    assert!(!sent(&portal, &listener).await.is_empty());
    let (mut responder, _) = opened_alone(&portal).await;
    hasty.post(&paths::request_cancel_of(request), &()).await.ok::<RequestView>();
    assert!(portal.count("select count(*) from delivery where state = 'waiting'").await > 0, "something was to be told before");
    portal.pass(1_000);
    let waits = responder.ask(&other).await.id.to_string();
    for channel in [Channel::Push, Channel::Webhook] {
        let mut order = Vec::new();
        while let Some(claimed) = portal.portal.store().claim_delivery(channel, portal.now()).await.unwrap() {
            let notice = claimed.row.unwrap().notice;
            order.push((notice.topic, notice.about == waits));
        }
        assert_eq!(order[0], (Topic::RequestWaits, true), "{channel:?}");
        let place = |topic: Topic| order.iter().position(|of| *of == (topic, false));
        assert!(place(Topic::OpenedAlone) < place(Topic::RequestWaits), "an end goes before an alarm by {channel:?}: {order:?}");
    }
}

/// EMS-1 opened a request alone; whoever may know has a device.
pub(super) async fn opened_alone(portal: &TestPortal) -> (Client, RequestView) {
    let reference = bracelet(portal).await;
    let assignment = Assignment { supervisor: Some("SUP-1".parse().unwrap()), ..Assignment::default() };
    let mut responder = portal.member_at(Device::default(), "EMS-1", &[Role::Responder], assignment).await;
    let view = responder.ask_as(&reference, Draft { severity: Severity::LifeThreatening, ..pressing() }).await;
    portal.pass(45_000);
    let opened = responder.open_alone(view.id).await.ok();
    (responder, opened)
}

#[tokio::test]
async fn an_override_is_told_at_once_to_each_who_has_to_know_and_to_nobody_else() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let mut supervisor = portal.member("SUP-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    // Told once, whatever they are.
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer, Role::Dispatcher]).await;
    let mut kept_out = portal.member("PRV-2", &[Role::PrivacyOfficer]).await;
    let mut former = portal.member("PRV-3", &[Role::PrivacyOfficer, Role::Auditor]).await;
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let browsers = ["s", "d", "o", "k", "f", "c"].map(|name| listener.browser(name, name.as_bytes()[0]));
    for (member, browser) in
        [&mut supervisor, &mut dispatcher, &mut officer, &mut kept_out, &mut former, &mut colleague].into_iter().zip(&browsers)
    {
        told_at(member, browser).await.done();
    }
    let id = |agency_id: &'static str| {
        let portal = &portal;
        async move { portal.past_the_gate(agency_id).await.member.id }
    };
    let (out, demoted) = (id("PRV-2").await, id("PRV-3").await);
    admin.post(&paths::member_suspend_of(out), &()).await.done();
    let roles = serde_json::json!({ "roles": ["auditor"] });
    admin.raw(Method::PUT, &paths::member_roles_of(demoted), roles).await.done();
    former.sign_in().await.done();

    let (mut responder, view) = opened_alone(&portal).await;
    for member in [&mut supervisor, &mut dispatcher, &mut officer] {
        let NoticeBoard { unread, notices } = board(member).await;
        // Whose review it is, is told of that too.
        let reviews = notices.iter().filter(|line| line.topic == Topic::ReviewOpened).count();
        assert_eq!(unread as usize, 1 + reviews);
        let alone: Vec<_> = notices.iter().filter(|line| line.topic != Topic::ReviewOpened).collect();
        let [NoticeLine { topic, title, text, closed, read, .. }] = &alone[..] else { panic!("{notices:?}") };
        assert_eq!((*topic, title.as_str(), *read, closed), (Topic::OpenedAlone, "Drill: Record opened alone", false, &None));
        assert!(text.contains("EMS-1 Drill opened a record alone") && text.ends_with("Incident 2026-114."), "{text}");
    }
    for member in [&mut former, &mut colleague, &mut admin, &mut responder] {
        assert_eq!(board(member).await.notices, []);
    }
    let heard = sent(&portal, &listener).await;
    let told = browsers.each_ref().map(|browser| {
        let alone = |push: &&Value| push["title"] == "Drill: Record opened alone";
        pushes(browser, &heard).iter().filter(alone).count()
    });
    assert_eq!(told, [1, 1, 1, 0, 0, 0]);
    let event = portal.count("select count(*) from audit_event where kind = 'notice.told' and event like '%\"opened_alone\"%' and event like '%\"members\":3%'").await;
    assert_eq!(event, 1, "and the log says so, in the transaction of the act");

    // The window ends: so does the notice, in the inbox and on the devices.
    let opened = responder.open(view.id).await;
    responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
    let lines = board(&mut officer).await.notices;
    let closed = lines.iter().find(|line| line.topic == Topic::OpenedAlone).unwrap().closed.clone().unwrap();
    assert_eq!((closed.how, closed.text.as_str()), (Closing::Ended, "Closed again, by EMS-1."));
    let heard = sent(&portal, &listener).await;
    let ends = browsers.each_ref().map(|browser| pushes(browser, &heard).iter().filter(|push| push["closed"] == true).count());
    assert_eq!(ends, [1, 1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_notice_ends_as_what_it_is_about_does() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    let mut responder = portal.member_with(Device::synchronised(), "EMS-1", &[Role::Responder]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Deny).await.done();
    responder.ask(&reference).await;
    portal.pass(600_000);
    portal.portal.sweep().await.unwrap();
    responder.ask(&reference).await;
    responder.post(paths::SIGN_OUT, &()).await.done();
    let ends: Vec<_> = hooks(&sent(&portal, &listener).await)
        .into_iter()
        .filter(|hook| hook["type"] == "notice.closed")
        .map(|hook| hook["data"]["closed"]["how"].as_str().unwrap().to_owned())
        .collect();
    let mut sorted = ends.clone();
    sorted.sort();
    assert_eq!(sorted, ["denied", "expired", "withdrawn"]);
}

#[tokio::test]
async fn what_was_not_sent_before_a_restart_is_sent_after_it_and_by_one_backend_alone() {
    let listener = Listener::start().await;
    let mut portal = started(&listener).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
    portal.restart().await;
    let (beside, _) = portal.beside().await;
    let sends = [Channel::Push, Channel::Webhook].map(|channel| {
        let (one, other) = (&portal.portal, &beside);
        async move { tokio::join!(one.deliver(channel), other.deliver(channel), one.deliver(channel)) }
    });
    for (one, other, again) in futures_util::future::join_all(sends).await {
        assert_eq!(one.unwrap() + other.unwrap() + again.unwrap(), 1);
    }
    assert_eq!(listener.take().len(), 2);
}

#[tokio::test]
async fn a_webhook_that_fails_is_tried_again_under_the_same_id_shows_on_the_desk_and_recovers() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
    listener.answer(500);
    let [first] = &sent(&portal, &listener).await[..] else { panic!("not tried once") };
    assert!(sent(&portal, &listener).await.is_empty(), "not again at once");
    portal.pass(2_000);
    let [second] = &sent(&portal, &listener).await[..] else { panic!("not tried again") };
    let name = |heard: &Heard, header: &str| heard.headers[header].clone();
    assert_eq!(name(first, "webhook-id"), name(second, "webhook-id"));
    assert_ne!(name(first, "webhook-timestamp"), name(second, "webhook-timestamp"));
    assert!(second.hook(&second.body).is_some(), "and signed anew");
    let tampered = String::from_utf8(second.body.clone()).unwrap().replace("made", "mend");
    assert!(second.hook(tampered.as_bytes()).is_none());

    portal.pass(57_999);
    assert_eq!(dispatcher.get(paths::DESK).await.ok::<Desk>().channels.webhook_silent_since, None, "a restart takes as long");
    portal.pass(1);
    let silent = dispatcher.get(paths::DESK).await.ok::<Desk>().channels.webhook_silent_since;
    assert!(silent.is_some());
    listener.answer(204);
    assert_eq!(sent(&portal, &listener).await.len(), 1);
    assert_eq!(dispatcher.get(paths::DESK).await.ok::<Desk>().channels.webhook_silent_since, None);
}

#[tokio::test]
async fn a_device_that_fails_shows_on_the_desk_and_is_given_up_when_the_request_is_over() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
    listener.answer(503);
    assert_eq!(sent(&portal, &listener).await.len(), 1);
    portal.pass(60_000);
    assert_eq!(dispatcher.get(paths::DESK).await.ok::<Desk>().channels.push_failing, 1);
    portal.pass(540_000);
    assert!(sent(&portal, &listener).await.is_empty(), "nobody waits any more");
    assert!(portal.kinds().await.contains(&"notice.lost".to_owned()));
}

#[tokio::test]
async fn whether_computer_aided_dispatch_is_heard_shows_on_the_desk() {
    let portal = TestPortal::start().await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let heard = dispatcher.get(paths::DESK).await.ok::<Desk>().channels.dispatch.unwrap();
    assert_eq!(heard.at, None);
    portal.cad().heartbeat(portal.now()).await.done();
    let heard = dispatcher.get(paths::DESK).await.ok::<Desk>().channels.dispatch.unwrap();
    assert!(heard.at.is_some());
    let deaf = TestPortal::start_with(Set { deaf: true, ..Set::default() }).await;
    let mut dispatcher = deaf.member("DSP-1", &[Role::Dispatcher]).await;
    assert_eq!(dispatcher.get(paths::DESK).await.ok::<Desk>().channels.dispatch, None);
}
