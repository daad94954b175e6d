//! One admin alone, a stranger to the role, or a release that hurries: nobody begins or lifts a lockdown but two admins, and nothing
//! slips through it.

use halligan_shared::{
    member::Role,
    paths,
    statement::{LockdownAct, Verdict},
    wire::{LockdownBoard, MemberLine, PrepareLockdown, PreparedLockdown, ProblemCode},
};
use serde_json::json;

use crate::support::{Client, Device, Set, TestPortal};

async fn admins(portal: &TestPortal) -> [Client; 2] {
    [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await]
}

#[tokio::test]
async fn one_admin_alone_neither_begins_nor_lifts_it() {
    let portal = TestPortal::start().await;
    let [mut one, mut other] = admins(&portal).await;
    for act in [LockdownAct::Begin, LockdownAct::Lift] {
        let proposal = one.propose(act).await;
        assert_eq!(one.prepare_confirmation(proposal).await.refusal().code, ProblemCode::Oneself);
        // Another sign-in is the same admin.
        let mut elsewhere = one.other_browser();
        elsewhere.sign_in().await;
        assert_eq!(elsewhere.prepare_confirmation(proposal).await.refusal().code, ProblemCode::Oneself);
        // Past the first judgement, the statement that makes it so judges again.
        let who = portal.past_the_gate("ADM-1").await;
        let row = portal.portal.store().proposal(proposal, portal.portal.clock().now()).await.unwrap().unwrap();
        let mut unit = portal.portal.store().begin().await.unwrap();
        let confirmed = unit.confirm_lockdown(&row.statement, who.member.id, portal.portal.clock().now()).await.unwrap();
        assert_eq!(confirmed, None);
        drop(unit);
        assert!(other.confirm(proposal).await.status.is_success());
    }
}

#[tokio::test]
async fn a_signature_confirms_only_what_it_was_given_for() {
    let portal = TestPortal::start().await;
    let [mut one, mut other] = admins(&portal).await;
    let mut third = portal.member("ADM-3", &[Role::Admin]).await;
    let (first, second) = (one.propose(LockdownAct::Begin).await, third.propose(LockdownAct::Begin).await);
    // For another proposal.
    let prepared = other.prepare_confirmation(first).await.ok();
    let signed = other.signed_lockdown(&prepared).await;
    assert_eq!(other.post(&paths::lockdown_confirmation_of(second), &signed).await.refusal().code, ProblemCode::CeremonyOver);
    // Twice, although the first time it did nothing.
    assert_eq!(other.post(&paths::lockdown_confirmation_of(first), &signed).await.refusal().code, ProblemCode::CeremonyOver);
    // By another member.
    let prepared: PreparedLockdown = other.prepare_confirmation(first).await.ok();
    let theirs = other.signed_lockdown(&prepared).await;
    assert_eq!(third.post(&paths::lockdown_confirmation_of(first), &theirs).await.refusal().code, ProblemCode::CeremonyOver);
    // To propose.
    let body = PrepareLockdown { act: LockdownAct::Begin, reason: "Drill".into() };
    let to_propose: PreparedLockdown = other.post(paths::LOCKDOWN_PREPARE, &body).await.ok();
    let signed = other.signed_lockdown(&to_propose).await;
    assert_eq!(other.post(&paths::lockdown_confirmation_of(first), &signed).await.refusal().code, ProblemCode::CeremonyOver);
    assert!(one.get(paths::LOCKDOWN).await.ok::<LockdownBoard>().now.is_none());
}

#[tokio::test]
async fn what_an_admin_proposed_who_is_kept_out_is_confirmed_by_nobody() {
    let portal = TestPortal::start().await;
    let [mut lost, mut admin] = admins(&portal).await;
    let proposal = lost.propose(LockdownAct::Begin).await;
    let prepared = admin.prepare_confirmation(proposal).await.ok();
    let signed = admin.signed_lockdown(&prepared).await;
    let lines: Vec<MemberLine> = admin.get(paths::MEMBERS).await.ok();
    let id = lines.iter().find(|line| line.member.agency_id.as_str() == "ADM-1").unwrap().member.id;
    assert!(admin.post(&paths::member_suspend_of(id), &json!(null)).await.status.is_success());
    assert_eq!(admin.post(&paths::lockdown_confirmation_of(proposal), &signed).await.refusal().code, ProblemCode::WrongState);
    assert!(admin.get(paths::LOCKDOWN).await.ok::<LockdownBoard>().proposals.is_empty());
}

