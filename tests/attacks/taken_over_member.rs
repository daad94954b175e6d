//! Whoever can replace a member's passkeys can become that member: nobody does so alone, early, unseen, or after it was stopped.

use halligan_backend::services::Fault;
use halligan_shared::{
    id::{MemberId, ReenrolmentId},
    member::Role,
    paths,
    statement::Verdict,
    wire::{self, Invitation, PreparedReenrolment, ProblemCode, ReenrolmentLine},
};
use serde_json::json;

use crate::support::{Client, TestPortal};

const HOUR: i64 = 3_600_000;

/// Two admins and a member; what the first proposed and the second confirmed.
async fn confirmed() -> (TestPortal, [Client; 2], Client, MemberId, ReenrolmentId) {
    let portal = TestPortal::start().await;
    let mut admins = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
    let member = portal.member("EMS-1", &[Role::Responder]).await;
    let subject = admins[0].id_of("EMS-1").await;
    let id = admins[0].propose_reenrolment(subject).await;
    admins[1].confirm_reenrolment(id).await.done();
    (portal, admins, member, subject, id)
}

/// The same with the delay over, and the link in somebody's hand, used but for the last call.
async fn about_to_be_used() -> (TestPortal, [Client; 2], Client, Client, wire::FinishInvitation, ReenrolmentId) {
    let (portal, mut admins, mut member, _, id) = confirmed().await;
    portal.pass(HOUR);
    for person in admins.iter_mut().chain([&mut member]) {
        assert!(person.sign_in().await.status.is_success());
    }
    let offer: Invitation = admins[0].reenrolment_link(id).await.ok();
    let mut anew = portal.stranger();
    let finish = anew.joining(&offer.link).await;
    (portal, admins, member, anew, finish, id)
}

#[tokio::test]
async fn one_admin_alone_replaces_nobodys_passkeys() {
    let portal = TestPortal::start().await;
    let mut admin = portal.member("ADM-1", &[Role::Admin]).await;
    let mut other = portal.member("ADM-2", &[Role::Admin]).await;
    portal.member("EMS-1", &[Role::Responder]).await;
    let (own, subject) = (admin.id_of("ADM-1").await, admin.id_of("EMS-1").await);
    assert_eq!(admin.prepare_reenrolment(own).await.refusal().code, ProblemCode::Oneself, "nor for themselves");
    let id = admin.propose_reenrolment(subject).await;
    assert_eq!(admin.prepare_reenrolment_confirmation(id).await.refusal().code, ProblemCode::Oneself);
    assert_eq!(admin.reenrolment_link(id).await.refusal().code, ProblemCode::WrongState);
    // A ceremony that was begun for one's own proposal signs no confirmation, and one of another's is another's.
    let prepared: PreparedReenrolment = admin.prepare_reenrolment(subject).await.ok();
    let signed = admin.signed_reenrolment(&prepared).await;
    let path = paths::reenrolment_confirmation_of(id);
    assert_eq!(admin.post(&path, &signed).await.refusal().code, ProblemCode::CeremonyOver);
    let prepared: PreparedReenrolment = other.prepare_reenrolment_confirmation(id).await.ok();
    let signed = other.signed_reenrolment(&prepared).await;
    assert_eq!(admin.post(&path, &signed).await.refusal().code, ProblemCode::CeremonyOver);
    // The rule stands in the statement too: past everything else, the proposer's own confirmation counts nothing.
    let now = portal.portal.clock().now();
    let mut unit = portal.portal.store().begin().await.unwrap();
    for who in [own, subject] {
        assert!(!unit.confirm_reenrolment(id, who, now, now, now + time::Duration::HOUR).await.unwrap());
    }
    drop(unit);
    // Nor does an admin confirm what is about themselves.
    let about = admin.id_of("ADM-2").await;
    let id = admin.propose_reenrolment(about).await;
    assert_eq!(other.prepare_reenrolment_confirmation(id).await.refusal().code, ProblemCode::Oneself);
}

