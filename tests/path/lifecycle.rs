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

use super::doors::two_apart;
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
    let dispatcher = 0..3_usize;
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

/// Where the last request stands, by the rules alone. Approvals are a bit for each dispatcher.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stands {
    Nowhere,
    /// Until when, and who approved.
    Pending(i64, u8),
    /// Through which door, who approved, until when.
    Approved(Door, u8, i64),
    Denied,
    Cancelled,
    Expired,
    Lapsed,
    Open(i64),
    Over,
}

struct Model {
    /// Whether it takes two dispatchers of different stations.
    takes_two: bool,
    now: i64,
    asked: i64,
    /// When dispatch last said no.
    denied: Option<i64>,
    /// Of each request that was denied, when it was asked and when denied.
    denials: Vec<(i64, i64)>,
    is_out: [bool; 3],
    /// Whether the incident goes on with the responder's unit on it, and when that was told.
    told: Option<(bool, i64)>,
    stands: Stands,
}

impl Model {
    const fn new(takes_two: bool) -> Self {
        Self {
            takes_two,
            now: 0,
            asked: 0,
            denied: None,
            denials: Vec::new(),
            is_out: [false; 3],
            told: None,
            stands: Stands::Nowhere,
        }
    }

    /// What time has brought about by now.
    fn settle(&mut self) {
        self.stands = match self.stands {
            Stands::Pending(until, _) if self.now >= until => Stands::Expired,
            Stands::Approved(.., until) if self.now >= until => Stands::Lapsed,
            Stands::Open(ends) if self.now >= ends => Stands::Over,
            other => other,
        };
    }

    fn was_denied(&self) -> bool {
        self.denied.is_some_and(|denied| self.now < denied + DENIAL)
    }

    /// When the wait of an override is over.
    fn alone_at(&self) -> i64 {
        let of_late = self.denials.iter().filter(|(_, denied)| *denied > self.asked - DENIAL).map(|(asked, _)| *asked);
        of_late.chain([self.asked]).min().unwrap_or(self.asked) + ALONE[usize::from(self.was_denied())]
    }

    /// Whether the standing rule holds.
    fn rule_holds(&self) -> bool {
        !self.was_denied() && self.told.is_some_and(|(is_sent, told)| is_sent && self.now < told + SILENCE)
    }

    /// Whether these dispatchers are enough. The first two are of one station.
    const fn is_enough(&self, approvals: u8) -> bool {
        if self.takes_two { approvals & 0b011 != 0 && approvals & 0b100 != 0 } else { approvals != 0 }
    }

    /// What becomes of it by what holds now.
    fn judged(&self, stands: Stands) -> Stands {
        let until = self.now + WAIT;
        match stands {
            Stands::Pending(_, approvals) if self.rule_holds() => Stands::Approved(Door::Policy, approvals, until),
            Stands::Pending(_, approvals) if self.is_enough(approvals) => Stands::Approved(Door::Dispatcher, approvals, until),
            Stands::Approved(Door::Policy, approvals, _) if !self.rule_holds() => self.judged(self.waits_again(approvals)),
            Stands::Approved(Door::Dispatcher, approvals, _) if !self.is_enough(approvals) => {
                self.judged(self.waits_again(approvals))
            }
            other => other,
        }
    }

    /// For as long as it would have, and a minute at least.
    fn waits_again(&self, approvals: u8) -> Stands {
        Stands::Pending((self.asked + WAIT).max(self.now + 60_000), approvals)
    }

