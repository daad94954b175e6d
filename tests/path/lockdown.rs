//! The lockdown: two admins close every record, nothing opens, and two admins lift it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_backend::{aws::Window, domain::request::AccessRequest, services::Portal, store::AuditFilter};
use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    crypto::Point,
    grant::Ending,
    id::{GrantId, RequestId},
    member::Role,
    paths,
    reference::Reference,
    statement::{self, LockdownAct, LockdownStatement, Verdict},
    wire::{Deny, Desk, GrantState, LockdownBoard, PrepareLockdown, ProblemCode, Readiness, RequestState},
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::support::{Client, Does, Gate, NotOpened, Relay, TestPortal};

/// Two admins, a responder, a dispatcher, and a record's bracelet.
struct Scene {
    portal: TestPortal,
    admins: [Client; 2],
    responder: Client,
    dispatcher: Client,
    reference: Reference,
}

/// A grant's credentials that somebody took out of the backend: another backend holds them, and is not told of a lockdown.
struct Copied {
    thief: Portal,
    grant: GrantId,
    request: AccessRequest,
    wrapped_share: Vec<u8>,
    point: Point,
    ends_at: OffsetDateTime,
}

impl Copied {
    /// Whether the authority opens the record by them.
    async fn works(&self) -> bool {
        self.works_for(self.grant).await
    }

    /// Whether it does by a session that is begun now, by who has the backend's identity.
    async fn works_anew(&self) -> bool {
        self.works_for(GrantId::fresh()).await
    }

    async fn works_for(&self, grant: GrantId) -> bool {
        let window = Window {
            keys: self.thief.authority().current_keys(),
            grant,
            agency_id: &self.request.by.agency_id,
            request: self.request.id,
            incident: self.request.justification.incident(),
            record: self.request.record,
            ends_at: self.ends_at,
        };
        self.thief.authority().release(&window, &self.wrapped_share, &self.point).await.is_ok()
    }
}

impl Scene {
    async fn set() -> Self {
        Self::set_at(TestPortal::start().await).await
    }

    /// At a portal of the test's own.
    async fn set_at(portal: TestPortal) -> Self {
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
        Self {
            admins: [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await],
            responder: portal.member("EMS-1", &[Role::Responder]).await,
            dispatcher: portal.member("DSP-1", &[Role::Dispatcher]).await,
            reference,
            portal,
        }
    }

    async fn approved(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        assert!(self.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        request
    }

    /// The first admin proposes, the second confirms.
    async fn agree(&mut self, act: LockdownAct) {
        let [one, other] = &mut self.admins;
        let proposal = one.propose(act).await;
        assert!(other.confirm(proposal).await.status.is_success());
    }

    /// Opens a record, by credentials that somebody copies.
    async fn copied(&mut self) -> Copied {
        let (thief, router) = self.portal.beside().await;
        self.responder.router = router;
        let id = self.approved().await;
        let opened = self.responder.open(id).await;
        let point = self.responder.point(id).await;
        self.responder.router = self.portal.router.clone();
        let request = self.portal.portal.store().request(id).await.unwrap().unwrap();
        let wrapped_share = self.portal.portal.store().sealing(request.sealing).await.unwrap().unwrap().wrapped_share;
        let ends_at = self.portal.portal.clock().now() + time::Duration::minutes(5);
        Copied { thief, grant: opened.release.grant, request, wrapped_share, point, ends_at }
    }

    async fn board(&mut self) -> LockdownBoard {
        self.admins[0].get(paths::LOCKDOWN).await.ok()
    }

    async fn events_of(&self, kind: Kind) -> Vec<Value> {
        let filter = AuditFilter { limit: 200, ..Default::default() };
        let events = self.portal.portal.audit(filter).await.unwrap().events;
        events.into_iter().filter(|event| event.kind == kind.word()).map(|event| event.facts).collect()
    }
}

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

#[tokio::test]
async fn a_lockdown_holds_while_the_authority_is_away_and_the_authority_is_told_until_it_obeys() {
    let mut scene = Scene::set().await;
    let request = scene.approved().await;
    scene.agree(LockdownAct::Begin).await;
    assert_eq!(scene.board().await.deny, Some(Deny::Pending));

    let away = Relay::start(scene.portal.authority.router()).await;
    away.plant("*", Does::answers("400 Bad Request", "", ""));
    let cut_off = scene.portal.beside_at(away.endpoint.clone()).await;
    cut_off.tend_deny().await.unwrap();
    let Some(Deny::Failed { why }) = scene.board().await.deny else { panic!("not failed") };
    assert!(why.starts_with("PutRolePolicy was refused"), "{why}");
    assert_eq!(scene.responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::LockedDown)));
    // Not at once again, and then not told of again.
    let tried = away.all_asked();
    scene.portal.pass(9_999);
    cut_off.tend_deny().await.unwrap();
    assert_eq!(away.all_asked(), tried);
    scene.portal.pass(1);
    cut_off.tend_deny().await.unwrap();
    assert!(away.all_asked() > tried);
    assert_eq!(scene.events_of(Kind::LockdownDenyFailed).await.len(), 1);

    let back = Relay::start(scene.portal.authority.router()).await;
    back.plant("*", Does::answers("200 OK", "content-type: text/xml\r\n", ""));
    let there = scene.portal.beside_at(back.endpoint.clone()).await;
    scene.portal.pass(10_000);
    there.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    assert_eq!(scene.events_of(Kind::LockdownDenyPut).await.len(), 1);
    there.tend_deny().await.unwrap();
    assert_eq!(back.all_asked(), 1, "once");

    back.mend();
    // Lifted, it is told at once to refuse the older ones only, and those for as long as one could live.
    scene.agree(LockdownAct::Lift).await;
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    there.tend_deny().await.unwrap();
    assert_eq!((scene.portal.calls("PutRolePolicy"), back.asked("PutRolePolicy")), (1, 1), "by the one that took the lift");
    let put: Vec<_> = scene.events_of(Kind::LockdownDenyPut).await.iter().map(|facts| facts["sessions"].clone()).collect();
    assert_eq!(put, ["older", "all"]);
    scene.portal.pass(3_599_999);
    there.tend_deny().await.unwrap();
    assert!(scene.portal.portal.store().deny().await.unwrap().is_some());
    scene.portal.pass(1);
    there.tend_deny().await.unwrap();
    assert_eq!((scene.portal.portal.store().deny().await.unwrap(), back.asked("DeleteRolePolicy")), (None, 1));
    assert_eq!(scene.events_of(Kind::LockdownDenyRemoved).await.len(), 1);
}

