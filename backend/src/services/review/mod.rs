//! Reviews: opened in the transaction of what they are about, given to somebody who took no part, and told of once when they are overdue.
//!
//! Nothing waits for a review and nothing is locked by one.

mod close;
mod read;

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::{MemberId, RequestId},
    member::{AgencyId, Role},
    notice::Topic,
    review::ReviewReason,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, Member, SignedIn},
        request::AccessRequest,
        review::{self, Candidate, Review},
    },
    store::{NewReview, Unit},
};

impl Portal {
    /// Opens the review of a request that was just opened through this door, where it gets one and has none yet. Called in the
    /// transaction of the override, and in that of each first release.
    pub(super) async fn review(
        &self,
        unit: &mut Unit,
        request: &AccessRequest,
        door: Door,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let (percent, is_drill) = (self.settings().review_sample, request.statement.drill);
        let Some(reason) = review::why(door, request.follows_denial(), is_drill, percent, draw)? else { return Ok(()) };
        let limits = &self.settings().limits;
        let due = if reason == ReviewReason::Sample { limits.review_sample_due } else { limits.review_due };
        let asked = review::asked(&request.by, &request.statement, reason);
        let owner = self.owner_of(unit, request.id, |who| self.policies().may_review(who, &asked).is_allowed).await?;
        let new = NewReview { request: request.id, reason, due_at: now + due, owner: owner.as_ref().map(|owner| owner.id) };
        if unit.open_review(&new, now).await? {
            self.review_opened(unit, &new, owner.as_ref(), request, now).await?;
        }
        Ok(())
    }

    /// What follows in the same transaction when a review was opened: its owner is told, or where it is nobody's, whoever could take it.
    async fn review_opened(
        &self,
        unit: &mut Unit,
        review: &NewReview,
        owner: Option<&Member>,
        request: &AccessRequest,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let facts = json!({
            "request": review.request, "reason": review.reason, "owner": owner.map(|owner| &owner.agency_id), "due": text(review.due_at),
            "drill": request.statement.drill,
        });
        unit.record(&Event::of_portal(Kind::ReviewOpened, facts), now).await?;
        let to = match owner {
            Some(owner) => vec![owner.clone()],
            None => unit.members_with(Role::PrivacyOfficer).await?,
        };
        self.tell_review(unit, Topic::ReviewOpened, (request.id, &request.by, &request.statement), to, now).await
    }

    /// What follows in the same transaction when a review is overdue, once each: its owner and the admins are told.
    async fn review_overdue(&self, unit: &mut Unit, review: &Review, now: OffsetDateTime) -> Result<(), Fault> {
        let facts = json!({
            "request": review.request, "owner": review.owner.as_ref().map(|owner| &owner.agency_id), "due": text(review.due_at),
        });
        unit.record(&Event::of_portal(Kind::ReviewOverdue, facts), now).await?;
        let to = unit.members_with(Role::Admin).await?.into_iter().chain(review.owner.clone());
        self.tell_review(unit, Topic::ReviewOverdue, (review.request, &review.by, &review.statement), to, now).await
    }

    /// Writes down which reviews were not closed in time.
    pub(super) async fn escalate_reviews(&self, unit: &mut Unit, now: OffsetDateTime) -> Result<(), Fault> {
        for review in unit.escalate_reviews(now).await? {
            self.review_overdue(unit, &review, now).await?;
        }
        Ok(())
    }

    /// Gives the open reviews of a member to others, or to nobody: they are kept out, or no privacy officer any more. To be called once
    /// that is so.
    pub(super) async fn hand_reviews_on(
        &self,
        unit: &mut Unit,
        member: MemberId,
        by: &AgencyId,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        for review in unit.reviews_owned_by(member).await? {
            let asked = review.asked();
            let owner = self.owner_of(unit, review.request, |who| self.policies().may_review(who, &asked).is_allowed).await?;
            self.give_review(unit, &review, owner.as_ref(), by, now).await?;
        }
        Ok(())
    }

    /// A privacy officer takes a review over that is nobody's or another's. Of several at once the last one has it.
    pub async fn take_review(&self, who: &SignedIn, id: RequestId) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let (review, member) = self.reviewable(&mut unit, who, id).await?;
        if review.owner.as_ref().is_some_and(|owner| owner.id == member.id) {
            return Ok(());
        }
        self.give_review(&mut unit, &review, Some(&member), &member.agency_id, now).await?;
        self.commit(unit, Vec::new()).await
    }

    async fn give_review(
        &self,
        unit: &mut Unit,
        review: &Review,
        owner: Option<&Member>,
        by: &AgencyId,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if !unit.assign_review(review.request, owner.map(|owner| owner.id)).await? {
            return Err(Fault::Internal);
        }
        let id = |member: Option<&Member>| member.map(|member| member.agency_id.clone());
        let facts = json!({ "request": review.request, "before": id(review.owner.as_ref()), "owner": id(owner) });
        unit.record(&Event::by(by, Kind::ReviewAssigned, facts), now).await?;
        match owner.filter(|owner| owner.agency_id != *by) {
            Some(owner) => {
                let about = (review.request, &review.by, &review.statement);
                self.tell_review(unit, Topic::ReviewOpened, about, [owner.clone()], now).await
            }
            None => Ok(()),
        }
    }

    /// Who is to own the review of a request: a privacy officer who is not kept out, took no part in it, and whom the policies allow.
    async fn owner_of(
        &self,
        unit: &mut Unit,
        request: RequestId,
        is_allowed: impl Fn(&Member) -> bool,
    ) -> Result<Option<Member>, Fault> {
        let took_part = unit.took_part(request).await?;
        let may = |Candidate { member, .. }: &Candidate| !took_part.contains(&member.agency_id) && is_allowed(member);
        Ok(review::owner(unit.privacy_officers().await?.into_iter().filter(may).collect()))
    }

    /// A review, and the member as they are now, if they may take it over, or close it once that is possible.
    async fn reviewable(&self, unit: &mut Unit, who: &SignedIn, id: RequestId) -> Result<(Review, Member), Fault> {
        let review = unit.review(id).await?.ok_or(Fault::NotFound)?;
        // As they are now: who works where may have been changed since the gate looked.
        let member = unit.member(who.member.id).await?.ok_or(Fault::NotSignedIn)?;
        let is_allowed = self.policies().may_review(&member, &review.asked()).is_allowed;
        review.may_be_reviewed_by(&member, &unit.took_part(id).await?, is_allowed)?;
        Ok((review, member))
    }
}

/// A number of all 64-bit numbers alike.
fn draw() -> Result<u64, getrandom::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}
