//! Re-enrolment: a member lost every passkey, and gets a new one.
//!
//! Whoever can replace a passkey can become that member. So it takes two admins, who sign the very same statement; then a delay, in
//! which the member is told wherever they are signed in, and can stop it, as any admin can; and only then a link, which one of the two
//! hands over. The new passkey, the end of the former ones and the end of every session are one transaction.

use halligan_shared::{
    audit::Kind,
    id::{MemberId, PasskeyId, ReenrolmentId, SignInId},
    statement::ReenrolmentStatement,
    wire::{self, ReenrolmentState},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, join, proposal, seconds_until, sign_in::Stay, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
    },
    passkeys::PasskeyFault,
    store::{PasskeyRow, ReenrolmentRow, Stays, Unit},
};

const PROPOSAL: &str = "re-enrolment proposal";
const CONFIRMATION: &str = "re-enrolment confirmation";
/// For how long after the delay the link can be handed out: a member on leave comes back the next day, and what nobody needed by
/// then is not left lying about.
const HANDED_OUT_FOR: Duration = Duration::days(1);
/// Said where it is no longer as the page showed it.
const GONE: &str = "This is over: it was stopped, done, or its time had passed. Look at how it stands.";

impl Portal {
    /// Everything under way.
    pub async fn reenrolments(&self, who: &SignedIn) -> Result<Vec<wire::ReenrolmentLine>, Fault> {
        let now = self.now();
        let rows = self.store().reenrolments(now).await?;
        Ok(rows.into_iter().map(|row| line(row, who.member.id, now)).collect())
    }

    /// Hands out the statement of a proposal to sign.
    pub async fn prepare_reenrolment(
        &self,
        who: &SignedIn,
        member: MemberId,
        reason: &str,
    ) -> Result<wire::PreparedReenrolment, Fault> {
        let reason = proposal::reason(reason, "Say why: the other admin and the member read it, and it stands in the log.")?;
        if member == who.member.id {
            return Err(Fault::Oneself("Your own passkeys other admins replace. While you can sign in, you can add one yourself."));
        }
        let subject = self.store().member(member).await?.ok_or(Fault::NotFound)?;
        let (now, limits) = (self.now(), &self.settings().limits);
        let statement = ReenrolmentStatement {
            kind: ReenrolmentStatement::KIND.to_owned(),
            reenrolment: ReenrolmentId::fresh(),
            subject: subject.id,
            subject_agency_id: subject.agency_id,
            reason,
            delay: u32::try_from(limits.reenrolment_delay.whole_seconds()).unwrap_or(u32::MAX),
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            proposed_at: text(now),
            until: text(now + limits.proposal),
        };
        let (statement, ceremony) = self.start_signing(PROPOSAL, &who.member, statement).await?;
        Ok(wire::PreparedReenrolment { statement, ceremony })
    }

