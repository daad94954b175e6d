//! `CreateKey`: a new key of either kind. No role's policy names it, so nobody can use it until the estate says so.

use serde::Deserialize;

use super::{
    describe_key::{KeyMetadata, Output},
    wire::write,
};
use crate::{
    key::{EncryptionContext, Key, Use},
    refusal::Refusal,
    service::{Answer, Call},
};

/// Characters of a description, from the API model (kms/2014-11-01).
const MAX_DESCRIPTION: usize = 8192;
/// How many keys the estate may hold: a bound of ours, so that nobody fills the file.
const MAX_KEYS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    description: Option<String>,
    key_usage: Option<String>,
    key_spec: Option<String>,
}

pub(super) async fn answer(mut call: Call<'_>, input: Input) -> Result<Answer, Refusal> {
    call.authorise("kms:CreateKey", "*", &EncryptionContext::new())?;
    let usage = input.key_usage.as_deref().unwrap_or("ENCRYPT_DECRYPT");
    let purpose = match (usage, input.key_spec.as_deref().unwrap_or("SYMMETRIC_DEFAULT")) {
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT") => Use::Wrapping,
        ("KEY_AGREEMENT", "ECC_NIST_P256") => Use::Agreement,
        _ => {
            return Err(Refusal::Unsupported(
                "Keys here are ENCRYPT_DECRYPT with SYMMETRIC_DEFAULT or KEY_AGREEMENT with ECC_NIST_P256.".to_owned(),
            ));
        }
    };
    let description = input.description.unwrap_or_default();
    if description.chars().count() > MAX_DESCRIPTION {
        return Err(Refusal::Validation("Description may have 8192 characters.".to_owned()));
    }
    let key = Key::generate(purpose, description, call.now).map_err(|_| Refusal::Internal)?;
    let metadata = KeyMetadata::of(&key, call.estate.place());
    call.event.resource = Some(call.estate.place().key_arn(key.id));
    let added = call.office.holder.change(move |holdings| holdings.add_key(key, MAX_KEYS)).await.map_err(|fault| {
        tracing::error!(%fault, "a key could not be kept");
        Refusal::Internal
    })?;
    if added {
        write(&Output { key_metadata: metadata })
    } else {
        Err(Refusal::Unsupported("The estate holds as many keys as it may.".to_owned()))
    }
}
