//! The doors: what the policies say of a request now, and what follows from it. Every door is opened and shut here, so that no record can
//! be released that came through none, or through two.

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::{MemberId, RecordId, RequestId},
    incident::IncidentNumber,
    justification::Justification,
    member::AgencyId,
    wire,
};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Fault, Portal, seconds_until};
use crate::{
    domain::{
        audit::Event,
        door::{Asked, Ruling, Terms},
        member::Member,
        request::{AccessRequest, DENIAL_KEPT, Refusal, State},
    },
    store::{DoorOpening, OnDutyRow, Unit},
};

impl Portal {
    /// A request that is not made yet, as the policies judge it.
    pub(super) async fn asked_for<'a>(
        &self,
        by: &'a Member,
        (record, drill): (RecordId, bool),
        justification: &Justification,
    ) -> Result<Asked<'a>, Fault> {
        let now = self.now();
        Ok(Asked {
            by,
            severity: justification.severity(),
            reason: justification.reason(),
            drill,
            in_drill: self.store().drill_of(by.id, now).await?.is_some(),
            denied_before: self.store().was_denied(by.id, record, now - DENIAL_KEPT).await?,
            incident: self.store().incident(justification.incident(), now).await?,
        })
    }

    /// The ruling by which somebody may ask for this; refused where the policies do not let them, or have no door for it.
    pub(super) fn may_be_asked(&self, asked: &Asked<'_>) -> Result<Ruling, Refusal> {
        // Whatever the policies say: those of an agency may be older than drills, and such a request could never be opened.
        if asked.in_drill && !asked.drill {
            return Err(Refusal::DrillOnly);
        }
        let ruling = self.policies().may_ask(asked);
        let has_a_door = Door::ALL.into_iter().any(|door| self.policies().door(door, asked).is_allowed);
        if ruling.is_allowed && has_a_door { Ok(ruling) } else { Err(Refusal::NoDoor) }
    }

    /// What the event of an act says of the policies that allowed it.
    pub(super) fn policy_facts(&self, ruling: &Ruling) -> Value {
        json!({ "version": self.policies().version(), "policies": ruling.policies })
    }

    /// Opens a request that waits, through this door. `false`: it does not wait any more.
    pub(super) async fn open_door(
        &self,
        unit: &mut Unit,
        (request, door): (RequestId, Door),
        ruling: &Ruling,
        by: Option<&AgencyId>,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let opening = DoorOpening { request, door, window: ruling.terms.window, until: now + self.settings().limits.approval };
        if !unit.open_request(&opening, now).await? {
            return Ok(false);
        }
        let facts = json!({ "request": request, "door": door, "policy": self.policy_facts(ruling) });
        unit.record(&Event { kind: Kind::RequestOpened, actor: by.cloned(), facts }, now).await?;
        Ok(true)
    }

    /// Judges a request by what holds now: opens one that waits where a standing rule or enough decisions do, and has one wait again whose
    /// door holds no more before its record was opened. Whether it may be opened then.
    ///
    /// To be called wherever that may have changed: a request made or decided, an incident told, somebody assigned, kept out or given other
    /// roles. And once more in the transaction of the first release, since time alone changes it too.
    pub(super) async fn judge(&self, unit: &mut Unit, id: RequestId, now: OffsetDateTime) -> Result<bool, Fault> {
        let mut waits_again = false;
        loop {
            let request = unit.request(id).await?.ok_or(Fault::NotFound)?;
            let asked = request.asked(now);
            match request.state.clone().at(now) {
                State::Pending { approvals, .. } => {
                    let rule = self.policies().door(Door::Policy, &asked);
                    if rule.is_allowed {
                        return self.open_door(unit, (id, Door::Policy), &rule, None, now).await;
                    }
                    let (decided, last) = self.decided(unit, &asked, &approvals).await?;
                    return match decided {
                        Some(ruling) => self.open_door(unit, (id, Door::Dispatcher), &ruling, last.as_ref(), now).await,
                        None if waits_again => self.tell_waiting(unit, id, now).await.map(|()| false),
                        None => Ok(false),
                    };
                }
                State::Approved { opened, .. } => {
                    let holds = match opened.door {
                        Door::Policy => self.policies().door(Door::Policy, &asked).is_allowed,
                        Door::Dispatcher => self.decided(unit, &asked, &opened.by).await?.0.is_some(),
                        Door::Override => true,
                    };
                    if holds {
                        return Ok(true);
                    }
                    let facts = json!({ "request": id, "door": opened.door, "policy": { "version": self.policies().version() } });
                    if !unit.shut_door(id, opened.door, now).await? {
                        return Ok(false);
                    }
                    unit.record(&Event::of_portal(Kind::RequestWaitsAgain, facts), now).await?;
                    // Another door may stand open.
                    waits_again = true;
                }
                _ => return Ok(false),
            }
        }
    }

    /// The ruling by which these decisions open a request, if they do, and who made the last of them. Decisions of somebody who may not
    /// decide any more are none.
    async fn decided(
        &self,
        unit: &mut Unit,
        asked: &Asked<'_>,
        approvals: &[Member],
    ) -> Result<(Option<Ruling>, Option<AgencyId>), Fault> {
        let mut standing = Vec::new();
        for member in approvals {
            if self.policies().may_decide(member, asked).is_allowed && !unit.is_kept_out(member.id).await? {
                standing.push(member);
            }
        }
        let ruling = self.policies().door(Door::Dispatcher, asked);
        let is_met = ruling.is_allowed && ruling.terms.are_met_by(&standing);
        Ok((is_met.then_some(ruling), standing.last().map(|member| member.agency_id.clone())))
    }

    /// Judges every request of an incident of which something was heard.
    pub(super) async fn judge_incident(&self, unit: &mut Unit, number: &IncidentNumber, now: OffsetDateTime) -> Result<(), Fault> {
        for request in unit.requests_of_incident(number, now).await? {
            self.judge(unit, request, now).await?;
        }
        Ok(())
    }

    /// Judges every request whose record is not open: somebody may do more, or less, than before.
    pub(super) async fn judge_all(&self, unit: &mut Unit, now: OffsetDateTime) -> Result<(), Fault> {
        for request in unit.requests_not_open(now).await? {
            self.judge(unit, request, now).await?;
        }
        Ok(())
    }

    /// Nothing that a member approved counts any more of what is not open yet: they may decide no longer.
    pub(super) async fn discount_approvals(&self, unit: &mut Unit, member: MemberId, now: OffsetDateTime) -> Result<(), Fault> {
        unit.discount_approvals(member, now).await?;
        self.judge_all(unit, now).await
    }

    /// The doors of a request that waits, as pages show them; `dispatchers` are those who are signed in.
    pub(super) fn doors(
        &self,
        request: &AccessRequest,
        approvals: &[Member],
        dispatchers: &[OnDutyRow],
        now: OffsetDateTime,
    ) -> wire::Doors {
        let asked = request.asked(now);
        let decided = self.policies().door(Door::Dispatcher, &asked);
        let decisions = decided.is_allowed.then(|| {
            let sees =
                |row: &&OnDutyRow| self.has_desk_open(row.member.id) && self.policies().may_decide(&row.member, &asked).is_allowed;
            let on_duty = dispatchers.iter().filter(sees).count();
            let Terms { decisions: needed, are_apart: apart, .. } = decided.terms;
            let given = approvals.iter().cloned().map(Into::into).collect();
            wire::Decisions { needed, apart, given, on_duty: u32::try_from(on_duty).unwrap_or(u32::MAX) }
        });
        let alone = self.policies().door(Door::Override, &asked);
        let override_in = alone.is_allowed.then(|| seconds_until(request.waits_since() + alone.terms.wait, now));
        wire::Doors { decisions, override_in }
    }
}
