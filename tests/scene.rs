//! Something of everything: people of every role, and what there is for them to call for. For callers that try every operation.

use std::collections::BTreeMap;

use axum::http::Method;
use halligan_backend::{domain::scan::ORDINARY, http};
use halligan_shared::{
    grant::WipeCause,
    id::{DocumentId, PasskeyId, RequestId, SealingId},
    member::Role,
    paths,
    reference::Reference,
    statement::{LockdownAct, Verdict},
    wire,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{Client, Device, Listener, Set, TestPortal};

/// Of so many bracelets the desk is told.
pub(crate) const ALARMING: u32 = ORDINARY + 1;
const SUMMARY: &[u8] = br#"{"resourceType":"Bundle"}"#;

/// A portal, people at it, and what is there. Its clock stands still, so that sessions stay fresh and windows open.
pub(crate) struct Scene {
    pub(crate) portal: TestPortal,
    pub(crate) people: Vec<Client>,
    /// Which of the people has a role.
    of: BTreeMap<Role, usize>,
    /// Colleagues with every role: one who asks, proposes and may be signed out, and one who decides.
    colleague: Client,
    dispatcher: Client,
    /// What is there, by the names that paths have for it, and bodies.
    pub(crate) names: BTreeMap<&'static str, Vec<Value>>,
    /// Where devices are told, if anything is sent.
    push_service: Listener,
}

impl Scene {
    /// With one person for each of these sets of roles, which together are every role.
    pub(crate) async fn of(sets: &[impl AsRef<[Role]>]) -> Self {
        let listener = Listener::start().await;
        // Every opening is reviewed.
        let set = Set { outside: listener.push_only(), review_sample: 100, ..Set::unhurried() };
        let portal = TestPortal::start_with(set).await;
        let (mut people, mut of) = (Vec::new(), BTreeMap::new());
        for (place, roles) in sets.iter().enumerate() {
            people.push(portal.member(&format!("M-{place}"), roles.as_ref()).await);
            of.extend(roles.as_ref().iter().map(|role| (*role, place)));
        }
        let colleague = portal.member("ALL-2", &Role::ALL).await;
        let dispatcher = portal.member("ALL-3", &Role::ALL).await;
        let mut scene = Self { portal, people, of, colleague, dispatcher, names: BTreeMap::new(), push_service: listener };
        Box::pin(scene.happen()).await;
        scene.name_everything();
        scene
    }

    async fn happen(&mut self) {
        let bracelets = self.seal().await;
        self.ask(&bracelets).await;
        self.change_members().await;
        self.tell().await;
        self.have_devices().await;
    }

    /// Who has a role.
    pub(crate) fn who(&mut self, role: Role) -> &mut Client {
        &mut self.people[self.of[&role]]
    }

    /// Three records of patients who are made up and four of real ones, with bracelets, and a sealing that is not committed.
    async fn seal(&mut self) -> Vec<Reference> {
        let registrar = self.who(Role::Registrar);
        let mut sealed = Vec::new();
        for _ in 0..3 {
            sealed.push(registrar.seal(SUMMARY).await);
        }
        for _ in 0..4 {
            sealed.push(registrar.seal_real(SUMMARY).await);
        }
        let (sealing, document) = begun(registrar).await;
        let (records, bracelets): (Vec<_>, Vec<_>) = sealed.into_iter().unzip();
        self.name("record", records);
        self.name("reference", bracelets.iter().map(Reference::digest));
        self.name("sealing", [sealing]);
        self.name("document", [document]);
        bracelets
    }

    /// Of the responder, for who is made up, and of the colleague, one request each that is open, one that is approved, one that waits;
    /// of the colleague one more that is over, whose review can be closed.
    async fn ask(&mut self, bracelets: &[Reference]) {
        for (own, bracelets) in [true, false].into_iter().zip(bracelets.chunks_exact(3)) {
            let [open, approved, waiting] = bracelets else { unreachable!("chunks of three") };
            let asks = if own { &mut self.people[self.of[&Role::Responder]] } else { &mut self.colleague };
            let decides = &mut self.dispatcher;
            let open = allowed(asks, decides, open).await;
            let approved = allowed(asks, decides, approved).await;
            let release = asks.open(open).await.release;
            let waiting = asks.ask(waiting).await.id;
            self.name("request", [open, approved, waiting]);
            self.name(if own { "own_waiting" } else { "waiting" }, [waiting]);
            self.name("grant", [release.grant]);
            self.name("document", release.documents.iter().map(|line| line.id));
        }
        let over = allowed(&mut self.colleague, &mut self.dispatcher, &bracelets[6]).await;
        let opened = self.colleague.open(over).await;
        let grant = opened.release.grant;
        self.dispatcher.post(&paths::grant_revoke_of(grant), &json!({ "reason": "" })).await.done();
        self.colleague.wiped(grant, opened.secret, WipeCause::Revoked).await.done();
        self.name("request", [over]);
        self.name("review", [over]);
        // Long enough for what waits to be opened alone, and not for what is open to end.
        self.portal.pass(60_000);
    }

    /// Somebody whose passkeys are about to be replaced, somebody invited, a drill of the responder's, a lockdown proposed: all by the
    /// colleague, so that somebody else may confirm, stop or end it.
    async fn change_members(&mut self) {
        // Who scanned one bracelet more than is ordinary.
        let mut scanning = self.portal.member("EMS-3", &[Role::Responder]).await;
        for _ in 0..ALARMING {
            scanning.prepare(Reference::random().unwrap().digest()).await.refusal();
        }
        let subject = self.colleague.id_of("EMS-3").await;
        let reenrolment = self.colleague.propose_reenrolment(subject).await;
        let own = self.colleague.id_of("ALL-2").await;
        let invited = json!({ "agency_id": "EMS-4", "display_name": "Drill", "roles": ["responder"] });
        let invitation: wire::Invitation = self.colleague.post(paths::INVITATIONS, &invited).await.ok();
        let invitations: Vec<wire::InvitationLine> = self.colleague.get(paths::INVITATIONS).await.ok();
        let session: wire::Session = self.who(Role::Responder).get(paths::SESSION).await.ok();
        let begin = wire::BeginDrill { name: "Night drill".into(), minutes: 60, members: vec![session.member.id] };
        let drill: wire::DrillLine = self.colleague.post(paths::DRILLS, &begin).await.ok();
        let proposal = self.colleague.propose(LockdownAct::Begin).await;
        // Whom no path names, so that nobody keeps them out.
        let mut crew = Vec::new();
        for place in 11..=16 {
            let agency_id = format!("EMS-{place}");
            self.portal.member(&agency_id, &[Role::Responder]).await;
            crew.push(self.colleague.id_of(&agency_id).await);
        }
        self.name("crew", crew);
        self.name("member", [subject, own]);
        self.name("reenrolment", [reenrolment]);
        self.name("token", [invitation.link.split_once('#').unwrap().1]);
        self.name("invitation", invitations.iter().map(|line| line.id));
        self.name("drill", [drill.id]);
        self.name("proposal", [proposal]);
    }

    /// An incident that computer-aided dispatch told of.
    async fn tell(&mut self) {
        let number = "2026-500";
        self.portal.cad().tell(number, "Active", &[], self.portal.now()).await;
        self.name("number", [number]);
    }

    /// Of everybody a device that is told, a passkey, and what they were told.
    async fn have_devices(&mut self) {
        for place in 0..self.people.len() {
            let browser = self.push_service.browser(&place.to_string(), u8::try_from(place + 1).unwrap());
            let person = &mut self.people[place];
            person.raw(Method::PUT, paths::PUSH_DEVICES, serde_json::to_value(browser.body()).unwrap()).await.done();
            let told: wire::PushDevices = person.get(paths::PUSH_DEVICES).await.ok();
            let board: wire::NoticeBoard = person.get(paths::NOTICES).await.ok();
            let spare = another_passkey(person).await;
            self.name("device", told.devices.iter().map(|line| line.id));
            self.name("notice", board.notices.iter().map(|line| line.id));
            self.name("passkey", [spare]);
        }
    }

    fn name(&mut self, name: &'static str, values: impl IntoIterator<Item: Serialize>) {
        self.names.entry(name).or_default().extend(values.into_iter().map(|value| json!(value)));
    }

    /// A path of the portal whose parts stand for nothing would only ever be refused.
    fn name_everything(&self) {
        for route in http::entries(&self.portal.portal) {
            for name in route.path.split(['{', '}']).skip(1).step_by(2) {
                assert!(self.names.contains_key(name), "nothing stands for {{{name}}} of {}", route.path);
            }
        }
    }
}

/// A sealing with one document, not committed.
async fn begun(registrar: &mut Client) -> (SealingId, DocumentId) {
    let sealing: wire::Sealing = registrar.post(paths::SEALINGS, &wire::StartSealing::default()).await.ok();
    let document = DocumentId::random().unwrap();
    let path = paths::sealing_document_of(sealing.id, document);
    registrar.call(Method::PUT, &path, Some(vec![0; 4096]), "application/octet-stream").await.done();
    (sealing.id, document)
}

async fn allowed(responder: &mut Client, dispatcher: &mut Client, bracelet: &Reference) -> RequestId {
    let request = responder.ask(bracelet).await.id;
    dispatcher.decide(request, Verdict::Approve).await.done();
    request
}

/// A second passkey. The first began the session, which would end with it.
async fn another_passkey(person: &mut Client) -> PasskeyId {
    let ceremony: wire::Ceremony = person.post(paths::PASSKEY_START, &json!({})).await.ok();
    let credential = Device::default().create(&ceremony.options).await;
    let body = wire::PasskeyBody { ceremony: ceremony.ceremony, credential, name: "spare".into() };
    person.post(paths::PASSKEY_FINISH, &body).await.done();
    let own: Vec<wire::PasskeyLine> = person.get(paths::PASSKEYS).await.ok();
    own.iter().find(|line| line.name == "spare").unwrap().id
}
