//! The end of a window before its time: the wipe receipt, and the dispatcher's revocation.

use halligan_shared::{audit::Kind, bytes::Bytes, grant::Ending, id::GrantId, wire};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Fault, Portal};
use crate::domain::{
    audit::Event,
    member::{Actor, SignedIn},
    request::{Refusal, State},
};

impl Portal {
    /// Takes a wipe receipt: the page reveals the secret whose digest it sent when it opened the record, so nobody else can
    /// say that it was wiped. Nothing else is asked of the caller: a page whose session is over has erased all the more.
    pub async fn wiped(&self, grant: GrantId, body: &wire::WipedBody) -> Result<(), Fault> {
        let request = self.store().request_by_grant(grant).await?.ok_or(Fault::NotFound)?;
        let commitment = Bytes(Sha256::digest(body.secret.as_bytes()).into());
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.wiped(grant, &commitment, now).await? {
            return Err(Fault::NotFound);
        }
        let by = &request.by.agency_id;
        // The secret has done its work: with it, whoever reads the log can check the receipt.
        let facts = json!({
            "request": request.id, "grant": grant, "cause": body.cause.word(), "wipe_commitment": commitment,
            "revealed": Bytes(*body.secret.as_bytes()),
        });
        unit.record(&Event::by(by, Kind::RecordWiped, facts), now).await?;
        // A page that was only left or hidden may come back inside the window (docs/ARCHITECTURE.md, Lifecycles).
        if body.cause.ends_grant() && unit.end_grant(grant, Ending::Wiped, None, now).await? {
            unit.record(&Event::by(by, Kind::GrantEnded, json!({ "grant": grant, "ending": Ending::Wiped })), now).await?;
        }
        self.commit(unit, vec![grant]).await
    }

    /// A dispatcher ends a window. The browser that reads is told by event, and why, and wipes. Where the window was taken back
    /// meanwhile because its opening failed, the approval ends: the dispatcher's word holds either way.
    pub async fn revoke(&self, who: &SignedIn, grant: GrantId, body: &wire::RevokeBody) -> Result<(), Fault> {
        let reason = Some(super::decide::reason(&body.reason)?).filter(|reason| !reason.is_empty());
        let request = self.store().request_by_grant(grant).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if !unit.revoke(grant, reason.as_deref(), now).await? {
            drop(unit);
            return Err(self.what_ended(grant).await?);
        }
        let facts = json!({ "request": request.id, "grant": grant, "ending": Ending::Revoked, "reason": reason });
        unit.record(&Event::by(&who.member.agency_id, Kind::GrantEnded, facts), now).await?;
        self.settle_review_of(&mut unit, request.id, Some(&who.member.agency_id), now).await?;
        self.commit(unit, vec![grant]).await
    }

    /// What ended a window, or the approval behind one that was taken back, before the dispatcher could.
    async fn what_ended(&self, grant: GrantId) -> Result<Fault, Fault> {
        let (request, now) = (self.store().request_by_grant(grant).await?.ok_or(Fault::NotFound)?, self.now());
        Ok(match request.state.at(now) {
            State::Released { grant, .. } => {
                grant.ending_at(now).map_or(Fault::Internal, |ending| Fault::Refused(Refusal::Ended(ending)))
            }
            State::Cancelled => Fault::Refused(Refusal::Cancelled),
            State::Lapsed | State::Expired => Fault::Refused(Refusal::TooLate),
            State::Denied { by, .. } => Fault::Refused(Refusal::Decided { by: Box::new(by), what: "denied" }),
            State::Pending { .. } | State::Approved { .. } => {
                Fault::NotNow("It is not open any more, and its request waits again. There is nothing left to end.")
            }
        })
    }
}
