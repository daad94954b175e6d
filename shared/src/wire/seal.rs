//! Sealing and bracelets.

use serde::{Deserialize, Serialize};

use crate::{
    bytes::{Bytes, Secret32},
    crypto::Point,
    id::{DocumentId, RecordId, SealingId},
    reference::{Reference, ReferenceDigest},
};

/// Longest file number, in characters: a line of the registrar's list.
pub const FILE_NUMBER_MAX: usize = 40;

/// Begins a sealing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StartSealing {
    /// A new version of this record; a new record when absent.
    pub record: Option<RecordId>,
}

/// What the registrar's browser needs to derive the record key.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Sealing {
    /// The sealing.
    pub id: SealingId,
    /// The record it will belong to.
    pub record: RecordId,
    /// The version it will be.
    pub version: u32,
    /// share 1, fresh from KMS.
    pub share1: Secret32,
    /// S, the public point of KEK-Responder-ECDH.
    pub authority_point: Point,
}

/// Makes the sealing a version of its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CommitSealing {
    /// C.
    pub point: Point,
    /// The summary among the uploaded documents.
    pub summary: DocumentId,
    /// The others.
    pub attachments: Vec<DocumentId>,
    /// The bracelet of a new record; absent for a new version.
    pub bracelet: Option<Bracelet>,
    /// The agency's own file number, no patient's name: the registrar finds the record by it. At most
    /// [`FILE_NUMBER_MAX`] characters.
    #[cfg_attr(feature = "openapi", schemars(length(max = FILE_NUMBER_MAX), extend("pattern" = super::VISIBLE_OR_NOTHING)))]
    pub file_number: String,
    /// Whether the patient is made up.
    pub drill: bool,
}

/// A record's bracelet, as far as the backend may know it. A new one for a record ends the old one at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bracelet {
    /// Its reference, by digest.
    pub reference: ReferenceDigest,
    /// Its binding to the record. The backend cannot check it, having no reference; the page of who reads the bracelet does.
    pub binding: Bytes<32>,
}

impl Bracelet {
    /// What the backend may know of a bracelet with this reference, for this record.
    pub fn of(reference: &Reference, record: &RecordId) -> Self {
        Self { reference: reference.digest(), binding: reference.binding(record) }
    }
}

/// A record in the registrar's list: nothing of the patient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RecordLine {
    /// The id.
    pub id: RecordId,
    /// The agency's file number.
    pub file_number: String,
    /// The current version.
    pub version: u32,
    /// Whether the patient is made up.
    pub drill: bool,
    /// When that version was sealed, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub sealed_at: String,
    /// How many documents it has.
    pub documents: u32,
    /// When its bracelet was made, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub bracelet_at: String,
}
