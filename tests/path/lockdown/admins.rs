//! What two admins sign, and that the portal obeys it by its own store.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    grant::Ending,
    paths,
    statement::{self, LockdownAct, LockdownStatement},
    wire::{Desk, GrantState, LockdownBoard, PrepareLockdown, ProblemCode, Readiness, RequestState},
};
use serde_json::{Value, json};

use super::Scene;
use crate::support::NotOpened;

#[tokio::test]
async fn a_lockdown_closes_every_record_and_nothing_opens_until_it_is_lifted() {
    let mut scene = Scene::set().await;
    let request = scene.approved().await;
    let opened = scene.responder.open(request).await;
    assert_eq!(scene.board().await.open, 1);
    let proposal = scene.admins[0].propose(LockdownAct::Begin).await;
    assert!(scene.portal.portal.authority().holds(opened.release.grant), "a proposal changes nothing");
    assert!(!scene.responder.get(paths::READINESS).await.ok::<Readiness>().locked_down);
    let board = scene.board().await;
    assert!(board.now.is_none() && board.proposals.len() == 1 && board.proposals[0].own);

    assert!(scene.admins[1].confirm(proposal).await.status.is_success());
    assert!(!scene.portal.portal.authority().holds(opened.release.grant), "the credentials are gone");
    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert_eq!(scene.responder.get(&document).await.refusal().code, ProblemCode::WindowOver);
    let view = scene.responder.request(request).await;
    assert!(view.readiness.locked_down);
    let RequestState::Released { grant, .. } = view.state else { panic!("not released: {:?}", view.state) };
    assert_eq!(grant.state, GrantState::Ended { ending: Ending::LockedDown, reason: None });
    let board = scene.board().await;
    let now = board.now.unwrap();
    assert_eq!((now.proposed_by.agency_id.as_str(), now.confirmed_by.agency_id.as_str()), ("ADM-1", "ADM-2"));
    assert_eq!((now.statement.reason.as_str(), board.open, board.proposals.len()), ("Stolen credentials", 0, 0));
    assert!(scene.responder.get(paths::READINESS).await.ok::<Readiness>().locked_down);

    // Whoever needs a record asks, and dispatch sees and decides it: it opens nothing.
    let next = scene.approved().await;
    assert!(scene.dispatcher.get(paths::DESK).await.ok::<Desk>().readiness.locked_down);
    let assumed = scene.portal.calls("AssumeRole");
    assert_eq!(scene.responder.try_open(next).await.err(), Some(NotOpened::Refused(ProblemCode::LockedDown)));
    assert_eq!(scene.portal.calls("AssumeRole"), assumed, "the authority was not asked");

    scene.portal.pass(2_000);
    scene.agree(LockdownAct::Lift).await;
    assert!(scene.board().await.now.is_none() && !scene.responder.request(next).await.readiness.locked_down);
    assert_eq!(scene.responder.open(next).await.content, b"the record");
    assert!(matches!(scene.portal.chain().await, halligan_backend::services::ChainState::Holds { .. }));
}

#[tokio::test]
async fn both_admins_sign_the_same_words_and_the_log_has_both_signatures() {
    let mut scene = Scene::set().await;
    scene.agree(LockdownAct::Begin).await;
    scene.agree(LockdownAct::Lift).await;
    let proposed = scene.events_of(Kind::LockdownProposed).await;
    let confirmed = [scene.events_of(Kind::LockdownLifted).await, scene.events_of(Kind::LockdownBegun).await].concat();
    assert_eq!((proposed.len(), confirmed.len()), (2, 2));
    for (proposed, confirmed) in proposed.iter().zip(&confirmed) {
        let words: LockdownStatement = serde_json::from_value(proposed["statement"].clone()).unwrap();
        assert_eq!(confirmed["statement"], proposed["statement"]);
        let digest = statement::digest(&words).unwrap();
        for signed in [proposed, confirmed] {
            assert_eq!(signed["digest"], digest.to_hex());
            let client_data = signed["assertion"]["response"]["clientDataJSON"].as_str().unwrap();
            let challenge = challenge_of(client_data);
            assert_eq!(challenge[..32], digest.0, "the passkey signed the digest of these words");
        }
        assert_ne!(proposed["passkey"], confirmed["passkey"]);
    }
}

