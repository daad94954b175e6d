//! The outbox: nothing that cannot be read, and nobody who does not answer, holds anything else up, and who was told that something was is
//! told how it ended.

use std::time::Duration;

use halligan_backend::{outside::Outside, store::Channel};
use halligan_shared::{grant::WipeCause, member::Role, paths, review::Finding, wire::NoticeBoard};

use super::{
    inbox::read,
    notices::{bracelet, hooks, opened_alone, pushes, sent, started, told_at},
};
use crate::support::{Device, Listener, Set, TestPortal};

/// A day, in milliseconds.
const DAY: i64 = 24 * 3_600_000;

#[tokio::test]
async fn a_notice_that_cannot_be_read_holds_no_other_up_and_is_given_up() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let reference = bracelet(&portal).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let desk = listener.browser("desk", 1);
    told_at(&mut dispatcher, &desk).await.done();
    responder.ask(&reference).await;
    assert_eq!(portal.tamper("update notice set topic = 'of_a_newer_release'").await, 1);
    let mut other = portal.member("EMS-2", &[Role::Responder]).await;
    let request = other.ask(&reference).await.id;
    let heard = sent(&portal, &listener).await;
    let told: Vec<_> = hooks(&heard).iter().map(|hook| hook["data"]["about"].clone()).collect();
    assert_eq!((told, pushes(&desk, &heard).len()), (vec![request.to_string().into()], 1));
    assert_eq!(portal.kinds().await.iter().filter(|kind| *kind == "notice.lost").count(), 2, "one for each way");
    assert_eq!(portal.count("select count(*) from delivery where state = 'waiting'").await, 0);
}

#[tokio::test]
async fn a_push_service_that_does_not_answer_holds_no_other_up() {
    let listener = Listener::start().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dead = format!("http://{}", silent.local_addr().unwrap());
    let services = format!("{dead},{}", listener.address()).parse().unwrap();
    let portal = TestPortal::start_with(Set { outside: Outside { services, ..listener.push_only() }, ..Set::unhurried() }).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let first = listener.browser("first", 1).at(&format!("{dead}/push/first"));
    told_at(&mut dispatcher, &first).await.done();
    // More than are sent side by side, and every one is due before the one that answers.
    let many = "with recursive n (i) as (select 1 union all select i + 1 from n where i < 90) insert into push_device (id, member_id, endpoint, p256dh, auth, made_at) select printf('00000000-0000-7000-8000-%012d', i), member_id, endpoint || i, p256dh, auth, made_at from push_device, n";
    assert_eq!(portal.tamper(many).await, 90);
    let mut last = portal.member("DSP-2", &[Role::Dispatcher]).await;
    told_at(&mut last, &listener.browser("last", 2)).await.done();
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
    portal.tamper("update delivery set next_at = next_at - 1 where device_id in (select id from push_device where endpoint not like '%last')").await;
    let heard = async {
        while listener.take().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        biased;
        () = heard => {}
        done = portal.portal.deliver(Channel::Push) => panic!("it waited for who does not answer: {:?}", done.map_err(|fault| fault.to_string())),
    }
    let failed = portal.count("select count(*) from push_device where failing_since is not null").await;
    assert_eq!(failed, 0, "before anybody was given up");
}

#[tokio::test]
async fn a_push_service_that_fails_is_left_alone_for_a_while_and_asked_by_one_call() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let reference = bracelet(&portal).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    for name in ["a", "b", "c"] {
        told_at(&mut dispatcher, &listener.browser(name, 1)).await.done();
    }
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
    listener.answer(503);
    sent(&portal, &listener).await;
    portal.pass(2_000);
    assert_eq!(sent(&portal, &listener).await.len(), 1, "a probe");
    portal.pass(3_999);
    assert_eq!(sent(&portal, &listener).await.len(), 0, "left alone");
    listener.answer(201);
    portal.pass(1);
    let mut told = sent(&portal, &listener).await.len();
    portal.pass(250);
    told += sent(&portal, &listener).await.len();
    assert_eq!(told, 3, "everybody, once it answers");
}

