//! `ReEncrypt`: wraps a data key anew, for another context or under newer material, without showing it to anybody.
//!
//! It is two acts: reading under the source (`kms:ReEncryptFrom`, with the context before) and wrapping under the destination
//! (`kms:ReEncryptTo`, with the context after). Each key's policy decides its own.

use serde::{Deserialize, Serialize};

use super::{
    decrypt::unknown_key,
    wire::{Blob, Context, base64, write, wrong_use},
};
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
    ciphertext_blob: Blob,
    #[serde(default)]
    source_encryption_context: Context,
    source_key_id: Option<String>,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: Context,
    source_encryption_algorithm: Option<String>,
    destination_encryption_algorithm: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    ciphertext_blob: String,
    source_key_id: String,
    key_id: String,
    source_encryption_algorithm: &'static str,
    destination_encryption_algorithm: &'static str,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let Blob(blob) = &input.ciphertext_blob;
    if !(1..=MAX_CIPHERTEXT).contains(&blob.len()) {
        return Err(Refusal::Validation("CiphertextBlob must have 1 to 6144 bytes.".to_owned()));
    }
    let destination = call.key_named(&input.destination_key_id)?;
    let source = if let Some(named) = &input.source_key_id {
        call.key_named(named)?
    } else {
        let id = wrapped_under(blob).map_err(|_| Refusal::InvalidCiphertext)?;
        call.estate.key(id).map(|key| key.id).ok_or_else(unknown_key)?
    };
    let circumstances = call.circumstances().with("kms:ReEncryptOnSameKey", (source == destination).to_string());
    let (before, after) = (&input.source_encryption_context.0, &input.destination_encryption_context.0);
    let from = call.usable_key_in(source, "kms:ReEncryptFrom", before, circumstances.clone())?;
    let to = call.usable_key_in(destination, "kms:ReEncryptTo", after, circumstances)?;

    let place = call.estate.place();
    let (source_arn, destination_arn) = (place.key_arn(source), place.key_arn(destination));
    let Material::Wrapping(from) = &from.material else { return Err(wrong_use(&source_arn, "ReEncryptFrom")) };
    let Material::Wrapping(to) = &to.material else { return Err(wrong_use(&destination_arn, "ReEncryptTo")) };
    for (algorithm, arn) in
        [(&input.source_encryption_algorithm, &source_arn), (&input.destination_encryption_algorithm, &destination_arn)]
    {
        if algorithm.as_deref().is_some_and(|algorithm| algorithm != ALGORITHM) {
            return Err(wrong_use(arn, "that EncryptionAlgorithm"));
        }
    }
    if wrapped_under(blob).map_err(|_| Refusal::InvalidCiphertext)? != source {
        return Err(Refusal::IncorrectKey);
    }
    let data_key = from.unwrap(source, before, blob).map_err(|_| Refusal::InvalidCiphertext)?;
    if input.dry_run {
        return Err(Refusal::DryRun);
    }
    let rewrapped = to.wrap(destination, after, &data_key).map_err(|_| Refusal::Internal)?;
    write(&Output {
        ciphertext_blob: base64(&rewrapped),
        source_key_id: source_arn,
        key_id: destination_arn,
        source_encryption_algorithm: ALGORITHM,
        destination_encryption_algorithm: ALGORITHM,
    })
}
