//! Somebody has notices sent where they must not go: to addresses of the agency's own network, or to devices of people who are out.

use std::time::Duration;

use axum::http::Method;
use halligan_backend::{outside::Outside, store::Channel};
use halligan_shared::{
    member::Role,
    notice::Topic,
    paths,
    wire::{NoticeBoard, PUSH_DEVICES_MAX, ProblemCode, PushDevices},
};

use crate::support::{Browser, Client, Device, Listener, Set, TestPortal};

async fn started(listener: &Listener) -> TestPortal {
    TestPortal::start_with(Set { outside: listener.push_only(), ..Set::unhurried() }).await
}

async fn add(member: &mut Client, browser: &Browser) -> crate::support::Answer {
    member.raw(Method::PUT, paths::PUSH_DEVICES, serde_json::to_value(browser.body()).unwrap()).await
}

async fn devices(member: &mut Client) -> usize {
    member.get(paths::PUSH_DEVICES).await.ok::<PushDevices>().devices.len()
}

/// A request waits that DSP-1 is told of.
async fn request_waits(portal: &TestPortal) {
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await;
}

#[tokio::test]
async fn the_portal_calls_no_address_but_the_push_services() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let here = listener.browser("x", 1);
    for endpoint in [
        "https://intranet.example/a".to_owned(),
        "https://127.0.0.1/a".to_owned(),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        here.endpoint.replace("127.0.0.1", "localhost"),
        here.endpoint.replace("http://", "https://"),
        here.endpoint.replace("http://", "http://user:word@"),
        here.endpoint.replace("127.0.0.1:", "127.0.0.1:1"),
        format!("{}#a", here.endpoint),
        "file:///etc/passwd".to_owned(),
    ] {
        let refused = add(&mut member, &listener.browser("x", 1).at(&endpoint)).await.refusal();
        assert_eq!(refused.code, ProblemCode::Invalid, "{endpoint}");
    }
    assert_eq!(devices(&mut member).await, 0);
}

#[tokio::test]
async fn an_address_that_came_into_the_database_otherwise_is_not_called_either() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    add(&mut member, &listener.browser("x", 1)).await.done();
    portal.tamper("update push_device set endpoint = replace(endpoint, '127.0.0.1', 'localhost')").await;
    request_waits(&portal).await;
    assert_eq!(portal.portal.deliver(Channel::Push).await.unwrap(), 0);
    assert!(listener.take().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_answer_without_an_end_holds_nobody_up() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let browser = listener.browser("x", 1);
    add(&mut member, &browser).await.done();
    request_waits(&portal).await;
    for status in [307, 308, 302, 200] {
        listener.answer(status);
        let delivery = tokio::time::timeout(Duration::from_secs(30), portal.portal.deliver(Channel::Push));
        delivery.await.expect("nobody waits for the end of an answer").unwrap();
        let heard = listener.take();
        assert!(heard.len() == 1 && browser.is_for(&heard[0]), "{status}: {} calls", heard.len());
        portal.pass(60_000);
    }
}

#[tokio::test]
async fn a_device_that_is_gone_is_forgotten() {
    for status in [404, 410] {
        let listener = Listener::start().await;
        let portal = started(&listener).await;
        let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
        add(&mut member, &listener.browser("x", 1)).await.done();
        request_waits(&portal).await;
        listener.answer(status);
        portal.portal.deliver(Channel::Push).await.unwrap();
        assert_eq!(devices(&mut member).await, 0);
        portal.pass(60_000);
        listener.take();
        portal.portal.deliver(Channel::Push).await.unwrap();
        assert!(listener.take().is_empty());
    }
}

/// One member's made-up device would light the alarm on every desk for good. What a service says of the portal takes no device away.
#[tokio::test]
async fn a_device_that_is_refused_for_good_is_forgotten_after_some_tries() {
    for (status, left) in [(400, 0), (403, 1)] {
        let listener = Listener::start().await;
        let portal = started(&listener).await;
        let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
        add(&mut member, &listener.browser("x", 1)).await.done();
        request_waits(&portal).await;
        listener.answer(status);
        for tries in 1..=5 {
            assert_eq!(devices(&mut member).await, 1, "{tries}");
            portal.portal.deliver(Channel::Push).await.unwrap();
            portal.pass(60_000);
        }
        assert_eq!(devices(&mut member).await, left, "{status}");
    }
}

