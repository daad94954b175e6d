//! The desk's picture: what alarms, what waits, what may be opened, what is open, who is signed in.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use halligan_shared::{id::MemberId, member::Role, wire};

use super::{Fault, Portal, seconds_until, text};
use crate::{
    domain::{member::SignedIn, request::State},
    store::{OnDutyRow, PastRow},
};

/// How many of a member's earlier requests a card shows.
const SHOWN: u32 = 5;

/// Who has the desk on a screen, at this backend.
#[derive(Default)]
pub(super) struct Desks(Mutex<HashMap<MemberId, usize>>);

/// A desk on a screen, until this is dropped.
pub struct OpenDesk {
    portal: Portal,
    member: MemberId,
}

impl Drop for OpenDesk {
    fn drop(&mut self) {
        let mut desks = self.portal.0.desks.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = desks.get_mut(&self.member) {
            *open -= 1;
            if *open == 0 {
                desks.remove(&self.member);
            }
        }
        drop(desks);
        self.portal.changed();
    }
}

impl Portal {
    /// Notes that a dispatcher has the desk on a screen: whoever waits is told how many see the request.
    pub fn open_desk(&self, member: MemberId) -> OpenDesk {
        *self.0.desks.0.lock().unwrap_or_else(PoisonError::into_inner).entry(member).or_default() += 1;
        self.changed();
        OpenDesk { portal: self.clone(), member }
    }

    pub(super) fn has_desk_open(&self, member: MemberId) -> bool {
        self.0.desks.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&member)
    }

    /// Everything the desk shows.
    pub async fn desk(&self, who: &SignedIn) -> Result<wire::Desk, Fault> {
        let now = self.now();
        let dispatchers = self.store().on_duty(Role::Dispatcher, now).await?;
        let requests = self.store().waiting_requests(now).await?;
        let members: Vec<_> = requests.iter().map(|request| request.by.id).collect::<BTreeSet<_>>().into_iter().collect();
        // One more than is shown: the request itself is among them.
        let last = self.store().last_requests(&members, SHOWN + 1).await?;
        let mut waiting = Vec::new();
        for request in requests {
            let State::Pending { approvals, .. } = &request.state else { continue };
            let others = last.get(&request.by.id).into_iter().flatten().filter(|past| past.id != request.id).take(SHOWN as usize);
            waiting.push(wire::Card {
                own: request.by.id == who.member.id,
                barred: !self.policies().may_decide(&who.member, &request.asked(now)).is_allowed,
                given: approvals.iter().any(|by| by.id == who.member.id),
                doors: self.doors(&request, approvals, &dispatchers, now),
                waiting_seconds: seconds_until(now, request.asked_at),
                last_requests: others.map(past).collect(),
                by: request.by.into(),
                statement: request.statement,
            });
        }
        let mut approved = Vec::new();
        for request in self.store().approved_requests(now).await? {
            let barred = !self.policies().may_decide(&who.member, &request.asked(now)).is_allowed;
            let State::Approved { opened, until } = request.state else { continue };
            approved.push(wire::Approval {
                barred,
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
        let on_duty = self.store().on_duty(Role::Responder, now).await?;
        let [on_duty, dispatchers] = [on_duty, dispatchers].map(|rows| rows.into_iter().map(on_duty_line).collect());
        let (channels, unread) = (self.channels().await?, self.store().unread(who.member.id).await?);
        Ok(wire::Desk {
            readiness: self.readiness().await?,
            channels,
            unread,
            alarms,
            waiting,
            approved,
            live,
            on_duty,
            dispatchers,
        })
    }
}

fn past(row: &PastRow) -> wire::PastRequest {
    wire::PastRequest { asked_at: text(row.asked_at), incident: row.incident.clone(), outcome: row.outcome.clone() }
}

fn on_duty_line(row: OnDutyRow) -> wire::OnDuty {
    wire::OnDuty { member: row.member.into(), sessions: row.sessions }
}
