//! Sign-in, invitations, the session.

use serde::{Deserialize, Serialize};

use crate::{
    assignment::Assignment,
    id::{CeremonyId, MemberId},
    member::{AgencyId, DisplayName, Role},
};

/// Begins a sign-in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartSignIn {
    /// Only where the browser has no passkey to offer by itself.
    pub agency_id: Option<AgencyId>,
}

/// A passkey ceremony under way: the options go to the browser's WebAuthn call as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Ceremony {
    /// To be handed back with the answer. Good for one use.
    pub ceremony: CeremonyId,
    /// `PublicKeyCredentialCreationOptions` or `…RequestOptions` in the JSON form of WebAuthn level 3, under `publicKey`.
    #[cfg_attr(feature = "openapi", schemars(with = "serde_json::Map<String, serde_json::Value>"))]
    pub options: serde_json::Value,
}

/// The browser's answer to a sign-in ceremony.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishSignIn {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `PublicKeyCredential` in the JSON form of WebAuthn level 3.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}

/// Who is signed in, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Session {
    /// The member.
    pub member: MemberView,
    /// The agency's name.
    pub agency: String,
    /// The portal's origin, as bracelets carry it.
    pub origin: String,
    /// Limits the page must know.
    pub limits: SessionLimits,
    /// Whether the browser that asks is told of the member's notices.
    pub told: bool,
}

/// Limits the page must know, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SessionLimits {
    /// Until the session ends without activity.
    pub idle: u32,
    /// Until it ends whatever happens.
    pub left: u32,
    /// How long a tab may stay hidden before the record is wiped.
    pub hidden: u32,
    /// The length of a window.
    pub window: u32,
}

/// A member, as others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct MemberView {
    /// The id.
    pub id: MemberId,
    /// The agency's id.
    pub agency_id: AgencyId,
    /// The name.
    pub display_name: DisplayName,
    /// The roles.
    pub roles: Vec<Role>,
    /// Where they work.
    pub assignment: Assignment,
}

/// The secret of an invitation link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// 43 characters of base64url: 256 bits.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = "^[A-Za-z0-9_-]{43}$")))]
    pub token: String,
}

/// What the invited sees before creating a passkey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct InvitationView {
    /// The name.
    pub display_name: DisplayName,
    /// The agency's id.
    pub agency_id: AgencyId,
    /// The roles.
    pub roles: Vec<Role>,
    /// The agency's name.
    pub agency: String,
    /// Whether this is a member already, whose passkeys the new one replaces.
    pub replaces: bool,
    /// Until the invitation ends.
    pub seconds_left: u32,
}

/// The browser's answer to the creation of the first passkey.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FinishInvitation {
    /// The invitation.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = "^[A-Za-z0-9_-]{43}$")))]
    pub token: String,
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `RegistrationResponseJSON` of WebAuthn level 3.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::registration"))]
    pub credential: serde_json::Value,
    /// What the member calls this passkey.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = super::PASSKEY_NAME_MAX), extend("pattern" = super::VISIBLE)))]
    pub passkey_name: String,
}