#[tokio::test]
async fn nobody_but_an_admin_has_a_say() {
    let portal = TestPortal::start().await;
    let [mut admin, _] = admins(&portal).await;
    let proposal = admin.propose(LockdownAct::Begin).await;
    let mut others = portal.member("ALL-1", &[Role::Responder, Role::Dispatcher, Role::Registrar, Role::Auditor]).await;
    let body = PrepareLockdown { act: LockdownAct::Begin, reason: "Drill".into() };
    assert_eq!(others.post(paths::LOCKDOWN_PREPARE, &body).await.refusal().code, ProblemCode::NotAllowed);
    assert_eq!(others.prepare_confirmation(proposal).await.refusal().code, ProblemCode::NotAllowed);
    assert_eq!(others.get(paths::LOCKDOWN).await.refusal().code, ProblemCode::NotAllowed);
}

/// Releases at once with the lockdown.
const HURRIED: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_releases_against_a_lockdown_none_opens_after_it() {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let [mut one, mut other] = admins(&portal).await;
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
    let mut dispatcher = portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await;
    let mut ready = Vec::new();
    for number in 0..HURRIED {
        let mut responder = portal.member(&format!("EMS-{number}"), &[Role::Responder]).await;
        let request = responder.ask(&reference).await.id;
        assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        let point = responder.point(request).await;
        ready.push((responder, request, point));
    }
    let proposal = one.propose(LockdownAct::Begin).await;
    let prepared = other.prepare_confirmation(proposal).await.ok();
    let signed = other.signed_lockdown(&prepared).await;

    let mut confirming = Some(tokio::spawn(async move { other.post(&paths::lockdown_confirmation_of(proposal), &signed).await }));
    let mut releasing = Vec::new();
    for (place, (responder, request, point)) in ready.iter().enumerate() {
        let (mut responder, request, point) = (responder.clone(), *request, *point);
        releasing.push(tokio::spawn(async move { responder.try_release(request, &point).await }));
        if place == HURRIED / 2
            && let Some(confirming) = confirming.take()
        {
            // From here on it is in force, whatever the others are doing.
            assert!(confirming.await.unwrap().status.is_success());
        }
    }
    for answer in releasing {
        let answer = answer.await.unwrap();
        if !answer.status.is_success() {
            let code = answer.refusal().code;
            assert!(matches!(code, ProblemCode::LockedDown | ProblemCode::WindowOver), "{code:?}");
        }
    }
    let after = "select count(*) from audit_event where kind = 'record.opened' and sequence > (select sequence from audit_event where kind = 'lockdown.begun')";
    assert_eq!(portal.count(after).await, 0, "none opens after");
    assert_eq!(portal.count("select count(*) from access_grant where ending is null").await, 0, "none stays open");
    assert!(portal.portal.authority().held().is_empty(), "no credentials are left");
    for (responder, request, point) in &mut ready {
        let code = responder.try_release(*request, point).await.refusal().code;
        assert!(matches!(code, ProblemCode::LockedDown | ProblemCode::WindowOver), "{code:?}");
    }
    assert_eq!(portal.count(after).await, 0);
}

#[tokio::test]
async fn a_window_that_a_lockdown_left_over_is_not_open_in_it() {
    let portal = TestPortal::start().await;
    let (mut responder, request) = portal.approved(b"the record").await;
    let point = responder.point(request).await;
    responder.open(request).await;
    let [mut one, mut other] = admins(&portal).await;
    let proposal = one.propose(LockdownAct::Begin).await;
    assert!(other.confirm(proposal).await.status.is_success());
    // As a clock that was set back would leave it.
    assert_eq!(portal.tamper("update access_grant set ending = null, ended_at = null").await, 1);
    assert_eq!(responder.try_release(request, &point).await.refusal().code, ProblemCode::LockedDown);
}
