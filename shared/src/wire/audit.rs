//! The audit log, as the auditor reads it.

use serde::{Deserialize, Serialize};

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AuditLine {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// When, RFC 3339; empty for an event that cannot be read.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = "^([0-9]{4}-[0-9]{2}-[0-9]{2}T.+)?$")))]
    pub at: String,
    /// What, such as `request.filed`.
    pub kind: String,
    /// Who, by agency id; absent for what the portal did itself.
    pub actor: Option<String>,
    /// The rest of the event; null where it cannot be read.
    #[cfg_attr(feature = "openapi", schemars(with = "Option<serde_json::Map<String, serde_json::Value>>"))]
    pub facts: serde_json::Value,
    /// SHA-256 of the event, hexadecimal, as it stands in the database.
    pub digest: String,
}

impl AuditLine {
    /// The kind of an event that somebody changed in the database until it could not be read. Nothing but its place is known.
    pub const UNREADABLE: &str = "unreadable";
}

/// A page of events, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The events.
    pub events: Vec<AuditLine>,
    /// Pass as `before` for the next page; absent on the last.
    pub next_before: Option<u64>,
    /// Whether the chain holds from its first event to its last.
    pub chain_holds: bool,
}
