//! `DescribeKey`: what a key is for, and its state. Also the metadata that `CreateKey` answers with.

use serde::{Deserialize, Serialize};

use super::wire::write;
use crate::{
    identifier::Place,
    key::{Key, Material},
    refusal::Refusal,
    service::{Answer, Call},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Input {
    key_id: String,
}

/// KMS's `KeyMetadata`, as far as these keys have it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct KeyMetadata {
    #[serde(rename = "AWSAccountId")]
    account: String,
    key_id: String,
    arn: String,
    /// Seconds since 1970.
    creation_date: i64,
    enabled: bool,
    description: String,
    key_usage: &'static str,
    key_state: &'static str,
    origin: &'static str,
    key_manager: &'static str,
    key_spec: &'static str,
    customer_master_key_spec: &'static str,
    multi_region: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption_algorithms: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_agreement_algorithms: Option<[&'static str; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Output {
    pub(super) key_metadata: KeyMetadata,
}

pub(super) fn answer(mut call: Call<'_>, input: &Input) -> Result<Answer, Refusal> {
    let id = call.key_named(&input.key_id)?;
    call.may(id, "kms:DescribeKey")?;
    let place = call.estate.place();
    let key = call.estate.key(id).ok_or(Refusal::Internal)?;
    write(&Output { key_metadata: KeyMetadata::of(key, place) })
}

impl KeyMetadata {
    pub(super) fn of(key: &Key, place: &Place) -> Self {
        let (usage, spec, encryption, agreement) = match key.material {
            Material::Wrapping(_) => ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", Some(["SYMMETRIC_DEFAULT"]), None),
            Material::Agreement(_) => ("KEY_AGREEMENT", "ECC_NIST_P256", None, Some(["ECDH"])),
        };
        Self {
            account: place.account.clone(),
            key_id: key.id.to_string(),
            arn: place.key_arn(key.id),
            creation_date: key.created.unix_timestamp(),
            enabled: key.enabled,
            description: key.description.clone(),
            key_usage: usage,
            key_state: if key.enabled { "Enabled" } else { "Disabled" },
            origin: "AWS_KMS",
            key_manager: "CUSTOMER",
            key_spec: spec,
            customer_master_key_spec: spec,
            multi_region: false,
            encryption_algorithms: encryption,
            key_agreement_algorithms: agreement,
        }
    }
}
