//! The doors: what the policies say of a request now, and what follows from it. Every door is opened here, so that no record can be
//! released that came through none, or through two.

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::{MemberId, RecordId, RequestId},
    incident::IncidentNumber,
    justification::Justification,
    member::{AgencyId, Role},
    wire,
};
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, seconds_until};
use crate::{
    domain::{
        audit::Event,
        door::{Asked, Incident, Ruling, Terms},
        member::Member,
        request::{AccessRequest, State},
    },
    store::{Opening, Unit},
};

/// How long a denial is remembered when the same member asks for the same record again.
const DENIAL_KEPT: Duration = Duration::HOUR;

/// What a request stands in, beside itself.
pub(super) struct Circumstances {
    denied_before: bool,
    incident: Option<Incident>,
}

impl Circumstances {
    /// The request as the policies judge it.
    pub(super) fn of<'a>(&'a self, request: &'a AccessRequest) -> Asked<'a> {
        self.asked(&request.by, &request.justification, request.statement.drill)
    }

    /// The same of a request that is not made yet.
    pub(super) fn asked<'a>(&'a self, by: &'a Member, justification: &Justification, drill: bool) -> Asked<'a> {
        let (severity, reason) = (justification.severity(), justification.reason());
        Asked { by, severity, reason, drill, denied_before: self.denied_before, incident: self.incident.as_ref() }
    }
}

impl Portal {
    /// What a request stands in, for who looks at it.
    pub(super) async fn circumstances(
        &self,
        member: MemberId,
        record: RecordId,
        justification: &Justification,
    ) -> Result<Circumstances, Fault> {
        let now = self.now();
        Ok(Circumstances {
            denied_before: self.store().was_denied(member, record, now - DENIAL_KEPT).await?,
            incident: self.store().incident(justification.incident(), now).await?,
        })
    }

    /// The same of a request that is made.
    pub(super) async fn circumstances_of(&self, request: &AccessRequest) -> Result<Circumstances, Fault> {
        self.circumstances(request.by.id, request.record, &request.justification).await
    }

    /// The same where nothing can change it before the unit is over.
    pub(super) async fn circumstances_in(
        &self,
        unit: &mut Unit,
        request: &AccessRequest,
        now: OffsetDateTime,
    ) -> Result<Circumstances, Fault> {
        Ok(Circumstances {
            denied_before: unit.was_denied(request.by.id, request.record, now - DENIAL_KEPT).await?,
            incident: unit.incident(request.justification.incident(), now).await?,
        })
    }

    /// Whether the policies have a door for this at all.
    pub(super) fn has_a_door(&self, asked: &Asked<'_>) -> bool {
        self.policies().may_ask(asked).is_allowed && Door::ALL.into_iter().any(|door| self.policies().door(door, asked).is_allowed)
    }

    /// What the event of an act says of the policies that allowed it.
    pub(super) fn told(&self, ruling: &Ruling) -> Value {
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
        let opening = Opening { request, door, window: ruling.terms.window, until: now + self.settings().limits.approval };
        if !unit.open_request(&opening, now).await? {
            return Ok(false);
        }
        let facts = json!({ "request": request, "door": door, "policy": self.told(ruling) });
        unit.record(&Event { kind: Kind::RequestOpened, actor: by.cloned(), facts }, now).await?;
        Ok(true)
    }

    /// Opens a request that waits and for which enough dispatchers have approved.
    pub(super) async fn open_by_decisions(&self, unit: &mut Unit, request: RequestId, now: OffsetDateTime) -> Result<(), Fault> {
        let request = unit.request(request).await?.ok_or(Fault::NotFound)?;
        let State::Pending { approvals, .. } = &request.state else { return Ok(()) };
        let circumstances = self.circumstances_in(unit, &request, now).await?;
        let ruling = self.policies().door(Door::Dispatcher, &circumstances.of(&request));
        if ruling.is_allowed && ruling.terms.are_met_by(approvals) {
            let last = approvals.last().map(|member| &member.agency_id);
            self.open_door(unit, (request.id, Door::Dispatcher), &ruling, last, now).await?;
        }
        Ok(())
    }

