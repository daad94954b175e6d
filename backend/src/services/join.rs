//! Invitations: how a member comes to be. Single use, ten minutes, 256 bits. The link of a re-enrolment leads here as well.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{
    assignment::Assignment,
    audit::Kind,
    bytes::Bytes,
    id::{InvitationId, MemberId, PasskeyId, SignInId},
    member::{AgencyId, DisplayName, NAME_MAX, Role},
    paths, shown, wire,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Fault, Portal, members, sign_in::Stay};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, Member, SignedIn},
    },
    passkeys::RegistrationState,
    store::{InvitationRow, PasskeyRow},
};

const PURPOSE: &str = "join";

/// A first passkey under way: of somebody invited, or of a member whose passkeys it replaces.
#[derive(Serialize, Deserialize)]
pub(super) struct Joining {
    pub(super) member: MemberId,
    pub(super) token_digest: String,
    pub(super) registration: RegistrationState,
}

impl Portal {
    /// Invites a member. `by` is the admin, or nobody for the command line.
    pub async fn invite(
        &self,
        by: Option<&SignedIn>,
        agency_id: AgencyId,
        display_name: DisplayName,
        roles: Vec<Role>,
        assignment: Assignment,
    ) -> Result<wire::Invitation, Fault> {
        // Named twice, a role is one all the same.
        let roles: Vec<_> = roles.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
        if roles.is_empty() {
            return Err(Fault::Invalid("Choose at least one role."));
        }
        // Not the type's own rule: a name that is kept from before has to be read.
        if shown::kept(display_name.as_str(), 1..=NAME_MAX).is_err() {
            return Err(Fault::Invalid("The name holds characters that cannot be seen. Type it anew."));
        }
        if self.store().member_by_agency_id(&agency_id).await?.is_some() {
            return Err(Fault::AgencyIdTaken);
        }
        self.check_assignment(&agency_id, &assignment).await?;
        let (token, token_digest) = fresh_token()?;
        let lifetime = self.settings().limits.invitation;
        let id = InvitationId::fresh();
        let (mut unit, now) = match by {
            Some(who) => self.begin(Actor::Fresh(who)).await?,
            None => self.begin_of_portal().await?,
        };
        let invited_by = by.map(|who| who.member.id);
        let row = InvitationRow { id, agency_id, display_name, roles, assignment, expires_at: now + lifetime, invited_by };
        let replaced = unit.add_invitation(&token_digest, &row, now).await?;
        let facts = json!({
            "invitation": id, "agency_id": row.agency_id, "roles": row.roles, "assignment": row.assignment, "replaces_unused": replaced,
        });
        unit.record(&Event { kind: Kind::MemberInvited, actor: by.map(|who| who.member.agency_id.clone()), facts }, now).await?;
        unit.commit().await?;
        Ok(self.offer(&token))
    }

    /// The link of a token just made.
    pub(super) fn offer(&self, token: &str) -> wire::Invitation {
        wire::Invitation {
            link: format!("{}{}#{token}", self.settings().origin_text(), paths::JOIN_PAGE),
            seconds_left: u32::try_from(self.settings().limits.invitation.whole_seconds()).unwrap_or(u32::MAX),
        }
    }

    /// Invitations that nobody has used. Their links are kept nowhere.
    pub async fn invitations(&self) -> Result<Vec<wire::InvitationLine>, Fault> {
        let now = self.now();
        let rows = self.store().invitations(now).await?;
        Ok(rows
            .into_iter()
            .map(|(row, by)| wire::InvitationLine {
                id: row.id,
                agency_id: row.agency_id,
                display_name: row.display_name,
                roles: row.roles,
                assignment: row.assignment,
                invited_by: by.map(Into::into),
                seconds_left: whole_seconds_until(row.expires_at, now),
            })
            .collect())
    }

