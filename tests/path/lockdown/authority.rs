//! What the authority is told of a lockdown and of its lift, and that it refuses.

use std::sync::Arc;

use halligan_backend::services::Fault;
use halligan_shared::{
    audit::Kind,
    id::GrantId,
    paths,
    statement::LockdownAct,
    wire::{Deny, ProblemCode},
};
use time::OffsetDateTime;
use tokio::task::JoinHandle;

use super::Scene;
use crate::support::{Does, Gate, NotOpened, Relay, TestPortal};

/// A backend whose word on a lockdown is on its way to the authority, and held up there.
struct Slow {
    gate: Arc<Gate>,
    telling: JoinHandle<Result<(), Fault>>,
    _relay: Relay,
}

impl Slow {
    /// Begins a lockdown, and tells it slowly.
    async fn telling(scene: &mut Scene) -> Self {
        let (relay, gate) = (Relay::start(scene.portal.authority.router()).await, Gate::closed());
        relay.plant("PutRolePolicy", Does::Held(gate.clone()));
        let backend = scene.portal.beside_at(relay.endpoint.clone()).await;
        scene.agree(LockdownAct::Begin).await;
        let telling = tokio::spawn(async move { backend.tend_deny().await });
        gate.reached().await;
        Self { gate, telling, _relay: relay }
    }

    /// It reaches the authority, and the backend hears that.
    async fn arrive(self) {
        self.gate.open();
        self.telling.await.unwrap().unwrap();
    }
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
    let slow = Slow::telling(&mut scene).await;
    let lift = scene.admins[0].propose(LockdownAct::Lift).await;
    scene.portal.pass(2_000);
    assert!(scene.admins[1].confirm(lift).await.status.is_success());
    assert!(matches!(scene.board().await.deny, Some(Deny::InForce { .. })));
    slow.arrive().await;

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
    let slow = Slow::telling(&mut scene).await;
    let lift = scene.admins[0].propose(LockdownAct::Lift).await;
    assert!(scene.admins[1].confirm(lift).await.status.is_success());
    scene.portal.pass(3_700_000);
    scene.portal.portal.tend_deny().await.unwrap();
    assert_eq!(scene.portal.portal.store().deny().await.unwrap(), None);
    slow.arrive().await;

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
async fn what_a_backend_said_before_it_died_is_found_when_it_arrive_after_the_lift() {
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
