//! The portal and its people, who take each step as they do by their pages. What is seen here is the portal's own word, never the model's.

use axum::http::Method;
use halligan_backend::{outside::Outside, outside::Webhook};
use halligan_shared::{
    assignment::Assignment,
    crypto::PageKey,
    door::Door,
    grant::WipeCause,
    id::{GrantId, MemberId, RequestId},
    justification::{Draft, Severity},
    member::Role,
    paths,
    reference::Reference,
    review::Finding,
    statement::LockdownAct,
    wire::{
        DecideBody, Decisions, FileRequest, GrantState, LockdownBoard, MemberLine, MemberView, PrepareRequest, PreparedBulk,
        PreparedDecision, PreparedOverride, PreparedRequest, ProblemCode, RequestState, RequestView,
    },
};
use serde_json::json;

use super::{
    super::doors::two_apart,
    model::Rules,
    steps::{CASES, DISPATCHERS, RESPONDERS, Step, Word, is_made_up, responder_of},
};
use crate::support::{Client, Device, NotOpened, Set, TestPortal, pressing};

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
type Page = (GrantId, [u8; 32], String);

/// What a dispatcher signed, and where it is sent.
type Signed = (String, DecideBody);

pub(super) struct Scene {
    pub(super) portal: TestPortal,
    pub(super) database: sqlx::SqlitePool,
    responders: [Client; RESPONDERS],
    dispatchers: [Client; DISPATCHERS],
    admins: [Client; 2],
    officer: Client,
    /// A bracelet of a patient who is made up, and of one who is real.
    references: [Reference; 2],
    /// Dispatchers, then responders.
    ids: [MemberId; DISPATCHERS + RESPONDERS],
    /// The last request of each case.
    pub(super) requests: [Option<RequestId>; CASES],
    /// Every page that has the record of a case open and has not said that it wiped it.
    pages: [Vec<Page>; CASES],
    signed: [Option<Signed>; DISPATCHERS],
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
        self.take(Step::Lift).await;
        for who in 0..DISPATCHERS + RESPONDERS {
            self.take(Step::LetIn(who)).await;
        }
        let part = i64::try_from(self.portal.now().unix_timestamp_nanos() / 1_000_000).unwrap() % 1_000;
        self.portal.pass(super::model::DENIAL + 1_000 - part);
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
            Step::OpenTwice(case) => self.open_twice(case).await,
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
                let minutes = super::model::DRILL / 60_000;
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

    async fn ask(&mut self, case: usize, severity: Severity) -> bool {
        let responder = &mut self.responders[responder_of(case)];
        let reference = self.references[usize::from(!is_made_up(case))].digest();
        let body = PrepareRequest { reference, justification: Draft { severity, ..pressing() } };
        let prepared = responder.post(paths::REQUEST_PREPARE, &body).await;
        if !prepared.status.is_success() {
            return false;
        }
        let prepared: PreparedRequest = prepared.ok();
        let credential = responder.device.sign(&prepared.ceremony.options).await;
        let body = FileRequest { idempotency_key: uuid::Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential };
        let filed = responder.post(paths::REQUESTS, &body).await;
        if filed.status.is_success() {
            self.requests[case] = Some(filed.ok::<RequestView>().id);
            self.pages[case].clear();
        }
        filed.status.is_success()
    }

    async fn cancel(&mut self, case: usize) -> bool {
        let Some(before) = self.view(case).await else { return false };
        let answer = self.responders[responder_of(case)].post(&paths::request_cancel_of(before.id), &json!({})).await;
        let is_cancelled = |view: &RequestView| matches!(view.state, RequestState::Cancelled);
        !is_cancelled(&before) && is_cancelled(&answer.ok::<RequestView>())
    }

    async fn sign(&mut self, who: usize, word: Word) -> bool {
        let dispatcher = &mut self.dispatchers[who];
        let signed = match word {
            Word::One(case, verdict) => {
                let Some(id) = self.requests[case] else { return false };
                let prepared = dispatcher.prepare_decision(id, verdict).await;
                if !prepared.status.is_success() {
                    return false;
                }
                (paths::decision_of(id), dispatcher.signed_decision(&prepared.ok::<PreparedDecision>()).await)
            }
            Word::Many(cases) => {
                let of = |case: &usize| cases & 1 << case != 0;
                let Some(ids) = (0..CASES).filter(of).map(|case| self.requests[case]).collect::<Option<Vec<_>>>() else {
                    return false;
                };
                let prepared = dispatcher.post(paths::BULK_PREPARE, &json!({ "requests": ids })).await;
                if !prepared.status.is_success() {
                    return false;
                }
                let ceremony = prepared.ok::<PreparedBulk>().ceremony;
                let credential = dispatcher.device.sign(&ceremony.options).await;
                (paths::BULK.to_owned(), DecideBody { ceremony: ceremony.ceremony, credential })
            }
        };
        self.signed[who] = Some(signed);
        true
    }

