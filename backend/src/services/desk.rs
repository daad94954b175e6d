//! The desk's picture: what alarms, what waits, what may be opened, what is open, who is signed in.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use halligan_shared::{id::MemberId, member::Role, wire};
use time::OffsetDateTime;

use super::{Fault, Portal, seconds_until, text};
use crate::{
    domain::{
        member::SignedIn,
        request::{AccessRequest, State},
    },
    store::{OnDutyRow, PastRow},
};

/// How many of a member's earlier requests a card shows.
const SHOWN: u32 = 5;

/// For how long a picture is handed on to desks that the same change woke. Its seconds are off by no more.
const SHARED: Duration = Duration::from_millis(200);

/// The desks of this backend.
#[derive(Default)]
pub(super) struct Desks {
    /// Who has one on a screen, and how many.
    open: Mutex<HashMap<MemberId, usize>>,
    /// The last picture that was taken for those who listen.
    picture: tokio::sync::Mutex<Option<Arc<Picture>>>,
}

/// What every desk shows alike, as it was at one moment.
struct Picture {
    /// How many changes there had been.
    change: u64,
    /// When it was taken, by the steady clock.
    taken: Duration,
    /// And by the other one.
    now: OffsetDateTime,
    desk: wire::Desk,
    /// The requests of its cards, by which the policies judge who may decide: in the same order.
    waiting: Vec<AccessRequest>,
    /// The same of what is approved.
    approved: Vec<AccessRequest>,
    /// How many notices members have not read, of those who have any.
    unread: HashMap<MemberId, u32>,
}

/// A desk on a screen, until this is dropped.
pub struct OpenDesk {
    portal: Portal,
    member: MemberId,
}

impl Drop for OpenDesk {
    fn drop(&mut self) {
        let mut desks = self.portal.0.desks.open.lock().unwrap_or_else(PoisonError::into_inner);
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
        *self.0.desks.open.lock().unwrap_or_else(PoisonError::into_inner).entry(member).or_default() += 1;
        self.changed();
        OpenDesk { portal: self.clone(), member }
    }

    pub(super) fn has_desk_open(&self, member: MemberId) -> bool {
        self.0.desks.open.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&member)
    }

    /// Everything the desk shows, as it is now.
    pub async fn desk(&self, who: &SignedIn) -> Result<wire::Desk, Fault> {
        Ok(self.desk_of(who, &self.picture().await?))
    }

    /// The same for a desk that listens: of all that are woken by one change, the first reads the store for the others.
    pub async fn live_desk(&self, who: &SignedIn) -> Result<wire::Desk, Fault> {
        let mut last = self.0.desks.picture.lock().await;
        let (change, now) = (*self.0.changes.borrow(), self.clock().steady());
        let picture = match &*last {
            Some(picture) if picture.change == change && now.saturating_sub(picture.taken) < SHARED => Arc::clone(picture),
            _ => Arc::clone(last.insert(Arc::new(self.picture().await?))),
        };
        drop(last);
        Ok(self.desk_of(who, &picture))
    }

    /// A picture as this dispatcher sees it.
    fn desk_of(&self, who: &SignedIn, picture: &Picture) -> wire::Desk {
        let mut desk = picture.desk.clone();
        let is_barred = |request: &AccessRequest| !self.policies().may_decide(&who.member, &request.asked(picture.now)).is_allowed;
        for (card, request) in desk.waiting.iter_mut().zip(&picture.waiting) {
            card.own = request.by.id == who.member.id;
            card.barred = is_barred(request);
            card.given =
                matches!(&request.state, State::Pending { approvals, .. } if approvals.iter().any(|by| by.id == who.member.id));
            card.deciding.retain(|by| by.id != who.member.id);
        }
        for (approval, request) in desk.approved.iter_mut().zip(&picture.approved) {
            approval.barred = is_barred(request);
        }
        for alarm in &mut desk.alarms {
            alarm.own = alarm.by.id == who.member.id;
        }
        desk.unread = picture.unread.get(&who.member.id).copied().unwrap_or_default();
        desk
    }

    /// What every desk shows alike. What is each dispatcher's own stands as it is for nobody.
    async fn picture(&self) -> Result<Picture, Fault> {
        // Before the store is read: what changes meanwhile makes this picture an old one.
        let change = *self.0.changes.borrow();
        let (now, taken) = (self.now(), self.clock().steady());
        let dispatchers = self.store().on_duty(Role::Dispatcher, now).await?;
        let mut waiting = self.store().waiting_requests(now).await?;
        waiting.retain(|request| matches!(request.state, State::Pending { .. }));
        // A drill keeps no patient waiting. The sort keeps the order of each.
        waiting.sort_by_key(|request| request.statement.drill);
        let members: Vec<_> = waiting.iter().map(|request| request.by.id).collect::<BTreeSet<_>>().into_iter().collect();
        // One more than is shown: the request itself is among them.
        let last = self.store().last_requests(&members, SHOWN + 1).await?;
        let mut deciding = self.store().deciding(now).await?;
        let mut cards = Vec::new();
        for request in &waiting {
            let State::Pending { approvals, .. } = &request.state else { continue };
            let others = last.get(&request.by.id).into_iter().flatten().filter(|past| past.id != request.id).take(SHOWN as usize);
            cards.push(wire::Card {
                own: false,
                barred: false,
                given: false,
                deciding: deciding.remove(&request.id).into_iter().flatten().map(Into::into).collect(),
                doors: self.doors(request, approvals, &dispatchers, now),
                waiting_seconds: seconds_until(now, request.asked_at),
                last_requests: others.map(past).collect(),
                by: request.by.clone().into(),
                statement: request.statement.clone(),
            });
        }
        let (mut approved, mut approvals) = (Vec::new(), Vec::new());
        for request in self.store().approved_requests(now).await? {
            let State::Approved { opened, until } = &request.state else { continue };
            approvals.push(wire::Approval {
                barred: false,
                by: request.by.clone().into(),
                statement: request.statement.clone(),
                opened: opened.clone().into(),
                seconds_left: seconds_until(*until, now),
            });
            approved.push(request);
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
                own: false,
                by: row.by.into(),
                bracelets: row.bracelets,
                seconds: seconds_until(now, row.raised_at),
                signed_out: row.signed_out.map(|(by, at)| wire::SignedOutBy { by: by.into(), seconds: seconds_until(now, at) }),
            })
            .collect();
        let on_duty = self.store().on_duty(Role::Responder, now).await?;
        let [on_duty, dispatchers] = [on_duty, dispatchers].map(|rows| rows.into_iter().map(on_duty_line).collect());
        let drills = self.store().running_drills(now).await?;
        let drills = drills.into_iter().map(|(name, members)| wire::RunningDrill { name, members }).collect();
        let (readiness, channels) = (self.readiness().await?, self.channels().await?);
        let desk = wire::Desk {
            readiness,
            channels,
            unread: 0,
            drills,
            alarms,
            waiting: cards,
            approved: approvals,
            live,
            on_duty,
            dispatchers,
        };
        Ok(Picture { change, taken, now, desk, waiting, approved, unread: self.store().all_unread().await? })
    }
}

fn past(row: &PastRow) -> wire::PastRequest {
    wire::PastRequest { asked_at: text(row.asked_at), incident: row.incident.clone(), outcome: row.outcome.clone() }
}

fn on_duty_line(row: OnDutyRow) -> wire::OnDuty {
    wire::OnDuty { member: row.member.into(), sessions: row.sessions }
}
