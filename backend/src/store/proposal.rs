//! Proposals: what an admin signed and another has to confirm in time. Each kind is kept in a table of its own, beside what comes of it.

use time::OffsetDateTime;

/// A proposal just signed.
pub struct NewProposal<'a, S> {
    /// What was signed.
    pub statement: &'a S,
    /// The same, canonical.
    pub words: String,
    /// Until when it may be confirmed.
    pub until: OffsetDateTime,
}
