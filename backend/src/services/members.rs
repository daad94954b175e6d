//! Members: where they work, what they may do, whether they are kept out; and their passkeys.

use std::collections::BTreeSet;

use halligan_shared::{
    assignment::Assignment,
    audit::Kind,
    id::{MemberId, PasskeyId},
    member::{AgencyId, Role},
    shown, wire,
};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
    },
    passkeys::{PasskeyFault, RegistrationState},
    store::{PasskeyRow, Stays},
};

const PURPOSE: &str = "passkey";
/// How long after a sign-in a member may do what outlives it: an unlocked tablet found on a seat is not enough to add or remove a
/// passkey, to invite, to seal a record, or to replace a bracelet.
const FRESH: Duration = Duration::minutes(10);

impl Portal {
    /// All members.
    pub async fn members(&self) -> Result<Vec<wire::MemberLine>, Fault> {
        let rows = self.store().members(self.now()).await?;
        Ok(rows
            .into_iter()
            .map(|row| wire::MemberLine {
                member: row.member.into(),
                passkeys: row.passkeys,
                last_sign_in: row.last_sign_in_at.map(text),
                sessions: row.sessions,
                suspended: row.suspended,
            })
            .collect())
    }

    /// Ends every session of another member, and what is open in them: a tablet was lost. An admin may do so for anybody, a
    /// dispatcher for responders.
    pub async fn end_sessions_of(&self, who: &SignedIn, member: MemberId, of: Option<Role>) -> Result<(), Fault> {
        let target = self.store().member(member).await?.filter(|member| of.is_none_or(|role| member.is(role)));
        let target = target.ok_or(Fault::NotFound)?;
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let event = Event::by(&who.member.agency_id, Kind::SignInEndedByOther, json!({ "member": target.agency_id }));
        self.end_stays(unit, now, &target, Stays::All, &event).await
    }

    /// Keeps a member out until they are let in again: no session, no sign-in, no signature, and no invitation of theirs.
    pub async fn suspend(&self, who: &SignedIn, member: MemberId) -> Result<(), Fault> {
        if who.member.id == member {
            return Err(Fault::Oneself("Another admin has to keep you out. So somebody is left who can let members in."));
        }
        let target = self.store().member(member).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        if !unit.suspend_member(member, Some(now)).await? {
            return Ok(());
        }
        // With the last admin nobody could let anybody in again. The unit is dropped, and nothing was done.
        if !unit.admits_an_admin().await? {
            return Err(Fault::LastAdmin);
        }
        self.discount_approvals(&mut unit, member, now).await?;
        // Whoever took over an admin's browser may have invited themselves: nobody joins on that admin's word any more.
        let withdrawn = unit.withdraw_invitations(member, now).await?;
        let stopped = unit.stop_reenrolments_by(member, now).await?;
        self.settle_reviews(&mut unit, Some(&who.member.agency_id), now).await?;
        self.leave(&mut unit, member, &who.member.agency_id, now).await?;
        let facts = json!({ "member": target.agency_id, "invitations_withdrawn": withdrawn, "reenrolments_stopped": stopped });
        self.forget_devices(&mut unit, &target, &who.member.agency_id, now).await?;
        let event = Event::by(&who.member.agency_id, Kind::MemberSuspended, facts);
        self.end_stays(unit, now, &target, Stays::All, &event).await
    }

    /// Lets a member in again.
    pub async fn reinstate(&self, who: &SignedIn, member: MemberId) -> Result<(), Fault> {
        let target = self.store().member(member).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        if unit.suspend_member(member, None).await? {
            let event = Event::by(&who.member.agency_id, Kind::MemberReinstated, json!({ "member": target.agency_id }));
            unit.record(&event, now).await?;
            self.settle_reviews(&mut unit, Some(&who.member.agency_id), now).await?;
            unit.commit().await?;
        }
        Ok(())
    }

