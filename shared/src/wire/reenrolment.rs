//! Re-enrolment: what two admins propose and confirm when a member's passkeys are lost, and what the member is told of it.

use serde::{Deserialize, Serialize};

use super::{Ceremony, MemberView};
use crate::{id::CeremonyId, member::DisplayName, statement::ReenrolmentStatement};

/// A re-enrolment under way, in the admins' list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReenrolmentLine {
    /// What the proposer signed, and who confirms signs as well.
    pub statement: ReenrolmentStatement,
    /// Whose passkeys.
    pub subject: MemberView,
    /// Who proposed it.
    pub by: MemberView,
    /// How far it is.
    pub state: ReenrolmentState,
    /// Whether this admin may confirm it: neither its proposer nor the member.
    pub may_confirm: bool,
    /// Whether this admin may be given the link when it is time: its proposer, or who confirmed it.
    pub may_hand_out: bool,
}

/// How far a re-enrolment is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ReenrolmentState {
    /// It waits for another admin.
    Proposed {
        /// Until it is too late to confirm it.
        seconds_left: f64,
    },
    /// It is confirmed, and waits in case the member objects.
    Waiting {
        /// Who confirmed it.
        confirmed_by: MemberView,
        /// Until the link can be handed out.
        seconds_left: f64,
    },
    /// The link can be handed out.
    Ready {
        /// Who confirmed it.
        confirmed_by: MemberView,
        /// Until it ends by itself.
        seconds_left: f64,
    },
}

/// What a member is told of a re-enrolment of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OwnReenrolment {
    /// Who proposed it.
    pub by: DisplayName,
    /// Why, as they said.
    pub reason: String,
    /// Until the passkeys can be replaced; absent: no other admin has confirmed it yet.
    pub seconds_left: Option<f64>,
}

/// Asks for the statement of a proposal to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareReenrolment {
    /// Why, for the other admin, the member and the log, at most [`REASON_MAX`](super::REASON_MAX) characters.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = super::REASON_MAX), extend("pattern" = super::VISIBLE)))]
    pub reason: String,
}

/// The statement to sign, of a proposal or of its confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedReenrolment {
    /// What will be signed: by both admins the same.
    pub statement: ReenrolmentStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// The signed proposal, or its signed confirmation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedReenrolment {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}
