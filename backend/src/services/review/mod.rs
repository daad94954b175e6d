//! Reviews: opened in the transaction of what they are about, given to somebody who took no part, and told of once when they are overdue.
//!
//! Nothing waits for a review and nothing is locked by one.

mod close;
mod read;

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::RequestId,
    member::{AgencyId, Role},
    notice::Topic,
    review::ReviewReason,
    statement::AccessStatement,
};
use serde_json::json;
use time::OffsetDateTime;

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        door::Ruling,
        member::{Actor, Member, SignedIn},
        notice::review_notice,
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
        let may = self.reviewers(unit, request.id, |who| self.policies().may_review(who, &asked).is_allowed).await?;
        let owner = review::owner(may);
        let crew = unit.crew_of(&request.by).await?;
        let new = NewReview { request: request.id, reason, due_at: now + due, owner: owner.as_ref().map(|owner| owner.id), crew };
        if unit.open_review(&new, now).await? {
            self.review_opened(unit, &new, owner.as_ref(), request, now).await?;
        }
        Ok(())
    }

    /// What follows in the same transaction when a review was opened: its owner is told, or where nobody may
    /// be that, the admins, who can make somebody a privacy officer.
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
        let about = (request.id, &request.by, &request.statement);
        match owner {
            Some(owner) => self.tell_review(unit, Topic::ReviewOpened, about, [owner.clone()], now).await,
            None => self.tell_unowned(unit, about, now).await,
        }
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

    /// Gives each open review that is nobody's, or whose owner may not close it any more, to whoever may. Called in the transaction of
    /// whatever changes who that is, once it is so.
    pub(super) async fn settle_reviews(&self, unit: &mut Unit, by: Option<&AgencyId>, now: OffsetDateTime) -> Result<(), Fault> {
        for review in unit.open_reviews().await? {
            self.settle(unit, &review, by, now).await?;
        }
        Ok(())
    }

    /// The same of the review of one request, where it has an open one: somebody took part in what becomes of it.
    pub(super) async fn settle_review_of(
        &self,
        unit: &mut Unit,
        request: RequestId,
        by: Option<&AgencyId>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        match unit.review(request).await?.filter(|review| review.closed.is_none()) {
            Some(review) => self.settle(unit, &review, by, now).await,
            None => Ok(()),
        }
    }

    async fn settle(&self, unit: &mut Unit, review: &Review, by: Option<&AgencyId>, now: OffsetDateTime) -> Result<(), Fault> {
        let may = self.reviewers(unit, review.request, |who| self.may_review(who, review).is_allowed).await?;
        let stays = match &review.owner {
            Some(owner) => may.iter().any(|Candidate { member, .. }| member.id == owner.id),
            None => may.is_empty(),
        };
        if stays {
            return Ok(());
        }
        let owner = review::owner(may);
        self.give_review(unit, review, owner.as_ref(), by, now).await?;
        let about = (review.request, &review.by, &review.statement);
        match owner {
            Some(owner) => self.tell_review(unit, Topic::ReviewOpened, about, [owner], now).await,
            None => self.tell_unowned(unit, about, now).await,
        }
    }

    /// A privacy officer takes a review over that is nobody's or another's. Of several at once the last one has it.
    pub async fn take_review(&self, who: &SignedIn, id: RequestId) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let (review, member) = self.reviewable(&mut unit, who, id).await?;
        if review.owner.as_ref().is_some_and(|owner| owner.id == member.id) {
            return Ok(());
        }
        self.give_review(&mut unit, &review, Some(&member), Some(&member.agency_id), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Gives a review to another, or to nobody: what its former owner was told of it is not theirs any more.
    async fn give_review(
        &self,
        unit: &mut Unit,
        review: &Review,
        owner: Option<&Member>,
        by: Option<&AgencyId>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if !unit.assign_review(review.request, owner.map(|owner| owner.id)).await? {
            return Err(Fault::Internal);
        }
        let id = |member: Option<&Member>| member.map(|member| member.agency_id.clone());
        let facts = json!({ "request": review.request, "before": id(review.owner.as_ref()), "owner": id(owner) });
        unit.record(&Event { kind: Kind::ReviewAssigned, actor: by.cloned(), facts }, now).await?;
        if let Some(before) = &review.owner {
            unit.take_review_from_inbox(&review_notice(review.request), before.id).await?;
        }
        Ok(())
    }

    /// Tells the admins that nobody may do a review.
    async fn tell_unowned(
        &self,
        unit: &mut Unit,
        about: (RequestId, &Member, &AccessStatement),
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let admins = unit.members_with(Role::Admin).await?;
        self.tell_review(unit, Topic::ReviewUnowned, about, admins, now).await
    }

    /// What the policies say of whether somebody may do a review: by where both work now, and where that allows it, by the crew that
    /// the responder was of when it was opened.
    fn may_review(&self, who: &Member, review: &Review) -> Ruling {
        let ruling = self.policies().may_review(who, &review.asked());
        let Some(crew) = review.crew.as_ref().filter(|_| ruling.is_allowed) else { return ruling };
        let (who, by) = (crew.then(who), crew.then(&review.by));
        let then = self.policies().may_review(&who, &review::asked(&by, &review.statement, review.reason));
        if then.is_allowed { ruling } else { then }
    }

    /// Who may do the review of a request: privacy officers who are not kept out, took no part in it, and whom the policies allow.
    async fn reviewers(
        &self,
        unit: &mut Unit,
        request: RequestId,
        is_allowed: impl Fn(&Member) -> bool,
    ) -> Result<Vec<Candidate>, Fault> {
        let took_part = unit.took_part(request).await?;
        let may = |Candidate { member, .. }: &Candidate| !took_part.contains(&member.agency_id) && is_allowed(member);
        Ok(unit.privacy_officers().await?.into_iter().filter(may).collect())
    }

    /// A review, and the member as they are now, if they may take it over, or close it once that is possible.
    async fn reviewable(&self, unit: &mut Unit, who: &SignedIn, id: RequestId) -> Result<(Review, Member), Fault> {
        let review = unit.review(id).await?.ok_or(Fault::NotFound)?;
        // As they are now: who works where may have been changed since the gate looked.
        let member = unit.member(who.member.id).await?.ok_or(Fault::NotSignedIn)?;
        let is_allowed = self.may_review(&member, &review).is_allowed;
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
