//! The desk's picture: what alarms, what waits, what may be opened, what is open, who is signed in.

use halligan_shared::{member::Role, wire};
use time::OffsetDateTime;

use super::{Fault, Portal, seconds_until, text};
use crate::domain::{member::SignedIn, request::State};

impl Portal {
    /// Everything the desk shows.
    pub async fn desk(&self, who: &SignedIn) -> Result<wire::Desk, Fault> {
        let now = self.now();
        let mut waiting = Vec::new();
        for request in self.store().waiting_requests(now).await? {
            let State::Pending { approvals, .. } = &request.state else { continue };
            let past = self.store().past_requests(request.by.id, request.id).await?;
            let circumstances = self.circumstances_of(&request).await?;
            waiting.push(wire::Card {
                own: request.by.id == who.member.id,
                barred: !self.policies().may_decide(&who.member, &circumstances.of(&request)).is_allowed,
                given: approvals.iter().any(|by| by.id == who.member.id),
                doors: self.doors(&request, approvals, now).await?,
                waiting_seconds: seconds_until(now, request.asked_at),
                by: request.by.into(),
                statement: request.statement,
                last_requests: past
                    .into_iter()
                    .map(|row| wire::PastRequest { asked_at: text(row.asked_at), incident: row.incident, outcome: row.outcome })
                    .collect(),
            });
        }
        let mut approved = Vec::new();
        for request in self.store().approved_requests(now).await? {
            let State::Approved { opened, until } = request.state else { continue };
            approved.push(wire::Approval {
                by: request.by.into(),
                statement: request.statement,
                opened: opened.into(),
                seconds_left: seconds_until(until, now),
            });
        }
        let mut live = Vec::new();
        for request in self.store().open_requests(now).await? {
            let State::Released { opened, grant } = request.state else { continue };
            live.push(wire::LiveGrant {
                id: grant.id,
                by: request.by.into(),
                incident: request.justification.incident().to_owned(),
                drill: request.statement.drill,
                opened: opened.into(),
                seconds_left: seconds_until(grant.ends_at, now),
            });
        }
        let alarms = self.store().scan_alarms().await?;
        let alarms = alarms
            .into_iter()
            .map(|row| wire::ScanAlarm {
                own: row.by.id == who.member.id,
                by: row.by.into(),
                bracelets: row.bracelets,
                seconds: seconds_until(now, row.raised_at),
            })
            .collect();
        let on_duty = self.on_duty(Role::Responder, now).await?;
        let dispatchers = self.on_duty(Role::Dispatcher, now).await?;
        Ok(wire::Desk { readiness: self.readiness().await?, alarms, waiting, approved, live, on_duty, dispatchers })
    }

    async fn on_duty(&self, role: Role, now: OffsetDateTime) -> Result<Vec<wire::OnDuty>, Fault> {
        let rows = self.store().on_duty(role, now).await?;
        Ok(rows.into_iter().map(|row| wire::OnDuty { member: row.member.into(), sessions: row.sessions }).collect())
    }
}