    /// Opens a request that waits, if a standing rule holds for it; has one wait again that a standing rule opened which holds no more.
    /// Says whether it waits again.
    pub(super) async fn keep_standing_rule(&self, unit: &mut Unit, request: RequestId, now: OffsetDateTime) -> Result<bool, Fault> {
        let request = unit.request(request).await?.ok_or(Fault::NotFound)?;
        let circumstances = self.circumstances_in(unit, &request, now).await?;
        let ruling = self.policies().door(Door::Policy, &circumstances.of(&request));
        match request.state.at(now) {
            State::Pending { .. } if ruling.is_allowed => {
                self.open_door(unit, (request.id, Door::Policy), &ruling, None, now).await?;
                Ok(false)
            }
            State::Approved { opened, .. } if opened.door == Door::Policy && !ruling.is_allowed => {
                self.shut_door(unit, (request.id, Door::Policy), "the standing rule that opened it holds no more", now).await
            }
            _ => Ok(false),
        }
    }

    /// The same for every request that names an incident of which something new was heard.
    pub(super) async fn keep_standing_rules(
        &self,
        unit: &mut Unit,
        incident: &IncidentNumber,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        for request in unit.requests_of_incident(incident, now).await? {
            self.keep_standing_rule(unit, request, now).await?;
        }
        Ok(())
    }

    /// Nothing that a member approved counts any more of what is not open yet: they may decide no longer.
    pub(super) async fn discount_approvals(&self, unit: &mut Unit, member: MemberId, now: OffsetDateTime) -> Result<(), Fault> {
        for request in unit.discount_approvals(member, now).await? {
            let why = "a dispatcher who approved it may decide no more";
            if !self.shut_door(unit, (request, Door::Dispatcher), why, now).await? {
                // It waited for others still.
                unit.record(&waits_again(request, why), now).await?;
            }
        }
        Ok(())
    }

    /// Has a request wait again that was opened through this door and whose record was not. `false`: it is not so.
    async fn shut_door(
        &self,
        unit: &mut Unit,
        (request, door): (RequestId, Door),
        why: &str,
        now: OffsetDateTime,
    ) -> Result<bool, Fault> {
        let is_shut = unit.shut_door(request, door).await?;
        if is_shut {
            unit.record(&waits_again(request, why), now).await?;
        }
        Ok(is_shut)
    }

    /// The doors of a request that waits, as pages show them.
    pub(super) async fn doors(
        &self,
        request: &AccessRequest,
        approvals: &[Member],
        now: OffsetDateTime,
    ) -> Result<wire::Doors, Fault> {
        let circumstances = self.circumstances_of(request).await?;
        let asked = circumstances.of(request);
        let decided = self.policies().door(Door::Dispatcher, &asked);
        let decisions = if decided.is_allowed {
            let on_duty = self.store().on_duty(Role::Dispatcher, now).await?;
            let on_duty = on_duty.iter().filter(|row| row.member.id != request.by.id).count();
            let Terms { decisions: needed, are_apart: apart, .. } = decided.terms;
            let given = approvals.iter().cloned().map(Into::into).collect();
            Some(wire::Decisions { needed, apart, given, on_duty: u32::try_from(on_duty).unwrap_or(u32::MAX) })
        } else {
            None
        };
        let alone = self.policies().door(Door::Override, &asked);
        let override_in = alone.is_allowed.then(|| seconds_until(request.asked_at + alone.terms.wait, now));
        Ok(wire::Doors { decisions, override_in })
    }
}

fn waits_again(request: RequestId, why: &str) -> Event {
    Event::of_portal(Kind::RequestWaitsAgain, json!({ "request": request, "why": why }))
}
