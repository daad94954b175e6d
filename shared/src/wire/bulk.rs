//! One signature over several requests of an incident.

use serde::{Deserialize, Serialize};

use super::Ceremony;
use crate::{id::RequestId, statement::BulkApprovalStatement};

/// Asks for a statement that approves these requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareBulk {
    /// Each once, all of one incident, at most [`BulkApprovalStatement::MOST`].
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = BulkApprovalStatement::MOST)))]
    pub requests: Vec<RequestId>,
}

/// The statement to sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedBulk {
    /// What will be signed.
    pub statement: BulkApprovalStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// What became of each request of a signed statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct BulkDecided {
    /// Approved.
    pub approved: Vec<RequestId>,
    /// Not approved: decided, withdrawn or over meanwhile.
    pub missed: Vec<Missed>,
}

/// A request that a signed statement came too late for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Missed {
    /// Which.
    pub request: RequestId,
    /// Why, in a sentence for the dispatcher.
    pub why: String,
}