    /// Changes where a member works.
    pub async fn assign(&self, who: &SignedIn, member: MemberId, assignment: Assignment) -> Result<(), Fault> {
        if who.member.id == member {
            return Err(Fault::Oneself(
                "Another admin has to change where you work: rules about your own crew and unit hang on it.",
            ));
        }
        let target = self.store().member(member).await?.ok_or(Fault::NotFound)?;
        self.check_assignment(&target.agency_id, &assignment).await?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        // Read once writers stand in line, so that the log has what was changed.
        let before = unit.member(member).await?.ok_or(Fault::NotFound)?.assignment;
        if before == assignment {
            return Ok(());
        }
        unit.assign_member(member, &assignment).await?;
        let facts = json!({ "member": target.agency_id, "before": before, "after": assignment });
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberAssigned, facts), now).await?;
        self.judge_all(&mut unit, now).await?;
        self.settle_reviews(&mut unit, Some(&who.member.agency_id), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// A supervisor whom nobody knows would be told nothing when it counts.
    pub(super) async fn check_assignment(&self, of: &AgencyId, assignment: &Assignment) -> Result<(), Fault> {
        let Some(supervisor) = &assignment.supervisor else { return Ok(()) };
        if supervisor == of {
            return Err(Fault::Invalid("Nobody is their own supervisor. Enter another member's agency ID, or leave it empty."));
        }
        match self.store().member_by_agency_id(supervisor).await? {
            Some(_) => Ok(()),
            None => Err(Fault::Invalid(
                "No member has the supervisor's agency ID. Invite the supervisor first, or leave it empty and enter it later.",
            )),
        }
    }

    /// Changes a member's roles. With a role that is taken away goes what could be done by it: every session ends, with what is
    /// open in it, since its pages were drawn for the old roles; of an admin also what they invited and proposed.
    ///
    /// An admin is always left: whoever does this is one, and cannot take the role from themselves.
    pub async fn set_roles(&self, who: &SignedIn, member: MemberId, roles: Vec<Role>) -> Result<(), Fault> {
        let roles: Vec<_> = roles.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if roles.is_empty() {
            return Err(Fault::Invalid("Choose at least one role."));
        }
        if who.member.id == member && !roles.contains(&Role::Admin) {
            return Err(Fault::Oneself(
                "Another admin has to take the admin's role from you. So somebody is left who can let members in.",
            ));
        }
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        // Read once writers stand in line: what is taken away is what they hold now.
        let target = unit.member(member).await?.ok_or(Fault::NotFound)?;
        if target.roles == roles {
            return Ok(());
        }
        if who.member.id == member && roles.iter().any(|role| !target.is(*role)) {
            return Err(Fault::Oneself("Another admin has to give you a role. So nobody lets themselves in to records."));
        }
        let passkeys = self.store().passkeys(member).await?;
        if !passkeys.iter().any(|row| self.0.passkeys.fits(&row.passkey, &roles)) {
            return Err(Fault::NotNow(
                "These roles need a passkey that cannot leave its device, and this member has none, so they could not sign in any more. Have them add a security key on their passkeys' page first.",
            ));
        }
        unit.set_roles(member, &roles).await?;
        let is_taken = |role: &Role| !roles.contains(role);
        // With the last admin nobody could let anybody in again. The unit is dropped, and nothing was done.
        if !unit.admits_an_admin().await? {
            return Err(Fault::LastAdmin);
        }
        if target.roles.iter().any(is_taken) {
            self.discount_approvals(&mut unit, member, now).await?;
        }
        let (mut withdrawn, mut stopped) = (Vec::new(), Vec::new());
        if target.is(Role::Admin) && is_taken(&Role::Admin) {
            withdrawn = unit.withdraw_invitations(member, now).await?;
            stopped = unit.stop_reenrolments_by(member, now).await?;
        }
        self.settle_reviews(&mut unit, Some(&who.member.agency_id), now).await?;
        let facts = json!({
            "member": target.agency_id, "before": target.roles, "after": roles,
            "invitations_withdrawn": withdrawn, "reenrolments_stopped": stopped,
        });
        let event = Event::by(&who.member.agency_id, Kind::MemberRolesChanged, facts);
        if target.roles.iter().any(is_taken) {
            self.forget_devices(&mut unit, &target, &who.member.agency_id, now).await?;
            return self.end_stays(unit, now, &target, Stays::All, &event).await;
        }
        unit.record(&event, now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// The member's passkeys.
    pub async fn passkeys(&self, who: &SignedIn) -> Result<Vec<wire::PasskeyLine>, Fault> {
        let rows = self.store().passkeys(who.member.id).await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let (backup_eligible, backed_up) = row.passkey.backup();
                wire::PasskeyLine {
                    id: row.id,
                    name: row.name,
                    created_at: text(row.created_at),
                    last_used_at: row.last_used_at.map(text),
                    backup_eligible,
                    backed_up,
                }
            })
            .collect())
    }

    /// Refuses a sign-in that is too long ago for an act that outlives it.
    pub fn require_fresh(&self, who: &SignedIn) -> Result<(), Fault> {
        require_fresh(who, self.now())
    }

    /// Begins another passkey.
    pub async fn start_passkey(&self, who: &SignedIn) -> Result<wire::Ceremony, Fault> {
        let existing: Vec<_> = self.store().passkeys(who.member.id).await?.into_iter().map(|row| row.passkey).collect();
        let (options, state) = self.0.passkeys.start_registration(who.member.id, &who.member, &existing)?;
        self.ceremony(PURPOSE, Some(&who.member), options, state).await
    }

    /// Adds it.
    pub async fn finish_passkey(&self, who: &SignedIn, body: wire::PasskeyBody) -> Result<(), Fault> {
        let name = passkey_name(&body.name)?;
        let state: RegistrationState = self.take(body.ceremony, PURPOSE, Some(&who.member)).await?;
        let passkey = self.0.passkeys.finish_registration(body.credential, &state, &who.member.roles)?;
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        let row = PasskeyRow { id: PasskeyId::fresh(), member: who.member.id, passkey, name, created_at: now, last_used_at: None };
        if !unit.add_passkey(&row).await? {
            return Err(Fault::Passkey(PasskeyFault::Refused));
        }
        unit.record(
            &Event::by(&who.member.agency_id, Kind::PasskeyAdded, json!({ "passkey": row.id, "credential": row.passkey })),
            now,
        )
        .await?;
        Ok(unit.commit().await?)
    }

    /// Names a passkey.
    pub async fn name_passkey(&self, who: &SignedIn, passkey: PasskeyId, name: &str) -> Result<(), Fault> {
        let name = passkey_name(name)?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if !unit.name_passkey(who.member.id, passkey, &name).await? {
            return Err(Fault::NotFound);
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::PasskeyNamed, json!({ "passkey": passkey })), now).await?;
        Ok(unit.commit().await?)
    }

    /// Removes a passkey, never the last one, and ends every stay that it began: whoever held it is out.
    pub async fn remove_passkey(&self, who: &SignedIn, passkey: PasskeyId) -> Result<(), Fault> {
        if !self.store().passkeys(who.member.id).await?.iter().any(|row| row.id == passkey) {
            return Err(Fault::NotFound);
        }
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        if !unit.remove_passkey(who.member.id, passkey).await? {
            return Err(Fault::LastPasskey);
        }
        let event = Event::by(&who.member.agency_id, Kind::PasskeyRemoved, json!({ "passkey": passkey }));
        self.forget_devices(&mut unit, &who.member, &who.member.agency_id, now).await?;
        self.end_stays(unit, now, &who.member, Stays::BegunBy(passkey), &event).await
    }
}

/// The same at a certain time.
pub(super) fn require_fresh(who: &SignedIn, now: OffsetDateTime) -> Result<(), Fault> {
    if now < who.since + FRESH { Ok(()) } else { Err(Fault::StaleSignIn) }
}

/// 1 to 40 characters, none of which steers how the others are seen.
pub(super) fn passkey_name(name: &str) -> Result<String, Fault> {
    match shown::kept(name, 1..=wire::PASSKEY_NAME_MAX) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) => Err(Fault::Invalid(
            "Give the passkey a name of 1 to 40 characters that can all be seen. Type it anew if you pasted it.",
        )),
    }
}
