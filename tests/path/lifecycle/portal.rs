//! The portal and its people, who take each step as they do by their pages. What is seen here is the portal's own word, never the model's.

use axum::http::Method;
use halligan_backend::outside::{Outside, Webhook};
use halligan_shared::{
    assignment::Assignment,
    door::Door,
    id::{GrantId, MemberId, RequestId},
    member::Role,
    paths,
    reference::Reference,
    review::Finding,
    statement::LockdownAct,
    wire::{DecideBody, Decisions, GrantState, MemberLine, MemberView, Opened, RequestState, RequestView},
};
use serde_json::json;

use super::{
    super::doors::two_apart,
    model::{DENIAL, DRILL, Rules},
    steps::{CASES, DISPATCHERS, RESPONDERS, Step, responder_of},
};
use crate::support::{Client, Device, Set, TestPortal};

/// The incident of every request.
const INCIDENT: &str = "2026-114";

/// A request as its responder's page shows it. Times are in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Shown {
    pub(super) state: &'static str,
    pub(super) door: Option<Door>,
    /// Who approved it, as far as that counts: a bit for each dispatcher.
    pub(super) by: u8,
    /// Until time alone ends that.
    pub(super) left: Option<i64>,
    /// Until it may be opened alone.
    pub(super) alone: Option<i64>,
}

/// A page with an open record: its window, what its wipe receipt reveals, and where the sealed document is.
pub(super) type Page = (GrantId, [u8; 32], String);

/// What a dispatcher signed, and where it is sent.
pub(super) type Signed = (String, DecideBody);

pub(super) struct Scene {
    pub(super) portal: TestPortal,
    pub(super) database: sqlx::SqlitePool,
    pub(super) responders: [Client; RESPONDERS],
    pub(super) dispatchers: [Client; DISPATCHERS],
    pub(super) admins: [Client; 2],
    officer: Client,
    /// A bracelet of a patient who is made up, and of one who is real.
    pub(super) references: [Reference; 2],
    /// Dispatchers, then responders.
    ids: [MemberId; DISPATCHERS + RESPONDERS],
    /// The last request of each case.
    pub(super) requests: [Option<RequestId>; CASES],
    /// Every page that has the record of a case open and has not said that it wiped it.
    pub(super) pages: [Vec<Page>; CASES],
    pub(super) signed: [Option<Signed>; DISPATCHERS],
}