#[tokio::test]
async fn nothing_is_handed_out_before_the_delay_is_over_or_to_a_third() {
    let (portal, mut admins, _, _, id) = confirmed().await;
    portal.pass(HOUR - 1);
    for admin in &mut admins {
        assert!(admin.sign_in().await.status.is_success());
        assert_eq!(admin.reenrolment_link(id).await.refusal().code, ProblemCode::WrongState);
    }
    let mut third = portal.member("ADM-3", &[Role::Admin]).await;
    portal.pass(1);
    assert_eq!(third.reenrolment_link(id).await.refusal().code, ProblemCode::Oneself);
    for admin in &mut admins {
        assert!(admin.reenrolment_link(id).await.status.is_success());
    }
}

#[tokio::test]
async fn what_was_stopped_never_works() {
    // At its end, with the link used but for the last call.
    for by_member in [true, false] {
        let (portal, mut admins, mut member, mut anew, finish, id) = about_to_be_used().await;
        if by_member {
            member.post(paths::OWN_REENROLMENT_STOP, &json!({})).await.done();
        } else {
            admins[1].stop_reenrolment(id).await.done();
        }
        assert_eq!(anew.post(paths::INVITATION_FINISH, &finish).await.refusal().code, ProblemCode::InvitationOver);
        assert_eq!(admins[0].reenrolment_link(id).await.refusal().code, ProblemCode::WrongState);
        assert!(member.sign_in().await.status.is_success(), "the member keeps the passkey");
        assert!(!portal.kinds().await.contains(&"member.reenrolment_done".to_owned()));
    }
    // And at its beginning.
    let (portal, mut admins, _, subject, id) = confirmed().await;
    admins[0].stop_reenrolment(id).await.done();
    let id = admins[0].propose_reenrolment(subject).await;
    let prepared: PreparedReenrolment = admins[1].prepare_reenrolment_confirmation(id).await.ok();
    let signed = admins[1].signed_reenrolment(&prepared).await;
    admins[0].stop_reenrolment(id).await.done();
    let late = admins[1].post(&paths::reenrolment_confirmation_of(id), &signed).await;
    assert_eq!(late.refusal().code, ProblemCode::WrongState);
    assert_eq!(portal.count("select count(*) from reenrolment where stopped_at is null").await, 0);
}

#[tokio::test]
async fn an_admin_who_is_kept_out_takes_with_them_what_they_proposed_and_confirmed() {
    for place in [0, 1] {
        let (portal, mut admins, _, mut anew, finish, id) = about_to_be_used().await;
        let mut third = portal.member("ADM-3", &[Role::Admin]).await;
        let out = third.id_of(["ADM-1", "ADM-2"][place]).await;
        third.post(&paths::member_suspend_of(out), &json!(null)).await.done();
        assert_eq!(anew.post(paths::INVITATION_FINISH, &finish).await.refusal().code, ProblemCode::InvitationOver);
        // Letting them in again does not bring it back.
        third.post(&paths::member_reinstate_of(out), &json!(null)).await.done();
        assert!(third.get(paths::REENROLMENTS).await.ok::<Vec<ReenrolmentLine>>().is_empty());
        assert_eq!(admins[1 - place].reenrolment_link(id).await.refusal().code, ProblemCode::WrongState);
    }
    // What nobody confirmed yet goes with all sessions of its author.
    let portal = TestPortal::start().await;
    let (mut one, mut other) = (portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await);
    portal.member("EMS-1", &[Role::Responder]).await;
    let subject = other.id_of("EMS-1").await;
    let id = one.propose_reenrolment(subject).await;
    one.post(paths::SIGN_OUT_EVERYWHERE, &json!({})).await.done();
    assert_eq!(other.prepare_reenrolment_confirmation(id).await.refusal().code, ProblemCode::WrongState);
}

#[tokio::test]
async fn of_a_stop_and_a_use_at_the_same_time_one_wins() {
    for _ in 0..10 {
        let (portal, _, mut member, mut anew, finish, _) = about_to_be_used().await;
        let nothing = json!({});
        let (stopped, used) =
            tokio::join!(member.post(paths::OWN_REENROLMENT_STOP, &nothing), anew.post(paths::INVITATION_FINISH, &finish));
        assert_ne!(stopped.status.is_success(), used.status.is_success());
        let kinds = portal.kinds().await;
        let ends = kinds.iter().filter(|kind| ["member.reenrolment_stopped", "member.reenrolment_done"].contains(&kind.as_str()));
        assert_eq!(ends.count(), 1);
        assert_eq!(member.sign_in().await.status.is_success(), stopped.status.is_success());
        assert_eq!(
            portal.count("select count(*) from passkey p join member m on m.id = p.member_id where m.agency_id = 'EMS-1'").await,
            1
        );
    }
}

