//! Somebody calls very often: to guess, to fill the log, or to keep others from being served.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use halligan_backend::{
    config::{Rate, Rates},
    http::{Access, Entry, Pace, entries},
};
use halligan_shared::{
    id::{GrantId, RequestId},
    member::Role,
    paths,
    reference::Reference,
    wire::ProblemCode,
};
use serde_json::json;
use tower::ServiceExt as _;

use crate::support::{Client, Set, TestPortal};

const STATION: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

/// Sets one of the rates.
type Narrow = fn(&mut Rates, Rate);

/// A portal on which one thing may be done three times, and once more every ten seconds, by each session.
async fn portal_with(narrow: impl FnOnce(&mut Rates, Rate)) -> TestPortal {
    let mut set = Set::unhurried();
    narrow(&mut set.rates, Rate { burst: 3, every: std::time::Duration::from_secs(10) });
    TestPortal::start_with(set).await
}

/// Calls until it is refused; how often that was answered otherwise.
async fn until_refused(client: &mut Client, path: &str) -> (usize, i64) {
    for calls in 0..200 {
        let answer = client.post(path, &json!({})).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.refusal().code, ProblemCode::TooOften);
            return (calls, answer.retry_after().unwrap());
        }
    }
    panic!("{path} is never refused");
}

#[tokio::test]
async fn each_costly_step_has_an_end_for_a_session_and_says_how_long_to_wait() {
    let request = RequestId::fresh();
    let steps: [(Role, String, Narrow); 6] = [
        (Role::Responder, paths::REQUEST_PREPARE.to_owned(), |rates, rate| rates.bracelet = rate),
        (Role::Responder, paths::REQUESTS.to_owned(), |rates, rate| rates.request = rate),
        (Role::Dispatcher, paths::decision_of(request), |rates, rate| rates.decision = rate),
        (Role::Responder, paths::release_of(request), |rates, rate| rates.release = rate),
        (Role::Registrar, paths::SEALINGS.to_owned(), |rates, rate| rates.sealing = rate),
        (Role::Admin, paths::INVITATIONS.to_owned(), |rates, rate| rates.other = rate),
    ];
    for (role, path, narrow) in steps {
        let portal = portal_with(narrow).await;
        let mut member = portal.member("M-1", &[role]).await;
        assert_eq!(until_refused(&mut member, &path).await, (3, 10), "{path}");
        // To the second, and then once.
        portal.pass(9_999);
        assert_eq!(until_refused(&mut member, &path).await, (0, 1), "{path}");
        portal.pass(1);
        assert_eq!(until_refused(&mut member, &path).await.0, 1, "{path}");
    }
}

/// What counts as something of its own, written out: the table under test is not asked what it should say.
#[rustfmt::skip]
const COUNTED: &[(&str, &str, Pace)] = &[
    ("POST", paths::SIGN_IN_START, Pace::SignIn),
    ("POST", paths::SIGN_IN_FINISH, Pace::SignIn),
    ("POST", paths::INVITATION_VIEW, Pace::SignIn),
    ("POST", paths::INVITATION_START, Pace::SignIn),
    ("POST", paths::INVITATION_FINISH, Pace::SignIn),
    ("GET", paths::SESSION, Pace::First),
    ("POST", paths::SIGN_OUT, Pace::After),
    ("POST", paths::REQUEST_PREPARE, Pace::Bracelet),
    ("POST", paths::REQUESTS, Pace::Filing),
    ("GET", paths::REQUESTS, Pace::Filing),
    ("POST", paths::REQUEST_CANCEL, Pace::Filing),
    ("POST", paths::OVERRIDE_PREPARE, Pace::Decision),
    ("POST", paths::OVERRIDE, Pace::Decision),
    ("POST", paths::RELEASE, Pace::Release),
    ("POST", paths::GRANT_WIPED, Pace::After),
    ("POST", paths::DECISION_PREPARE, Pace::Decision),
    ("GET", paths::DECISION, Pace::Decision),
    ("POST", paths::DECISION, Pace::Decision),
    ("PUT", paths::DECIDING, Pace::Decision),
    ("DELETE", paths::DESK_DECIDING, Pace::Decision),
    ("POST", paths::BULK_PREPARE, Pace::Decision),
    ("POST", paths::BULK, Pace::Decision),
    ("POST", paths::GRANT_REVOKE, Pace::Decision),
    ("PUT", paths::INCIDENT, Pace::Feed),
    ("POST", paths::INCIDENT_HEARTBEAT, Pace::Feed),
    ("POST", paths::SEALINGS, Pace::Sealing),
    ("POST", paths::LOCKDOWN_PREPARE, Pace::Decision),
    ("POST", paths::LOCKDOWN_PROPOSALS, Pace::Decision),
    ("POST", paths::LOCKDOWN_CONFIRMATION_PREPARE, Pace::Decision),
    ("POST", paths::LOCKDOWN_CONFIRMATION, Pace::Decision),
    ("POST", paths::REVIEW_FINDING_PREPARE, Pace::Decision),
    ("POST", paths::REVIEW_FINDING, Pace::Decision),
    ("POST", paths::DOCTOR, Pace::Release),
    ("POST", paths::REENROLMENT_PREPARE, Pace::Decision),
    ("POST", paths::REENROLMENTS, Pace::Decision),
    ("POST", paths::REENROLMENT_CONFIRMATION_PREPARE, Pace::Decision),
    ("POST", paths::REENROLMENT_CONFIRMATION, Pace::Decision),
    ("POST", paths::REENROLMENT_LINK, Pace::Decision),
];

