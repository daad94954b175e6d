//! A tablet is lost with its member signed in: dispatch and admins end the sessions, an admin keeps the member out.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use futures_util::StreamExt as _;
use halligan_shared::{
    id::MemberId,
    member::Role,
    paths,
    statement::Verdict,
    wire::{Ceremony, Desk, MemberLine, PasskeyLine, PreparedDecision, ProblemCode, RequestState},
};
use serde_json::json;

use crate::support::{Client, Device, Opened, Set, TestPortal};

const TEN_MINUTES: i64 = 600_000;

/// A responder with an open record.
async fn open_record(portal: &TestPortal) -> (Client, Opened, MemberId) {
    let (responder, opened) = portal.opened(b"the record").await;
    let member = portal.past_the_gate("EMS-1").await.member.id;
    (responder, opened, member)
}

async fn everything_is_over(portal: &TestPortal, tablet: &mut Client, opened: &Opened) {
    assert!(!portal.portal.authority().holds(opened.release.grant), "the credentials went in the same moment");
    assert_eq!(tablet.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert_eq!(tablet.get(&document).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn dispatch_ends_a_responders_sessions_and_what_is_open_in_them() {
    let portal = TestPortal::start().await;
    let (mut tablet, opened, member) = open_record(&portal).await;
    let mut other = portal.member("DSP-2", &[Role::Dispatcher]).await;
    assert!(other.post(&paths::desk_sign_out_of(member), &json!(null)).await.status.is_success());
    everything_is_over(&portal, &mut tablet, &opened).await;
    let desk: Desk = other.get(paths::DESK).await.ok();
    assert!(desk.on_duty.is_empty() && desk.live.is_empty());
    assert!(portal.kinds().await.contains(&"sign_in.ended_by_other".to_owned()));
    // The responder is not kept out: with the passkey they sign in elsewhere.
    assert!(tablet.other_browser().sign_in().await.status.is_success());
}

#[tokio::test]
async fn dispatch_ends_no_sessions_but_responders() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    for line in lines {
        let ended = dispatcher.post(&paths::desk_sign_out_of(line.member.id), &json!(null)).await;
        assert_eq!(ended.refusal().code, ProblemCode::NotFound);
    }
    assert_eq!(admin.get(paths::SESSION).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_admin_ends_anybodys_sessions() {
    let portal = TestPortal::start().await;
    let (mut tablet, opened, member) = open_record(&portal).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    assert!(admin.post(&paths::member_sign_out_of(member), &json!(null)).await.status.is_success());
    everything_is_over(&portal, &mut tablet, &opened).await;
}

#[tokio::test]
async fn a_member_who_is_kept_out_can_do_nothing_until_let_in_again() {
    let portal = TestPortal::start().await;
    let (mut tablet, opened, member) = open_record(&portal).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    // What was begun before is not finished after.
    let mut elsewhere = tablet.other_browser();
    let ceremony = elsewhere.start_sign_in(None).await;
    let credential = elsewhere.device.sign(&ceremony.options).await;
    assert!(admin.post(&paths::member_suspend_of(member), &json!(null)).await.status.is_success());
    everything_is_over(&portal, &mut tablet, &opened).await;
    assert_eq!(elsewhere.finish_sign_in(&ceremony, &credential).await.refusal().code, ProblemCode::KeptOut);
    assert_eq!(elsewhere.sign_in().await.refusal().code, ProblemCode::KeptOut);
    assert_eq!(elsewhere.status(paths::SESSION).await, StatusCode::UNAUTHORIZED);
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    let line = lines.iter().find(|line| line.member.id == member).unwrap();
    assert_eq!((line.suspended, line.sessions), (true, 0));

    assert!(admin.post(&paths::member_reinstate_of(member), &json!(null)).await.status.is_success());
    assert!(elsewhere.sign_in().await.status.is_success());
    let kinds = portal.kinds().await;
    assert!(kinds.contains(&"member.suspended".to_owned()) && kinds.contains(&"member.reinstated".to_owned()));
}

#[tokio::test]
async fn a_sign_in_that_was_begun_before_is_not_finished_after() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut tablet = portal.member("EMS-1", &[Role::Responder]).await;
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    let member = lines[1].member.id;
    // By agency id and without: touched before the end, sent after it.
    for agency_id in [None, Some("EMS-1")] {
        let mut thief = tablet.other_browser();
        let (ceremony, other) = (thief.start_sign_in(agency_id).await, thief.start_sign_in(agency_id).await);
        let (credential, another) = (thief.device.sign(&ceremony.options).await, thief.device.sign(&other.options).await);
        assert!(tablet.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.status.is_success());
        assert_eq!(thief.finish_sign_in(&ceremony, &credential).await.refusal().code, ProblemCode::SignInFailed);
        assert!(tablet.sign_in().await.status.is_success(), "what is begun after counts");

        assert!(admin.post(&paths::member_suspend_of(member), &json!(null)).await.status.is_success());
        assert!(admin.post(&paths::member_reinstate_of(member), &json!(null)).await.status.is_success());
        assert_eq!(thief.finish_sign_in(&other, &another).await.refusal().code, ProblemCode::SignInFailed);
        assert!(tablet.sign_in().await.status.is_success());
    }
}

#[tokio::test]
async fn a_sign_in_that_was_just_done_is_ended_with_all_others() {
    let portal = TestPortal::start().await;
    let mut tablet = portal.member("EMS-1", &[Role::Responder]).await;
    let mut thief = tablet.other_browser();
    let ceremony = thief.start_sign_in(None).await;
    let credential = thief.device.sign(&ceremony.options).await;
    // Its session is not kept yet: that happens with the answer.
    let stay = portal.portal.finish_sign_in(ceremony.ceremony, &credential, None).await.unwrap();
    assert!(tablet.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.status.is_success());
    assert!(portal.portal.signed_in(stay).await.unwrap().is_none());
}

#[tokio::test]
async fn a_passkey_that_is_removed_takes_the_sessions_that_it_began_with_it() {
    let portal = TestPortal::start().await;
    // The tablet's own passkey began its session, and the member has another one at hand.
    let (mut tablet, opened, _) = open_record(&portal).await;
    let passkeys: Vec<PasskeyLine> = tablet.get(paths::PASSKEYS).await.ok();
    let mut member = Client { device: Device::default(), ..tablet.other_browser() };
    let ceremony: Ceremony = tablet.post(paths::PASSKEY_START, &json!({})).await.ok();
    let credential = member.device.create(&ceremony.options).await;
    let add = json!({ "ceremony": ceremony.ceremony, "credential": credential, "name": "key" });
    assert!(tablet.post(paths::PASSKEY_FINISH, &add).await.status.is_success());
    let mut elsewhere = tablet.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success() && member.sign_in().await.status.is_success());

    let removed = member.call(Method::DELETE, &paths::passkey_of(passkeys[0].id), None, "").await;
    assert!(removed.status.is_success());
    everything_is_over(&portal, &mut tablet, &opened).await;
    assert_eq!(elsewhere.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(member.get(paths::SESSION).await.status, StatusCode::OK, "the other passkey began this one");
    let desk: Desk = portal.member("DSP-2", &[Role::Dispatcher]).await.get(paths::DESK).await.ok();
    assert_eq!(desk.on_duty[0].sessions, 1);
}

#[tokio::test]
async fn a_decision_that_was_signed_before_does_not_count_after() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let request = responder.ask(&reference).await.id;
    let prepared: PreparedDecision = dispatcher.prepare_decision(request, Verdict::Approve).await.ok();
    let signed = dispatcher.signed_decision(&prepared).await;
    let who = portal.past_the_gate("DSP-1").await;
    // The gate is passed, and the suspension comes before the decision's turn: as if the two calls raced.
    assert_eq!(portal.tamper("update member set suspended_at = 1 where agency_id = 'DSP-1'").await, 1);
    assert!(portal.portal.decide(&who, request, &signed).await.is_err());
    assert!(matches!(responder.request(request).await.state, RequestState::Pending { .. }));
}

#[tokio::test]
async fn an_admin_cannot_be_kept_out_by_themselves_nor_with_a_tablet_found_signed_in() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut other = portal.member("ADM-2", &[Role::Admin]).await;
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    let (own, colleague) = (lines[0].member.id, lines[1].member.id);
    assert_eq!(admin.post(&paths::member_suspend_of(own), &json!(null)).await.refusal().code, ProblemCode::Oneself);
    portal.pass(TEN_MINUTES);
    let stale = admin.call(Method::POST, &paths::member_suspend_of(colleague), None, "").await;
    assert_eq!(stale.refusal().code, ProblemCode::StaleSignIn);
    assert_eq!(other.get(paths::SESSION).await.status, StatusCode::OK);
}

/// Longest time from a word that ends sessions to the end of their lines.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How often each is tried until it is seen.
const TRIES: usize = 3;
/// Longest wait for what is sure to come, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn the_lines_of_a_tablet_end_within_a_second_of_the_word_that_ends_its_session() {
    let portal = TestPortal::start().await;
    let mut tablet = portal.member("EMS-1", &[Role::Responder]).await;
    let member = portal.past_the_gate("EMS-1").await.member.id;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    for (who, word) in [
        (&mut dispatcher, paths::desk_sign_out_of(member)),
        (&mut admin.clone(), paths::member_sign_out_of(member)),
        (&mut admin, paths::member_suspend_of(member)),
    ] {
        let mut took = Vec::new();
        // A busy machine may keep one of them waiting, and not each. A line that looked now and then would have been opened a moment ago each
        // time, and so would look for the first time when the span of its looks is over.
        while took.iter().all(|took| *took >= AT_ONCE) {
            assert!(took.len() < TRIES, "{word}: {took:?}");
            // Whoever was kept out by the try before is let in again.
            portal.tamper("update member set suspended_at = null").await;
            assert!(tablet.sign_in().await.status.is_success());
            let mut line = tablet.listen(paths::UNREAD_EVENTS).await.into_body().into_data_stream();
            assert!(line.next().await.is_some());
            let begun = Instant::now();
            assert!(who.post(&word, &json!(null)).await.status.is_success());
            let over = async { while line.next().await.is_some() {} };
            tokio::time::timeout(PATIENCE, over).await.unwrap();
            took.push(begun.elapsed());
        }
    }
}

