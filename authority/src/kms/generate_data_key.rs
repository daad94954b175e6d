//! `GenerateDataKey`: a new data key, in clear and wrapped for one encryption context.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::wire::{Context, base64, secret_base64, write, wrong_use};
use crate::{
    key::Material,
    refusal::Refusal,
    service::{Answer, Call},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    #[serde(default)]
    encryption_context: Context,
    key_spec: Option<KeySpec>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Deserialize)]
enum KeySpec {
    #[serde(rename = "AES_128")]
    Aes128,
    #[serde(rename = "AES_256")]
    Aes256,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_id: String,
    ciphertext_blob: String,
    plaintext: &'a str,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    let arn = call.estate.place().key_arn(id);
    let context = &input.encryption_context.0;
    let length = input.length()?;
    let Material::Wrapping(key) = &call.usable_key(id, "kms:GenerateDataKey", context)?.material else {
        return Err(wrong_use(&arn, "GenerateDataKey"));
    };
    if input.dry_run {
        return Err(Refusal::DryRun);
    }
    let mut data_key = Zeroizing::new(vec![0; length]);
    getrandom::fill(&mut data_key).map_err(|_| Refusal::Internal)?;
    let blob = key.wrap(id, context, &data_key).map_err(|_| Refusal::Internal)?;
    write(&Output { key_id: arn, ciphertext_blob: base64(&blob), plaintext: &secret_base64(&data_key) })
}

impl Input {
    /// Exactly one of `KeySpec` and `NumberOfBytes` (1 to 1024) says how long the data key is.
    fn length(&self) -> Result<usize, Refusal> {
        match (&self.key_spec, self.number_of_bytes) {
            (Some(KeySpec::Aes128), None) => Ok(16),
            (Some(KeySpec::Aes256), None) => Ok(32),
            (None, Some(length @ 1..=1024)) => Ok(length),
            _ => {
                Err(Refusal::Validation("Please specify either number of bytes (1 to 1024) or key spec, and not both.".to_owned()))
            }
        }
    }
}
