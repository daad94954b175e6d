//! Whose word a statement is: what every statement says beside its own words, and its digest.
//!
//! Whoever has statements signed takes them as [`Statement`]s, and looks at this in one place: no kind of statement is signed
//! without it, and one that is not listed here is not signed at all.

use super::{
    AccessStatement, BulkApprovalStatement, DecisionStatement, LockdownStatement, NotCanonical, OverrideStatement,
    ReenrolmentStatement, ReviewStatement, digest,
};
use crate::{bytes::Bytes, id::MemberId, member::AgencyId};

/// What a passkey signs.
pub trait Statement {
    /// Whether it says that it is of its own kind, this member's word, and for the portal of this origin.
    fn is_word_of(&self, member: MemberId, agency_id: &AgencyId, origin: &str) -> bool;

    /// [`digest`] of it.
    fn digest(&self) -> Result<Bytes<32>, NotCanonical>;
}

macro_rules! statements {
    ($($statement:ident),+ $(,)?) => {$(
        impl Statement for $statement {
            fn is_word_of(&self, member: MemberId, agency_id: &AgencyId, origin: &str) -> bool {
                self.kind == Self::KIND && self.member == member && self.agency_id == *agency_id && self.origin == origin
            }

            fn digest(&self) -> Result<Bytes<32>, NotCanonical> {
                digest(self)
            }
        }
    )+};
}

statements!(
    AccessStatement,
    DecisionStatement,
    BulkApprovalStatement,
    OverrideStatement,
    ReviewStatement,
    LockdownStatement,
    ReenrolmentStatement,
);