    /// Files the signed proposal. By itself it changes nothing but what the member is told.
    pub async fn propose_reenrolment(&self, who: &SignedIn, body: &wire::SignedReenrolment) -> Result<(), Fault> {
        let signed = self.finish_signing::<ReenrolmentStatement>(PROPOSAL, who, body.ceremony, &body.credential).await?;
        let statement = &signed.statement;
        let (mut unit, now, new) = self.begin_proposal(Actor::Fresh(who), &signed, &statement.until).await?;
        if !unit.propose_reenrolment(&new, now).await? {
            return Err(Fault::NotNow("Somebody began this for the same member already. Confirm that one, or stop it first."));
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberReenrolmentProposed, signed.facts()), now).await?;
        self.tell_reenrolment(&mut unit, statement.reenrolment, statement.subject, now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Hands out the statement of a proposal to another admin.
    pub async fn prepare_reenrolment_confirmation(
        &self,
        who: &SignedIn,
        id: ReenrolmentId,
    ) -> Result<wire::PreparedReenrolment, Fault> {
        let ReenrolmentRow { statement, .. } = self.confirmable_reenrolment(who, id).await?;
        let (statement, ceremony) = self.start_signing(CONFIRMATION, &who.member, statement).await?;
        Ok(wire::PreparedReenrolment { statement, ceremony })
    }

    /// Takes the other admin's signature: the delay begins.
    pub async fn confirm_reenrolment(
        &self,
        who: &SignedIn,
        id: ReenrolmentId,
        body: &wire::SignedReenrolment,
    ) -> Result<(), Fault> {
        let signed = self.finish_signing::<ReenrolmentStatement>(CONFIRMATION, who, body.ceremony, &body.credential).await?;
        if signed.statement.reenrolment != id {
            return Err(Fault::CeremonyOver);
        }
        let (unit, now) = self.begin(Actor::Fresh(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        // The delay that both signed, whatever is set by now.
        let ready = now + Duration::seconds(signed.statement.delay.into());
        if !unit.confirm_reenrolment(id, who.member.id, now, ready, ready + HANDED_OUT_FOR).await? {
            drop(unit);
            self.confirmable_reenrolment(who, id).await?;
            return Err(Fault::Internal);
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberReenrolmentConfirmed, signed.facts()), now).await?;
        self.commit(unit, Vec::new()).await
    }

    async fn confirmable_reenrolment(&self, who: &SignedIn, id: ReenrolmentId) -> Result<ReenrolmentRow, Fault> {
        let row = self.store().reenrolment(id, self.now()).await?.ok_or(Fault::NotNow(GONE))?;
        if row.confirmed.is_some() {
            return Err(Fault::NotNow("Another admin was faster: it is confirmed already."));
        }
        match who.member.id {
            id if id == row.by.id => Err(Fault::Oneself("You proposed this yourself. Another admin has to confirm it.")),
            id if id == row.subject.id => Err(Fault::Oneself("These are your own passkeys. Another admin has to confirm it.")),
            _ => Ok(row),
        }
    }

    /// Hands out the link for the new passkey, to either of the two admins, once the delay is over. An earlier link ends with it.
    pub async fn hand_out_reenrolment(&self, who: &SignedIn, id: ReenrolmentId) -> Result<wire::Invitation, Fault> {
        let (token, token_digest) = join::fresh_token()?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        let until = now + self.settings().limits.invitation;
        if !unit.hand_out_reenrolment(id, who.member.id, &token_digest, until, now).await? {
            drop(unit);
            return Err(self.why_not_handed_out(who, id).await?);
        }
        let subject = self.store().reenrolment(id, now).await?.ok_or(Fault::Internal)?.subject;
        let facts = json!({ "reenrolment": id, "member": subject.agency_id });
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberReenrolmentLinkMade, facts), now).await?;
        self.commit(unit, Vec::new()).await?;
        Ok(self.offer(&token))
    }

    async fn why_not_handed_out(&self, who: &SignedIn, id: ReenrolmentId) -> Result<Fault, Fault> {
        let now = self.now();
        let Some(row) = self.store().reenrolment(id, now).await? else { return Ok(Fault::NotNow(GONE)) };
        Ok(match row.confirmed {
            None => Fault::NotNow("No other admin has confirmed this yet."),
            Some(confirmed) if ![row.by.id, confirmed.by.id].contains(&who.member.id) => {
                Fault::Oneself("One of the two admins who agreed on this has to hand over the link.")
            }
            Some(_) => Fault::NotNow("The delay is not over yet. Until then the member can object."),
        })
    }

    /// An admin stops it.
    pub async fn stop_reenrolment(&self, who: &SignedIn, id: ReenrolmentId) -> Result<(), Fault> {
        let row = self.store().reenrolment(id, self.now()).await?.ok_or(Fault::NotNow(GONE))?;
        self.stop(who, &row).await
    }

    /// What somebody began about the member's own passkeys.
    pub async fn own_reenrolment(&self, who: &SignedIn) -> Result<Option<wire::OwnReenrolment>, Fault> {
        let now = self.now();
        let row = self.store().reenrolment_of(who.member.id, now).await?;
        Ok(row.map(|row| wire::OwnReenrolment {
            by: row.by.display_name,
            reason: row.statement.reason,
            seconds_left: row.confirmed.map(|confirmed| seconds_until(confirmed.ready, now)),
        }))
    }

    /// The member stops it: whoever can still sign in has lost nothing.
    pub async fn stop_own_reenrolment(&self, who: &SignedIn) -> Result<(), Fault> {
        let row = self.store().reenrolment_of(who.member.id, self.now()).await?.ok_or(Fault::NotNow(GONE))?;
        self.stop(who, &row).await
    }

