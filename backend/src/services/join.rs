//! Invitations: how a member comes to be. Single use, ten minutes, 256 bits.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{
    assignment::Assignment,
    audit::Kind,
    bytes::Bytes,
    id::{MemberId, PasskeyId, SignInId},
    member::{AgencyId, DisplayName, Role},
    paths, wire,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Fault, Portal, sign_in::Stay};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, Member, SignedIn},
    },
    passkeys::RegistrationState,
    store::{InvitationRow, PasskeyRow},
};

const PURPOSE: &str = "join";

#[derive(Serialize, Deserialize)]
struct Joining {
    member: MemberId,
    token_digest: String,
    registration: RegistrationState,
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
        if self.store().member_by_agency_id(&agency_id).await?.is_some() {
            return Err(Fault::AgencyIdTaken);
        }
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let token = URL_SAFE_NO_PAD.encode(secret);
        let lifetime = self.settings().limits.invitation;
        let facts = json!({ "agency_id": agency_id, "roles": roles, "assignment": assignment });
        let (mut unit, now) = match by {
            Some(who) => self.begin(Actor::Fresh(who)).await?,
            None => self.begin_of_portal().await?,
        };
        let invited_by = by.map(|who| who.member.id);
        let row = InvitationRow { agency_id, display_name, roles, assignment, expires_at: now + lifetime, invited_by };
        unit.add_invitation(&digest(&token), &row, now).await?;
        unit.record(&Event { kind: Kind::MemberInvited, actor: by.map(|who| who.member.agency_id.clone()), facts }, now).await?;
        unit.commit().await?;
        Ok(wire::Invitation {
            link: format!("{}{}#{token}", self.settings().origin_text(), paths::JOIN_PAGE),
            seconds_left: u32::try_from(lifetime.whole_seconds()).unwrap_or(u32::MAX),
        })
    }

    /// What an invitation offers.
    pub async fn view_invitation(&self, token: &str) -> Result<wire::InvitationView, Fault> {
        let now = self.now();
        let row = self.store().invitation(&digest(token), now).await?.ok_or(Fault::InvitationOver)?;
        Ok(wire::InvitationView {
            display_name: row.display_name,
            agency_id: row.agency_id,
            roles: row.roles,
            agency: self.settings().agency.clone(),
            seconds_left: u32::try_from((row.expires_at - now).whole_seconds()).unwrap_or(0),
        })
    }

    /// Begins the first passkey. The invitation stays good until the passkey exists.
    pub async fn start_joining(&self, token: &str) -> Result<wire::Ceremony, Fault> {
        let token_digest = digest(token);
        let row = self.store().invitation(&token_digest, self.now()).await?.ok_or(Fault::InvitationOver)?;
        let member = member_of(MemberId::fresh(), row);
        let (options, registration) = self.0.passkeys.start_registration(member.id, &member, &[])?;
        self.ceremony(PURPOSE, None, options, Joining { member: member.id, token_digest, registration }).await
    }

    /// Takes the invitation, makes the member and signs them in: all or nothing.
    pub async fn finish_joining(&self, body: wire::FinishInvitation) -> Result<Stay, Fault> {
        let name = super::members::passkey_name(&body.passkey_name)?;
        let joining: Joining = self.take(body.ceremony, PURPOSE, None).await?;
        if joining.token_digest != digest(&body.token) {
            return Err(Fault::InvitationOver);
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        let row = unit.take_invitation(&joining.token_digest, now).await?.ok_or(Fault::InvitationOver)?;
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
        unit.begin_stay(member.id, stay.sign_in, passkey.id, now).await?;
        let facts = json!({
            "member": member.id, "display_name": member.display_name, "roles": member.roles, "assignment": member.assignment, "sign_in": stay.sign_in,
            "passkey": passkey.id, "credential": passkey.passkey, "backup_eligible": backup_eligible, "backed_up": backed_up,
        });
        unit.record(&Event::by(&member.agency_id, Kind::MemberJoined, facts), now).await?;
        unit.commit().await?;
        Ok(stay)
    }
}

fn member_of(id: MemberId, row: InvitationRow) -> Member {
    let InvitationRow { agency_id, display_name, roles, assignment, .. } = row;
    Member { id, agency_id, display_name, roles, assignment }
}

fn digest(token: &str) -> String {
    Bytes::<32>(Sha256::new_with_prefix(b"halligan/v1/invitation").chain_update(token).finalize().into()).to_hex()
}
