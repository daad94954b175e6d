//! `DeriveSharedSecret`: ECDH with a key that never leaves, answered with the raw x-coordinate. There is no encryption
//! context: KMS has none for asymmetric keys, so what binds this call to a grant is its session policy.

use serde::{Deserialize, Serialize};

use super::wire::{Blob, secret_base64, write, wrong_use};
use crate::{
    key::{EncryptionContext, Material},
    refusal::Refusal,
    service::{Answer, Call},
};

/// Bytes of a public key, from the API model (kms/2014-11-01).
const MAX_PUBLIC_KEY: usize = 8192;
const ALGORITHM: &str = "ECDH";

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
    key_agreement_algorithm: String,
    public_key: Blob,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output<'a> {
    key_id: String,
    shared_secret: &'a str,
    key_agreement_algorithm: &'static str,
    key_origin: &'static str,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    let arn = call.estate.place().key_arn(id);
    let Material::Agreement(key) = &call.usable_key(id, "kms:DeriveSharedSecret", &EncryptionContext::new())?.material else {
        return Err(wrong_use(&arn, "DeriveSharedSecret"));
    };
    if input.key_agreement_algorithm != ALGORITHM {
        return Err(Refusal::Validation("KeyAgreementAlgorithm must be ECDH.".to_owned()));
    }
    if input.public_key.0.len() > MAX_PUBLIC_KEY {
        return Err(Refusal::Validation("PublicKey must have 1 to 8192 bytes.".to_owned()));
    }
    let secret = key.agree(&input.public_key.0).map_err(|_| {
        Refusal::Validation("PublicKey must be a DER SubjectPublicKeyInfo of a point on P-256 other than the identity.".to_owned())
    })?;
    if input.dry_run {
        return Err(Refusal::DryRun);
    }
    write(&Output {
        key_id: arn,
        shared_secret: &secret_base64(&secret),
        key_agreement_algorithm: ALGORITHM,
        key_origin: "AWS_KMS",
    })
}
