//! The desk's picture: what alarms, what waits, what is open, who is signed in.

use halligan_shared::{member::Role, wire};

use super::{Fault, Portal, seconds_until, text};
use crate::domain::member::SignedIn;

impl Portal {
    /// Everything the desk shows.
    pub async fn desk(&self, who: &SignedIn) -> Result<wire::Desk, Fault> {
        let now = self.now();
        let mut waiting = Vec::new();
        for request in self.store().waiting_requests(now).await? {
            let past = self.store().past_requests(request.by.id, request.id).await?;
            waiting.push(wire::Card {
                own: request.by.id == who.member.id,
                by: request.by.into(),
                statement: request.statement,
                waiting_seconds: seconds_until(now, request.asked_at),
                last_requests: past
                    .into_iter()
                    .map(|row| wire::PastRequest { asked_at: text(row.asked_at), incident: row.incident, outcome: row.outcome })
                    .collect(),
            });
        }
        let live = self.store().live_grants(now).await?;
        let live = live
            .into_iter()
            .map(|row| wire::LiveGrant {
                id: row.id,
                by: row.by.into(),
                incident: row.incident,
                drill: row.drill,
                seconds_left: seconds_until(row.ends_at, now),
            })
            .collect();
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
        let on_duty = self.store().on_duty(Role::Responder, now).await?;
        let on_duty = on_duty.into_iter().map(|row| wire::OnDuty { member: row.member.into(), sessions: row.sessions }).collect();
        Ok(wire::Desk { readiness: self.readiness().await?, alarms, waiting, live, on_duty })
    }
}
