//! The policies where they decide.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use futures_util::StreamExt as _;
use halligan_backend::policy::{FILES, Policies};
use halligan_shared::{assignment::Assignment, member::Role, paths, wire::ProblemCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Device, Set, TestPortal};

/// The built-in policies and these.
pub(super) fn built_in_and(more: &str) -> Policies {
    let folder = TempDir::new().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    std::fs::write(folder.path().join("more.cedar"), more).unwrap();
    Policies::read(folder.path()).unwrap()
}

/// A portal by them.
async fn governed(more: &str) -> TestPortal {
    TestPortal::start_with(Set { policies: Some(built_in_and(more)), ..Set::default() }).await
}

#[tokio::test]
async fn who_is_let_into_a_part_of_the_portal_is_said_by_the_policies() {
    let portal = governed(
        r#"
        @id("desk-auditor") permit (principal, action == Action::"see", resource == View::"desk")
        when { principal.roles.contains(Role::"auditor") };
        @id("desk-no-admin") forbid (principal, action == Action::"see", resource == View::"desk")
        when { principal.roles.contains(Role::"admin") };"#,
    )
    .await;
    for (agency_id, roles, status) in [
        ("DSP-1", &[Role::Dispatcher][..], StatusCode::OK),
        ("AUD-1", &[Role::Auditor], StatusCode::OK),
        ("ADM-1", &[Role::Dispatcher, Role::Admin], StatusCode::FORBIDDEN),
        ("REG-1", &[Role::Registrar], StatusCode::FORBIDDEN),
    ] {
        let answer = portal.member(agency_id, roles).await.get(paths::DESK).await;
        assert_eq!(answer.status, status, "{agency_id}");
        if status == StatusCode::FORBIDDEN {
            let refusal = answer.refusal();
            assert_eq!(refusal.code, ProblemCode::NotAllowed);
            assert!(refusal.detail.contains("one of the roles dispatcher, auditor"), "{}", refusal.detail);
        }
    }
    let document: Value = portal.stranger().get(paths::OPENAPI).await.ok();
    let who = &document["paths"][paths::DESK]["get"]["security"];
    assert_eq!(who, &json!([{ "session": ["dispatcher"] }, { "session": ["auditor"] }]));
}

#[tokio::test]
async fn what_may_be_opened_is_judged_by_other_policies_as_soon_as_they_are_in_force() {
    let mut portal = TestPortal::start().await;
    portal.portal.put_policies_in_force().await.unwrap();
    portal.approved(b"the record").await;
    let is_judged = |kinds: Vec<String>| kinds.iter().any(|kind| kind == "request.waits_again");
    assert!(!is_judged(portal.kinds().await));
    portal
        .restart_by(built_in_and(r#"@id("no-dispatcher") forbid (principal, action == Action::"open_by_dispatcher", resource);"#))
        .await;
    assert!(is_judged(portal.kinds().await));
}

/// As everything else about whoever listens, what they may see is judged anew at each picture.
#[tokio::test]
async fn a_stream_ends_once_its_member_may_not_see_what_it_shows() {
    let portal = governed(
        r#"@id("desk-of-north") forbid (principal, action == Action::"see", resource == View::"desk")
        when { !(principal has station && principal.station == "NORTH") };"#,
    )
    .await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let north = Assignment { station: Some("NORTH".parse().unwrap()), ..Assignment::default() };
    let mut dispatcher = portal.member_at(Device::default(), "DSP-1", &[Role::Dispatcher], north).await;
    let stream = dispatcher.listen(paths::DESK_EVENTS).await;
    assert_eq!(stream.status(), StatusCode::OK);
    let mut pictures = stream.into_body().into_data_stream();
    assert!(pictures.next().await.is_some());
    let id = portal.past_the_gate("DSP-1").await.member.id;
    admin.raw(Method::PUT, &paths::member_assignment_of(id), json!({ "station": "SOUTH" })).await.done();
    let ends = async { while pictures.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_mins(1), ends).await.unwrap();
    assert_eq!(dispatcher.status(paths::SESSION).await, StatusCode::OK, "the session goes on");
}
