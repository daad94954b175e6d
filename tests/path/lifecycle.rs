//! The whole lifecycle of a request against a plain model: whatever people and time do, and in whichever order, portal and model agree,
//! some door stays, and nothing is released that came through none.

use halligan_backend::store::AuditFilter;
use halligan_shared::{
    assignment::Assignment,
    door::Door,
    grant::WipeCause,
    id::{GrantId, RequestId},
    member::Role,
    paths,
    reference::Reference,
    statement::Verdict,
    wire::{GrantState, PreparedDecision, PreparedOverride, ProblemCode, RequestState, RequestView},
};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::{Client, Device, NotOpened, Set, TestPortal};

/// How long a request waits, and an approval may stay unused, in milliseconds: the portal's defaults.
const WAIT: i64 = 600_000;
/// How long a record is readable.
const WINDOW: i64 = 300_000;
/// When a life-threatening request may be opened alone, and when one that was denied before.
const ALONE: [i64; 2] = [45_000, 60_000];
/// How long computer-aided dispatch may be silent before nothing is opened by what it told.
const SILENCE: i64 = 300_000;
/// How long a denial is remembered.
const DENIAL: i64 = 3_600_000;

/// What somebody does, or time.
#[derive(Debug, Clone, Copy)]
enum Step {
    Ask,
    Cancel,
    Say(usize, Verdict),
    Alone,
    Open,
    End(usize),
    Done,
    KeepOut(usize),
    LetIn(usize),
    /// Computer-aided dispatch says whether the incident goes on, and whether the responder's unit is on it.
    Told(bool, bool),
    Pass(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let dispatcher = 0..2_usize;
    let verdict = prop_oneof![3 => Just(Verdict::Approve), 1 => Just(Verdict::Deny), 1 => Just(Verdict::TakeBack)];
    let step = prop_oneof![
        6 => Just(Step::Ask),
        1 => Just(Step::Cancel),
        6 => (dispatcher.clone(), verdict).prop_map(|(who, verdict)| Step::Say(who, verdict)),
        3 => Just(Step::Alone),
        6 => Just(Step::Open),
        1 => dispatcher.clone().prop_map(Step::End),
        1 => Just(Step::Done),
        2 => dispatcher.clone().prop_map(Step::KeepOut),
        2 => dispatcher.prop_map(Step::LetIn),
        3 => (any::<bool>(), any::<bool>()).prop_map(|(goes_on, is_sent)| Step::Told(goes_on, is_sent)),
        4 => prop_oneof![Just(1), Just(44_999), Just(45_000), Just(60_000), Just(299_999), Just(300_000), Just(599_999)].prop_map(Step::Pass),
    ];
    vec(step, 1..24)
}

/// Where the last request stands, by the rules alone.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stands {
    Nowhere,
    Pending,
    Approved(Door, Option<usize>, i64),
    Denied,
    Cancelled,
    Expired,
    Lapsed,
    Open(i64),
    Over,
}

struct Model {
    now: i64,
    asked: i64,
    denied: Option<i64>,
    is_out: [bool; 2],
    /// Whether the incident goes on with the responder's unit on it, and when that was told.
    told: Option<(bool, i64)>,
    stands: Stands,
}

impl Model {
    const fn new() -> Self {
        Self { now: 0, asked: 0, denied: None, is_out: [false; 2], told: None, stands: Stands::Nowhere }
    }

    /// What time has brought about by now.
    fn settle(&mut self) {
        self.stands = match self.stands {
            Stands::Pending if self.now >= self.asked + WAIT => Stands::Expired,
            Stands::Approved(.., until) if self.now >= until => Stands::Lapsed,
            Stands::Open(ends) if self.now >= ends => Stands::Over,
            other => other,
        };
    }

    fn was_denied(&self) -> bool {
        self.denied.is_some_and(|denied| self.now < denied + DENIAL)
    }

    /// Whether the standing rule holds.
    fn rule_holds(&self) -> bool {
        !self.was_denied() && self.told.is_some_and(|(is_sent, told)| is_sent && self.now < told + SILENCE)
    }

    /// What a request becomes by the standing rule alone.
    fn by_rule(&self, stands: Stands) -> Stands {
        match stands {
            Stands::Pending if self.rule_holds() => Stands::Approved(Door::Policy, None, self.now + WAIT),
            Stands::Approved(Door::Policy, ..) if !self.rule_holds() => Stands::Pending,
            other => other,
        }
    }

