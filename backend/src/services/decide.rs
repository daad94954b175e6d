//! The dispatcher's word, signed with a passkey over the digest of that very request.

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::RequestId,
    shown::{self, Unfit},
    statement::{self, DecisionStatement, Verdict},
    wire,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        door::Ruling,
        member::{Actor, Member, SignedIn},
        request::{AccessRequest, Refusal},
    },
    store::{Decided, Unit},
};

const PURPOSE: &str = "decision";
/// For how long a desk is told that a dispatcher is about to decide, who says nothing more of it: as long as a touch and a sentence take.
pub(super) const DECIDING: Duration = Duration::minutes(1);

impl Portal {
    /// Checks that this dispatcher may decide, and hands out the statement to sign.
    pub async fn prepare_decision(
        &self,
        who: &SignedIn,
        id: RequestId,
        body: &wire::PrepareDecision,
    ) -> Result<wire::PreparedDecision, Fault> {
        let reason = reason(&body.reason)?;
        if body.verdict != Verdict::Approve && reason.is_empty() {
            return Err(Fault::Invalid("Say why: the responder will read it."));
        }
        let request = self.decidable(who, id, body.verdict).await?;
        self.check_as_signed(&request).await?;
        let digest = self.digest_of(id).await?;
        let statement = DecisionStatement {
            kind: DecisionStatement::KIND.to_owned(),
            request: id,
            request_digest: digest,
            verdict: body.verdict,
            reason,
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            decided_at: text(self.now()),
        };
        let (statement, ceremony) = self.start_signing(PURPOSE, &who.member, statement).await?;
        if body.verdict != Verdict::TakeBack {
            self.store().mark_deciding(&[id], who.member.id, self.now() + DECIDING).await?;
            self.changed();
        }
        Ok(wire::PreparedDecision { statement, ceremony })
    }

    /// Takes the signed word. Of any number at once, those that the policies ask for open it, and the others are told who.
    pub async fn decide(&self, who: &SignedIn, id: RequestId, body: &wire::DecideBody) -> Result<(), Fault> {
        let signed = self.finish_signing::<DecisionStatement>(PURPOSE, who, body.ceremony, &body.credential).await?;
        let decided = &signed.statement;
        if decided.request != id {
            return Err(Fault::CeremonyOver);
        }
        let words = statement::canonical(decided).map_err(|_| Fault::Internal)?;
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        let request = unit.request(id).await?.ok_or(Fault::NotFound)?;
        // As they are now: who works where may have been changed since the gate looked.
        let member = unit.member(who.member.id).await?.ok_or(Fault::NotSignedIn)?;
        let ruling = self.may_say(&member, &request, decided.verdict, now)?;
        if !request.is_the_one(&decided.request_digest) {
            unit.record(&Event::of_portal(Kind::RequestAltered, json!({ "request": id })), now).await?;
            self.commit(unit, Vec::new()).await?;
            return Err(Fault::Altered);
        }
        let row = Decided {
            request: id,
            verdict: decided.verdict,
            reason: &decided.reason,
            by: who.member.id,
            statement: &words,
            assertion: &signed.assertion,
        };
        let facts = signed.facts_and([("policy", self.policy_facts(&ruling))]);
        self.say(&mut unit, &row, &Event::by(&who.member.agency_id, Kind::RequestDecided, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Keeps a word that may be said, with its event, and what follows from it.
    pub(super) async fn say(&self, unit: &mut Unit, word: &Decided<'_>, event: &Event, now: OffsetDateTime) -> Result<(), Fault> {
        if !unit.decide(word, now).await? {
            return Err(Fault::Internal);
        }
        unit.record(event, now).await?;
        match word.verdict {
            Verdict::Approve => drop(self.judge(unit, word.request, now).await?),
            Verdict::Deny | Verdict::TakeBack => {
                if !unit.deny_request(word.request, now).await? {
                    return Err(Fault::Internal);
                }
            }
        }
        // Whose review it is, may have just taken part.
        self.settle_review_of(unit, word.request, event.actor.as_ref(), now).await
    }

    /// Tells the other desks that this dispatcher is about to decide a request, or is not any more. It holds nobody up.
    pub async fn deciding(&self, who: &SignedIn, id: RequestId, is_deciding: bool) -> Result<(), Fault> {
        if is_deciding {
            self.decidable(who, id, Verdict::Deny).await?;
            self.store().mark_deciding(&[id], who.member.id, self.now() + DECIDING).await?;
        } else {
            self.store().unmark_deciding(id, who.member.id).await?;
        }
        self.changed();
        Ok(())
    }

    /// Tells the other desks that this dispatcher is about to decide nothing any more.
    pub async fn deciding_nothing(&self, who: &SignedIn) -> Result<(), Fault> {
        self.store().unmark_all_deciding(who.member.id).await?;
        self.changed();
        Ok(())
    }

    /// Whether this dispatcher may still decide; the refusal says what became of the request, and by whom.
    pub async fn may_decide(&self, who: &SignedIn, id: RequestId) -> Result<(), Fault> {
        self.decidable(who, id, Verdict::Approve).await.map(|_| ())
    }

    pub(super) async fn decidable(&self, who: &SignedIn, id: RequestId, verdict: Verdict) -> Result<AccessRequest, Fault> {
        let request = self.store().request(id).await?.ok_or(Fault::NotFound)?;
        self.may_say(&who.member, &request, verdict, self.now())?;
        Ok(request)
    }

    /// Whether this dispatcher may say this word now: by what became of the request, and by the policies.
    pub(super) fn may_say(
        &self,
        who: &Member,
        request: &AccessRequest,
        verdict: Verdict,
        now: OffsetDateTime,
    ) -> Result<Ruling, Fault> {
        request.may_be_decided_by(who.id, verdict, now)?;
        let asked = request.asked(now);
        let ruling = self.policies().may_decide(who, &asked);
        if !ruling.is_allowed {
            return Err(Refusal::Barred.into());
        }
        if verdict == Verdict::Approve && !self.policies().door(Door::Dispatcher, &asked).is_allowed {
            return Err(Refusal::NotByDecision.into());
        }
        Ok(ruling)
    }
}

/// A reason as it may be kept: trimmed, bounded, with nothing that steers how it is seen.
pub(super) fn reason(text: &str) -> Result<String, Fault> {
    match shown::kept(text, 0..=wire::REASON_MAX) {
        Ok(reason) => Ok(reason.to_owned()),
        Err(Unfit::Length) => Err(Fault::Invalid("The reason is longer than 300 characters. Shorten it.")),
        Err(Unfit::Hidden) => Err(Fault::Invalid("The reason holds characters that cannot be shown. Type it anew.")),
    }
}
