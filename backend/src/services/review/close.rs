//! The finding: signed with a passkey over the digest of that very request and of the last event that was looked at, by somebody who took
//! no part.

use halligan_shared::{
    audit::Kind,
    id::RequestId,
    statement::{self, ReviewStatement},
    wire,
};
use time::OffsetDateTime;

use super::super::{Fault, Portal, Signed, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
        review::{self, NotReviewed, Review},
    },
    store::{Found, Unit},
};

const PURPOSE: &str = "review";

impl Portal {
    /// Checks that this privacy officer may close the review, and hands out the statement to sign.
    pub async fn prepare_finding(
        &self,
        who: &SignedIn,
        id: RequestId,
        body: &wire::PrepareReview,
    ) -> Result<wire::PreparedReview, Fault> {
        let note = review::note(body.finding, &body.note)?;
        let now = self.now();
        let review = self.store().review(id).await?.ok_or(Fault::NotFound)?;
        let is_allowed = self.may_review(&who.member, &review).is_allowed;
        review.may_be_reviewed_by(&who.member, &self.store().took_part(id).await?, is_allowed)?;
        if !self.store().request(id).await?.ok_or(Fault::NotFound)?.is_over(now) {
            return Err(NotReviewed::GoesOn.into());
        }
        if self.store().is_receipt_owed(id).await? {
            return Err(NotReviewed::ReceiptOwed.into());
        }
        if self.last_event_of(id).await? != body.last_event {
            return Err(NotReviewed::OtherEvents.into());
        }
        let digest = self.digest_of(id).await?;
        let statement = ReviewStatement {
            kind: ReviewStatement::KIND.to_owned(),
            request: id,
            request_digest: digest,
            finding: body.finding,
            note,
            last_event: body.last_event,
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            reviewed_at: text(now),
        };
        let (statement, ceremony) = self.start_signing(PURPOSE, &who.member, statement).await?;
        Ok(wire::PreparedReview { statement, ceremony })
    }

    /// Takes the signed finding. Of several at once one closes the review, and the others are told who.
    pub async fn close_review(&self, who: &SignedIn, id: RequestId, body: &wire::SignedReview) -> Result<(), Fault> {
        let signed = self.finish_signing::<ReviewStatement>(PURPOSE, who, body.ceremony, &body.credential).await?;
        if signed.statement.request != id {
            return Err(Fault::CeremonyOver);
        }
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        let (review, member) = self.reviewable(&mut unit, who, id).await?;
        if !unit.request(id).await?.ok_or(Fault::NotFound)?.is_over(now) {
            return Err(NotReviewed::GoesOn.into());
        }
        if unit.is_receipt_owed(id).await? {
            return Err(NotReviewed::ReceiptOwed.into());
        }
        // What came into the log while the passkey was touched was looked at by nobody.
        if unit.went_on_since(id, &signed.statement.last_event).await? {
            return Err(NotReviewed::OtherEvents.into());
        }
        let ruling = self.may_review(&member, &review);
        self.keep_finding(&mut unit, &review, &signed, now).await?;
        let facts = signed.facts_and([("policy", self.policy_facts(&ruling))]);
        unit.record(&Event::by(&member.agency_id, Kind::ReviewClosed, facts), now).await?;
        self.tell_reviewed(&mut unit, &review, signed.statement.finding, now).await?;
        self.commit(unit, Vec::new()).await
    }

    async fn keep_finding(
        &self,
        unit: &mut Unit,
        review: &Review,
        signed: &Signed<ReviewStatement>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let words = statement::canonical(&signed.statement).map_err(|_| Fault::Internal)?;
        let found = Found {
            request: review.request,
            by: signed.statement.member,
            finding: signed.statement.finding,
            note: &signed.statement.note,
            statement: &words,
            assertion: &signed.assertion,
        };
        if unit.close_review(&found, now).await? { Ok(()) } else { Err(Fault::Internal) }
    }
}
