//! Asking for a record: the responder's passkey signs exactly what is asked.

use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    id::{RecordId, RequestId, SealingId},
    justification::Justification,
    reference::ReferenceDigest,
    statement::{self, AccessStatement},
    wire,
};
use serde_json::json;

use super::{Fault, Portal, Signed, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
        request::AccessRequest,
    },
    passkeys,
    store::{BraceletRow, NewRequest},
};

const PURPOSE: &str = "request";

impl Portal {
    /// Checks a request and hands out the statement to sign.
    pub async fn prepare_request(&self, who: &SignedIn, body: &wire::PrepareRequest) -> Result<wire::PreparedRequest, Fault> {
        let justification = Justification::check(&body.justification)?;
        self.count_bracelet(who, &body.reference).await?;
        let BraceletRow { record, binding, drill } =
            self.store().record_by_reference(&body.reference).await?.ok_or(Fault::UnknownBracelet)?;
        let asked = self.asked_for(&who.member, (record, drill), &justification).await?;
        self.may_be_asked(&asked)?;
        let statement = AccessStatement {
            kind: AccessStatement::KIND.to_owned(),
            request: RequestId::fresh(),
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            record,
            drill,
            justification,
            origin: self.settings().origin_text(),
            asked_at: text(self.now()),
        };
        let (statement, ceremony) = self.start_signing_with(PURPOSE, &who.member, statement, Some(body.reference)).await?;
        Ok(wire::PreparedRequest { statement, binding, ceremony })
    }

    /// Files a signed request. The same again, under the same key, gives the same request: a lost answer never makes two.
    pub async fn file_request(&self, who: &SignedIn, body: &wire::FileRequest) -> Result<AccessRequest, Fault> {
        if let Some(filed) = self.filed(who, body).await? {
            return Ok(filed);
        }
        let (signed, scanned): (Signed<AccessStatement>, Option<ReferenceDigest>) =
            self.finish_signing_with(PURPOSE, who, body.ceremony, &body.credential).await?;
        let asked = &signed.statement;
        // The version is fixed when the request is filed: a record replaced since then is asked for as it is now.
        let sealing = self.current_sealing(asked.record).await?;
        let words = statement::canonical(asked).map_err(|_| Fault::Internal)?;
        let digest = signed.digest.to_hex();
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        // A bracelet that was replaced since it was scanned opens nothing any more.
        let Some(reference) = scanned else { return Err(Fault::CeremonyOver) };
        if !unit.is_bracelet_of(&reference, asked.record).await? {
            return Err(Fault::UnknownBracelet);
        }
        for old in unit.supersede_requests(who.member.id, asked.record, who.sign_in, now).await? {
            let facts = json!({ "request": old, "in_favour_of": asked.request });
            unit.record(&Event::by(&who.member.agency_id, Kind::RequestCancelled, facts), now).await?;
        }
        let new = NewRequest {
            id: asked.request,
            member: who.member.id,
            sign_in: who.sign_in,
            record: asked.record,
            sealing,
            idempotency_key: body.idempotency_key,
            justification: &asked.justification,
            statement: &words,
            statement_digest: &digest,
            assertion: &signed.assertion,
            until: now + self.settings().limits.pending,
            drill: unit.drill_of(who.member.id, now).await?.map(|drill| drill.drill),
        };
        if !unit.file_request(&new, now).await? {
            drop(unit);
            return self.filed(who, body).await?.ok_or(Fault::AlreadyOpen);
        }
        let request = unit.request(asked.request).await?.ok_or(Fault::Internal)?;
        // The unit is dropped where the rules have no door for it by now, and nothing was filed.
        let ruling = self.may_be_asked(&request.asked(now))?;
        let facts = signed.facts_and([("policy", self.policy_facts(&ruling))]);
        unit.record(&Event::by(&who.member.agency_id, Kind::RequestFiled, facts), now).await?;
        if !self.judge(&mut unit, asked.request, now).await? {
            self.tell_waiting(&mut unit, asked.request, now).await?;
        }
        self.commit(unit, Vec::new()).await?;
        self.request_of(who, asked.request).await
    }

    /// One of the member's own requests.
    pub async fn request_of(&self, who: &SignedIn, id: RequestId) -> Result<AccessRequest, Fault> {
        let request = self.store().request(id).await?.filter(|request| request.by.id == who.member.id);
        request.ok_or(Fault::NotFound)
    }

    /// The member's own requests, newest first.
    pub async fn requests_of(&self, who: &SignedIn) -> Result<Vec<AccessRequest>, Fault> {
        Ok(self.store().requests_of(who.member.id).await?)
    }

    /// Withdraws a request that waits or is approved.
    pub async fn cancel_request(&self, who: &SignedIn, id: RequestId) -> Result<AccessRequest, Fault> {
        self.request_of(who, id).await?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if unit.cancel_request(id, who.member.id, now).await? {
            unit.record(&Event::by(&who.member.agency_id, Kind::RequestCancelled, json!({ "request": id })), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        // Whoever was faster shows in the state: the page sees it either way.
        self.request_of(who, id).await
    }

    /// The request filed under this key, if this is it. Something else under the same key is a mistake of the page, and must
    /// not be answered as if it had been filed.
    async fn filed(&self, who: &SignedIn, body: &wire::FileRequest) -> Result<Option<AccessRequest>, Fault> {
        let Some(request) = self.store().request_by_key(who.member.id, body.idempotency_key).await? else { return Ok(None) };
        if self.store().assertion(request.id).await? == Some(passkeys::plain(&body.credential)?) {
            Ok(Some(request))
        } else {
            Err(Fault::Invalid("Another request was sent in place of this one. Reload the page and ask again."))
        }
    }

    /// Refuses a request that was changed in the store since it was signed, and writes that down.
    pub(super) async fn check_as_signed(&self, request: &AccessRequest) -> Result<(), Fault> {
        let digest = statement::digest(&request.statement).map_err(|_| Fault::Internal)?.to_hex();
        if request.is_as_signed() && self.store().statement_digest(request.id).await?.as_deref() == Some(digest.as_str()) {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        unit.record(&Event::of_portal(Kind::RequestAltered, json!({ "request": request.id })), now).await?;
        unit.commit().await?;
        Err(Fault::Altered)
    }

    /// The digest of what the responder signed, for whoever signs something about it.
    pub(super) async fn digest_of(&self, id: RequestId) -> Result<Bytes<32>, Fault> {
        self.store().statement_digest(id).await?.and_then(|hex| Bytes::from_hex(&hex)).ok_or(Fault::NotFound)
    }

    async fn current_sealing(&self, record: RecordId) -> Result<SealingId, Fault> {
        self.store().current_sealing(record).await?.ok_or(Fault::UnknownBracelet)
    }
}