    async fn stop(&self, who: &SignedIn, row: &ReenrolmentRow) -> Result<(), Fault> {
        let id = row.statement.reenrolment;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if !unit.stop_reenrolment(id, now).await? {
            return Err(Fault::NotNow(GONE));
        }
        let facts = json!({ "reenrolment": id, "member": row.subject.agency_id });
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberReenrolmentStopped, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// What a link for a new passkey offers.
    pub(super) async fn offered_reenrolment(&self, token_digest: &str) -> Result<(ReenrolmentRow, OffsetDateTime), Fault> {
        let row = self.store().reenrolment_by_token(token_digest, self.now()).await?.ok_or(Fault::InvitationOver)?;
        let until = row.token_until.ok_or(Fault::InvitationOver)?;
        Ok((row, until))
    }

    /// Takes the link, replaces the member's passkeys and ends every session: all or nothing. Whoever is kept out stays so.
    pub(super) async fn finish_reenrolment(
        &self,
        mut unit: Unit,
        now: OffsetDateTime,
        joining: join::Joining,
        credential: serde_json::Value,
        name: String,
    ) -> Result<Stay, Fault> {
        let taken = unit.take_reenrolment(&joining.token_digest, now).await?;
        let (id, member) = taken.filter(|(_, member)| *member == joining.member).ok_or(Fault::InvitationOver)?;
        // Read once writers stand in line: the roles say what passkeys will do.
        let member = self.store().member(member).await?.ok_or(Fault::Internal)?;
        let passkey = self.0.passkeys.finish_registration(credential, &joining.registration, &member.roles)?;
        let (backup_eligible, backed_up) = passkey.backup();
        let passkey = PasskeyRow { id: PasskeyId::fresh(), member: member.id, passkey, name, created_at: now, last_used_at: None };
        self.forget_devices(&mut unit, &member, &member.agency_id, now).await?;
        let ended = self.close_stays(&mut unit, now, &member, Stays::All, &member.agency_id).await?;
        let removed = unit.remove_passkeys(member.id).await?;
        if !unit.add_passkey(&passkey).await? {
            return Err(Fault::Passkey(PasskeyFault::Refused));
        }
        let is_kept_out = unit.is_kept_out(member.id).await?;
        let stay = Stay { member: member.id, sign_in: SignInId::fresh(), since: now.unix_timestamp() };
        if !is_kept_out {
            unit.begin_stay(member.id, stay.sign_in, passkey.id, None, now).await?;
        }
        let facts = json!({
            "reenrolment": id, "removed": removed, "passkey": passkey.id, "credential": passkey.passkey,
            "backup_eligible": backup_eligible, "backed_up": backed_up, "sign_in": (!is_kept_out).then_some(stay.sign_in),
        });
        unit.record(&Event::by(&member.agency_id, Kind::MemberReenrolmentDone, facts), now).await?;
        unit.end_sign_ins_under_way(member.id).await?;
        self.commit(unit, ended).await?;
        if is_kept_out { Err(Fault::ReenrolledKeptOut) } else { Ok(stay) }
    }
}

fn line(row: ReenrolmentRow, who: MemberId, now: OffsetDateTime) -> wire::ReenrolmentLine {
    let ReenrolmentRow { statement, subject, by, until, confirmed, .. } = row;
    let is_confirmer = confirmed.as_ref().is_some_and(|confirmed| confirmed.by.id == who);
    let may_confirm = confirmed.is_none() && ![by.id, subject.id].contains(&who);
    let may_hand_out = by.id == who || is_confirmer;
    let state = match confirmed {
        None => ReenrolmentState::Proposed { seconds_left: seconds_until(until, now) },
        Some(confirmed) if now < confirmed.ready => {
            ReenrolmentState::Waiting { confirmed_by: confirmed.by.into(), seconds_left: seconds_until(confirmed.ready, now) }
        }
        Some(confirmed) => {
            ReenrolmentState::Ready { confirmed_by: confirmed.by.into(), seconds_left: seconds_until(confirmed.ends, now) }
        }
    };
    wire::ReenrolmentLine { statement, subject: subject.into(), by: by.into(), state, may_confirm, may_hand_out }
}