fn challenge_of(client_data: &str) -> Vec<u8> {
    let client_data: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(client_data).unwrap()).unwrap();
    URL_SAFE_NO_PAD.decode(client_data["challenge"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_proposal_waits_to_its_last_moment_and_not_beyond() {
    let mut scene = Scene::set().await;
    let [one, other] = &mut scene.admins;
    let late = one.propose(LockdownAct::Begin).await;
    scene.portal.pass(599_999);
    let prepared = other.prepare_confirmation(late).await.ok();
    let signed = other.signed_lockdown(&prepared).await;
    scene.portal.pass(1);
    assert_eq!(other.prepare_confirmation(late).await.refusal().code, ProblemCode::WrongState);
    let sent = other.post(&paths::lockdown_confirmation_of(late), &signed).await;
    assert_eq!(sent.refusal().code, ProblemCode::WrongState, "signed in time and sent too late");
    let in_time = one.propose(LockdownAct::Begin).await;
    scene.portal.pass(599_999);
    assert!(other.confirm(in_time).await.status.is_success());
}

#[tokio::test]
async fn what_does_not_fit_how_the_portal_stands_is_not_proposed() {
    let mut scene = Scene::set().await;
    let prepare = |act, reason: &str| PrepareLockdown { act, reason: reason.into() };
    for (act, reason, code) in
        [(LockdownAct::Begin, " ", ProblemCode::Invalid), (LockdownAct::Lift, "All is well", ProblemCode::WrongState)]
    {
        let refused = scene.admins[0].post(paths::LOCKDOWN_PREPARE, &prepare(act, reason)).await;
        assert_eq!(refused.refusal().code, code, "{act:?}");
    }
    // Two proposals stand side by side; with one of them confirmed the other is about nothing any more.
    let [one, other] = &mut scene.admins;
    let first = one.propose(LockdownAct::Begin).await;
    let second = other.propose(LockdownAct::Begin).await;
    let prepared = other.prepare_confirmation(first).await.ok();
    let signed = other.signed_lockdown(&prepared).await;
    assert!(one.confirm(second).await.status.is_success());
    assert_eq!(other.post(&paths::lockdown_confirmation_of(first), &signed).await.refusal().code, ProblemCode::WrongState);
    let again = one.post(paths::LOCKDOWN_PREPARE, &prepare(LockdownAct::Begin, "Once more")).await;
    assert_eq!(again.refusal().code, ProblemCode::WrongState);
    assert_eq!(scene.events_of(Kind::LockdownBegun).await.len(), 1);
}

#[tokio::test]
async fn an_admin_who_proposes_anew_takes_the_earlier_proposal_back() {
    let mut scene = Scene::set().await;
    let [one, other] = &mut scene.admins;
    let mistaken = one.propose(LockdownAct::Begin).await;
    let meant = one.propose(LockdownAct::Begin).await;
    assert_eq!(other.prepare_confirmation(mistaken).await.refusal().code, ProblemCode::WrongState);
    let board: LockdownBoard = other.get(paths::LOCKDOWN).await.ok();
    assert_eq!(board.proposals.iter().map(|row| (row.statement.proposal, row.own)).collect::<Vec<_>>(), [(meant, false)]);
}

#[tokio::test]
async fn what_somebody_proposed_goes_with_all_their_sessions_and_not_with_one() {
    for (path, stands) in [(paths::SIGN_OUT, true), (paths::SIGN_OUT_EVERYWHERE, false)] {
        let mut scene = Scene::set().await;
        let proposal = scene.admins[0].propose(LockdownAct::Begin).await;
        assert!(scene.admins[0].post(path, &json!({})).await.status.is_success());
        assert_eq!(scene.admins[1].get(paths::LOCKDOWN).await.ok::<LockdownBoard>().proposals.is_empty(), !stands, "{path}");
        assert_eq!(scene.admins[1].prepare_confirmation(proposal).await.status.is_success(), stands, "{path}");
    }
}

#[tokio::test]
async fn a_lockdown_holds_over_restarts() {
    let mut scene = Scene::set().await;
    let request = scene.approved().await;
    scene.agree(LockdownAct::Begin).await;
    scene.portal.restart().await;
    scene.responder.router = scene.portal.router.clone();
    assert_eq!(scene.responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::LockedDown)));
    // A database that no longer says how the portal stands opens nothing either.
    assert_eq!(scene.portal.tamper("delete from lockdown").await, 1);
    let board = scene.admins[0].get(paths::LOCKDOWN).await;
    assert_eq!(board.refusal().code, ProblemCode::WrongState, "an admin is not told that all is well");
    assert_eq!(scene.responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::LockedDown)));
}

#[tokio::test]
async fn a_lockdown_is_one_for_all_backends_on_a_database() {
    let mut scene = Scene::set().await;
    let (other, router) = scene.portal.beside().await;
    scene.responder.router = router;
    let request = scene.approved().await;
    let opened = scene.responder.open(request).await;
    other.sweep().await.unwrap();
    assert!(other.authority().holds(opened.release.grant));
    let mut changes = other.changes();
    changes.mark_unchanged();
    scene.agree(LockdownAct::Begin).await;

    let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
    assert_eq!(scene.responder.get(&document).await.refusal().code, ProblemCode::WindowOver);
    let next = scene.approved().await;
    assert_eq!(scene.responder.try_open(next).await.err(), Some(NotOpened::Refused(ProblemCode::LockedDown)));
    changes.mark_unchanged();
    other.sweep().await.unwrap();
    assert!(!other.authority().holds(opened.release.grant), "the other backend drops what it holds");
    assert!(changes.has_changed().unwrap(), "and wakes its pages");
    changes.mark_unchanged();
    other.sweep().await.unwrap();
    assert!(!changes.has_changed().unwrap(), "once");
}

#[tokio::test]
async fn the_digest_of_a_statement_covers_each_of_its_words() {
    let mut scene = Scene::set().await;
    let body = PrepareLockdown { act: LockdownAct::Begin, reason: "Drill".into() };
    let prepared: halligan_shared::wire::PreparedLockdown = scene.admins[0].post(paths::LOCKDOWN_PREPARE, &body).await.ok();
    let digest = |value: &Value| statement::digest(value).unwrap();
    let words = json!(prepared.statement);
    for name in ["kind", "proposal", "lockdown", "act", "reason", "member", "agency_id", "origin", "proposed_at", "until"] {
        let mut other = words.clone();
        other[name] = json!("other");
        assert_ne!(digest(&other), digest(&words), "{name}");
    }
    let challenge = &prepared.ceremony.options["publicKey"]["challenge"];
    let challenge = URL_SAFE_NO_PAD.decode(challenge.as_str().unwrap()).unwrap();
    assert_eq!(Bytes(challenge[..32].try_into().unwrap()), digest(&words));
}
