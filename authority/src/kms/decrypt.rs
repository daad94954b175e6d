//! `Decrypt`: unwraps a data key for the encryption context that it was wrapped for, or says whether it would.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::wire::{Blob, Context, secret_base64, write, wrong_use};
use crate::{
    key::{Material, wrapped_under},
    refusal::Refusal,
    service::{Answer, Call},
};

/// Bytes of a ciphertext, from the API model (kms/2014-11-01).
const MAX_CIPHERTEXT: usize = 6144;
const ALGORITHM: &str = "SYMMETRIC_DEFAULT";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    ciphertext_blob: Option<Blob>,
    #[serde(default)]
    encryption_context: Context,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    dry_run_modifiers: Vec<DryRunModifier>,
}

#[derive(PartialEq, Eq, Deserialize)]
enum DryRunModifier {
    /// Only whether it would be allowed; there need be no ciphertext.
    #[serde(rename = "IGNORE_CIPHERTEXT")]
    IgnoreCiphertext,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_id: String,
    plaintext: &'a str,
    encryption_algorithm: &'static str,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let blob = input.ciphertext()?;
    let id = input.key(&mut call, blob)?;
    let arn = call.estate.place().key_arn(id);
    let context = &input.encryption_context.0;
    let Material::Wrapping(key) = &call.usable_key(id, "kms:Decrypt", context)?.material else {
        return Err(wrong_use(&arn, "Decrypt"));
    };
    if input.encryption_algorithm.as_deref().is_some_and(|algorithm| algorithm != ALGORITHM) {
        return Err(wrong_use(&arn, "that EncryptionAlgorithm"));
    }
    let Some(blob) = blob else {
        return Err(Refusal::DryRun);
    };
    if wrapped_under(blob).map_err(|_| Refusal::InvalidCiphertext)? != id {
        return Err(Refusal::IncorrectKey);
    }
    let data_key = key.unwrap(id, context, blob).map_err(|_| Refusal::InvalidCiphertext)?;
    if input.dry_run {
        return Err(Refusal::DryRun);
    }
    write(&Output { key_id: arn, plaintext: &secret_base64(&data_key), encryption_algorithm: ALGORITHM })
}

impl Input {
    /// The ciphertext; nothing if it is to be ignored.
    fn ciphertext(&self) -> Result<Option<&[u8]>, Refusal> {
        if !self.dry_run && !self.dry_run_modifiers.is_empty() {
            return Err(Refusal::Validation("DryRunModifiers need DryRun.".to_owned()));
        }
        if self.dry_run_modifiers.contains(&DryRunModifier::IgnoreCiphertext) {
            return Ok(None);
        }
        match &self.ciphertext_blob {
            Some(Blob(bytes)) if (1..=MAX_CIPHERTEXT).contains(&bytes.len()) => Ok(Some(bytes)),
            _ => Err(Refusal::Validation("CiphertextBlob must have 1 to 6144 bytes.".to_owned())),
        }
    }

    /// The key that is named, or else the one that the ciphertext names.
    fn key(&self, call: &mut Call<'_>, blob: Option<&[u8]>) -> Result<Uuid, Refusal> {
        if let Some(named) = &self.key_id {
            return call.key_named(named);
        }
        let blob = blob.ok_or_else(|| Refusal::Validation("KeyId is required where the ciphertext is ignored.".to_owned()))?;
        let id = wrapped_under(blob).map_err(|_| Refusal::InvalidCiphertext)?;
        call.event.encryption_context.clone_from(&self.encryption_context.0);
        call.estate.key(id).map(|key| key.id).ok_or_else(unknown_key)
    }
}

/// What AWS says of a ciphertext that names a key of somebody else.
pub(super) fn unknown_key() -> Refusal {
    Refusal::AccessDenied(
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed \
         to access."
            .to_owned(),
    )
}