impl Scene {
    pub(super) async fn set(rules: Rules) -> Self {
        let hook = Webhook::new("http://127.0.0.1:9/hook", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz").unwrap();
        let portal = TestPortal::start_with(Set {
            policies: rules.takes_two.then(two_apart),
            review_sample: if rules.all_reviewed { 100 } else { 0 },
            // Nothing is sent: what is told stands in the outbox.
            outside: Outside { webhook: Some(hook.into()), ..Outside::default() },
            ..Set::unhurried()
        })
        .await;
        let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
        let references = [registrar.seal(b"{}").await.1, registrar.seal_real(b"{}").await.1];
        let member =
            async |id: &str, roles: &[Role], assignment| portal.member_at(Device::synchronised(), id, roles, assignment).await;
        let on = |unit: &str| Assignment { unit: Some(unit.parse().unwrap()), ..Assignment::default() };
        let at = |station: &str| Assignment { station: Some(station.parse().unwrap()), ..Assignment::default() };
        let responders =
            [member("EMS-1", &[Role::Responder], on("M12")).await, member("EMS-2", &[Role::Responder], on("M13")).await];
        let dispatchers = [
            // Reviews as well, as far as they took no part; and comes first of those who do.
            member("DSP-1", &[Role::Dispatcher, Role::PrivacyOfficer], at("A")).await,
            member("DSP-2", &[Role::Dispatcher], at("A")).await,
            member("DSP-3", &[Role::Dispatcher], at("B")).await,
        ];
        let officer = member("PRV-1", &[Role::PrivacyOfficer], Assignment::default()).await;
        let mut admins = [
            member("ADM-1", &[Role::Admin], Assignment::default()).await,
            member("ADM-2", &[Role::Admin], Assignment::default()).await,
        ];
        let members: Vec<MemberLine> = admins[0].get(paths::MEMBERS).await.ok();
        let id = |name: &str| members.iter().find(|line| line.member.agency_id.as_str() == name).unwrap().member.id;
        let ids = ["DSP-1", "DSP-2", "DSP-3", "EMS-1", "EMS-2"].map(id);
        let database = portal.database().await;
        let (requests, pages, signed) = ([None; CASES], std::array::from_fn(|_| Vec::new()), std::array::from_fn(|_| None));
        Self { portal, database, responders, dispatchers, admins, officer, references, ids, requests, pages, signed }
    }

    /// A new day for everybody: who was kept out is let in, a lockdown is lifted, and whatever was remembered is forgotten.
    pub(super) async fn begin(&mut self) {
        Box::pin(self.take(Step::Lift)).await;
        for who in 0..DISPATCHERS + RESPONDERS {
            Box::pin(self.take(Step::LetIn(who))).await;
        }
        let part = i64::try_from(self.portal.now().unix_timestamp_nanos() / 1_000_000).unwrap() % 1_000;
        self.portal.pass(DENIAL + 1_000 - part);
        self.portal.portal.sweep().await.unwrap();
        for person in self.everybody() {
            person.sign_in().await.done();
        }
        self.requests = [None; CASES];
        self.pages = std::array::from_fn(|_| Vec::new());
        self.signed = std::array::from_fn(|_| None);
    }

    fn everybody(&mut self) -> impl Iterator<Item = &mut Client> {
        self.responders.iter_mut().chain(&mut self.dispatchers).chain(&mut self.admins).chain([&mut self.officer])
    }

    /// Time passes. Nobody rests for so long that they are signed out.
    pub(super) async fn pass(&mut self, mut span: i64) {
        while span > 0 {
            let part = span.min(1_500_000);
            self.portal.pass(part);
            span -= part;
            if part >= 60_000 {
                for person in self.everybody() {
                    person.get(paths::SESSION).await;
                }
            }
        }
    }

    /// Takes a step as people do, once its time has passed. Whether it was done.
    pub(super) async fn take(&mut self, step: Step) -> bool {
        match step {
            Step::Pass(_) | Step::Until(..) => true,
            Step::Ask(case, severity) => self.ask(case, severity).await,
            Step::Cancel(case) => self.cancel(case).await,
            Step::Say(who, word) => self.sign(who, word).await && self.send(who).await,
            Step::Sign(who, word) => self.sign(who, word).await,
            Step::Send(who) => self.send(who).await,
            Step::Alone(case) => self.alone(case).await,
            Step::Open(case) => self.open(case).await,
            Step::OpenTwice(case) => Box::pin(self.open_twice(case)).await,
            Step::End(who, case) => self.end(who, case).await,
            Step::Done(case) => self.done(case).await,
            Step::SignOut(who) => {
                let is_done = self.responders[who].post(paths::SIGN_OUT, &json!({})).await.status.is_success();
                is_done && self.responders[who].sign_in().await.status.is_success()
            }
            Step::KeepOut(who) => self.administer(&paths::member_suspend_of(self.ids[who])).await,
            Step::LetIn(who) => {
                let is_done = self.administer(&paths::member_reinstate_of(self.ids[who])).await;
                let person = match who.checked_sub(DISPATCHERS) {
                    Some(responder) => &mut self.responders[responder],
                    None => &mut self.dispatchers[who],
                };
                let is_in = person.get(paths::SESSION).await.status.is_success();
                is_done && (is_in || person.sign_in().await.status.is_success())
            }
            Step::Join(who) => {
                let minutes = DRILL / 60_000;
                let body = json!({ "name": "Drill", "minutes": minutes, "members": [self.ids[DISPATCHERS + who]] });
                self.admins[0].sign_in().await;
                self.admins[0].raw(Method::POST, paths::DRILLS, body).await.status.is_success()
            }
            Step::Leave(who) => self.responders[who].raw(Method::POST, paths::OWN_DRILL_LEAVE, json!({})).await.status.is_success(),
            Step::Lock => self.lock(LockdownAct::Begin).await,
            Step::Lift => self.lock(LockdownAct::Lift).await,
            Step::Review(case) => {
                let Some(id) = self.requests[case] else { return false };
                self.officer.close_review(id, Finding::Justified).await.status.is_success()
            }
            Step::Told(goes_on, sent) => {
                let units: Vec<_> =
                    [(sent[0], "M12"), (sent[1], "M13"), (true, "E4")].iter().filter(|unit| unit.0).map(|unit| unit.1).collect();
                let status = if goes_on { "Active" } else { "Closed" };
                self.portal.cad().tell(INCIDENT, status, &units, self.portal.now()).await.taken
            }
        }
    }

    /// What the responder's page shows of a case; nothing where they did not ask, or are kept out.
    pub(super) async fn view(&mut self, case: usize) -> Option<RequestView> {
        let answer = self.responders[responder_of(case)].get(&paths::request_of(self.requests[case]?)).await;
        if answer.status == 401 { None } else { Some(answer.ok()) }
    }

    pub(super) async fn shown(&mut self, case: usize) -> Option<Shown> {
        let shown = |state, opened: Option<Opened>, left: Option<f64>| Shown {
            state,
            by: opened.as_ref().map_or(0, |opened| bits(&opened.by)),
            door: opened.map(|opened| opened.door),
            left: left.map(milliseconds),
            alone: None,
        };
        Some(match self.view(case).await?.state {
            RequestState::Pending { seconds_left, doors } => {
                let Decisions { given, .. } = doors.decisions.unwrap();
                let alone = doors.override_in.map(milliseconds);
                Shown { by: bits(&given), alone, ..shown("pending", None, Some(seconds_left)) }
            }
            RequestState::Approved { seconds_left, opened, .. } => shown("approved", Some(opened), Some(seconds_left)),
            RequestState::Denied { .. } => shown("denied", None, None),
            RequestState::Cancelled => shown("cancelled", None, None),
            RequestState::Expired => shown("expired", None, None),
            RequestState::Lapsed => shown("lapsed", None, None),
            RequestState::Released { opened, grant, .. } => match grant.state {
                GrantState::Active { seconds_left } => shown("open", Some(opened), Some(seconds_left)),
                GrantState::Ended { .. } => shown("over", Some(opened), None),
            },
        })
    }
}

fn bits(members: &[MemberView]) -> u8 {
    let bit = |member: &MemberView| 1 << (member.agency_id.as_str().trim_start_matches("DSP-").parse::<u8>().unwrap() - 1);
    members.iter().map(bit).fold(0, |bits, bit| bits | bit)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}