    /// Whether the rules allow the step, and what comes of it.
    fn take(&mut self, step: Step) -> bool {
        let until = self.now + WAIT;
        let next = match (step, self.stands) {
            (Step::Pass(milliseconds), stands) => {
                self.now += milliseconds;
                Some(stands)
            }
            (Step::Ask, stands) => {
                let is_free = !matches!(stands, Stands::Pending | Stands::Approved(..));
                if is_free {
                    self.asked = self.now;
                }
                is_free.then(|| self.by_rule(Stands::Pending))
            }
            (Step::Cancel, Stands::Pending | Stands::Approved(..)) => Some(Stands::Cancelled),
            (Step::Say(who, verdict), stands) if !self.is_out[who] => match (verdict, stands) {
                (Verdict::Approve, Stands::Pending) => Some(Stands::Approved(Door::Dispatcher, Some(who), until)),
                (Verdict::Deny, Stands::Pending) | (Verdict::TakeBack, Stands::Approved(..)) => {
                    self.denied = Some(self.now);
                    Some(Stands::Denied)
                }
                _ => None,
            },
            (Step::Alone, Stands::Pending) => (self.now >= self.asked + ALONE[usize::from(self.was_denied())])
                .then_some(Stands::Approved(Door::Override, None, until)),
            (Step::Told(goes_on, is_sent), stands) => {
                // Each word is a second later than the one before: of two at once the first would count.
                self.now += 1_000;
                self.told = Some((goes_on && is_sent, self.now));
                self.stands = stands;
                self.settle();
                Some(self.by_rule(self.stands))
            }
            (Step::Open, Stands::Approved(Door::Policy, ..)) if !self.rule_holds() => {
                self.stands = Stands::Pending;
                None
            }
            (Step::Open, Stands::Approved(..)) => Some(Stands::Open(self.now + WINDOW)),
            (Step::Open, stands @ Stands::Open(_)) => Some(stands),
            (Step::End(who), Stands::Open(_)) if !self.is_out[who] => Some(Stands::Over),
            (Step::Done, Stands::Open(_)) => Some(Stands::Over),
            (Step::KeepOut(who), stands) => {
                self.is_out[who] = true;
                let is_his = matches!(stands, Stands::Approved(Door::Dispatcher, Some(by), _) if by == who);
                Some(if is_his { Stands::Pending } else { stands })
            }
            (Step::LetIn(who), stands) => {
                self.is_out[who] = false;
                Some(stands)
            }
            _ => None,
        };
        if let Some(next) = next {
            self.stands = next;
        }
        self.settle();
        next.is_some()
    }
}

/// The portal and its people.
struct Scene {
    portal: TestPortal,
    responder: Client,
    dispatchers: [Client; 2],
    admin: Client,
    reference: Reference,
    request: Option<RequestId>,
    opened: Option<(GrantId, [u8; 32])>,
}

impl Scene {
    async fn set() -> Self {
        let portal = TestPortal::start_with(Set::unhurried()).await;
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
        let person = async |id: &str, role| portal.member_with(Device::synchronised(), id, &[role]).await;
        let assignment = Assignment { unit: Some("M12".parse().unwrap()), ..Assignment::default() };
        let responder = portal.member_at(Device::synchronised(), "EMS-1", &[Role::Responder], assignment).await;
        let dispatchers = [person("DSP-1", Role::Dispatcher).await, person("DSP-2", Role::Dispatcher).await];
        let admin = person("ADM-1", Role::Admin).await;
        Self { portal, responder, dispatchers, admin, reference, request: None, opened: None }
    }

    /// Takes the step as people do. Whether it was done.
    async fn take(&mut self, step: Step) -> bool {
        let request = self.request;
        match (step, request) {
            (Step::Pass(milliseconds), _) => {
                self.portal.pass(milliseconds);
                // Nobody rests for so long that they are signed out.
                for person in self.dispatchers.iter_mut().chain([&mut self.responder, &mut self.admin]) {
                    person.get(paths::SESSION).await;
                }
                true
            }
            (Step::Ask, _) => {
                let answer = self.responder.ask_with(&self.reference, uuid::Uuid::now_v7()).await;
                if !answer.status.is_success() {
                    return false;
                }
                self.request = Some(answer.ok::<RequestView>().id);
                true
            }
            (Step::KeepOut(who), _) => self.of_dispatcher(who, paths::member_suspend_of).await,
            (Step::LetIn(who), _) => {
                self.of_dispatcher(who, paths::member_reinstate_of).await;
                self.dispatchers[who].sign_in().await.status.is_success()
            }
            (Step::Told(goes_on, is_sent), _) => {
                self.portal.pass(1_000);
                let (status, units) =
                    (if goes_on { "Active" } else { "Closed" }, if is_sent { ["E4", "M12"] } else { ["E4", "M13"] });
                self.portal.cad().tell("2026-114", status, &units, self.portal.now()).await.taken
            }
            (_, None) => false,
            (Step::Cancel, Some(id)) => {
                let is_over = matches!(self.responder.request(id).await.state, RequestState::Cancelled);
                let answer = self.responder.post(&paths::request_cancel_of(id), &json!({})).await;
                !is_over && matches!(answer.ok::<RequestView>().state, RequestState::Cancelled)
            }
            (Step::Say(who, verdict), Some(id)) => {
                let dispatcher = &mut self.dispatchers[who];
                let prepared = dispatcher.prepare_decision(id, verdict).await;
                if !prepared.status.is_success() {
                    return false;
                }
                let prepared: PreparedDecision = prepared.ok();
                let body = dispatcher.signed_decision(&prepared).await;
                dispatcher.post(&paths::decision_of(id), &body).await.status.is_success()
            }
            (Step::Alone, Some(id)) => {
                let prepared = self.responder.prepare_override(id).await;
                if !prepared.status.is_success() {
                    return false;
                }
                let prepared: PreparedOverride = prepared.ok();
                let body = self.responder.signed_override(&prepared).await;
                self.responder.post(&paths::override_of(id), &body).await.status.is_success()
            }
            (Step::Open, Some(id)) => {
                if !matches!(self.responder.request(id).await.state, RequestState::Approved { .. } | RequestState::Released { .. })
                {
                    return false;
                }
                match self.responder.try_open(id).await {
                    Ok(opened) => {
                        self.opened = Some((opened.release.grant, opened.secret));
                        true
                    }
                    Err(NotOpened::Refused(ProblemCode::WindowOver | ProblemCode::WrongState)) => false,
                    Err(other) => panic!("{other:?}"),
                }
            }
            (Step::End(who), Some(id)) => {
                let RequestState::Released { grant, .. } = self.responder.request(id).await.state else { return false };
                let body = json!({ "reason": "" });
                self.dispatchers[who].post(&paths::grant_revoke_of(grant.id), &body).await.status.is_success()
            }
            (Step::Done, Some(id)) => {
                let RequestState::Released { grant, .. } = self.responder.request(id).await.state else { return false };
                let (Some((of, secret)), true) = (self.opened, matches!(grant.state, GrantState::Active { .. })) else {
                    return false;
                };
                of == grant.id && self.responder.wiped(of, secret, WipeCause::Done).await.status.is_success()
            }
        }
    }