    /// Takes an invitation back before anybody uses it.
    pub async fn withdraw_invitation(&self, who: &SignedIn, id: InvitationId) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let whose = unit.withdraw_invitation(id, now).await?.ok_or(Fault::InvitationOver)?;
        let facts = json!({ "invitation": id, "agency_id": whose });
        unit.record(&Event::by(&who.member.agency_id, Kind::MemberInvitationWithdrawn, facts), now).await?;
        Ok(unit.commit().await?)
    }

    /// What an invitation offers.
    pub async fn view_invitation(&self, token: &str) -> Result<wire::InvitationView, Fault> {
        let now = self.now();
        let agency = self.settings().agency.clone();
        let token_digest = digest(token);
        if let Some(row) = self.store().invitation(&token_digest, now).await? {
            let InvitationRow { display_name, agency_id, roles, expires_at, .. } = row;
            let seconds_left = whole_seconds_until(expires_at, now);
            return Ok(wire::InvitationView { display_name, agency_id, roles, agency, replaces: false, seconds_left });
        }
        let (row, until) = self.offered_reenrolment(&token_digest).await?;
        let Member { display_name, agency_id, roles, .. } = row.subject;
        let seconds_left = whole_seconds_until(until, now);
        Ok(wire::InvitationView { display_name, agency_id, roles, agency, replaces: true, seconds_left })
    }

    /// Begins the first passkey. The invitation stays good until the passkey exists.
    pub async fn start_joining(&self, token: &str) -> Result<wire::Ceremony, Fault> {
        let token_digest = digest(token);
        let member = match self.store().invitation(&token_digest, self.now()).await? {
            Some(row) => member_of(MemberId::fresh(), row),
            None => self.offered_reenrolment(&token_digest).await?.0.subject,
        };
        let (options, registration) = self.0.passkeys.start_registration(member.id, &member, &[])?;
        self.ceremony(PURPOSE, None, options, Joining { member: member.id, token_digest, registration }).await
    }

    /// Takes the invitation, makes the member and signs them in: all or nothing. A re-enrolment's link replaces a member's passkeys
    /// instead.
    pub async fn finish_joining(&self, body: wire::FinishInvitation) -> Result<Stay, Fault> {
        let name = members::passkey_name(&body.passkey_name)?;
        let joining: Joining = self.take(body.ceremony, PURPOSE, None).await?;
        if joining.token_digest != digest(&body.token) {
            return Err(Fault::InvitationOver);
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        let Some(row) = unit.take_invitation(&joining.token_digest, now).await? else {
            return self.finish_reenrolment(unit, now, joining, body.credential, name).await;
        };
        let member = member_of(joining.member, row);
        let passkey = self.0.passkeys.finish_registration(body.credential, &joining.registration, &member.roles)?;
        let (backup_eligible, backed_up) = passkey.backup();
        let passkey = PasskeyRow { id: PasskeyId::fresh(), member: member.id, passkey, name, created_at: now, last_used_at: None };
        if !unit.add_member(&member, now).await? {
            return Err(Fault::AgencyIdTaken);
        }
        if !unit.add_passkey(&passkey).await? {
            return Err(Fault::Passkey(crate::passkeys::PasskeyFault::Refused));
        }
        let stay = Stay { member: member.id, sign_in: SignInId::fresh(), since: now.unix_timestamp() };
        unit.begin_stay(member.id, stay.sign_in, passkey.id, None, now).await?;
        let facts = json!({
            "member": member.id, "display_name": member.display_name, "roles": member.roles, "assignment": member.assignment, "sign_in": stay.sign_in,
            "passkey": passkey.id, "credential": passkey.passkey, "backup_eligible": backup_eligible, "backed_up": backed_up,
        });
        unit.record(&Event::by(&member.agency_id, Kind::MemberJoined, facts), now).await?;
        if member.is(Role::PrivacyOfficer) {
            self.settle_reviews(&mut unit, Some(&member.agency_id), now).await?;
        }
        unit.commit().await?;
        Ok(stay)
    }
}

fn member_of(id: MemberId, row: InvitationRow) -> Member {
    let InvitationRow { agency_id, display_name, roles, assignment, .. } = row;
    Member { id, agency_id, display_name, roles, assignment }
}

/// 256 bits for a link, and the digest that the store keeps of them.
pub(super) fn fresh_token() -> Result<(String, String), Fault> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret)?;
    let token = URL_SAFE_NO_PAD.encode(secret);
    let digest = digest(&token);
    Ok((token, digest))
}

fn whole_seconds_until(end: OffsetDateTime, now: OffsetDateTime) -> u32 {
    u32::try_from((end - now).whole_seconds()).unwrap_or(0)
}

fn digest(token: &str) -> String {
    Bytes::<32>(Sha256::new_with_prefix(b"halligan/v1/invitation").chain_update(token).finalize().into()).to_hex()
}
