//! A signed-in browser in other hands: what outlives the session needs a fresh sign-in, and whoever signs in over it ends what was open.

use axum::http::Method;
use halligan_shared::{
    grant::Ending,
    id::CeremonyId,
    member::Role,
    paths,
    wire::{self, GrantState, ProblemCode, RequestState},
};
use serde_json::json;

use crate::support::TestPortal;

const TEN_MINUTES: i64 = 600_000;

#[tokio::test]
async fn a_tablet_left_signed_in_hands_out_no_passkey_and_no_membership() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let invitation = json!({ "agency_id": "EMS-9", "display_name": "Drill", "roles": ["dispatcher"] });
    let passkeys: Vec<wire::PasskeyLine> = admin.get(paths::PASSKEYS).await.ok();

    portal.pass(TEN_MINUTES - 1_000);
    assert!(admin.post(paths::PASSKEY_START, &json!({})).await.status.is_success(), "to the last second");
    portal.pass(1_000);
    assert_eq!(admin.post(paths::PASSKEY_START, &json!({})).await.refusal().code, ProblemCode::StaleSignIn);
    assert_eq!(admin.post(paths::INVITATIONS, &invitation).await.refusal().code, ProblemCode::StaleSignIn);
    let remove = admin.call(Method::DELETE, &paths::passkey_of(passkeys[0].id), None, "").await;
    assert_eq!(remove.refusal().code, ProblemCode::StaleSignIn);
    let add = json!({ "ceremony": CeremonyId::fresh(), "credential": {}, "name": "another" });
    assert_eq!(admin.post(paths::PASSKEY_FINISH, &add).await.refusal().code, ProblemCode::StaleSignIn);

    assert!(admin.sign_in().await.status.is_success());
    assert!(admin.post(paths::INVITATIONS, &invitation).await.status.is_success());
}

#[tokio::test]
async fn a_tablet_left_signed_in_changes_no_record_and_no_bracelet() {
    let portal = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (record, reference) = registrar.seal(b"the record").await;
    portal.pass(TEN_MINUTES);
    let seal = wire::StartSealing { record: Some(record) };
    assert_eq!(registrar.post(paths::SEALINGS, &seal).await.refusal().code, ProblemCode::StaleSignIn);
    let bracelet = wire::Bracelet::of(&reference, &record);
    let replace = registrar.post(&paths::record_bracelet_of(record), &bracelet).await;
    assert_eq!(replace.refusal().code, ProblemCode::StaleSignIn);
}

#[tokio::test]
async fn whoever_signs_in_over_an_open_record_closes_it() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"the record").await;
    let opened = responder.open(request).await;

    // The same browser, and so the same cookie, with somebody else's passkey.
    let mut other = portal.member("EMS-2", &[Role::Responder]).await;
    other.cookie.clone_from(&responder.cookie);
    assert!(other.sign_in().await.status.is_success());

    assert!(!portal.portal.authority().holds(opened.release.grant), "the credentials went in the same moment");
    let mut elsewhere = responder.other_browser();
    assert!(elsewhere.sign_in().await.status.is_success());
    let state = elsewhere.request(request).await.state;
    assert!(
        matches!(state, RequestState::Released { grant, .. } if matches!(grant.state, GrantState::Ended { ending: Ending::LoggedOff, .. }))
    );
}
