//! Notices: what members are told without having asked, each by every channel that they have, and how it ended.
//!
//! What is told stands in the same transaction as what it tells of: nothing happens of which nobody is told, and nobody is told of what
//! did not happen. Who sends it is `deliver`.

use std::collections::BTreeSet;

use halligan_shared::{
    audit::Kind,
    id::{MemberId, NoticeId, ReenrolmentId, RequestId},
    member::Role,
    notice::Topic,
    review::Finding,
    statement::AccessStatement,
    wire,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        drill::TakesPart,
        member::{Member, SignedIn},
        notice::{About, Notice, review_notice, unowned_notice},
        request::{AccessRequest, State},
        review::Review,
    },
    store::{GoneDevice, InboxRow, Unit},
};

/// How long a device is worth telling of what is no request that waits.
const WORTH: Duration = Duration::days(1);

/// Something to tell, and whom.
pub(super) struct Telling {
    pub(super) topic: Topic,
    /// The id of what it is about: by it the notice ends.
    pub(super) about: String,
    pub(super) facts: About,
    /// Until when a device is worth telling.
    pub(super) until: OffsetDateTime,
    /// Who is told. Somebody who is named twice is told once.
    pub(super) to: BTreeSet<MemberId>,
    /// By which ways of theirs.
    pub(super) by: Ways,
}

/// How members are told, beside the webhook.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// On their devices: the desk shows it as well.
    Devices,
    /// In their inboxes: the pages say it as well, and a device that hears of it late would say what no longer holds.
    Inbox,
    /// Both.
    Both,
}

impl Portal {
    /// Tells members of something, in the transaction in which it happens.
    pub(super) async fn tell(&self, unit: &mut Unit, telling: Telling, now: OffsetDateTime) -> Result<(), Fault> {
        let Telling { topic, about, facts, until, to, by } = telling;
        let (in_inbox, on_devices) = (by != Ways::Devices, by != Ways::Inbox);
        let notice = Notice { id: NoticeId::fresh(), topic, about, facts, made_at: now, until, closed: None };
        unit.keep_notice(&notice).await?;
        let mut devices = 0;
        for member in &to {
            if in_inbox {
                unit.put_into_inbox(notice.id, *member).await?;
            }
            if on_devices && self.settings().outside.push.is_some() {
                devices += unit.tell_devices(&notice, *member).await?;
            }
        }
        let has_webhook = self.settings().outside.webhook.is_some();
        if has_webhook {
            unit.tell_webhook(&notice).await?;
        }
        // Where only devices could be told and there are none, nobody was.
        if in_inbox || devices > 0 || has_webhook {
            let facts = json!({
                "notice": notice.id, "topic": topic, "about": notice.about, "members": to.len(), "devices": devices, "webhook": has_webhook,
            });
            unit.record(&Event::of_portal(Kind::NoticeTold, facts), now).await?;
        } else {
            unit.drop_notice(notice.id).await?;
        }
        Ok(())
    }

    /// Tells every dispatcher who may decide a request that it waits.
    pub(super) async fn tell_waiting(&self, unit: &mut Unit, id: RequestId, now: OffsetDateTime) -> Result<(), Fault> {
        let Some(request) = unit.request(id).await? else { return Ok(()) };
        let State::Pending { until, .. } = request.state.clone().at(now) else { return Ok(()) };
        let to = self.deciders(unit, &request, now).await?;
        let telling =
            Telling { topic: Topic::RequestWaits, about: id.to_string(), facts: facts_of(&request), until, to, by: Ways::Devices };
        self.tell(unit, telling, now).await
    }

    /// Tells everybody who has to know that a responder opened a request alone: each dispatcher who could have decided, the responder's
    /// supervisor, and every privacy officer.
    pub(super) async fn tell_opened_alone(
        &self,
        unit: &mut Unit,
        request: &AccessRequest,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut to = self.deciders(unit, request, now).await?;
        // As it is now: who supervises whom may have been changed since the request was filed.
        let by = unit.member(request.by.id).await?.ok_or(Fault::Internal)?;
        if let Some(supervisor) = &by.assignment.supervisor {
            to.extend(unit.member_let_in(supervisor).await?.map(|member| member.id));
        }
        to.extend(unit.members_with(Role::PrivacyOfficer).await?.into_iter().map(|member| member.id));
        to.remove(&request.by.id);
        let telling = Telling {
            topic: Topic::OpenedAlone,
            about: request.id.to_string(),
            facts: facts_of(request),
            until: now + WORTH,
            to,
            by: Ways::Both,
        };
        self.tell(unit, telling, now).await
    }

    /// Tells members of the review of what somebody asked: that it is theirs to do, or that it is overdue. It ends as [`review_notice`], or
    /// where nobody may do it as [`unowned_notice`].
    pub(super) async fn tell_review(
        &self,
        unit: &mut Unit,
        topic: Topic,
        (request, by, statement): (RequestId, &Member, &AccessStatement),
        to: impl IntoIterator<Item = Member>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let facts = About {
            who: Some(by.display_name.clone()),
            incident: Some(statement.justification.incident().to_owned()),
            drill: statement.drill,
            ..About::default()
        };
        let about = if topic == Topic::ReviewUnowned { unowned_notice(request) } else { review_notice(request) };
        let to = to.into_iter().map(|member| member.id).filter(|member| *member != by.id).collect();
        let telling = Telling { topic, about, facts, until: now + WORTH, to, by: Ways::Both };
        self.tell(unit, telling, now).await
    }