/// How often a call may be made that counts as this, where each rate lets another number of them through.
fn times(pace: Pace) -> usize {
    match pace {
        // Sixteen times what one session may.
        Pace::SignIn => 16,
        Pace::Bracelet => 2,
        Pace::Filing => 3,
        Pace::Decision => 4,
        Pace::Release => 5,
        Pace::Sealing => 6,
        Pace::Feed => 7,
        Pace::General | Pace::First | Pace::After => 8,
    }
}

fn told_apart() -> Rates {
    let rate = |burst| Rate { burst, every: std::time::Duration::from_secs(10) };
    Rates {
        sign_in: rate(1),
        bracelet: rate(2),
        request: rate(3),
        decision: rate(4),
        release: rate(5),
        sealing: rate(6),
        feed: rate(7),
        other: rate(8),
    }
}

/// A route is called by whom it is for, until that is refused; how often it was answered otherwise.
async fn calls_of(portal: &TestPortal, member: &mut Client, entry: &Entry) -> usize {
    let path = entry.path.replace(['{', '}'], "");
    for calls in 0..40 {
        let status = match (entry.pace, &entry.method) {
            (Pace::Feed, method) => {
                // Each with a signature of its own.
                let at = portal.now() - time::Duration::seconds(calls);
                portal.cad().send(portal.cad().signed(method.clone(), &path, b"{}".to_vec(), at)).await.status
            }
            (Pace::SignIn, method) => portal.stranger().raw(method.clone(), &path, json!({})).await.status,
            // A stream of events has no end that could be waited for.
            (_, &Method::GET) => member.status(&path).await,
            (_, method) => member.raw(method.clone(), &path, json!({})).await.status,
        };
        if status == StatusCode::TOO_MANY_REQUESTS {
            return calls.try_into().unwrap();
        }
    }
    panic!("{path} is never refused");
}

