//! The override: nobody answered, and the responder opens the record alone, by a second signature over the words that say what that is.

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::RequestId,
    statement::{self, OverrideStatement},
    wire,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Fault, Portal, text};
use crate::domain::{
    audit::Event,
    door::Ruling,
    member::{Actor, SignedIn},
    request::{AccessRequest, Refusal},
};

const PURPOSE: &str = "override";

impl Portal {
    /// Checks that the responder may open it alone by now, and hands out the words to sign.
    pub async fn prepare_override(&self, who: &SignedIn, id: RequestId) -> Result<wire::PreparedOverride, Fault> {
        let request = self.request_of(who, id).await?;
        self.check_as_signed(&request).await?;
        self.may_open_alone(who, &request, self.now())?;
        let digest = self.digest_of(id).await?;
        let statement = OverrideStatement {
            kind: OverrideStatement::KIND.to_owned(),
            request: id,
            request_digest: digest,
            words: OverrideStatement::WORDS.to_owned(),
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            opened_at: text(self.now()),
        };
        let (statement, ceremony) = self.start_signing(PURPOSE, &who.member, statement).await?;
        Ok(wire::PreparedOverride { statement, asked: request.statement, ceremony })
    }

    /// Takes the signed words and opens the request. Against a dispatcher's word in the same moment one of them wins.
    pub async fn open_alone(&self, who: &SignedIn, id: RequestId, body: &wire::OverrideBody) -> Result<AccessRequest, Fault> {
        let signed = self.finish_signing::<OverrideStatement>(PURPOSE, who, body.ceremony, &body.credential).await?;
        if signed.statement.request != id {
            return Err(Fault::CeremonyOver);
        }
        let words = statement::canonical(&signed.statement).map_err(|_| Fault::Internal)?;
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        let request = unit.request(id).await?.filter(|request| request.by.id == who.member.id).ok_or(Fault::NotFound)?;
        let ruling = self.may_open_alone(who, &request, now)?;
        let denied_before = json!(request.asked(now).denied_before);
        let facts = signed.facts_and([("policy", self.policy_facts(&ruling)), ("denied_before", denied_before)]);
        unit.record(&Event::by(&who.member.agency_id, Kind::RequestOverridden, facts), now).await?;
        unit.keep_override(id, &words, &signed.assertion).await?;
        if !self.open_door(&mut unit, (id, Door::Override), &ruling, Some(&who.member.agency_id), now).await? {
            return Err(Fault::Internal);
        }
        self.review(&mut unit, &request, Door::Override, now).await?;
        self.tell_opened_alone(&mut unit, &request, now).await?;
        self.commit(unit, Vec::new()).await?;
        self.request_of(who, id).await
    }

    fn may_open_alone(&self, who: &SignedIn, request: &AccessRequest, now: OffsetDateTime) -> Result<Ruling, Fault> {
        let ruling = self.policies().door(Door::Override, &request.asked(now));
        if !ruling.is_allowed {
            return Err(Refusal::NotAlone.into());
        }
        request.may_be_overridden_by(who.sign_in, ruling.terms.wait, now)?;
        Ok(ruling)
    }
}
