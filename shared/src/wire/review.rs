//! Reviews: which there are, what is known of one, and the word that closes it.

use serde::{Deserialize, Serialize};

use super::{Ceremony, DocumentKind, MemberView};
use crate::{
    bytes::Bytes,
    door::Door,
    grant::Ending,
    id::{CeremonyId, DocumentId, RequestId},
    review::{Finding, ReviewReason},
    statement::{AccessStatement, OverrideStatement, ReviewStatement, Said},
};

/// Fewest letters and digits of a note that says why something was not justified, or cannot be told: a word is no reason.
pub const NOTE_MIN: usize = 10;
/// Most events of a request that its review shows, half of them the first and half the last; the log has them all.
pub const EXTRACT_MAX: usize = 500;

/// The reviews that a privacy officer may close, and the last that were closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewList {
    /// Overdue ones first, then by the nearest deadline.
    pub open: Vec<ReviewLine>,
    /// The last 50, the last closed first.
    pub closed: Vec<ReviewLine>,
}

/// How many reviews are overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewsOverdue {
    /// So many.
    pub overdue: u32,
}

/// A review in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewLine {
    /// Of which request.
    pub request: RequestId,
    /// Why it is reviewed.
    pub reason: ReviewReason,
    /// Who asked.
    pub by: MemberView,
    /// For which incident.
    pub incident: String,
    /// Whether the patient is made up.
    pub drill: bool,
    /// Through which door it was opened; absent where what opened it was taken back.
    pub door: Option<Door>,
    /// Since when it is to be reviewed, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub opened_at: String,
    /// Until when, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub due_at: String,
    /// Whether it is open and that time is over.
    pub overdue: bool,
    /// Whose it is; absent: nobody's.
    pub owner: Option<MemberView>,
    /// Whether it is this privacy officer's own.
    pub own: bool,
    /// What was found, where it is closed.
    pub closed: Option<ReviewClosed>,
}

/// What a review found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewClosed {
    /// Who closed it.
    pub by: MemberView,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub at: String,
    /// What was found.
    pub finding: Finding,
    /// Why.
    pub note: String,
}

/// A review with everything that is known of its request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewView {
    /// Which.
    pub review: ReviewLine,
    /// What the responder signed. Whoever closes the review signs its digest.
    pub statement: AccessStatement,
    /// What dispatchers signed, the first first: the last word of each.
    pub decisions: Vec<ReviewDecision>,
    /// What the responder signed to open it alone.
    pub opened_alone: Option<OverrideStatement>,
    /// What became of it, in a word of docs/ARCHITECTURE.md, Lifecycles.
    pub outcome: String,
    /// Whether it can be closed by now: what still goes on is reviewed when it is over.
    pub is_over: bool,
    /// How its window ended, if it had one and that is over.
    pub ending: Option<Ending>,
    /// What the dispatcher said who ended it.
    pub ending_reason: Option<String>,
    /// Each time a page opened the record, and the wipe receipt that it owes.
    pub openings: Vec<ReviewOpening>,
    /// The sealed documents that went out, the first first.
    pub documents: Vec<ReviewDocument>,
    /// The events of the log about the request and its grant, in order: where they are more than [`EXTRACT_MAX`], the first half of so
    /// many and the last. A document that was sent several times stands there once.
    pub extract: Vec<ExtractLine>,
    /// How many are left out.
    pub left_out: u32,
    /// The digest of the last of all of them: what closes the review says that everything up to there was looked at.
    pub last_event: Bytes<32>,
}

/// A dispatcher's word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewDecision {
    /// Who said it.
    pub by: MemberView,
    /// What was signed.
    pub statement: Said,
}

/// A page that opened the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewOpening {
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub opened_at: String,
    /// When its wipe receipt came, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub wiped_at: Option<String>,
    /// Whether it was written down that none came in time.
    pub is_missing: bool,
}

/// A sealed document that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ReviewDocument {
    /// Which.
    pub document: DocumentId,
    /// Summary or attachment; absent where it is not in that version of the record.
    pub kind: Option<DocumentKind>,
    /// When it first did, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub at: String,
    /// How often.
    pub times: u32,
}

/// An event of the log, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ExtractLine {
    /// Its place in the chain, from 1.
    pub sequence: u64,
    /// What, such as `request.filed`.
    pub kind: String,
    /// Who, by agency id; absent for what the portal did itself.
    pub actor: Option<String>,
    /// When, RFC 3339; empty where the event cannot be read.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = "^([0-9]{4}-[0-9]{2}-[0-9]{2}T.+)?$")))]
    pub at: String,
    /// The event as canonical JSON: what its digest is of.
    pub text: String,
    /// Its digest as the log has it, hexadecimal.
    pub digest: String,
    /// Whether that is the digest of these words.
    pub fits: bool,
    /// How the signature in it stands; absent where there is none.
    pub signature: Option<SignatureState>,
}

/// How a signature stands that the log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignatureState {
    /// This passkey signed exactly these words, and its member was verified.
    Holds,
    /// It did not.
    Fails,
    /// The portal does not have the passkey any more, so it cannot tell. The log has its public key.
    PasskeyGone,
}

/// Asks for the statement that closes a review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareReview {
    /// What is found.
    pub finding: Finding,
    /// Why, at most [`REASON_MAX`](super::REASON_MAX) characters; [`NOTE_MIN`] letters and digits at least, unless it was justified.
    #[cfg_attr(feature = "openapi", schemars(length(max = super::REASON_MAX), extend("pattern" = super::VISIBLE_OR_NOTHING)))]
    pub note: String,
    /// The last event that the page shows.
    pub last_event: Bytes<32>,
}

/// The statement to sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedReview {
    /// What will be signed.
    pub statement: ReviewStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// The signed finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignedReview {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}