#[tokio::test]
async fn each_route_counts_as_the_table_says() {
    let portal = TestPortal::start_with(Set { rates: told_apart(), ..Set::default() }).await;
    let mut member = portal.member("ALL-1", &Role::ALL).await;
    let entries = entries(&portal.portal);
    let counted = entries.iter().filter(|entry| entry.pace != Pace::General);
    let counted: Vec<_> = counted.map(|entry| (entry.method.as_str(), entry.path, entry.pace)).collect();
    assert_eq!(counted, COUNTED);
    for entry in entries {
        let at = format!("{} {}", entry.method, entry.path);
        assert_eq!(entry.pace == Pace::Feed, entry.access == Access::Machine, "{at}");
        assert!(entry.pace != Pace::SignIn || entry.access == Access::Public, "{at}");
        assert!(entry.pace != Pace::General || !entry.path.ends_with("/prepare"), "{at}: words to be signed are worth trying out");
        // Signing out would end the very session that is counted.
        if !entry.path.starts_with(paths::SIGN_OUT) {
            portal.pass(100_000);
            assert_eq!(calls_of(&portal, &mut member, &entry).await, times(entry.pace), "{at}");
        }
    }
    let mut stranger = portal.stranger();
    for _ in 0..200 {
        assert_eq!(stranger.status(paths::SESSION).await, StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn signing_in_anew_does_not_multiply_what_a_member_may_do() {
    let portal = portal_with(|rates, rate| rates.bracelet = rate).await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    let mut calls = 0;
    for _ in 0..4 {
        let mut browser = member.other_browser();
        assert!(browser.sign_in().await.status.is_success());
        calls += until_refused(&mut browser, paths::REQUEST_PREPARE).await.0;
    }
    assert_eq!(calls, 6, "twice what one session may");
}

#[tokio::test]
async fn a_stranger_is_counted_by_address() {
    let portal = portal_with(|rates, rate| rates.sign_in = rate).await;
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    assert_eq!(until_refused(&mut stranger, paths::SIGN_IN_FINISH).await.0, 48, "sixteen times what one session may");
    // Every public step of signing in and joining counts together.
    for path in [paths::SIGN_IN_START, paths::INVITATION_VIEW, paths::INVITATION_START, paths::INVITATION_FINISH] {
        assert_eq!(until_refused(&mut stranger, path).await.0, 0, "{path}");
    }
    // Another name for oneself helps only a trusted proxy.
    stranger.address = Some((STATION, "203.0.113.1"));
    assert_eq!(until_refused(&mut stranger, paths::SIGN_IN_FINISH).await.0, 0);
    stranger.address = Some((IpAddr::from([203, 0, 113, 1]), ""));
    assert_eq!(until_refused(&mut stranger, paths::SIGN_IN_FINISH).await.0, 48, "others go on");
}

#[tokio::test]
async fn behind_a_trusted_proxy_callers_are_told_apart() {
    let mut set = Set::unhurried();
    set.rates.sign_in = Rate { burst: 1, every: std::time::Duration::from_secs(10) };
    set.proxies = vec!["198.51.100.0/24".parse().unwrap()];
    let portal = TestPortal::start_with(set).await;
    let mut one = Client { address: Some((STATION, "203.0.113.1")), ..portal.stranger() };
    assert_eq!(until_refused(&mut one, paths::SIGN_IN_FINISH).await.0, 16);
    let mut other = Client { address: Some((STATION, "203.0.113.2")), ..portal.stranger() };
    assert_eq!(until_refused(&mut other, paths::SIGN_IN_FINISH).await.0, 16);
}

#[tokio::test]
async fn a_network_of_ipv6_addresses_is_one_caller() {
    let portal = portal_with(|rates, rate| rates.sign_in = rate).await;
    let mut calls = 0;
    for host in 1..=4_u16 {
        let address = IpAddr::from([0x2001, 0xdb8, 0, 0, host, 0, 0, host]);
        let mut stranger = Client { address: Some((address, "")), ..portal.stranger() };
        calls += until_refused(&mut stranger, paths::SIGN_IN_FINISH).await.0;
    }
    assert_eq!(calls, 48);
}

#[tokio::test]
async fn an_ipv6_site_is_one_caller_too_however_many_networks_it_has() {
    let portal = portal_with(|rates, rate| (rates.sign_in, rates.other) = (rate, rate)).await;
    let at = |site, network| Client {
        address: Some((IpAddr::from([0x2001, 0xdb8, site, network, 0, 0, 0, 1]), "")),
        ..portal.stranger()
    };
    for path in [paths::SIGN_IN_FINISH, paths::REQUESTS] {
        // Four times what one of them may, and no more than that by any number of them; nobody else hears of it.
        let mut calls = Vec::new();
        for network in 0..6 {
            calls.push(until_refused(&mut at(7, network), path).await.0);
        }
        assert_eq!(calls, [48, 48, 48, 48, 0, 0], "{path}");
        assert_eq!(until_refused(&mut at(8, 0), path).await.0, 48, "{path}");
    }
}

#[tokio::test]
async fn calls_of_nobody_known_count_once_and_pages_do_not() {
    let portal = portal_with(|rates, rate| rates.other = rate).await;
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    assert_eq!(until_refused(&mut stranger, &paths::grant_wiped_of(GrantId::fresh())).await.0, 48);
    stranger.cookie = Some("halligan=AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    for path in [paths::REQUESTS, paths::HEALTH, paths::DESK] {
        assert_eq!(stranger.get(path).await.status, StatusCode::TOO_MANY_REQUESTS, "{path}");
    }
    // What a page needs to show where to sign in.
    assert_eq!(stranger.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_ne!(stranger.status("/").await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_stranger_uses_up_nothing_of_the_members_at_the_same_address() {
    let portal = portal_with(|rates, rate| rates.other = rate).await;
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    until_refused(&mut stranger, paths::REQUESTS).await;
    // More of them than sixteen, too: nor does a member use up anything of another.
    for crew in 0..17 {
        let mut member = Client { address: Some((STATION, "")), ..portal.member(&format!("M-{crew}"), &[Role::Admin]).await };
        assert_eq!(until_refused(&mut member, paths::INVITATIONS).await.0, 3, "{crew}");
    }
    assert_eq!(until_refused(&mut stranger, paths::REQUESTS).await.0, 0);
}

#[tokio::test]
async fn another_sites_page_uses_up_nothing_of_the_station_where_it_is_looked_at() {
    let portal = portal_with(|rates, rate| rates.other = rate).await;
    let mut member = Client { address: Some((STATION, "")), ..portal.member("ADM-1", &[Role::Admin]).await };
    let mut answers = Vec::new();
    for _ in 0..49 {
        let call = Request::get(paths::HEALTH)
            .header("sec-fetch-site", "cross-site")
            .header(header::COOKIE, member.cookie.clone().unwrap())
            .extension(ConnectInfo(SocketAddr::new(STATION, 40_000)));
        answers.push(portal.router.clone().oneshot(call.body(Body::empty()).unwrap()).await.unwrap().status());
    }
    assert_eq!((answers[47], answers[48]), (StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS), "it is counted apart");
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    assert_eq!(until_refused(&mut stranger, paths::REQUESTS).await.0, 48);
    assert_eq!(until_refused(&mut member, paths::INVITATIONS).await.0, 3);
}

#[tokio::test]
async fn a_stranger_keeps_nobody_from_signing_in_where_somebody_did_before() {
    let portal = portal_with(|rates, rate| rates.sign_in = rate).await;
    let mut tablet = Client { address: Some((STATION, "")), ..portal.member("EMS-1", &[Role::Responder]).await };
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    until_refused(&mut stranger, paths::SIGN_IN_START).await;
    tablet.cookie = None;
    assert!(tablet.sign_in().await.status.is_success());
    assert_eq!(tablet.get(paths::SESSION).await.status, StatusCode::OK);
    // Made up, or altered, it is worth nothing.
    let known = tablet.known.clone().unwrap();
    for made_up in [
        known.replace(['0', '1', '2', '3'], "4"),
        known[..known.len() - 2].to_owned(),
        format!("halligan-browser={}", "0".repeat(96)),
    ] {
        stranger.known = Some(made_up);
        assert_eq!(until_refused(&mut stranger, paths::SIGN_IN_START).await.0, 0);
    }
    // It is four times what one session may, and signing in anew gave nothing back.
    assert_eq!(until_refused(&mut tablet, paths::SIGN_IN_START).await.0, 10);
}

#[tokio::test]
async fn a_stranger_keeps_nobody_from_signing_out_where_they_signed_in() {
    let portal = portal_with(|rates, rate| rates.other = rate).await;
    let mut tablet = Client { address: Some((STATION, "")), ..portal.member("EMS-1", &[Role::Responder]).await };
    let mut stranger = Client { address: Some((STATION, "")), ..portal.stranger() };
    until_refused(&mut stranger, paths::REQUESTS).await;
    tablet.cookie = None;
    assert!(tablet.post(paths::SIGN_OUT, &()).await.status.is_success(), "of a session that was over");
    let receipt = until_refused(&mut tablet, &paths::grant_wiped_of(GrantId::fresh())).await.0;
    assert_eq!(receipt, 11, "four times what one session may, and it signed out before");
    // What else it calls counts by address.
    assert_eq!(tablet.get(paths::REQUESTS).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_ordinary_shift_is_never_told_to_wait() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    // Ten requests at once on one desk, each of another crew at the same station.
    let mut requests = Vec::new();
    for crew in 0..10 {
        let (_, reference) = registrar.seal(b"{}").await;
        let mut responder = portal.member(&format!("EMS-{crew}"), &[Role::Responder]).await;
        requests.push((responder.ask(&reference).await.id, responder));
    }
    for (request, _) in &requests {
        assert!(dispatcher.status(&paths::decision_of(*request)).await.is_success());
        assert!(dispatcher.decide(*request, halligan_shared::statement::Verdict::Approve).await.status.is_success());
    }
    for (request, mut responder) in requests {
        responder.open(request).await;
        responder.prepare(Reference::random().unwrap().digest()).await.refusal();
    }
}