#[tokio::test]
async fn of_two_confirmations_or_uses_at_the_same_time_one_counts() {
    let portal = TestPortal::start().await;
    let mut one = portal.member("ADM-1", &[Role::Admin]).await;
    let mut others = [portal.member("ADM-2", &[Role::Admin]).await, portal.member("ADM-3", &[Role::Admin]).await];
    portal.member("EMS-1", &[Role::Responder]).await;
    let subject = one.id_of("EMS-1").await;
    let id = one.propose_reenrolment(subject).await;
    let mut signed = Vec::new();
    for other in &mut others {
        let prepared: PreparedReenrolment = other.prepare_reenrolment_confirmation(id).await.ok();
        signed.push(other.signed_reenrolment(&prepared).await);
    }
    let path = paths::reenrolment_confirmation_of(id);
    let [first, second] = &mut others;
    let (first, second) = tokio::join!(first.post(&path, &signed[0]), second.post(&path, &signed[1]));
    assert_ne!(first.status.is_success(), second.status.is_success());
    portal.pass(HOUR);
    assert!(one.sign_in().await.status.is_success());
    let offer: Invitation = one.reenrolment_link(id).await.ok();
    let (mut left, mut right) = (portal.stranger(), portal.stranger());
    let (by_left, by_right) = (left.joining(&offer.link).await, right.joining(&offer.link).await);
    let (by_left, by_right) =
        tokio::join!(left.post(paths::INVITATION_FINISH, &by_left), right.post(paths::INVITATION_FINISH, &by_right));
    assert_ne!(by_left.status.is_success(), by_right.status.is_success());
    assert_eq!(portal.count("select count(*) from audit_event where kind = 'member.reenrolment_confirmed'").await, 1);
    assert_eq!(portal.count("select count(*) from audit_event where kind = 'member.reenrolment_done'").await, 1);
}

#[tokio::test]
async fn a_passkey_that_was_replaced_signs_nothing_that_it_had_begun() {
    let portal = TestPortal::start().await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut lost = portal.member("ALL-1", &[Role::Responder, Role::Dispatcher]).await;
    let mut admins = [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await];
    let request = portal.member("EMS-1", &[Role::Responder]).await.ask(&reference).await.id;
    let subject = admins[0].id_of("ALL-1").await;
    let id = admins[0].propose_reenrolment(subject).await;
    admins[1].confirm_reenrolment(id).await.done();
    portal.pass(HOUR);
    let mut asker = portal.member("EMS-2", &[Role::Responder]).await;
    let request =
        if asker.get(&paths::request_of(request)).await.status.is_success() { request } else { asker.ask(&reference).await.id };
    assert!(admins[0].sign_in().await.status.is_success() && lost.sign_in().await.status.is_success());
    // A sign-in, a request and a decision, each signed and not sent.
    let mut elsewhere = lost.other_browser();
    let ceremony = elsewhere.start_sign_in(None).await;
    let sign_in = elsewhere.device.sign(&ceremony.options).await;
    let prepared: wire::PreparedDecision = lost.prepare_decision(request, Verdict::Approve).await.ok();
    let decision = lost.signed_decision(&prepared).await;
    let who = portal.past_the_gate("ALL-1").await;
    let offer: Invitation = admins[0].reenrolment_link(id).await.ok();
    let mut anew = portal.stranger();
    anew.join(&offer.link).await;
    assert_eq!(elsewhere.finish_sign_in(&ceremony, &sign_in).await.refusal().code, ProblemCode::SignInFailed);
    let late = portal.portal.decide(&who, request, &decision).await;
    assert!(matches!(late, Err(Fault::CeremonyOver | Fault::NotSignedIn | Fault::Passkey(_))), "{late:?}");
    // Nor through the new session: what the old passkey signed is nobody's.
    let late = anew.post(&paths::decision_of(request), &decision).await;
    assert!([ProblemCode::CeremonyOver, ProblemCode::SignatureRefused].contains(&late.refusal().code));
    assert!(!portal.kinds().await.contains(&"request.decided".to_owned()));
    assert!(anew.decide(request, Verdict::Approve).await.status.is_success(), "the new one decides");
}