const RACES: usize = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_releases_against_suspensions_none_opens_after_and_none_stays_open() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    let admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut racing = Vec::new();
    for number in 0..RACES {
        let agency_id = format!("EMS-{number}");
        let mut responder = portal.member(&agency_id, &[Role::Responder]).await;
        let request = responder.ask(&reference).await.id;
        assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        let point = responder.point(request).await;
        let (mut admin, member) = (admin.clone(), portal.past_the_gate(&agency_id).await.member.id);
        racing.push((
            tokio::spawn(async move { responder.try_release(request, &point).await }),
            tokio::spawn(async move { admin.post(&paths::member_suspend_of(member), &json!(null)).await }),
        ));
    }
    for (released, suspended) in racing {
        assert!(suspended.await.unwrap().status.is_success());
        let released = released.await.unwrap();
        if !released.status.is_success() {
            let code = released.refusal().code;
            assert!(matches!(code, ProblemCode::NotSignedIn | ProblemCode::WindowOver), "{code:?}");
        }
    }
    let after = "select count(*) from audit_event o join audit_event s on s.kind = 'member.suspended' and instr(s.event, '\"member\":\"' || o.actor || '\"') > 0 where o.kind = 'record.opened' and o.sequence > s.sequence";
    assert_eq!(
        portal.count("select count(*) from audit_event where kind = 'member.suspended'").await,
        i64::try_from(RACES).unwrap()
    );
    assert_eq!(portal.count(after).await, 0, "none opens after");
    assert_eq!(portal.count("select count(*) from access_grant where ending is null").await, 0, "none stays open");
    assert!(portal.portal.authority().held().is_empty(), "no credentials are left");
}