    async fn of_dispatcher(&mut self, who: usize, path: fn(halligan_shared::id::MemberId) -> String) -> bool {
        let members: Vec<Value> = self.admin.get(paths::MEMBERS).await.ok();
        let wanted = format!("DSP-{}", who + 1);
        let id = members.iter().find(|member| member["agency_id"] == wanted.as_str()).unwrap()["id"].as_str().unwrap();
        // What is bound to a fresh sign-in is tested elsewhere.
        self.admin.sign_in().await;
        self.admin.post(&path(id.parse().unwrap()), &json!({})).await.status.is_success()
    }

    /// Where the portal says that the last request stands.
    async fn stands(&mut self) -> (Stands, bool) {
        let Some(id) = self.request else { return (Stands::Nowhere, true) };
        match self.responder.request(id).await.state {
            RequestState::Pending { doors, .. } => (Stands::Pending, doors.decisions.is_some() || doors.override_in.is_some()),
            RequestState::Approved { opened, .. } => (Stands::Approved(opened.door, None, 0), true),
            RequestState::Denied { .. } => (Stands::Denied, true),
            RequestState::Cancelled => (Stands::Cancelled, true),
            RequestState::Expired => (Stands::Expired, true),
            RequestState::Lapsed => (Stands::Lapsed, true),
            RequestState::Released { grant, .. } => match grant.state {
                GrantState::Active { .. } => (Stands::Open(0), true),
                GrantState::Ended { .. } => (Stands::Over, true),
            },
        }
    }

    /// That each record was opened through the one door that the log names, and that none was opened twice before.
    async fn through_one_door(&self) {
        let mut doors = std::collections::HashMap::<String, Value>::new();
        let page = self.portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
        assert!(page.chain_holds && page.next_before.is_none());
        for event in page.events.into_iter().rev() {
            let id = event.facts["request"].as_str().or_else(|| event.facts["statement"]["request"].as_str());
            let Some(id) = id.map(ToOwned::to_owned) else { continue };
            match event.kind.as_str() {
                "request.opened" => assert_eq!(doors.insert(id, event.facts["door"].clone()), None, "a second door"),
                "request.waits_again" => drop(doors.remove(&id)),
                "request.decided" if event.facts["statement"]["verdict"] == "take_back" => drop(doors.remove(&id)),
                "record.opened" | "record.opened_again" => {
                    assert_eq!(doors.get(&id), Some(&event.facts["door"]), "no door, or another");
                }
                _ => {}
            }
        }
    }
}

/// The same as far as a page shows it.
const fn shown(stands: Stands) -> Stands {
    match stands {
        Stands::Approved(door, ..) => Stands::Approved(door, None, 0),
        Stands::Open(_) => Stands::Open(0),
        other => other,
    }
}

#[test]
fn portal_and_model_agree_whatever_happens_and_in_whichever_order() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() });
    let run = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let (mut scene, mut model) = (Scene::set().await, Model::new());
            for (place, step) in steps.iter().enumerate() {
                // Whoever is let in without having been kept out is where they were.
                let allowed = model.take(*step);
                let done = scene.take(*step).await;
                prop_assert_eq!(done, allowed, "step {} of {:?}: {:?}", place, steps, model.stands);
                let (stands, has_a_door) = scene.stands().await;
                prop_assert_eq!(stands, shown(model.stands), "after step {} of {:?}", place, steps);
                prop_assert!(has_a_door, "a dead end after step {place} of {steps:?}");
            }
            scene.through_one_door().await;
            Ok(())
        })
    });
    if let Err(fault) = run {
        panic!("{fault}");
    }
}

/// So many interleavings; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40)
}