#[tokio::test]
async fn the_authority_itself_refuses_every_session_while_locked_down_and_those_from_before_once_it_is_lifted() {
    let mut scene = Scene::set().await;
    let copied = scene.copied().await;
    scene.agree(LockdownAct::Begin).await;
    assert!(copied.works().await, "the portal's own lockdown does not reach what was copied");
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    assert!(!copied.works().await, "the authority refuses it");
    scene.portal.pass(2_000);
    assert!(!copied.works_anew().await, "and what was begun since");

    scene.agree(LockdownAct::Lift).await;
    assert!(!copied.works().await, "the older one also once it is lifted");
    let next = scene.approved().await;
    assert_eq!(scene.responder.open(next).await.content, b"the record");
    scene.portal.pass(3_600_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert_eq!(scene.portal.portal.store().deny().await.unwrap(), None);
    assert_eq!((scene.portal.calls("PutRolePolicy"), scene.portal.calls("DeleteRolePolicy")), (2, 1));
}

#[tokio::test]
async fn a_session_that_was_begun_during_a_lockdown_is_refused_after_it_too() {
    let mut scene = Scene::set().await;
    let mut copied = scene.copied().await;
    // As by somebody with the backend's identity, who ends no window.
    copied.ends_at += time::Duration::hours(2);
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    scene.portal.pass(6 * 60_000);
    let meanwhile = GrantId::fresh();
    assert!(!copied.works_for(meanwhile).await);
    // Everybody is still here.
    for client in scene.admins.iter_mut().chain([&mut scene.responder, &mut scene.dispatcher]) {
        assert!(client.get(paths::SESSION).await.status.is_success());
    }
    scene.portal.pass(6 * 60_000);
    scene.agree(LockdownAct::Lift).await;
    assert!(!copied.works_for(meanwhile).await, "lifting revives nothing");
    let next = scene.approved().await;
    assert_eq!(scene.responder.open(next).await.content, b"the record");
}

#[tokio::test]
async fn a_clock_that_is_put_right_during_a_lockdown_holds_nobody_up() {
    let portal = TestPortal::start().await;
    let mut scene = Scene::set_at(portal).await;
    // Further than AWS takes signatures.
    scene.portal.set_ahead(400_000);
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::Failed { .. })));
    scene.portal.set_ahead(0);
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })), "told at once");
    scene.portal.pass(2_000);
    scene.agree(LockdownAct::Lift).await;
    scene.portal.pass(1_000);
    let request = scene.approved().await;
    assert_eq!(scene.responder.open(request).await.content, b"the record");
}

