//! A member lost every passkey: two admins agree, the member is told and can object, and a new passkey takes the place of all.

use axum::http::StatusCode;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{
    audit::Kind,
    id::{MemberId, ReenrolmentId},
    member::Role,
    paths,
    statement::{self, ReenrolmentStatement},
    wire::{
        Invitation, InvitationView, OwnReenrolment, PasskeyLine, PreparedReenrolment, ProblemCode, ReenrolmentLine,
        ReenrolmentState,
    },
};
use serde_json::{Value, json};

use crate::support::{Client, TestPortal};

const HOUR: i64 = 3_600_000;

/// Two admins, and a responder who lost a passkey.
struct Scene {
    portal: TestPortal,
    admins: [Client; 2],
    member: Client,
    id: MemberId,
}

impl Scene {
    async fn set() -> Self {
        let portal = TestPortal::start().await;
        let mut admins = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
        let member = portal.member("EMS-1", &[Role::Responder]).await;
        let id = admins[0].id_of("EMS-1").await;
        Self { portal, admins, member, id }
    }

    async fn confirmed(&mut self) -> ReenrolmentId {
        let [one, other] = &mut self.admins;
        let id = one.propose_reenrolment(self.id).await;
        other.confirm_reenrolment(id).await.done();
        id
    }

    /// Passes the time, and signs the admins in anew: an hour makes a sign-in stale.
    async fn pass(&mut self, milliseconds: i64) {
        self.portal.pass(milliseconds);
        for admin in &mut self.admins {
            assert!(admin.sign_in().await.status.is_success());
        }
    }

    async fn board(&mut self) -> Vec<ReenrolmentLine> {
        self.admins[0].get(paths::REENROLMENTS).await.ok()
    }

    async fn facts_of(&self, kind: Kind) -> Vec<Value> {
        let filter = halligan_backend::store::AuditFilter { limit: 200, ..Default::default() };
        let events = self.portal.portal.audit(filter).await.unwrap().events;
        events.into_iter().filter(|event| event.kind == kind.word()).map(|event| event.facts).collect()
    }
}