#[tokio::test]
async fn a_device_is_told_no_more_once_its_member_is_out() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher, Role::Auditor]).await;
    let id = portal.past_the_gate("DSP-1").await.member.id;
    let acts: [(&str, Method, String, serde_json::Value); 3] = [
        ("kept out", Method::POST, paths::member_suspend_of(id), serde_json::Value::Null),
        ("another role", Method::PUT, paths::member_roles_of(id), serde_json::json!({ "roles": ["auditor"] })),
        ("signed out everywhere", Method::POST, paths::SIGN_OUT_EVERYWHERE.to_owned(), serde_json::Value::Null),
    ];
    for (act, method, path, body) in acts {
        add(&mut member, &listener.browser("x", 1)).await.done();
        assert_eq!(portal.count("select count(*) from push_device").await, 1);
        let own = path == paths::SIGN_OUT_EVERYWHERE;
        let actor = if own { &mut member } else { &mut admin };
        actor.raw(method, &path, body).await.done();
        assert_eq!(portal.count("select count(*) from push_device").await, 0, "{act}");
        if act == "kept out" {
            admin.post(&paths::member_reinstate_of(id), &()).await.done();
        }
        member.sign_in().await.done();
    }
}

/// Somebody who took an admin's or a dispatcher's browser over signs out whoever would hear of what they do next.
#[tokio::test]
async fn who_signs_a_member_out_does_not_keep_them_from_hearing_that_their_passkeys_are_to_be_replaced() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut admin = portal.member_with(Device::synchronised(), "ADM-1", &[Role::Admin]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let browser = listener.browser("x", 1);
    add(&mut member, &browser).await.done();
    let id = portal.past_the_gate("EMS-1").await.member.id;
    dispatcher.post(&paths::desk_sign_out_of(id), &()).await.done();
    admin.post(&paths::member_sign_out_of(id), &()).await.done();
    admin.propose_reenrolment(id).await;
    portal.portal.deliver(Channel::Push).await.unwrap();
    let heard = listener.take();
    assert!(heard.len() == 1 && browser.is_for(&heard[0]), "{} calls", heard.len());
}

/// The worker that shows notices above all: a page that is on its way out does not always take it away before it has gone. The header says
/// `storage` and no more: by its cookie the browser stays known, so that whoever signs in next is not counted among strangers.
#[tokio::test]
async fn a_browser_forgets_with_a_sign_out_what_pages_stored_and_the_worker_of_notices() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    for path in [paths::SIGN_OUT, paths::SIGN_OUT_EVERYWHERE] {
        let signed_out = member.post(path, &()).await;
        assert_eq!(signed_out.headers["clear-site-data"], "\"storage\"", "{path}");
        // Once more: whoever signs out of nothing wants nothing left all the same, and everywhere is nowhere without somebody.
        let again = member.post(path, &()).await;
        let is_here = path == paths::SIGN_OUT;
        assert_eq!((again.status.is_success(), again.headers.contains_key("clear-site-data")), (is_here, is_here), "{path}");
        member.sign_in().await.done();
    }
}

