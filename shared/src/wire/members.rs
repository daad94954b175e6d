//! Members, invitations, passkeys.

use serde::{Deserialize, Serialize};

use super::MemberView;
use crate::{
    assignment::Assignment,
    id::{CeremonyId, InvitationId, PasskeyId},
    member::{AgencyId, DisplayName, Role},
};

/// Longest name of a passkey, in characters: a line of the list on a phone.
pub const PASSKEY_NAME_MAX: usize = 40;

/// Invites a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InviteBody {
    /// The agency's id, not yet a member's. An unused invitation of the same id is replaced.
    pub agency_id: AgencyId,
    /// The name.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = super::VISIBLE)))]
    pub display_name: DisplayName,
    /// At least one.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1)))]
    pub roles: Vec<Role>,
    /// Where they work.
    #[serde(default)]
    pub assignment: Assignment,
}

/// An invitation just made. Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// The link, token behind `#`.
    pub link: String,
    /// Until it ends.
    pub seconds_left: u32,
}

/// An invitation that nobody has used. Its link is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct InvitationLine {
    /// The id, of which nobody can make the link.
    pub id: InvitationId,
    /// The agency's id.
    pub agency_id: AgencyId,
    /// The name.
    pub display_name: DisplayName,
    /// The roles.
    pub roles: Vec<Role>,
    /// Where they will work.
    pub assignment: Assignment,
    /// Who invited; absent: the operator did, at the command line.
    pub invited_by: Option<MemberView>,
    /// Until it ends.
    pub seconds_left: u32,
}

/// A member's roles from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RolesBody {
    /// At least one.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1)))]
    pub roles: Vec<Role>,
}

/// A member in the admin's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct MemberLine {
    /// The member.
    #[serde(flatten)]
    pub member: MemberView,
    /// How many passkeys.
    pub passkeys: u32,
    /// Last sign-in, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub last_sign_in: Option<String>,
    /// At how many browsers the member is signed in.
    pub sessions: u32,
    /// Whether the member is kept out.
    pub suspended: bool,
}

/// One passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PasskeyLine {
    /// The id.
    pub id: PasskeyId,
    /// What the member calls it.
    pub name: String,
    /// When it was made, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub created_at: String,
    /// Last use, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub last_used_at: Option<String>,
    /// Whether it may be copied to other devices (WebAuthn flag BE).
    pub backup_eligible: bool,
    /// Whether it is copied (flag BS).
    pub backed_up: bool,
}

/// A passkey just made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PasskeyBody {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `RegistrationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::registration"))]
    pub credential: serde_json::Value,
    /// What the member calls it, 1 to 40 characters.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = PASSKEY_NAME_MAX), extend("pattern" = super::VISIBLE)))]
    pub name: String,
}

/// A new name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PasskeyNameBody {
    /// 1 to 40 characters.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = PASSKEY_NAME_MAX), extend("pattern" = super::VISIBLE)))]
    pub name: String,
}
