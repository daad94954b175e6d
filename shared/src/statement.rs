//! What members sign: the canonical words of a request, of a decision, of a bulk approval, of an override, of a review, of a
//! lockdown, and of a re-enrolment.
//!
//! digest    = SHA-256(RFC 8785 canonical JSON of the statement)
//! challenge = digest || nonce, 64 bytes, what the passkey signs
//!
//! The browser computes the digest itself, from the statement it shows; a backend that showed one thing and had
//! another signed would be caught before the touch. The nonce makes every signature fresh.

mod word;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    bytes::Bytes,
    id::{LockdownId, MemberId, ProposalId, RecordId, ReenrolmentId, RequestId},
    incident::IncidentNumber,
    justification::Justification,
    member::AgencyId,
    review::Finding,
};

pub use word::Statement;

/// The bytes of a nonce: as long as the digest it stands beside.
pub const NONCE_LEN: usize = 32;
/// The bytes of a statement's challenge. One that signs in is shorter, so that no signature is good for both.
pub const CHALLENGE_LEN: usize = 32 + NONCE_LEN;

/// "I ask for this record, for these reasons."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessStatement {
    /// Always [`AccessStatement::KIND`]: no statement can be taken for one of another kind.
    pub kind: String,
    /// The request this becomes.
    pub request: RequestId,
    /// Who asks.
    pub member: MemberId,
    /// Who asks, by the agency's id.
    pub agency_id: AgencyId,
    /// Which record.
    pub record: RecordId,
    /// Whether the patient is made up, as the portal has it.
    pub drill: bool,
    /// Why.
    pub justification: Justification,
    /// The portal asked.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub asked_at: String,
}

impl AccessStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/access-request";
}

/// A dispatcher's word on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The record may be opened.
    Approve,
    /// It may not.
    Deny,
    /// It may not any more: what opened the request is taken back before the record was opened.
    TakeBack,
}

impl Verdict {
    /// Every word.
    pub const ALL: [Self; 3] = [Self::Approve, Self::Deny, Self::TakeBack];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::TakeBack => "take_back",
        }
    }
}

/// "I allow, or refuse, exactly that request."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DecisionStatement {
    /// Always [`DecisionStatement::KIND`].
    pub kind: String,
    /// The request decided.
    pub request: RequestId,
    /// The digest of the statement the responder signed.
    pub request_digest: Bytes<32>,
    /// The word.
    pub verdict: Verdict,
    /// Why not; empty for an approval.
    pub reason: String,
    /// Who decides.
    pub member: MemberId,
    /// Who decides, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub decided_at: String,
}

impl DecisionStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/decision";
}

/// "I allow exactly these requests, all of one incident." One signature for a mass-casualty incident; each request has its own grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkApprovalStatement {
    /// Always [`BulkApprovalStatement::KIND`].
    pub kind: String,
    /// The incident that each of them names.
    pub incident: IncidentNumber,
    /// The requests, at most [`BulkApprovalStatement::MOST`], in the order of the desk.
    pub requests: Vec<BulkRequest>,
    /// Who decides.
    pub member: MemberId,
    /// Who decides, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub decided_at: String,
}

/// One request of a [`BulkApprovalStatement`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// The request.
    pub request: RequestId,
    /// The digest of the statement its responder signed.
    pub request_digest: Bytes<32>,
}

impl BulkApprovalStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/bulk-approval";
    /// The most requests that one signature allows: as many lines as somebody reads before they sign. A choice of this project.
    pub const MOST: usize = 20;
}

/// What a dispatcher signed of a request: of that one, or of several at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Said {
    /// Of that one.
    One(DecisionStatement),
    /// Of several, each of them approved.
    Bulk(BulkApprovalStatement),
}

impl Said {
    /// The word.
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::One(statement) => statement.verdict,
            Self::Bulk(_) => Verdict::Approve,
        }
    }

    /// Why not; empty for an approval.
    pub fn reason(&self) -> &str {
        match self {
            Self::One(statement) => &statement.reason,
            Self::Bulk(_) => "",
        }
    }

    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    pub fn decided_at(&self) -> &str {
        match self {
            Self::One(statement) => &statement.decided_at,
            Self::Bulk(statement) => &statement.decided_at,
        }
    }
}

