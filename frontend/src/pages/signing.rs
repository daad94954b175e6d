//! A member's signed word: what the page shows, signed by their passkey, and nothing else.

use halligan_shared::{
    statement::Statement,
    wire::{Ceremony, MemberView},
};
use serde_json::Value;

use crate::{
    api::{
        ceremony::{self, Mismatch},
        client::Refusal,
    },
    browser::{
        page,
        passkey::{self, Mediation, PasskeyFault},
    },
};

/// Why the word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SignFault {
    /// The backend refused (somebody was faster, and who), or cannot be reached.
    #[error("{}", .0.sentence())]
    Refused(Refusal),
    /// It would have been another word than the one that the page shows.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// No signature.
    #[error(transparent)]
    Passkey(#[from] PasskeyFault),
}

impl From<Refusal> for SignFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Has this very statement signed. Nothing is signed that is of another kind, for another portal, or not the word of `by`: the member's
/// own, or, where a proposal is confirmed, that of whom the page shows. `says_this`: whether all the rest is what the page shows, which
/// the page alone can tell.
pub async fn sign(ceremony: &Ceremony, statement: &dyn Statement, by: &MemberView, says_this: bool) -> Result<Value, SignFault> {
    let is_theirs = page::origin().is_some_and(|origin| statement.is_word_of(by.id, &by.agency_id, &origin));
    if !(is_theirs && says_this) {
        return Err(Mismatch.into());
    }
    ceremony::signs(&ceremony.options, statement)?;
    Ok(passkey::get(&ceremony.options, Mediation::Required).await?)
}
