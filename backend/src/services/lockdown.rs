//! The lockdown: two admins close every record and keep all closed until two admins lift that.
//!
//! One proposes, another confirms in time, and both sign the very same statement. The portal obeys at once and by its own store,
//! whether or not the authority answers. The authority is told as well to refuse every session of the decrypter role, and once the
//! lockdown is lifted those from before it: that reaches credentials that somebody took out of the backend, and is tried until
//! it succeeds.
//!
//! Asking and deciding go on: a responder who needs a record says so, dispatch sees it and can help otherwise, and what was
//! approved opens when the lockdown is lifted, if its time is not over.

use halligan_shared::{
    audit::Kind,
    grant::Ending,
    id::{GrantId, LockdownId, ProposalId},
    member::AgencyId,
    statement::{LockdownAct, LockdownStatement},
    wire,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, proposal, seconds_until, text};
use crate::{
    aws::Denied,
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
    },
    store::{Confirmed, DenyDue, DenyRow, ProposalRow, Unit},
};

const PROPOSAL: &str = "lockdown proposal";
const CONFIRMATION: &str = "lockdown confirmation";
/// Said where the database does not know whether there is one.
const UNKNOWN: &str = "The database has lost how the lockdown stands, so no record opens. Tell your operator to restore it.";
/// How long after a failure the authority is left alone.
const PAUSE: Duration = Duration::seconds(10);
/// How often it is looked whether the authority still does as it was told.
const LOOK: Duration = Duration::minutes(1);
/// How long a session of the decrypter role lives at most: its `MaxSessionDuration` in infra/. The portal's own live a quarter of
/// that; whoever has the backend's identity may ask for all of it.
const SESSION_MAX: Duration = Duration::hours(1);
/// How far the portal's clock can be from AWS's, which takes no signature of one that is further off (Signature Version 4). Nothing
/// that was issued before a lockdown is later than its beginning by more than that.
const CLOCKS_APART: Duration = Duration::minutes(5);

impl Portal {
    /// Everything the admins' page shows.
    pub async fn lockdown_board(&self, who: &SignedIn) -> Result<wire::LockdownBoard, Fault> {
        let now = self.now();
        let in_force = self.store().lockdown().await?.map(|row| wire::LockdownView {
            statement: row.statement,
            proposed_by: row.by.into(),
            confirmed_by: row.confirmed_by.into(),
            since: text(row.since),
        });
        // No row at all: nothing opens, and nothing can be proposed either.
        if in_force.is_none() && self.store().is_locked_down().await? {
            return Err(Fault::NotNow(UNKNOWN));
        }
        let proposals = self.store().proposals(now).await?.into_iter().map(|row| wire::LockdownProposal {
            own: row.by.id == who.member.id,
            by: row.by.into(),
            statement: row.statement,
            seconds_left: seconds_until(row.until, now),
        });
        let deny = self.store().deny().await?.map(|row| match (row.since, row.failure) {
            (Some(since), _) => wire::Deny::InForce { since: text(since) },
            (None, Some(why)) => wire::Deny::Failed { why },
            (None, None) => wire::Deny::Pending,
        });
        let open = u32::try_from(self.store().open_windows(now).await?.len()).unwrap_or(u32::MAX);
        Ok(wire::LockdownBoard { now: in_force, proposals: proposals.collect(), deny, open })
    }

    /// Hands out the statement of a proposal to sign.
    pub async fn prepare_lockdown(&self, who: &SignedIn, body: &wire::PrepareLockdown) -> Result<wire::PreparedLockdown, Fault> {
        let reason = proposal::reason(&body.reason, "Say why: the other admin reads it, and it stands in the log.")?;
        let in_force = self.store().lockdown().await?.map(|row| row.statement.lockdown);
        let lockdown = match (body.act, in_force) {
            (LockdownAct::Begin, None) => LockdownId::fresh(),
            (LockdownAct::Lift, Some(lockdown)) => lockdown,
            (act, _) => return Err(stands_otherwise(act)),
        };
        let now = self.now();
        let statement = LockdownStatement {
            kind: LockdownStatement::KIND.to_owned(),
            proposal: ProposalId::fresh(),
            lockdown,
            act: body.act,
            reason,
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            proposed_at: text(now),
            until: text(now + self.settings().limits.proposal),
        };
        let (statement, ceremony) = self.start_signing(PROPOSAL, &who.member, statement).await?;
        Ok(wire::PreparedLockdown { statement, ceremony })
    }

