//! The lockdown: what two admins propose and confirm, and how it stands.

use serde::{Deserialize, Serialize};

use super::{Ceremony, MemberView};
use crate::{
    id::CeremonyId,
    statement::{LockdownAct, LockdownStatement},
};

/// Everything the admins' page shows, as one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LockdownBoard {
    /// The lockdown in force.
    pub now: Option<LockdownView>,
    /// What another admin may still confirm, the oldest first.
    pub proposals: Vec<LockdownProposal>,
    /// Where the authority stands with sessions; absent: it is to refuse none.
    pub deny: Option<Deny>,
    /// How many records are open.
    pub open: u32,
}

/// A lockdown in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LockdownView {
    /// What both admins signed.
    pub statement: LockdownStatement,
    /// Who proposed it.
    pub proposed_by: MemberView,
    /// Who confirmed it.
    pub confirmed_by: MemberView,
    /// When it began, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub since: String,
}

/// A proposal that waits for another admin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LockdownProposal {
    /// What the proposer signed, and who confirms signs as well.
    pub statement: LockdownStatement,
    /// Who proposed it.
    pub by: MemberView,
    /// Until it is too late to confirm it.
    pub seconds_left: f64,
    /// Whether it is this admin's own, whom it takes another to confirm.
    pub own: bool,
}

/// Where the authority stands with sessions of the decrypter role: while locked down it is to refuse all of them, and after that those
/// from before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "deny", rename_all = "snake_case")]
pub enum Deny {
    /// It is about to be told to refuse them.
    Pending,
    /// It could not be told yet; it is tried again.
    Failed {
        /// What it answered, or that it did not.
        why: String,
    },
    /// It refuses them, and no others.
    InForce {
        /// Since when, RFC 3339.
        #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
        since: String,
    },
}

/// Asks for the statement of a proposal to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareLockdown {
    /// What is to become of the lockdown.
    pub act: LockdownAct,
    /// Why, for the other admin and the log, at most [`REASON_MAX`](super::REASON_MAX) characters.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = super::REASON_MAX), extend("pattern" = super::VISIBLE)))]
    pub reason: String,
}

/// The statement to sign, of a proposal or of its confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedLockdown {
    /// What will be signed: by both admins the same.
    pub statement: LockdownStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// The signed proposal, or its signed confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedLockdown {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}