    /// Whether the rules allow the step, and what comes of it.
    fn take(&mut self, step: Step) -> bool {
        let next = match (step, self.stands) {
            (Step::Pass(milliseconds), stands) => {
                self.now += milliseconds;
                Some(stands)
            }
            (Step::Ask, stands) => {
                let is_free = !matches!(stands, Stands::Pending(..) | Stands::Approved(..));
                if is_free {
                    self.asked = self.now;
                }
                is_free.then(|| self.judged(Stands::Pending(self.now + WAIT, 0)))
            }
            (Step::Cancel, Stands::Pending(..) | Stands::Approved(..)) => Some(Stands::Cancelled),
            (Step::Say(who, verdict), stands) if !self.is_out[who] => match (verdict, stands) {
                (Verdict::Approve, Stands::Pending(until, approvals)) if approvals & 1 << who == 0 => {
                    Some(self.judged(Stands::Pending(until, approvals | 1 << who)))
                }
                (Verdict::Deny, Stands::Pending(..)) | (Verdict::TakeBack, Stands::Approved(..)) => {
                    self.denied = Some(self.now);
                    self.denials.push((self.asked, self.now));
                    Some(Stands::Denied)
                }
                _ => None,
            },
            (Step::Alone, Stands::Pending(_, approvals)) => {
                (self.now >= self.alone_at()).then_some(Stands::Approved(Door::Override, approvals, self.now + WAIT))
            }
            (Step::Told(goes_on, is_sent), stands) => {
                // Each word is a second later than the one before: of two at once the first would count.
                self.now += 1_000;
                // By the second in which it was signed: a signature says no more.
                self.told = Some((goes_on && is_sent, self.now - self.now % 1_000));
                self.stands = stands;
                self.settle();
                Some(self.judged(self.stands))
            }
            (Step::Open, stands @ Stands::Approved(..)) => match self.judged(stands) {
                Stands::Approved(..) => Some(Stands::Open(self.now + WINDOW)),
                waits => {
                    self.stands = waits;
                    None
                }
            },
            (Step::End(who), Stands::Open(_)) if !self.is_out[who] => {
                self.denied = Some(self.now);
                Some(Stands::Over)
            }
            (Step::Done, Stands::Open(_)) => Some(Stands::Over),
            (Step::KeepOut(who), stands) if !self.is_out[who] => {
                self.is_out[who] = true;
                let left = |approvals| approvals & !(1 << who);
                Some(match stands {
                    Stands::Pending(until, approvals) => self.judged(Stands::Pending(until, left(approvals))),
                    Stands::Approved(door, approvals, until) => self.judged(Stands::Approved(door, left(approvals), until)),
                    other => other,
                })
            }
            // Opened again, or kept out already.
            (Step::Open, stands @ Stands::Open(_)) | (Step::KeepOut(_), stands) => Some(stands),
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
    dispatchers: [Client; 3],
    admin: Client,
    reference: Reference,
    request: Option<RequestId>,
    opened: Option<(GrantId, [u8; 32])>,
}

impl Scene {
    async fn set(takes_two: bool) -> Self {
        let policies = takes_two.then(two_apart);
        let portal = TestPortal::start_with(Set { policies, ..Set::unhurried() }).await;
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
        let person = async |id: &str, role| portal.member_with(Device::synchronised(), id, &[role]).await;
        let assignment = Assignment { unit: Some("M12".parse().unwrap()), ..Assignment::default() };
        let responder = portal.member_at(Device::synchronised(), "EMS-1", &[Role::Responder], assignment).await;
        let dispatcher = async |id: &str, station: &str| {
            let assignment = Assignment { station: Some(station.parse().unwrap()), ..Assignment::default() };
            portal.member_at(Device::synchronised(), id, &[Role::Dispatcher], assignment).await
        };
        let dispatchers = [dispatcher("DSP-1", "A").await, dispatcher("DSP-2", "A").await, dispatcher("DSP-3", "B").await];
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

    /// Where the portal says that the last request stands, and of one that waits, in how many seconds it may be opened alone.
    async fn stands(&mut self) -> (Stands, Option<f64>) {
        let Some(id) = self.request else { return (Stands::Nowhere, None) };
        let stands = match self.responder.request(id).await.state {
            RequestState::Pending { doors, .. } => {
                assert!(doors.decisions.is_some(), "dispatchers can decide");
                return (Stands::Pending(0, 0), doors.override_in);
            }
            RequestState::Approved { opened, .. } => Stands::Approved(opened.door, 0, 0),
            RequestState::Denied { .. } => Stands::Denied,
            RequestState::Cancelled => Stands::Cancelled,
            RequestState::Expired => Stands::Expired,
            RequestState::Lapsed => Stands::Lapsed,
            RequestState::Released { grant, .. } => match grant.state {
                GrantState::Active { .. } => Stands::Open(0),
                GrantState::Ended { .. } => Stands::Over,
            },
        };
        (stands, None)
    }

    /// That nobody is left standing: from wherever it waits, the responder gets in when the time has come.
    async fn leads_on(&mut self, model: &mut Model) {
        if let Stands::Pending(until, _) = model.stands {
            let alone = model.alone_at().max(model.now);
            let step = Step::Pass(alone.min(until) - model.now);
            assert!(model.take(step) && Box::pin(self.take(step)).await);
            let expected = alone < until;
            assert_eq!((model.take(Step::Alone), Box::pin(self.take(Step::Alone)).await), (expected, expected), "a dead end");
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
        Stands::Pending(..) => Stands::Pending(0, 0),
        Stands::Approved(door, ..) => Stands::Approved(door, 0, 0),
        Stands::Open(_) => Stands::Open(0),
        other => other,
    }
}

fn agree(takes_two: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() });
    let run = runner.run(&steps(), |steps| {
        runtime.block_on(async {
            let (mut scene, mut model) = (Scene::set(takes_two).await, Model::new(takes_two));
            for (place, step) in steps.iter().enumerate() {
                let allowed = model.take(*step);
                let done = Box::pin(scene.take(*step)).await;
                prop_assert_eq!(done, allowed, "step {} of {:?}: {:?}", place, steps, model.stands);
                let (stands, override_in) = scene.stands().await;
                prop_assert_eq!(stands, shown(model.stands), "after step {} of {:?}", place, steps);
                if let Some(seconds) = override_in {
                    let left = time::Duration::milliseconds((model.alone_at() - model.now).max(0)).as_seconds_f64();
                    prop_assert!((seconds - left).abs() < 0.001, "{seconds} after step {place} of {steps:?}");
                }
            }
            Box::pin(scene.leads_on(&mut model)).await;
            scene.through_one_door().await;
            Ok(())
        })
    });
    if let Err(fault) = run {
        panic!("{fault}");
    }
}

#[test]
fn portal_and_model_agree_whatever_happens_and_in_whichever_order() {
    agree(false);
}

#[test]
fn portal_and_model_agree_where_it_takes_two_dispatchers_of_different_stations() {
    agree(true);
}

/// So many interleavings; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(30)
}
