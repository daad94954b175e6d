//! Two admins replace a member's passkeys, as their pages do it.

use halligan_shared::{
    id::{MemberId, ReenrolmentId},
    paths, wire,
};
use serde_json::json;

use super::{Answer, Client};

impl Client {
    /// The id of a member, as an admin's page lists it.
    pub(crate) async fn id_of(&mut self, agency_id: &str) -> MemberId {
        let lines: Vec<wire::MemberLine> = self.get(paths::MEMBERS).await.ok();
        lines.into_iter().find(|line| line.member.agency_id.as_str() == agency_id).unwrap().member.id
    }

    pub(crate) async fn signed_reenrolment(&self, prepared: &wire::PreparedReenrolment) -> wire::SignedReenrolment {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        wire::SignedReenrolment { ceremony: prepared.ceremony.ceremony, credential }
    }

    pub(crate) async fn prepare_reenrolment(&mut self, member: MemberId) -> Answer {
        self.post(&paths::reenrolment_prepare_of(member), &json!({ "reason": "Lost the key" })).await
    }

    /// An admin proposes it.
    pub(crate) async fn propose_reenrolment(&mut self, member: MemberId) -> ReenrolmentId {
        let prepared: wire::PreparedReenrolment = self.prepare_reenrolment(member).await.ok();
        let signed = self.signed_reenrolment(&prepared).await;
        self.post(paths::REENROLMENTS, &signed).await.done();
        prepared.statement.reenrolment
    }

    pub(crate) async fn prepare_reenrolment_confirmation(&mut self, id: ReenrolmentId) -> Answer {
        self.post(&paths::reenrolment_confirmation_prepare_of(id), &json!({})).await
    }

    /// Another admin confirms it.
    pub(crate) async fn confirm_reenrolment(&mut self, id: ReenrolmentId) -> Answer {
        let prepared: wire::PreparedReenrolment = self.prepare_reenrolment_confirmation(id).await.ok();
        let signed = self.signed_reenrolment(&prepared).await;
        self.post(&paths::reenrolment_confirmation_of(id), &signed).await
    }

    /// Asks for the link.
    pub(crate) async fn reenrolment_link(&mut self, id: ReenrolmentId) -> Answer {
        self.post(&paths::reenrolment_link_of(id), &json!({})).await
    }

    pub(crate) async fn stop_reenrolment(&mut self, id: ReenrolmentId) -> Answer {
        self.post(&paths::reenrolment_stop_of(id), &json!({})).await
    }

    /// The call that uses a link, ready to be sent: the new passkey is made.
    pub(crate) async fn joining(&mut self, link: &str) -> wire::FinishInvitation {
        let token = link.split_once('#').unwrap().1.to_owned();
        let ceremony: wire::Ceremony = self.post(paths::INVITATION_START, &json!({ "token": token })).await.ok();
        let credential = self.device.create(&ceremony.options).await;
        wire::FinishInvitation { token, ceremony: ceremony.ceremony, credential, passkey_name: "new key".into() }
    }
}