#[tokio::test]
async fn a_portal_whose_clock_is_slow_lets_nobody_keep_a_session_from_before_the_lockdown() {
    let portal = TestPortal::start().await;
    portal.set_ahead(-60_000);
    let mut scene = Scene::set_at(portal).await;
    let copied = scene.copied().await;
    assert!(copied.works().await);
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(!copied.works().await);
    // Still inside the window that its session policy names.
    scene.portal.pass(100_000);
    scene.agree(LockdownAct::Lift).await;
    assert!(!copied.works().await);
    scene.portal.portal.tend_deny().await.unwrap();
    let put: Vec<_> = scene.events_of(Kind::LockdownDenyPut).await.iter().map(|facts| facts["sessions"].clone()).collect();
    assert_eq!(put, ["older", "all"]);
}

#[tokio::test]
async fn a_portal_whose_clock_is_fast_opens_records_as_soon_as_a_lockdown_of_some_minutes_is_lifted() {
    let portal = TestPortal::start().await;
    portal.set_ahead(240_000);
    let mut scene = Scene::set_at(portal).await;
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    scene.portal.pass(541_000);
    scene.agree(LockdownAct::Lift).await;
    let request = scene.approved().await;
    assert_eq!(scene.responder.open(request).await.content, b"the record");
}

