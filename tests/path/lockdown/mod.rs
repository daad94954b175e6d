//! The lockdown: two admins close every record, nothing opens, and two admins lift it.

mod admins;
mod authority;

use halligan_backend::{aws::Window, domain::request::AccessRequest, services::Portal, store::AuditFilter};
use halligan_shared::{
    audit::Kind,
    crypto::Point,
    door::Door,
    id::{GrantId, RequestId},
    member::Role,
    paths,
    reference::Reference,
    statement::{LockdownAct, Verdict},
    wire::LockdownBoard,
};
use serde_json::Value;
use time::OffsetDateTime;

use crate::support::{Client, TestPortal};

/// Two admins, a responder, a dispatcher, and a record's bracelet.
pub(super) struct Scene {
    pub(super) portal: TestPortal,
    pub(super) admins: [Client; 2],
    pub(super) responder: Client,
    pub(super) dispatcher: Client,
    pub(super) reference: Reference,
}

/// A grant's credentials that somebody took out of the backend: another backend holds them, and is not told of a lockdown.
pub(super) struct Copied {
    pub(super) thief: Portal,
    pub(super) grant: GrantId,
    pub(super) request: AccessRequest,
    pub(super) wrapped_share: Vec<u8>,
    pub(super) point: Point,
    pub(super) ends_at: OffsetDateTime,
}

impl Copied {
    /// Whether the authority opens the record by them.
    pub(super) async fn works(&self) -> bool {
        self.works_for(self.grant).await
    }

    /// Whether it does by a session that is begun now, by who has the backend's identity.
    pub(super) async fn works_anew(&self) -> bool {
        self.works_for(GrantId::fresh()).await
    }

    pub(super) async fn works_for(&self, grant: GrantId) -> bool {
        let window = Window {
            keys: self.thief.authority().current_keys(),
            grant,
            agency_id: &self.request.by.agency_id,
            request: self.request.id,
            incident: self.request.justification.incident(),
            record: self.request.record,
            door: Door::Dispatcher,
            ends_at: self.ends_at,
        };
        self.thief.authority().release(&window, &self.wrapped_share, &self.point).await.is_ok()
    }
}

impl Scene {
    pub(super) async fn set() -> Self {
        Self::set_at(TestPortal::start().await).await
    }

    /// At a portal of the test's own.
    pub(super) async fn set_at(portal: TestPortal) -> Self {
        let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"the record").await;
        Self {
            admins: [portal.member("ADM-1", &[Role::Admin]).await, portal.member("ADM-2", &[Role::Admin]).await],
            responder: portal.member("EMS-1", &[Role::Responder]).await,
            dispatcher: portal.member("DSP-1", &[Role::Dispatcher]).await,
            reference,
            portal,
        }
    }

    pub(super) async fn approved(&mut self) -> RequestId {
        let request = self.responder.ask(&self.reference).await.id;
        assert!(self.dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        request
    }

    /// The first admin proposes, the second confirms.
    pub(super) async fn agree(&mut self, act: LockdownAct) {
        let [one, other] = &mut self.admins;
        let proposal = one.propose(act).await;
        assert!(other.confirm(proposal).await.status.is_success());
    }

    /// Opens a record, by credentials that somebody copies.
    pub(super) async fn copied(&mut self) -> Copied {
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

    pub(super) async fn board(&mut self) -> LockdownBoard {
        self.admins[0].get(paths::LOCKDOWN).await.ok()
    }

    pub(super) async fn events_of(&self, kind: Kind) -> Vec<Value> {
        let filter = AuditFilter { limit: 200, ..Default::default() };
        let events = self.portal.portal.audit(filter).await.unwrap().events;
        events.into_iter().filter(|event| event.kind == kind.word()).map(|event| event.facts).collect()
    }
}
