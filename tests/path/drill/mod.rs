//! Drills: made-up patients alone, marked on every event, and a report whose times are the portal's own.

mod evidence;
mod members;
mod records;

use axum::http::Method;
use halligan_backend::store::AuditFilter;
use halligan_shared::{
    id::{DrillId, MemberId},
    member::Role,
    paths,
    reference::Reference,
    wire::{AuditLine, DrillLine, DrillReport, OwnDrill},
};
use serde_json::{Value, json};

use crate::support::{Client, Device, Set, TestPortal};

/// Somebody of each kind, a made-up record and a real one.
struct Agency {
    portal: TestPortal,
    admin: Client,
    responder: Client,
    dispatcher: Client,
    made_up: Reference,
    real: Reference,
}

impl Agency {
    async fn start() -> Self {
        Self::at(TestPortal::start().await).await
    }

    async fn start_with(set: Set) -> Self {
        Self::at(TestPortal::start_with(set).await).await
    }

    async fn at(portal: TestPortal) -> Self {
        let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
        let (_, real) = registrar.seal(b"{\"real\":1}").await;
        assert_eq!(portal.tamper("update record set drill = 0").await, 1);
        let (_, made_up) = registrar.seal(b"{}").await;
        Self {
            admin: portal.member("ADM-1", &[Role::Admin]).await,
            responder: portal.member("EMS-1", &[Role::Responder]).await,
            dispatcher: portal.member_with(Device::synchronised(), "DSP-1", &[Role::Dispatcher]).await,
            portal,
            made_up,
            real,
        }
    }

    /// An admin begins a drill for these, of so many minutes.
    async fn begin(&mut self, name: &str, minutes: u32, members: &[MemberId]) -> DrillLine {
        let body = json!({ "name": name, "minutes": minutes, "members": members });
        self.admin.raw(Method::POST, paths::DRILLS, body).await.ok()
    }

    /// The same for the responder and the dispatcher.
    async fn begin_for_both(&mut self) -> DrillLine {
        let members = [id_of(&mut self.responder).await, id_of(&mut self.dispatcher).await];
        self.begin("Night drill", 60, &members).await
    }

    async fn events(&self) -> Vec<AuditLine> {
        let page = self.portal.portal.audit(AuditFilter { limit: 200, ..AuditFilter::default() }).await.unwrap();
        page.events.into_iter().rev().collect()
    }

    async fn report(&mut self, drill: DrillId) -> DrillReport {
        self.admin.get(&paths::drill_of(drill)).await.ok()
    }
}

async fn id_of(client: &mut Client) -> MemberId {
    client.get(paths::SESSION).await.ok::<Value>()["member"]["id"].as_str().unwrap().parse().unwrap()
}

async fn own(client: &mut Client) -> Option<OwnDrill> {
    client.get(paths::OWN_DRILL).await.ok()
}

async fn leave(client: &mut Client) {
    client.raw(Method::POST, paths::OWN_DRILL_LEAVE, json!({})).await.done();
}