#[tokio::test]
async fn a_new_passkey_takes_the_place_of_all_and_ends_every_session() {
    let mut scene = Scene::set().await;
    let id = scene.admins[0].propose_reenrolment(scene.id).await;
    let proposed = scene.board().await;
    assert!(matches!(proposed[0].state, ReenrolmentState::Proposed { seconds_left } if seconds_left > 590.0));
    assert_eq!((proposed[0].may_confirm, proposed[0].may_hand_out), (false, true));
    scene.admins[1].confirm_reenrolment(id).await.done();
    let board: Vec<ReenrolmentLine> = scene.admins[1].get(paths::REENROLMENTS).await.ok();
    assert!(
        matches!(&board[0].state, ReenrolmentState::Waiting { confirmed_by, .. } if confirmed_by.agency_id.as_str() == "ADM-2")
    );
    assert_eq!((board[0].may_confirm, board[0].may_hand_out), (false, true));
    scene.pass(HOUR).await;
    assert!(matches!(scene.board().await[0].state, ReenrolmentState::Ready { seconds_left, .. } if seconds_left > 86_000.0));
    let offer: Invitation = scene.admins[1].reenrolment_link(id).await.ok();

    // A new device, and the old one somewhere with its session.
    let mut anew = scene.portal.stranger();
    let token = offer.link.split_once('#').unwrap().1;
    let view: InvitationView = anew.post(paths::INVITATION_VIEW, &json!({ "token": token })).await.ok();
    assert_eq!((view.agency_id.as_str(), view.replaces, view.seconds_left), ("EMS-1", true, 600));
    assert!(scene.member.sign_in().await.status.is_success(), "until then everything is as it was");
    let session = anew.join(&offer.link).await;
    assert_eq!((session.member.id, session.member.roles.as_slice()), (scene.id, [Role::Responder].as_slice()));
    assert_eq!(anew.get(paths::PASSKEYS).await.ok::<Vec<PasskeyLine>>().len(), 1);
    assert_eq!(scene.member.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(scene.member.sign_in().await.refusal().code, ProblemCode::SignInFailed);
    assert!(anew.other_browser().sign_in().await.status.is_success());
    assert!(scene.board().await.is_empty());
    let again = scene.portal.stranger().post(paths::INVITATION_START, &json!({ "token": token })).await;
    assert_eq!(again.refusal().code, ProblemCode::InvitationOver);
    let kinds = scene.portal.kinds().await;
    for kind in ["proposed", "confirmed", "link_made", "done"] {
        assert_eq!(kinds.iter().filter(|of| **of == format!("member.reenrolment_{kind}")).count(), 1, "{kind}");
    }
    assert_eq!(scene.facts_of(Kind::MemberReenrolmentDone).await[0]["removed"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn both_admins_sign_the_same_words_about_a_member() {
    let mut scene = Scene::set().await;
    scene.confirmed().await;
    let (proposed, confirmed) =
        (scene.facts_of(Kind::MemberReenrolmentProposed).await, scene.facts_of(Kind::MemberReenrolmentConfirmed).await);
    assert_eq!((proposed.len(), confirmed.len()), (1, 1));
    assert_eq!(proposed[0]["statement"], confirmed[0]["statement"]);
    assert_ne!(proposed[0]["passkey"], confirmed[0]["passkey"]);
    let words: ReenrolmentStatement = serde_json::from_value(proposed[0]["statement"].clone()).unwrap();
    assert_eq!((words.subject, words.delay, words.reason.as_str()), (scene.id, 3_600, "Lost the key"));
    for signed in [&proposed[0], &confirmed[0]] {
        let client_data = signed["assertion"]["response"]["clientDataJSON"].as_str().unwrap();
        let client_data: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(client_data).unwrap()).unwrap();
        let challenge = URL_SAFE_NO_PAD.decode(client_data["challenge"].as_str().unwrap()).unwrap();
        assert_eq!(challenge[..32], statement::digest(&words).unwrap().0, "the passkey signed the digest of these words");
    }
}

#[tokio::test]
async fn the_member_is_told_from_the_first_moment_and_stops_it_with_one_call() {
    let mut scene = Scene::set().await;
    assert!(scene.member.get(paths::OWN_REENROLMENT).await.ok::<Option<OwnReenrolment>>().is_none());
    let nothing = scene.member.post(paths::OWN_REENROLMENT_STOP, &json!({})).await;
    assert_eq!(nothing.refusal().code, ProblemCode::WrongState);
    let id = scene.admins[0].propose_reenrolment(scene.id).await;
    let told: OwnReenrolment = scene.member.get(paths::OWN_REENROLMENT).await.ok::<Option<_>>().unwrap();
    assert_eq!((told.by.as_str(), told.reason.as_str(), told.seconds_left), ("ADM-1 Drill", "Lost the key", None));
    scene.admins[1].confirm_reenrolment(id).await.done();
    scene.portal.pass(600_000);
    let told: OwnReenrolment = scene.member.get(paths::OWN_REENROLMENT).await.ok::<Option<_>>().unwrap();
    assert_eq!(told.seconds_left, Some(3_000.0));
    // Nobody else is told.
    assert!(scene.admins[0].get(paths::OWN_REENROLMENT).await.ok::<Option<OwnReenrolment>>().is_none());
    scene.member.post(paths::OWN_REENROLMENT_STOP, &json!({})).await.done();
    assert!(scene.board().await.is_empty());
    assert!(scene.member.get(paths::OWN_REENROLMENT).await.ok::<Option<OwnReenrolment>>().is_none());
    assert_eq!(scene.admins[1].stop_reenrolment(id).await.refusal().code, ProblemCode::WrongState);
    assert_eq!(scene.facts_of(Kind::MemberReenrolmentStopped).await[0]["member"], "EMS-1");
}

#[tokio::test]
async fn one_at_a_time_and_the_same_admin_may_begin_anew() {
    let mut scene = Scene::set().await;
    let mistaken = scene.admins[0].propose_reenrolment(scene.id).await;
    let meant = scene.admins[0].propose_reenrolment(scene.id).await;
    assert_eq!(scene.board().await.iter().map(|line| line.statement.reenrolment).collect::<Vec<_>>(), [meant]);
    assert_eq!(scene.admins[1].prepare_reenrolment_confirmation(mistaken).await.refusal().code, ProblemCode::WrongState);
    let prepared: PreparedReenrolment = scene.admins[1].prepare_reenrolment(scene.id).await.ok();
    let signed = scene.admins[1].signed_reenrolment(&prepared).await;
    assert_eq!(scene.admins[1].post(paths::REENROLMENTS, &signed).await.refusal().code, ProblemCode::WrongState);
    // Any admin stops it, and then another may begin.
    scene.admins[1].stop_reenrolment(meant).await.done();
    scene.admins[1].propose_reenrolment(scene.id).await;
    assert_eq!(scene.board().await.len(), 1);
}

#[tokio::test]
async fn what_is_proposed_about_a_member_waits_to_its_last_moment() {
    let mut scene = Scene::set().await;
    let late = scene.admins[0].propose_reenrolment(scene.id).await;
    scene.pass(599_999).await;
    let prepared = scene.admins[1].prepare_reenrolment_confirmation(late).await.ok();
    let signed = scene.admins[1].signed_reenrolment(&prepared).await;
    scene.portal.pass(1);
    let sent = scene.admins[1].post(&paths::reenrolment_confirmation_of(late), &signed).await;
    assert_eq!(sent.refusal().code, ProblemCode::WrongState, "signed in time and sent too late");
    assert!(scene.board().await.is_empty());
}

#[tokio::test]
async fn a_link_is_replaced_by_the_next_one_and_ends_by_itself() {
    let mut scene = Scene::set().await;
    let id = scene.confirmed().await;
    scene.pass(HOUR).await;
    let first: Invitation = scene.admins[0].reenrolment_link(id).await.ok();
    let second: Invitation = scene.admins[1].reenrolment_link(id).await.ok();
    let start = |link: &str| json!({ "token": link.split_once('#').unwrap().1 });
    let mut anew = scene.portal.stranger();
    assert_eq!(anew.post(paths::INVITATION_START, &start(&first.link)).await.refusal().code, ProblemCode::InvitationOver);
    scene.portal.pass(599_999);
    assert!(anew.post(paths::INVITATION_START, &start(&second.link)).await.status.is_success());
    scene.portal.pass(1);
    assert_eq!(anew.post(paths::INVITATION_START, &start(&second.link)).await.refusal().code, ProblemCode::InvitationOver);
    // And a day after the delay nothing is left of it.
    scene.pass(24 * HOUR - 600_000 - 1).await;
    assert!(scene.admins[0].reenrolment_link(id).await.status.is_success());
    scene.pass(1).await;
    assert_eq!(scene.admins[0].reenrolment_link(id).await.refusal().code, ProblemCode::WrongState);
    assert!(scene.board().await.is_empty());
}

#[tokio::test]
async fn who_is_kept_out_gets_the_new_passkey_and_stays_out() {
    let mut scene = Scene::set().await;
    scene.admins[0].post(&paths::member_suspend_of(scene.id), &json!(null)).await.done();
    let id = scene.confirmed().await;
    scene.pass(HOUR).await;
    let offer: Invitation = scene.admins[0].reenrolment_link(id).await.ok();
    let mut anew = scene.portal.stranger();
    let finish = anew.joining(&offer.link).await;
    assert_eq!(anew.post(paths::INVITATION_FINISH, &finish).await.refusal().code, ProblemCode::KeptOut);
    assert_eq!(anew.get(paths::SESSION).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(anew.sign_in().await.refusal().code, ProblemCode::KeptOut);
    scene.admins[0].post(&paths::member_reinstate_of(scene.id), &json!(null)).await.done();
    assert!(anew.sign_in().await.status.is_success());
    assert_eq!(scene.member.sign_in().await.refusal().code, ProblemCode::SignInFailed, "the lost one lets nobody in");
}
