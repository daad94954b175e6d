//! Invitations, sign-in, sessions, and who may call what.

use std::{collections::HashMap, time::Duration};

use axum::http::{Method, StatusCode};
use halligan_backend::http::entries;
use halligan_shared::{member::Role, paths, statement::Verdict, wire};
use serde_json::json;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore as _,
    session::{Id, Record},
};

use crate::support::{Client, Contract, Does, TestPortal};

/// Who may call what, written out: the table under test is not asked what it should say.
#[rustfmt::skip]
const DOORS: &[(&str, &str, &str)] = &[
    ("GET", paths::OPENAPI, "anybody"),
    ("GET", paths::HEALTH, "anybody"),
    ("POST", paths::SIGN_IN_START, "anybody"),
    ("POST", paths::SIGN_IN_FINISH, "anybody"),
    ("POST", paths::INVITATION_VIEW, "anybody"),
    ("POST", paths::INVITATION_START, "anybody"),
    ("POST", paths::INVITATION_FINISH, "anybody"),
    ("POST", paths::GRANT_WIPED, "anybody"),
    ("GET", paths::SESSION, "member"),
    ("POST", paths::SIGN_OUT, "anybody"),
    ("POST", paths::SIGN_OUT_EVERYWHERE, "member"),
    ("GET", paths::READINESS, "member"),
    ("GET", paths::OWN_REENROLMENT, "member"),
    ("POST", paths::OWN_REENROLMENT_STOP, "member"),
    ("GET", paths::PASSKEYS, "member"),
    ("POST", paths::PASSKEY_START, "member"),
    ("POST", paths::PASSKEY_FINISH, "member"),
    ("PUT", paths::PASSKEY, "member"),
    ("DELETE", paths::PASSKEY, "member"),
    ("GET", paths::NOTICES, "member"),
    ("GET", paths::NOTICE_EVENTS, "member"),
    ("GET", paths::UNREAD_EVENTS, "member"),
    ("POST", paths::NOTICES_READ, "member"),
    ("GET", paths::PUSH_DEVICES, "member"),
    ("PUT", paths::PUSH_DEVICES, "member"),
    ("DELETE", paths::PUSH_DEVICE, "member"),
    ("POST", paths::REQUEST_PREPARE, "responder"),
    ("POST", paths::REQUESTS, "responder"),
    ("GET", paths::REQUESTS, "responder"),
    ("GET", paths::REQUEST, "responder"),
    ("GET", paths::REQUEST_EVENTS, "responder"),
    ("POST", paths::REQUEST_CANCEL, "responder"),
    ("POST", paths::OVERRIDE_PREPARE, "responder"),
    ("POST", paths::OVERRIDE, "responder"),
    ("POST", paths::RELEASE, "responder"),
    ("GET", paths::GRANT_DOCUMENT, "responder"),
    ("GET", paths::DESK, "dispatcher"),
    ("GET", paths::DESK_EVENTS, "dispatcher"),
    ("POST", paths::DECISION_PREPARE, "dispatcher"),
    ("GET", paths::DECISION, "dispatcher"),
    ("POST", paths::DECISION, "dispatcher"),
    ("PUT", paths::DECIDING, "dispatcher"),
    ("DELETE", paths::DESK_DECIDING, "dispatcher"),
    ("POST", paths::BULK_PREPARE, "dispatcher"),
    ("POST", paths::BULK, "dispatcher"),
    ("POST", paths::GRANT_REVOKE, "dispatcher"),
    ("POST", paths::DESK_ALLOW, "dispatcher"),
    ("POST", paths::DESK_SIGN_OUT, "dispatcher"),
    ("GET", paths::INCIDENTS, "dispatcher"),
    ("PUT", paths::INCIDENT, "machine"),
    ("POST", paths::INCIDENT_HEARTBEAT, "machine"),
    ("POST", paths::SEALINGS, "registrar"),
    ("PUT", paths::SEALING_DOCUMENT, "registrar"),
    ("POST", paths::SEALING_COMMIT, "registrar"),
    ("GET", paths::RECORDS, "registrar"),
    ("POST", paths::RECORD_BRACELET, "registrar"),
    ("GET", paths::AUDIT, "auditor"),
    ("GET", paths::REVIEWS, "privacy_officer"),
    ("GET", paths::REVIEWS_OVERDUE, "admin"),
    ("GET", paths::REVIEW, "privacy_officer"),
    ("POST", paths::REVIEW_OWNER, "privacy_officer"),
    ("POST", paths::REVIEW_FINDING_PREPARE, "privacy_officer"),
    ("POST", paths::REVIEW_FINDING, "privacy_officer"),
    ("POST", paths::DOCTOR, "admin"),
    ("GET", paths::DRILLS, "admin"),
    ("POST", paths::DRILLS, "admin"),
    ("GET", paths::DRILL, "admin"),
    ("POST", paths::DRILL_END, "admin"),
    ("POST", paths::DRILL_MEMBERS, "admin"),
    ("GET", paths::OWN_DRILL, "member"),
    ("POST", paths::OWN_DRILL_LEAVE, "member"),
    ("GET", paths::MEMBERS, "admin"),
    ("GET", paths::INVITATIONS, "admin"),
    ("POST", paths::INVITATIONS, "admin"),
    ("DELETE", paths::INVITATION, "admin"),
    ("POST", paths::MEMBER_SIGN_OUT, "admin"),
    ("POST", paths::MEMBER_SUSPEND, "admin"),
    ("POST", paths::MEMBER_REINSTATE, "admin"),
    ("PUT", paths::MEMBER_ASSIGNMENT, "admin"),
    ("PUT", paths::MEMBER_ROLES, "admin"),
    ("POST", paths::REENROLMENT_PREPARE, "admin"),
    ("GET", paths::REENROLMENTS, "admin"),
    ("POST", paths::REENROLMENTS, "admin"),
    ("POST", paths::REENROLMENT_CONFIRMATION_PREPARE, "admin"),
    ("POST", paths::REENROLMENT_CONFIRMATION, "admin"),
    ("POST", paths::REENROLMENT_LINK, "admin"),
    ("POST", paths::REENROLMENT_STOP, "admin"),
    ("GET", paths::LOCKDOWN, "admin"),
    ("GET", paths::LOCKDOWN_EVENTS, "admin"),
    ("POST", paths::LOCKDOWN_PREPARE, "admin"),
    ("POST", paths::LOCKDOWN_PROPOSALS, "admin"),
    ("POST", paths::LOCKDOWN_CONFIRMATION_PREPARE, "admin"),
    ("POST", paths::LOCKDOWN_CONFIRMATION, "admin"),
];