/// A computer of a station: whoever sits down next must not read on its screen what waits for the one before.
#[tokio::test]
async fn a_browser_that_others_use_next_is_told_no_more_of_what_was_told_before_them() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut before = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut own = before.other_browser();
    own.sign_in().await.done();
    let elsewhere = portal.member("DSP-2", &[Role::Dispatcher]).await;
    add(&mut before, &listener.browser("station", 1)).await.done();
    add(&mut own, &listener.browser("own", 2)).await.done();
    let here = |devices: PushDevices| devices.devices.iter().map(|line| line.here).collect::<Vec<_>>();
    assert_eq!(here(before.get(paths::PUSH_DEVICES).await.ok()), [true, false]);

    before.post(paths::SIGN_OUT, &()).await.done();
    assert_eq!(here(own.get(paths::PUSH_DEVICES).await.ok()), [true], "what is told elsewhere still is");

    // Somebody who goes without signing out, and comes back, finds it as it was; once another has signed in, not.
    before.sign_in().await.done();
    add(&mut before, &listener.browser("station", 1)).await.done();
    before.sign_in().await.done();
    assert_eq!(devices(&mut own).await, 2);
    let mut next = Client { cookie: None, known: before.known.clone(), ..elsewhere };
    next.sign_in().await.done();
    assert_eq!(here(own.get(paths::PUSH_DEVICES).await.ok()), [true]);
    let signed_out = "select count(*) from audit_event where kind = 'notice.device_removed' and event like '%\"member\":\"DSP-1\",\"why\":\"signed out\"%'";
    let signed_in = "select count(*) from audit_event where kind = 'notice.device_removed' and event like '%\"member\":\"DSP-1\",\"why\":\"signed in\"%'";
    assert_eq!((portal.count(signed_out).await, portal.count(signed_in).await), (1, 1), "the log says why it is silent");
    // Whoever did not do it hears of it, where they still are told.
    let board = own.get(paths::NOTICES).await.ok::<NoticeBoard>();
    let [notice] = &board.notices[..] else { panic!("{} notices", board.notices.len()) };
    assert!(notice.topic == Topic::DeviceEnded && notice.text.contains("DSP-2 Drill"), "{}", notice.text);
    portal.portal.deliver(Channel::Push).await.unwrap();
    let heard = listener.take();
    assert!(heard.len() == 1 && listener.browser("own", 2).is_for(&heard[0]), "{} calls", heard.len());
}

/// What stands in the outbox when somebody signs out is not sent to the browser they left.
#[tokio::test]
async fn what_waits_to_be_told_when_its_member_signs_out_is_not_told_there() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    add(&mut member, &listener.browser("station", 1)).await.done();
    request_waits(&portal).await;
    member.post(paths::SIGN_OUT, &()).await.done();
    assert_eq!(portal.portal.deliver(Channel::Push).await.unwrap(), 0);
    assert!(listener.take().is_empty());
}

#[tokio::test]
async fn a_tablet_found_on_a_seat_has_nobody_told() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    portal.pass(600_000);
    assert_eq!(add(&mut member, &listener.browser("x", 1)).await.refusal().code, ProblemCode::StaleSignIn);
}

#[tokio::test]
async fn a_member_has_ten_devices_and_a_browser_one_member() {
    let listener = Listener::start().await;
    let portal = started(&listener).await;
    let [mut one, mut other] =
        [portal.member("DSP-1", &[Role::Dispatcher]).await, portal.member("DSP-2", &[Role::Dispatcher]).await];
    for place in 0..PUSH_DEVICES_MAX {
        add(&mut one, &listener.browser(&format!("{place}"), 1)).await.done();
    }
    assert_eq!(add(&mut one, &listener.browser("more", 1)).await.refusal().code, ProblemCode::WrongState);
    add(&mut one, &listener.browser("0", 1)).await.done();
    assert_eq!(devices(&mut one).await, 10, "the same once more is the same");
    add(&mut other, &listener.browser("0", 2)).await.done();
    assert_eq!((devices(&mut one).await, devices(&mut other).await), (9, 1));
    let told = "select count(*) from audit_event where kind = 'notice.device_removed' and event like '%\"member\":\"DSP-1\"%'";
    assert_eq!(portal.count(told).await, 1, "the log says whose it was, and of the same once more nothing");
    let theirs = one.get(paths::PUSH_DEVICES).await.ok::<PushDevices>().devices.remove(0).id;
    assert_eq!(other.raw(Method::DELETE, &paths::push_device_of(theirs), serde_json::Value::Null).await.refusal().status, 404);
    one.raw(Method::DELETE, &paths::push_device_of(theirs), serde_json::Value::Null).await.done();
    assert_eq!(devices(&mut one).await, 8);
}

#[tokio::test]
async fn a_portal_without_a_key_tells_no_device() {
    let portal = TestPortal::start_with(Set { outside: Outside::default(), ..Set::default() }).await;
    let mut member = portal.member("DSP-1", &[Role::Dispatcher]).await;
    assert_eq!(member.get(paths::PUSH_DEVICES).await.refusal().code, ProblemCode::WrongState);
}