#[tokio::test]
async fn what_was_opened_alone_is_told_to_devices_though_it_is_over_already() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer]).await;
    let browser = listener.browser("officer", 1);
    told_at(&mut officer, &browser).await.done();
    portal.member("SUP-1", &[Role::Responder]).await;
    let (mut responder, view) = opened_alone(&portal).await;
    let opened = responder.open(view.id).await;
    responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await.done();
    let heard = pushes(&browser, &sent(&portal, &listener).await);
    let alone: Vec<_> = heard.iter().filter(|push| push["title"] == "Drill: Record opened alone").collect();
    let [push] = &alone[..] else { panic!("{heard:?}") };
    let text = push["body"].as_str().unwrap();
    assert!(text.contains("opened a record alone.") && text.ends_with("Closed again, by EMS-1."), "{text}");
    assert_eq!(push["closed"], false, "it is news");
    portal.pass(60_000);
    assert!(sent(&portal, &listener).await.is_empty(), "once");
}

#[tokio::test]
async fn a_device_that_was_never_told_of_a_request_is_not_told_of_its_end() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let reference = bracelet(&portal).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    told_at(&mut dispatcher, &listener.browser("desk", 1)).await.done();
    let request = responder.ask(&reference).await.id;
    listener.answer(503);
    assert_eq!(sent(&portal, &listener).await.len(), 1);
    dispatcher.decide(request, halligan_shared::statement::Verdict::Deny).await.done();
    listener.answer(201);
    portal.pass(60_000);
    assert!(sent(&portal, &listener).await.is_empty());
    assert!(!portal.kinds().await.contains(&"notice.lost".to_owned()), "nothing was lost");
}

#[tokio::test]
async fn the_end_of_a_review_is_told_days_later_to_who_was_told_of_it() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let mut officer = portal.member_with(Device::synchronised(), "PRV-1", &[Role::PrivacyOfficer]).await;
    let browser = listener.browser("officer", 1);
    told_at(&mut officer, &browser).await.done();
    portal.member("SUP-1", &[Role::Responder]).await;
    let (_, view) = opened_alone(&portal).await;
    let heard = pushes(&browser, &sent(&portal, &listener).await);
    assert!(heard.iter().any(|push| push["title"] == "Drill: Review to do"), "{heard:?}");
    portal.pass(600_000);
    portal.portal.sweep().await.unwrap();
    sent(&portal, &listener).await;
    portal.pass(2 * DAY);
    portal.portal.sweep().await.unwrap();
    officer.sign_in().await.done();
    officer.close_review(view.id, Finding::NotJustified).await.done();
    let heard = pushes(&browser, &sent(&portal, &listener).await);
    let [end] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((&end["closed"], &end["body"]), (&true.into(), &"Done, by PRV-1.".into()));
    // What is over is kept for a day.
    portal.pass(DAY);
    portal.portal.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from delivery").await, 0);
    let kept = portal.count("select count(*) from notice_to").await;
    assert!(kept > 0, "inboxes keep what ended for a month");
    portal.pass(29 * DAY);
    portal.portal.sweep().await.unwrap();
    assert_eq!(portal.count("select (select count(*) from notice_to) + (select count(*) from notice)").await, 0);
}

#[tokio::test]
async fn pages_are_woken_when_a_way_fails_or_works_again_and_not_by_every_notice() {
    let listener = Listener::start().await;
    let portal = TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await;
    let mut officer = portal.member("PRV-1", &[Role::PrivacyOfficer]).await;
    told_at(&mut officer, &listener.browser("officer", 1)).await.done();
    portal.member("SUP-1", &[Role::Responder]).await;
    opened_alone(&portal).await;
    let mut changes = portal.portal.changes();
    let mut woken = async |status| {
        changes.mark_unchanged();
        listener.answer(status);
        portal.pass(60_000);
        let heard = sent(&portal, &listener).await.len();
        (heard > 0, changes.has_changed().unwrap())
    };
    assert_eq!(woken(503).await, (true, true), "it fails");
    assert_eq!(woken(503).await, (true, false), "it still does");
    assert_eq!(woken(201).await, (true, true), "it works again");
    let notice = officer.get(paths::NOTICES).await.ok::<NoticeBoard>().notices.remove(0).id;
    for is_news in [true, false] {
        let changes = portal.portal.changes();
        read(&mut officer, &[notice]).await.done();
        assert_eq!(changes.has_changed().unwrap(), is_news, "read once");
    }
}