#[tokio::test]
async fn every_route_refuses_everyone_it_should() {
    let portal = TestPortal::start().await;
    let mut people = Vec::new();
    for (place, role) in Role::ALL.into_iter().enumerate() {
        people.push((role, portal.member(&format!("M-{place}"), &[role]).await));
    }
    for entry in entries(&portal.portal) {
        let method = entry.method.as_str();
        let Some((.., who)) = DOORS.iter().find(|(of, path, _)| (*of, *path) == (method, entry.path)) else {
            panic!("{method} {} is on no list of who may call it", entry.path)
        };
        let path: String = entry.path.replace(['{', '}'], "");
        let stranger = knock(&mut portal.stranger(), &entry.method, &path).await;
        assert_eq!(stranger == Door::SignIn, *who != "anybody", "a stranger at {method} {path}");
        for (role, person) in &mut people {
            // Signing out would end the very session that is being tried.
            if *who == "machine" {
                assert!(knock(person, &entry.method, &path).await == Door::SignIn, "a session is nothing to {method} {path}");
            } else if !path.starts_with(paths::SIGN_OUT) {
                let may = ["anybody", "member", role.word()].contains(who);
                assert_eq!(knock(person, &entry.method, &path).await == Door::Closed, !may, "{role} at {method} {path}");
            }
        }
    }
    assert_eq!(entries(&portal.portal).len(), DOORS.len());
}

/// How a door answers to somebody who brings nothing that could be meant.
#[derive(PartialEq)]
enum Door {
    SignIn,
    Closed,
    Open,
}

