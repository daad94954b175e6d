//! Release and wipe.

use serde::{Deserialize, Serialize};

use crate::{
    bytes::{Bytes, Secret32},
    crypto::{CarriedShare, Point},
    grant::WipeCause,
    id::{DocumentId, GrantId},
};

/// Asks for both shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReleaseBody {
    /// B = r*C of docs/ARCHITECTURE.md, Keys.
    pub blinded_point: Point,
    /// P of docs/ARCHITECTURE.md, Keys: share 1 is sealed to it.
    pub page_point: Point,
    /// SHA-256 of the secret that the wipe receipt will reveal.
    pub wipe_commitment: Bytes<32>,
}

/// Both shares, and what they open.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Release {
    /// The grant.
    pub grant: GrantId,
    /// Until the window closes.
    pub seconds_left: f64,
    /// Which version of the record.
    pub version: u32,
    /// share 1, sealed to the page that asked.
    pub share1: CarriedShare,
    /// X = x(s*B): share 2, blinded. Random-looking.
    pub blinded_share: Bytes<32>,
    /// The sealed documents, the summary first.
    pub documents: Vec<DocumentLine>,
}

/// One sealed document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DocumentLine {
    /// The id.
    pub id: DocumentId,
    /// Summary or attachment.
    pub kind: DocumentKind,
    /// Sealed length, in bytes.
    pub bytes: u64,
}

/// What a document is to the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// The patient summary.
    Summary,
    /// Anything beside it.
    Attachment,
}

/// The wipe receipt.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WipedBody {
    /// What made the page wipe.
    pub cause: WipeCause,
    /// The secret whose digest came with the release.
    pub secret: Secret32,
}
