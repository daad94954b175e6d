//! Access requests, as the responder sees them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ceremony, MemberView, Readiness};
use crate::{
    bytes::Bytes,
    crypto::Point,
    grant::Ending,
    id::{CeremonyId, GrantId, RecordId, RequestId},
    justification::{Draft, Justification},
    reference::ReferenceDigest,
    statement::AccessStatement,
};

/// Asks for a statement to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareRequest {
    /// Which bracelet, by digest.
    pub reference: ReferenceDigest,
    /// Why.
    pub justification: Draft,
}

/// The statement to sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedRequest {
    /// What will be signed. The page checks that it says what was typed.
    pub statement: AccessStatement,
    /// The bracelet's binding, as it was stored. The page signs only if it is the one of its own reference and the
    /// statement's record: else the bracelet was pointed at another record.
    pub binding: Bytes<32>,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// Files the signed request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FileRequest {
    /// Chosen by the page, the same on every retry of one request.
    pub idempotency_key: Uuid,
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}

/// A request, as its responder sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RequestView {
    /// The id.
    pub id: RequestId,
    /// Which record.
    pub record: RecordId,
    /// Whether the record is a drill's, as the portal had it when the request was made.
    pub drill: bool,
    /// Whether the session that looks is the one that asked: no other can open the record.
    pub here: bool,
    /// Whether it would open now, were it approved.
    pub readiness: Readiness,
    /// What was asked.
    pub justification: Justification,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub asked_at: String,
    /// Where it stands.
    pub state: RequestState,
}

/// Where a request stands (docs/ARCHITECTURE.md, Lifecycles).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum RequestState {
    /// Waits for a door to open.
    Pending {
        /// Until it expires.
        seconds_left: f64,
    },
    /// May be opened.
    Approved {
        /// Until the approval lapses.
        seconds_left: f64,
        /// By whom.
        by: MemberView,
        /// What the browser needs to blind its point.
        sealing: SealingPoint,
    },
    /// Refused.
    Denied {
        /// By whom.
        by: MemberView,
        /// Why.
        reason: String,
    },
    /// Withdrawn by the responder.
    Cancelled,
    /// Nobody answered in time.
    Expired,
    /// Opened.
    Released {
        /// By whose decision.
        by: MemberView,
        /// The grant.
        grant: GrantView,
        /// What the browser needs to open again after a reload.
        sealing: SealingPoint,
    },
    /// Approved, never opened in time.
    Lapsed,
}

/// Which version of a record, and its public point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SealingPoint {
    /// The version.
    pub version: u32,
    /// C of docs/ARCHITECTURE.md, Keys.
    pub point: Point,
}

/// A grant, as its responder sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct GrantView {
    /// The id.
    pub id: GrantId,
    /// Where it stands.
    #[serde(flatten)]
    pub state: GrantState,
}

/// Where a grant stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(tag = "grant_state", rename_all = "snake_case")]
pub enum GrantState {
    /// The window is open.
    Active {
        /// Until it closes.
        seconds_left: f64,
    },
    /// The window is closed.
    Ended {
        /// How.
        ending: Ending,
        /// What the dispatcher who revoked it said; absent where nobody revoked it, or nothing was said.
        reason: Option<String>,
    },
}