async fn knock(person: &mut Client, method: &Method, path: &str) -> Door {
    // An open line of events has no end that could be waited for.
    let streams = Contract::of_portal().await.streams();
    if streams.iter().any(|stream| stream.replace(['{', '}'], "") == path) {
        return match person.status(path).await {
            StatusCode::UNAUTHORIZED => Door::SignIn,
            StatusCode::FORBIDDEN => Door::Closed,
            _ => Door::Open,
        };
    }
    let answer = match *method {
        Method::GET => person.get(path).await,
        _ => person.raw(method.clone(), path, json!({})).await,
    };
    match answer.status {
        StatusCode::UNAUTHORIZED => Door::SignIn,
        StatusCode::FORBIDDEN if answer.refusal().code == wire::ProblemCode::NotAllowed => Door::Closed,
        _ => Door::Open,
    }
}

#[tokio::test]
async fn a_role_named_twice_is_held_once() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let roles = ["registrar", "responder", "registrar"];
    let invite = json!({ "agency_id": "ems-9", "display_name": "Drill Nine", "roles": roles });
    let invitation: wire::Invitation = admin.post(paths::INVITATIONS, &invite).await.ok();
    assert_eq!(portal.stranger().join(&invitation.link).await.member.roles, [Role::Responder, Role::Registrar]);
}

#[tokio::test]
async fn an_invitation_works_once_and_for_ten_minutes() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let invite = json!({ "agency_id": "ems-9", "display_name": "Drill Nine", "roles": ["responder"] });
    let invitation: wire::Invitation = admin.post(paths::INVITATIONS, &invite).await.ok();
    let token = invitation.link.split_once('#').unwrap().1.to_owned();
    let mut invited = portal.stranger();
    let view: wire::InvitationView = invited.post(paths::INVITATION_VIEW, &json!({ "token": token })).await.ok();
    assert_eq!((view.agency_id.as_str(), view.roles.as_slice()), ("EMS-9", [Role::Responder].as_slice()));
    invited.join(&invitation.link).await;
    assert_eq!(
        portal.stranger().post(paths::INVITATION_VIEW, &json!({ "token": token })).await.refusal().code,
        wire::ProblemCode::InvitationOver
    );

    let late: wire::Invitation = admin
        .post(paths::INVITATIONS, &json!({ "agency_id": "ems-10", "display_name": "Drill Ten", "roles": ["responder"] }))
        .await
        .ok();
    let token = late.link.split_once('#').unwrap().1.to_owned();
    portal.pass(600_000);
    assert_eq!(
        portal.stranger().post(paths::INVITATION_START, &json!({ "token": token })).await.refusal().code,
        wire::ProblemCode::InvitationOver
    );
}