    /// What was sent once is sent again: it counts for nothing more.
    async fn send(&mut self, who: usize) -> bool {
        let Some((path, body)) = &self.signed[who] else { return false };
        self.dispatchers[who].post(path, body).await.status.is_success()
    }

    async fn alone(&mut self, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let responder = &mut self.responders[responder_of(case)];
        let prepared = responder.prepare_override(id).await;
        if !prepared.status.is_success() {
            return false;
        }
        let body = responder.signed_override(&prepared.ok::<PreparedOverride>()).await;
        let a = responder.post(&paths::override_of(id), &body).await;
        a.status.is_success()
    }

    /// Tries to open a record wherever its request stands.
    async fn open(&mut self, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let state = self.view(case).await.map(|view| view.state);
        let responder = &mut self.responders[responder_of(case)];
        let opened = match state {
            Some(RequestState::Approved { .. } | RequestState::Released { .. }) => responder.try_open(id).await,
            _ => {
                let refused = responder.try_release(id, &PageKey::new().unwrap().point()).await.refusal();
                Err(NotOpened::Refused(refused.code))
            }
        };
        let is_open = self.took(case, opened);
        // What a page still has the address of goes out in its window and never after.
        for (_, _, document) in &self.pages[case] {
            let sent = self.responders[responder_of(case)].get(document).await.status.is_success();
            assert_eq!(sent, is_open, "a document of case {case}");
        }
        is_open
    }

    async fn open_twice(&mut self, case: usize) -> bool {
        let state = self.view(case).await.map(|view| view.state);
        let Some(RequestState::Approved { .. } | RequestState::Released { .. }) = state else { return self.open(case).await };
        let id = self.requests[case].unwrap();
        let (mut one, mut other) = (self.responders[responder_of(case)].clone(), self.responders[responder_of(case)].clone());
        let (one, other) = tokio::join!(one.try_open(id), other.try_open(id));
        let (one, other) = (self.took(case, one), self.took(case, other));
        assert_eq!(one, other, "both open it, or neither");
        one
    }

    fn took(&mut self, case: usize, opened: Result<crate::support::Opened, NotOpened>) -> bool {
        match opened {
            Ok(opened) => {
                assert_eq!(opened.content, b"{}");
                let document = paths::grant_document_of(opened.release.grant, opened.release.documents[0].id);
                self.pages[case].push((opened.release.grant, opened.secret, document));
                true
            }
            Err(NotOpened::Refused(
                ProblemCode::WindowOver
                | ProblemCode::WrongState
                | ProblemCode::LockedDown
                | ProblemCode::NotSignedIn
                | ProblemCode::OtherSession,
            )) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn end(&mut self, who: usize, case: usize) -> bool {
        let Some(id) = self.requests[case] else { return false };
        let sql = "select id from access_grant where request_id = $1";
        let grant: Option<String> = sqlx::query_scalar(sql).bind(id.to_string()).fetch_optional(&self.database).await.unwrap();
        let Some(grant) = grant else { return false };
        let path = paths::grant_revoke_of(grant.parse().unwrap());
        self.dispatchers[who].post(&path, &json!({ "reason": "" })).await.status.is_success()
    }

    async fn done(&mut self, case: usize) -> bool {
        let pages = std::mem::take(&mut self.pages[case]);
        for (grant, secret, _) in &pages {
            self.responders[responder_of(case)].wiped(*grant, *secret, WipeCause::Done).await.done();
        }
        !pages.is_empty()
    }

    async fn administer(&mut self, path: &str) -> bool {
        // What is bound to a fresh sign-in is tested elsewhere.
        self.admins[0].sign_in().await;
        self.admins[0].post(path, &json!({})).await.status.is_success()
    }

    async fn lock(&mut self, act: LockdownAct) -> bool {
        let [one, other] = &mut self.admins;
        for admin in [&mut *one, &mut *other] {
            admin.sign_in().await.done();
        }
        let is_locked = one.get(paths::LOCKDOWN).await.ok::<LockdownBoard>().now.is_some();
        if is_locked == (act == LockdownAct::Begin) {
            return false;
        }
        let proposal = one.propose(act).await;
        other.confirm(proposal).await.status.is_success()
    }

    /// What the responder's page shows of a case; nothing where they did not ask, or are kept out.
    async fn view(&mut self, case: usize) -> Option<RequestView> {
        let answer = self.responders[responder_of(case)].get(&paths::request_of(self.requests[case]?)).await;
        if answer.status == 401 { None } else { Some(answer.ok()) }
    }

    pub(super) async fn shown(&mut self, case: usize) -> Option<Shown> {
        let shown = |state, opened: Option<halligan_shared::wire::Opened>, left: Option<f64>| Shown {
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
