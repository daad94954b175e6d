//! A member's signed word: what the page shows, signed by their passkey, and nothing else.

use halligan_shared::wire::Ceremony;
use serde::Serialize;
use serde_json::Value;

use crate::{
    api::{
        ceremony::{self, Mismatch},
        client::Refusal,
    },
    browser::passkey::{self, Mediation, PasskeyFault},
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

/// Has this very statement signed. That it says what the page shows is for the page to see to before.
pub async fn sign<S: Serialize>(ceremony: &Ceremony, statement: &S) -> Result<Value, SignFault> {
    ceremony::signs(&ceremony.options, statement)?;
    Ok(passkey::get(&ceremony.options, Mediation::Required).await?)
}