    /// Files the signed proposal. By itself it changes nothing.
    pub async fn propose_lockdown(&self, who: &SignedIn, body: &wire::SignedLockdown) -> Result<(), Fault> {
        let signed = self.finish_signing::<LockdownStatement>(PROPOSAL, who, body.ceremony, &body.credential).await?;
        let (mut unit, now, new) = self.begin_proposal(Actor::Member(who), &signed, &signed.statement.until).await?;
        if !unit.propose_lockdown(&new, now).await? {
            return Err(stands_otherwise(signed.statement.act));
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::LockdownProposed, signed.facts()), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Hands out the statement of a proposal to another admin.
    pub async fn prepare_confirmation(&self, who: &SignedIn, id: ProposalId) -> Result<wire::PreparedLockdown, Fault> {
        let ProposalRow { statement, .. } = self.confirmable(who, id).await?;
        let (statement, ceremony) = self.start_signing(CONFIRMATION, &who.member, statement).await?;
        Ok(wire::PreparedLockdown { statement, ceremony })
    }

    /// Takes the other admin's signature, and makes it so.
    pub async fn confirm_lockdown(&self, who: &SignedIn, id: ProposalId, body: &wire::SignedLockdown) -> Result<(), Fault> {
        let signed = self.finish_signing::<LockdownStatement>(CONFIRMATION, who, body.ceremony, &body.credential).await?;
        let statement = &signed.statement;
        if statement.proposal != id {
            return Err(Fault::CeremonyOver);
        }
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        let Some(confirmed) = unit.confirm_lockdown(statement, who.member.id, now).await? else {
            drop(unit);
            self.confirmable(who, id).await?;
            return Err(Fault::Internal);
        };
        let kind = match confirmed {
            Confirmed::Begun => Kind::LockdownBegun,
            Confirmed::Lifted { .. } => Kind::LockdownLifted,
        };
        unit.record(&Event::by(&who.member.agency_id, kind, signed.facts()), now).await?;
        match confirmed {
            Confirmed::Begun => {
                let ended = close_everything(self, &mut unit, statement, &who.member.agency_id, now).await?;
                self.commit(unit, ended).await
            }
            Confirmed::Lifted { begun } => {
                unit.want_older_denied(bound(begun, now)).await?;
                self.commit_lift(unit).await
            }
        }
    }

    /// Makes a lift true, and tells the authority before the pages: what they would open at once it would still refuse. It goes on
    /// when the caller hangs up meanwhile.
    async fn commit_lift(&self, unit: Unit) -> Result<(), Fault> {
        let portal = self.clone();
        let done = tokio::spawn(async move {
            unit.commit().await?;
            if let Err(error) = portal.tend_deny().await {
                tracing::error!(%error, "what the key service was told about a lift could not be written down");
            }
            portal.changed();
            Ok(())
        });
        done.await.map_err(|_| Fault::Internal)?
    }

    /// Tells the authority what it has to be told about sessions of the decrypter role, if anything.
    ///
    /// While locked down it is to refuse all of them: no clock has a part in that. Lifted, it is to refuse those from before for as
    /// long as one could live, so that lifting lets nobody use what was issued before, and then none.
    ///
    /// What it was told is looked at each minute, and told again where it is gone or cannot be seen: whoever may change roles
    /// there can take it away.
    pub async fn tend_deny(&self) -> Result<(), Fault> {
        self.look_at_deny().await?;
        let now = self.now();
        let Some(due) = self.store().take_deny_due(now, now + PAUSE, now - SESSION_MAX).await? else { return Ok(()) };
        let told = match due {
            DenyDue::All(_) => self.authority().deny_every_session().await,
            DenyDue::Older(before) => self.authority().deny_older_sessions(before).await,
            DenyDue::Nothing(_) => self.authority().deny_no_session().await,
        };
        let (mut unit, now) = self.begin_of_portal().await?;
        let is_new = match &told {
            Ok(()) => unit.deny_is_told(due, now).await?,
            Err(fault) => unit.deny_failed(due, &fault.without_request()).await?,
        };
        if !is_new {
            // Another backend was slower or faster. What was said just now, also where no answer came, may have taken the place of
            // what was said since.
            return if unit.deny_again(due).await? { self.commit(unit, Vec::new()).await } else { Ok(()) };
        }
        let kind = match (&told, due) {
            (Err(_), _) => Kind::LockdownDenyFailed,
            (Ok(()), DenyDue::All(_) | DenyDue::Older(_)) => Kind::LockdownDenyPut,
            (Ok(()), DenyDue::Nothing(_)) => Kind::LockdownDenyRemoved,
        };
        let (sessions, before) = match due {
            DenyDue::All(_) => ("all", None),
            DenyDue::Older(before) => ("older", Some(text(before))),
            DenyDue::Nothing(before) => ("none", Some(text(before))),
        };
        let why = told.as_ref().err().map(ToString::to_string);
        unit.record(&Event::of_portal(kind, json!({ "sessions": sessions, "before": before, "why": why })), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Any number of backends look; the one whose finding is first has the authority told.
    async fn look_at_deny(&self) -> Result<(), Fault> {
        let Some(DenyRow { told, since: Some(since), .. }) = self.store().deny().await? else { return Ok(()) };
        let now = self.now();
        // What was told a moment ago AWS may not show yet.
        if (now - since).abs() < LOOK || !self.takes_look_at_deny() {
            return Ok(());
        }
        let seen = self.authority().denied().await;
        if seen.as_ref().is_ok_and(|seen| is_as_told(told, *seen, now)) {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.deny_is_gone(told, since).await? {
            return Ok(());
        }
        let found = match &seen {
            Ok(seen) => seen.to_string(),
            Err(fault) => fault.without_request(),
        };
        unit.record(&Event::of_portal(Kind::LockdownDenyUnseen, json!({ "found": found })), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Whether it is time for this backend to look. By the steady clock, which nobody sets.
    fn takes_look_at_deny(&self) -> bool {
        let now = self.clock().steady();
        // A thread that panicked while it held this left it whole.
        let mut last = self.0.deny_looked.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_due = last.is_none_or(|last| now.saturating_sub(last) >= LOOK);
        if is_due {
            *last = Some(now);
        }
        is_due
    }

    /// Wakes the pages when another backend on the same database changed something about the lockdown.
    pub(super) async fn notice_lockdown(&self) -> Result<(), Fault> {
        let revision = self.store().lockdown_revision().await?;
        if self.0.lockdown_seen.swap(revision, std::sync::atomic::Ordering::Relaxed) != revision {
            self.changed();
        }
        Ok(())
    }

    async fn confirmable(&self, who: &SignedIn, id: ProposalId) -> Result<ProposalRow, Fault> {
        let row = self.store().proposal(id, self.now()).await?.ok_or(Fault::NotNow(
            "There is nothing to confirm any more: the time was over, or another admin was faster. Look at how it stands.",
        ))?;
        if row.by.id == who.member.id {
            return Err(Fault::Oneself("You proposed this yourself. Another admin has to confirm it."));
        }
        Ok(row)
    }
}

/// Ends every open grant and says so in the log. Whose credentials go.
async fn close_everything(
    portal: &Portal,
    unit: &mut Unit,
    statement: &LockdownStatement,
    confirmed_by: &AgencyId,
    now: OffsetDateTime,
) -> Result<Vec<GrantId>, Fault> {
    let ended = unit.end_every_grant(now).await?;
    for grant in &ended {
        // Both who signed it took part in what it ended: neither reviews that.
        let facts = json!({
            "request": grant.request, "grant": grant.id, "ending": Ending::LockedDown, "lockdown": statement.lockdown,
            "proposed_by": statement.agency_id,
        });
        unit.record(&Event::by(confirmed_by, Kind::GrantEnded, facts), now).await?;
        portal.settle_review_of(unit, grant.request, Some(confirmed_by), now).await?;
    }
    Ok(ended.into_iter().map(|grant| grant.id).collect())
}

/// Whether the authority does what it was told. What no session is left of may be there still, or be gone.
pub(super) fn is_as_told(told: DenyDue, seen: Denied, now: OffsetDateTime) -> bool {
    match (told, seen) {
        (DenyDue::All(_), Denied::All) => true,
        (DenyDue::Older(before) | DenyDue::Nothing(before), Denied::Older(seen)) => {
            seen.unix_timestamp() == before.unix_timestamp()
        }
        (DenyDue::Older(before) | DenyDue::Nothing(before), Denied::None) => before <= now - SESSION_MAX,
        _ => false,
    }
}

/// Before when, by the authority's clock, a session was issued that is refused once a lockdown is lifted.
///
/// No session from before the lockdown is later than its beginning and what clocks can be apart. One that was begun during it, by somebody
/// who had the backend's identity, is: so it is the lift less what clocks can be apart, where that is later. A lockdown of ten
/// minutes and more refuses no new session by this, whatever the portal's clock says, and a shorter one for some minutes at most.
fn bound(begun: OffsetDateTime, lifted: OffsetDateTime) -> OffsetDateTime {
    let second = |time: OffsetDateTime| time.replace_nanosecond(0).unwrap_or(time);
    // A clock that was fast at the beginning and is right by now says nothing of it.
    if lifted < begun {
        return second(lifted) + Duration::SECOND;
    }
    // Upwards: what was issued earlier in this second is from before, and policies compare whole seconds.
    let (begun, lifted) = (second(begun) + Duration::SECOND, second(lifted));
    lifted.clamp(begun, (begun + CLOCKS_APART).max(lifted - CLOCKS_APART))
}

fn stands_otherwise(act: LockdownAct) -> Fault {
    Fault::NotNow(match act {
        LockdownAct::Begin => "The portal is locked down already. There is nothing to propose but to lift that.",
        LockdownAct::Lift => "The lockdown that you saw is over. The page shows how it stands now.",
    })
}
