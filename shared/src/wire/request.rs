//! Access requests, as the responder sees them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Ceremony, MemberView, Readiness};
use crate::{
    bytes::Bytes,
    crypto::Point,
    door::Door,
    grant::Ending,
    id::{CeremonyId, GrantId, RecordId, RequestId},
    justification::{Draft, Justification},
    reference::ReferenceDigest,
    statement::{AccessStatement, OverrideStatement},
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
        /// Which doors there are.
        doors: Doors,
    },
    /// May be opened.
    Approved {
        /// Until the approval lapses.
        seconds_left: f64,
        /// Through which door.
        opened: Opened,
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
        /// Through which door.
        opened: Opened,
        /// The grant.
        grant: GrantView,
        /// What the browser needs to open again after a reload.
        sealing: SealingPoint,
    },
    /// Approved, never opened in time.
    Lapsed,
}

/// The doors of a request that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Doors {
    /// The dispatchers' decisions; absent where the agency's policies leave that door shut for this request.
    pub decisions: Option<Decisions>,
    /// Until the responder may open it alone, in seconds, 0 from then on; absent where the policies leave that door shut.
    pub override_in: Option<f64>,
}

/// How far dispatchers have come with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Decisions {
    /// How many have to approve.
    pub needed: u32,
    /// Whether they have to be of different stations.
    pub apart: bool,
    /// Who has, first first.
    pub given: Vec<MemberView>,
    /// How many dispatchers who may decide it have it on their screen: with nobody there, calling is the way.
    pub on_duty: u32,
}

/// How a request was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Opened {
    /// Through which door: exactly one.
    pub door: Door,
    /// The dispatchers who decided it, first first; nobody, where it was another door.
    pub by: Vec<MemberView>,
}

/// The words of an override, to sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedOverride {
    /// What will be signed.
    pub statement: OverrideStatement,
    /// What was signed when it was asked: the page checks that the digest is of this, and that it asks for what it shows.
    pub asked: AccessStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// The signed override.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideBody {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
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
