//! `GetPublicKey`: the public half of a key agreement key, as DER `SubjectPublicKeyInfo`.

use serde::{Deserialize, Serialize};

use super::wire::{base64, write};
use crate::{
    key::{EncryptionContext, Material},
    refusal::Refusal,
    service::{Answer, Call},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    key_id: String,
    public_key: String,
    key_spec: &'static str,
    customer_master_key_spec: &'static str,
    key_usage: &'static str,
    key_agreement_algorithms: [&'static str; 1],
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    let arn = call.estate.place().key_arn(id);
    let Material::Agreement(key) = &call.usable_key(id, "kms:GetPublicKey", &EncryptionContext::new())?.material else {
        return Err(Refusal::Unsupported(format!("{arn} is symmetric and has no public key.")));
    };
    let public = key.public_key().map_err(|_| Refusal::Internal)?;
    write(&Output {
        key_id: arn,
        public_key: base64(&public),
        key_spec: "ECC_NIST_P256",
        customer_master_key_spec: "ECC_NIST_P256",
        key_usage: "KEY_AGREEMENT",
        key_agreement_algorithms: ["ECDH"],
    })
}