#[tokio::test]
async fn a_deny_that_somebody_took_away_by_hand_is_as_good_as_taken_away() {
    let mut scene = Scene::set_at(TestPortal::relayed().await).await;
    scene.agree(LockdownAct::Begin).await;
    scene.agree(LockdownAct::Lift).await;
    scene.portal.relay().plant("DeleteRolePolicy", Does::refuses(404, "NoSuchEntity"));
    scene.portal.pass(3_700_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert_eq!(scene.portal.portal.store().deny().await.unwrap(), None);
}

#[tokio::test]
async fn a_lift_is_said_to_the_authority_until_it_obeys() {
    let mut scene = Scene::set_at(TestPortal::relayed().await).await;
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    scene.portal.relay().plant("PutRolePolicy", Does::refuses(403, "AccessDenied"));
    scene.portal.pass(2_000);
    scene.agree(LockdownAct::Lift).await;
    let board = scene.board().await;
    let Some(Deny::Failed { why }) = board.deny else { panic!("not failed") };
    assert!(board.now.is_none() && why.starts_with("PutRolePolicy was refused"), "{why}");
    let request = scene.approved().await;
    assert_eq!(scene.responder.try_open(request).await.err(), Some(NotOpened::Refused(ProblemCode::AuthorityFailed)));

    scene.portal.relay().mend();
    scene.portal.pass(10_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    assert_eq!(scene.responder.open(request).await.content, b"the record");
}

#[tokio::test]
async fn what_reaches_the_authority_late_does_not_stay_in_the_place_of_what_was_said_since() {
    let mut scene = Scene::set().await;
    let relay = Relay::start(scene.portal.authority.router()).await;
    let gate = Gate::closed();
    relay.plant("PutRolePolicy", Does::Held(gate.clone()));
    let slow = scene.portal.beside_at(relay.endpoint.clone()).await;
    scene.agree(LockdownAct::Begin).await;
    let lift = scene.admins[0].propose(LockdownAct::Lift).await;
    let telling = tokio::spawn(async move { slow.tend_deny().await });
    gate.reached().await;
    scene.portal.pass(2_000);
    assert!(scene.admins[1].confirm(lift).await.status.is_success());
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    gate.open();
    telling.await.unwrap().unwrap();

    // Every session is refused by now, and nobody wants that any more.
    assert_eq!(scene.board().await.deny, Some(Deny::Pending));
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    let request = scene.approved().await;
    assert_eq!(scene.responder.open(request).await.content, b"the record");
}

#[tokio::test]
async fn what_reaches_the_authority_when_nothing_is_to_be_refused_any_more_is_taken_away() {
    let mut scene = Scene::set().await;
    let relay = Relay::start(scene.portal.authority.router()).await;
    let gate = Gate::closed();
    relay.plant("PutRolePolicy", Does::Held(gate.clone()));
    let slow = scene.portal.beside_at(relay.endpoint.clone()).await;
    scene.agree(LockdownAct::Begin).await;
    let lift = scene.admins[0].propose(LockdownAct::Lift).await;
    let telling = tokio::spawn(async move { slow.tend_deny().await });
    gate.reached().await;
    assert!(scene.admins[1].confirm(lift).await.status.is_success());
    scene.portal.pass(3_700_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert_eq!(scene.portal.portal.store().deny().await.unwrap(), None);
    gate.open();
    telling.await.unwrap().unwrap();

    scene.portal.portal.tend_deny().await.unwrap();
    assert_eq!(scene.portal.portal.store().deny().await.unwrap(), None);
    let removed = scene.portal.authority.events().into_iter().filter(|event| event.name == "DeleteRolePolicy");
    assert_eq!(removed.count(), 2, "once more for what came late");
}

#[tokio::test]
async fn a_deny_that_somebody_takes_away_or_changes_by_hand_in_a_lockdown_is_there_again_within_a_minute() {
    let mut scene = Scene::set().await;
    let copied = scene.copied().await;
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    let (other, _) = scene.portal.beside().await;
    let by_hand = scene.portal.beside_at(scene.portal.authority_settings().endpoint.unwrap()).await;
    for times in 1..=2 {
        assert!(!copied.works().await);
        match times {
            1 => by_hand.authority().deny_no_session().await.unwrap(),
            // Refuses nobody.
            _ => by_hand.authority().deny_older_sessions(OffsetDateTime::UNIX_EPOCH).await.unwrap(),
        }
        assert!(copied.works().await, "{times}");
        scene.portal.pass(59_999);
        scene.portal.portal.tend_deny().await.unwrap();
        other.tend_deny().await.unwrap();
        assert!(copied.works().await, "it is looked at once a minute");
        scene.portal.pass(1);
        scene.portal.portal.tend_deny().await.unwrap();
        other.tend_deny().await.unwrap();
        assert!(!copied.works().await, "{times}");
        let events = (scene.events_of(Kind::LockdownDenyUnseen).await.len(), scene.events_of(Kind::LockdownDenyPut).await.len());
        assert_eq!(events, (times, times + 1), "one for what was found, one for what was put again");
    }
    // What is there is left alone, and nothing is said of it.
    let put = scene.portal.calls("PutRolePolicy");
    for _ in 0..2 {
        scene.portal.pass(60_000);
        scene.portal.portal.tend_deny().await.unwrap();
        other.tend_deny().await.unwrap();
    }
    assert_eq!((scene.portal.calls("PutRolePolicy"), scene.events_of(Kind::LockdownDenyUnseen).await.len()), (put, 2));
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
}

#[tokio::test]
async fn what_a_backend_said_before_it_died_is_found_when_it_is_heard_after_the_lift() {
    let mut scene = Scene::set().await;
    scene.agree(LockdownAct::Begin).await;
    scene.agree(LockdownAct::Lift).await;
    scene.portal.portal.authority().deny_every_session().await.unwrap();
    scene.portal.pass(60_000);
    scene.portal.portal.tend_deny().await.unwrap();
    let request = scene.approved().await;
    assert_eq!(scene.responder.open(request).await.content, b"the record");
    // And what refuses those from before the lockdown is as safe as what refused all.
    scene.portal.portal.authority().deny_no_session().await.unwrap();
    scene.portal.pass(60_000);
    scene.portal.portal.tend_deny().await.unwrap();
    let found: Vec<_> = scene.events_of(Kind::LockdownDenyUnseen).await.iter().map(|facts| facts["found"].clone()).collect();
    assert_eq!(found, ["the role has no policy HalliganLockdown", "HalliganLockdown refuses every session"]);
}

#[tokio::test]
async fn a_deny_that_cannot_be_looked_at_is_not_said_to_be_in_force() {
    let mut scene = Scene::set_at(TestPortal::relayed().await).await;
    scene.agree(LockdownAct::Begin).await;
    scene.portal.portal.tend_deny().await.unwrap();
    scene.portal.relay().plant("GetRolePolicy", Does::refuses(403, "AccessDenied"));
    scene.portal.relay().plant("PutRolePolicy", Does::refuses(403, "AccessDenied"));
    scene.portal.pass(60_000);
    scene.portal.portal.tend_deny().await.unwrap();
    let Some(Deny::Failed { why }) = scene.board().await.deny else { panic!("not failed") };
    assert!(why.starts_with("PutRolePolicy was refused"), "{why}");
    scene.portal.relay().mend();
    scene.portal.pass(10_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
}

#[tokio::test]
async fn a_look_that_comes_back_after_the_lift_takes_nothing_of_it_back() {
    let mut scene = Scene::set().await;
    let relay = Relay::start(scene.portal.authority.router()).await;
    let gate = Gate::closed();
    relay.plant("GetRolePolicy", Does::Held(gate.clone()));
    let slow = scene.portal.beside_at(relay.endpoint.clone()).await;
    scene.agree(LockdownAct::Begin).await;
    slow.tend_deny().await.unwrap();
    let lift = scene.admins[0].propose(LockdownAct::Lift).await;
    scene.portal.pass(60_000);
    let looking = tokio::spawn(async move { slow.tend_deny().await });
    gate.reached().await;
    assert!(scene.admins[1].confirm(lift).await.status.is_success());
    gate.open();
    looking.await.unwrap().unwrap();
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    assert!(scene.events_of(Kind::LockdownDenyUnseen).await.is_empty());
    assert_eq!((relay.asked("PutRolePolicy"), scene.portal.calls("PutRolePolicy")), (1, 2));
}