#[tokio::test]
async fn the_session_id_changes_at_sign_in_and_dies_everywhere_at_once() {
    let portal = TestPortal::start().await;
    let mut first = portal.member("EMS-1", &[Role::Responder]).await;
    let mut second = first.other_browser();
    assert!(second.sign_in().await.status.is_success());
    let known = second.cookie.clone();
    assert!(second.sign_in().await.status.is_success());
    assert!(known.is_some() && second.cookie != known, "the id rotates");
    let mut fixed = second.other_browser();
    fixed.cookie = known;
    assert_eq!(fixed.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED, "the old id is worth nothing");
    assert!(first.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.status.is_success());
    assert_eq!(second.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_late_call_does_not_bring_back_a_session_that_was_ended() {
    let mut portal = TestPortal::relayed().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut elsewhere = responder.other_browser();
    elsewhere.sign_in().await;
    let request = responder.ask(&reference).await.id;
    portal.member("DSP-1", &[Role::Dispatcher]).await.decide(request, Verdict::Approve).await;
    let point = responder.point(request).await;
    portal.relay().plant("Decrypt", Does::Hang);
    let mut page = responder.clone();
    let mut late = std::pin::pin!(page.try_release(request, &point));
    tokio::select! {
        _ = &mut late => panic!("it was answered before anything could be ended"),
        () = async { while portal.relay().asked("Decrypt") == 0 { tokio::time::sleep(Duration::from_millis(5)).await } } => {}
    }
    assert!(elsewhere.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.status.is_success());
    // The next try gets through.
    portal.relay().mend();
    assert_eq!(late.await.refusal().code, wire::ProblemCode::WindowOver, "and nothing goes out to it");
    assert_eq!(responder.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_may_rest_for_half_an_hour_and_not_a_moment_longer() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    for _ in 0..2 {
        portal.pass(1_799_999);
        assert_eq!(member.get(paths::SESSION).await.status, StatusCode::OK, "and every call begins the rest anew");
    }
    portal.pass(1_800_000);
    assert_eq!(member.get(paths::SESSION).await.refusal().code, wire::ProblemCode::NotSignedIn);
}

#[tokio::test]
async fn the_absolute_limit_ends_a_session_that_never_rested() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    for _ in 0..47 {
        portal.pass(900_000);
        assert_eq!(member.get(paths::SESSION).await.status, StatusCode::OK);
    }
    portal.pass(899_999);
    assert_eq!(member.get(paths::SESSION).await.status, StatusCode::OK);
    portal.pass(1);
    assert_eq!(member.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobodys_session_is_kept() {
    let portal = TestPortal::start().await;
    let mut stranger = portal.stranger();
    stranger.cookie = Some("halligan=AAAAAAAAAAAAAAAAAAAAAA".to_owned());
    assert_eq!(stranger.get(paths::HEALTH).await.status, StatusCode::OK);
    assert_eq!(stranger.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    // The library keeps none that is empty either, as it is today.
    let mut empty = Record { id: Id::default(), data: HashMap::new(), expiry_date: OffsetDateTime::UNIX_EPOCH };
    portal.portal.sessions().create(&mut empty).await.unwrap();
    assert_eq!(portal.count("select count(*) from http_session").await, 0);
}

#[tokio::test]
async fn the_agency_id_signs_in_where_no_passkey_is_discoverable() {
    let portal = TestPortal::start().await;
    let mut browser = portal.member("EMS-1", &[Role::Responder]).await.other_browser();
    let ceremony = browser.start_sign_in(Some(" ems-1 ")).await;
    assert_eq!(ceremony.options["publicKey"]["userVerification"], "required");
    let credential = browser.device.sign_undiscoverable(&ceremony.options).await;
    let session: wire::Session = browser.finish_sign_in(&ceremony, &credential).await.ok();
    assert_eq!(session.member.agency_id.as_str(), "EMS-1");
    assert_eq!(browser.get(paths::SESSION).await.status, StatusCode::OK);
    assert_eq!(
        browser.other_browser().finish_sign_in(&ceremony, &credential).await.refusal().code,
        wire::ProblemCode::SignInFailed,
        "an answer counts once"
    );

    let ceremony = browser.start_sign_in(Some("EMS-1")).await;
    let credential = browser.device.sign(&ceremony.options).await;
    assert!(browser.finish_sign_in(&ceremony, &credential).await.status.is_success(), "a discoverable one may be used so too");

    let ceremony = browser.start_sign_in(None).await;
    let mut credential = browser.device.sign(&ceremony.options).await;
    credential["response"].as_object_mut().unwrap().remove("userHandle");
    assert_eq!(
        browser.finish_sign_in(&ceremony, &credential).await.refusal().code,
        wire::ProblemCode::SignInFailed,
        "without a typed id the passkey has to say whose it is"
    );
}

#[tokio::test]
async fn a_member_keeps_the_last_passkey() {
    let portal = TestPortal::start().await;
    let mut member = portal.member("EMS-1", &[Role::Responder]).await;
    let passkeys: Vec<wire::PasskeyLine> = member.get(paths::PASSKEYS).await.ok();
    let answer = member.call(Method::DELETE, &paths::passkey_of(passkeys[0].id), None, "").await;
    assert_eq!(answer.refusal().code, wire::ProblemCode::LastPasskey);
}

#[tokio::test]
async fn failures_of_sign_in_look_alike() {
    let portal = TestPortal::start().await;
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    let mut browser = member.other_browser();
    let ceremony = browser.start_sign_in(None).await;
    let mut credential = member.device.sign(&ceremony.options).await;
    credential["response"]["signature"] = json!("AAAA");
    let forged =
        browser.post(paths::SIGN_IN_FINISH, &json!({ "ceremony": ceremony.ceremony, "credential": credential })).await.refusal();
    let unknown =
        browser.post(paths::SIGN_IN_FINISH, &json!({ "ceremony": uuid::Uuid::now_v7(), "credential": {} })).await.refusal();
    assert_eq!((forged.code, forged.detail), (unknown.code, unknown.detail));
}