    /// Tells the responder what the review of what they opened found, and where it was not justified whoever has to act on it: the
    /// admins, and the responder's supervisor.
    pub(super) async fn tell_reviewed(
        &self,
        unit: &mut Unit,
        review: &Review,
        finding: Finding,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let mut to = BTreeSet::from([review.by.id]);
        if finding != Finding::Justified {
            to.extend(unit.members_with(Role::Admin).await?.into_iter().map(|member| member.id));
            if let Some(supervisor) = &review.by.assignment.supervisor {
                to.extend(unit.member_let_in(supervisor).await?.map(|member| member.id));
            }
        }
        let facts = About {
            who: Some(review.by.display_name.clone()),
            incident: Some(review.statement.justification.incident().to_owned()),
            drill: review.statement.drill,
            finding: Some(finding),
            ..About::default()
        };
        let about = review_notice(review.request);
        self.tell(unit, Telling { topic: Topic::ReviewClosed, about, facts, until: now + WORTH, to, by: Ways::Both }, now).await
    }

    /// Tells a member that their passkeys are about to be replaced.
    pub(super) async fn tell_reenrolment(
        &self,
        unit: &mut Unit,
        id: ReenrolmentId,
        member: MemberId,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let telling = Telling {
            topic: Topic::Reenrolment,
            about: id.to_string(),
            facts: About::default(),
            until: now + WORTH,
            to: BTreeSet::from([member]),
            by: Ways::Both,
        };
        self.tell(unit, telling, now).await
    }

    /// Tells members that they take part in a drill: until they leave it, no real record opens for them.
    pub(super) async fn tell_drill(
        &self,
        unit: &mut Unit,
        drill: &TakesPart,
        (by, members): (&Member, &[MemberId]),
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let facts = About { who: Some(by.display_name.clone()), name: Some(drill.name.clone()), drill: true, ..About::default() };
        // Whoever put themselves into it knows.
        let to: BTreeSet<_> = members.iter().copied().filter(|member| *member != by.id).collect();
        if to.is_empty() {
            return Ok(());
        }
        let telling =
            Telling { topic: Topic::Drill, about: drill.drill.to_string(), facts, until: drill.until, to, by: Ways::Inbox };
        self.tell(unit, telling, now).await
    }

    /// Tells a member that a device of theirs is told no more, by whom they are not. `None`: it is not known who did it.
    pub(super) async fn tell_device_ended(
        &self,
        unit: &mut Unit,
        device: &GoneDevice,
        by: Option<&Member>,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let who = by.map(|by| by.display_name.clone());
        let facts = About { who, name: Some(device.name.clone()), ..About::default() };
        let telling = Telling {
            topic: Topic::DeviceEnded,
            about: device.id.to_string(),
            facts,
            until: now + WORTH,
            to: BTreeSet::from([device.member]),
            by: Ways::Both,
        };
        self.tell(unit, telling, now).await
    }

    async fn deciders(&self, unit: &mut Unit, request: &AccessRequest, now: OffsetDateTime) -> Result<BTreeSet<MemberId>, Fault> {
        let asked = request.asked(now);
        let may = |member: &Member| member.id != request.by.id && self.policies().may_decide(member, &asked).is_allowed;
        let dispatchers = unit.members_with(Role::Dispatcher).await?;
        Ok(dispatchers.into_iter().filter(may).map(|member| member.id).collect())
    }

    /// A member's notices.
    pub async fn notices(&self, who: &SignedIn) -> Result<wire::NoticeBoard, Fault> {
        let rows = self.store().inbox(who.member.id).await?;
        Ok(wire::NoticeBoard { unread: self.store().unread(who.member.id).await?, notices: rows.into_iter().map(line).collect() })
    }

    /// How many of them they have not read.
    pub async fn unread(&self, who: &SignedIn) -> Result<wire::Unread, Fault> {
        Ok(wire::Unread { unread: self.store().unread(who.member.id).await? })
    }

    /// Notes that a member read notices. What is not theirs, or was forgotten meanwhile, keeps the others from nothing.
    pub async fn read_notices(&self, who: &SignedIn, notices: &[NoticeId]) -> Result<(), Fault> {
        if !(1..=wire::NOTICES_SHOWN as usize).contains(&notices.len()) {
            return Err(Fault::Invalid("Name the notices that were read: at least one, at most 50."));
        }
        if self.store().read_notices(who.member.id, notices, self.now()).await? {
            self.changed();
        }
        Ok(())
    }
}

fn facts_of(request: &AccessRequest) -> About {
    About {
        who: Some(request.by.display_name.clone()),
        severity: Some(request.justification.severity()),
        incident: Some(request.justification.incident().to_owned()),
        drill: request.statement.drill,
        ..About::default()
    }
}

fn line(InboxRow { notice, is_read }: InboxRow) -> wire::NoticeLine {
    wire::NoticeLine {
        id: notice.id,
        topic: notice.topic,
        title: notice.title(),
        text: notice.text_inside(),
        made_at: text(notice.made_at),
        read: is_read,
        closed: notice.closed.as_ref().map(|closed| wire::NoticeClosed {
            how: closed.how,
            text: closed.text(),
            at: text(closed.at),
        }),
    }
}