/// "I open this record alone." What a responder signs apart from the request, once nobody has answered it for long enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OverrideStatement {
    /// Always [`OverrideStatement::KIND`].
    pub kind: String,
    /// The request opened.
    pub request: RequestId,
    /// The digest of the statement that was signed when it was asked.
    pub request_digest: Bytes<32>,
    /// Always [`OverrideStatement::WORDS`]: what the page shows above the button.
    pub words: String,
    /// Who opens it.
    pub member: MemberId,
    /// Who opens it, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub opened_at: String,
}

impl OverrideStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/override";
    /// What `words` holds.
    pub const WORDS: &str = "I open this record alone, without a dispatcher’s decision. It stands in the log under my name, dispatch sees it at once, and it will be reviewed afterwards.";
}

/// "I looked at what became of exactly that request, up to that place in the log, and this is what I find."
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReviewStatement {
    /// Always [`ReviewStatement::KIND`].
    pub kind: String,
    /// The request reviewed: it has one review.
    pub request: RequestId,
    /// The digest of the statement that was signed when it was asked.
    pub request_digest: Bytes<32>,
    /// What is found.
    pub finding: Finding,
    /// Why; may be empty for what was justified.
    pub note: String,
    /// The digest of the last event of the log that was looked at.
    pub last_event: Bytes<32>,
    /// Who reviewed it.
    pub member: MemberId,
    /// Who reviewed it, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub reviewed_at: String,
}

impl ReviewStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/review";
}

/// What is to become of a lockdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LockdownAct {
    /// Every open record closes, and none opens.
    Begin,
    /// Records may be opened again.
    Lift,
}

impl LockdownAct {
    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::Lift => "lift",
        }
    }
}

/// "The portal is to be locked down, or that is to be lifted." Two admins sign these very words: who proposes, and who confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LockdownStatement {
    /// Always [`LockdownStatement::KIND`].
    pub kind: String,
    /// The proposal.
    pub proposal: ProposalId,
    /// Which lockdown: a new one, or the one to be lifted.
    pub lockdown: LockdownId,
    /// What is to become of it.
    pub act: LockdownAct,
    /// Why.
    pub reason: String,
    /// Who proposes.
    pub member: MemberId,
    /// Who proposes, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub proposed_at: String,
    /// When it is too late to confirm it.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub until: String,
}

impl LockdownStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/lockdown";
}

/// "This member's passkeys are to be replaced." Two admins sign these very words: who proposes, and who confirms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReenrolmentStatement {
    /// Always [`ReenrolmentStatement::KIND`].
    pub kind: String,
    /// The re-enrolment.
    pub reenrolment: ReenrolmentId,
    /// Whose passkeys.
    pub subject: MemberId,
    /// Whose passkeys, by the agency's id.
    pub subject_agency_id: AgencyId,
    /// Why.
    pub reason: String,
    /// For how long after the confirmation nothing happens but that the member is told, in seconds.
    pub delay: u32,
    /// Who proposes.
    pub member: MemberId,
    /// Who proposes, by the agency's id.
    pub agency_id: AgencyId,
    /// The portal.
    pub origin: String,
    /// When, by the backend's clock (RFC 3339, UTC, seconds).
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub proposed_at: String,
    /// When it is too late to confirm it.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub until: String,
}

impl ReenrolmentStatement {
    /// What `kind` holds.
    pub const KIND: &str = "halligan/v1/reenrolment";
}

/// The statement cannot be written as canonical JSON (a defect, never an input).
#[derive(Debug, thiserror::Error)]
#[error("the statement cannot be written as canonical JSON")]
pub struct NotCanonical;

/// canonical = RFC 8785 JSON of the value.
pub fn canonical(value: &impl Serialize) -> Result<String, NotCanonical> {
    serde_json_canonicalizer::to_string(value).map_err(|_| NotCanonical)
}

/// digest = SHA-256(canonical(value))
pub fn digest(value: &impl Serialize) -> Result<Bytes<32>, NotCanonical> {
    canonical(value).map(|text| Bytes(Sha256::digest(text.as_bytes()).into()))
}

/// challenge = digest || nonce
pub fn challenge(digest: &Bytes<32>, nonce: &[u8; NONCE_LEN]) -> Vec<u8> {
    [digest.0.as_slice(), nonce].concat()
}

#[cfg(test)]
mod tests;
