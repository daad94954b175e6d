//! A KMS key: what it is for, whether it is enabled, and what it computes. Policies are not its concern.

mod agreement;
mod wrapping;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use agreement::AgreementKey;
pub(crate) use wrapping::{EncryptionContext, WrappingKey, wrapped_under};

use crate::{
    identifier::random_uuid,
    secret::{NoRandomness, SecretKey},
};

/// One key of the estate.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    pub(crate) id: Uuid,
    pub(crate) description: String,
    pub(crate) enabled: bool,
    #[serde(with = "time::serde::timestamp")]
    pub(crate) created: OffsetDateTime,
    pub(crate) material: Material,
}

/// What the key is made of, by use: KMS's `KeyUsage` and `KeySpec` are fixed at creation and so is this.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Material {
    /// `ENCRYPT_DECRYPT`, `SYMMETRIC_DEFAULT`.
    Wrapping(WrappingKey),
    /// `KEY_AGREEMENT`, `ECC_NIST_P256`.
    Agreement(AgreementKey),
}

/// A use that keys can be created for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Wrapping,
    Agreement,
}

impl Key {
    pub(crate) fn generate(purpose: Use, description: String, now: OffsetDateTime) -> Result<Self, NoRandomness> {
        let material = match purpose {
            Use::Wrapping => Material::Wrapping(WrappingKey::new(SecretKey::generate()?)),
            Use::Agreement => Material::Agreement(AgreementKey::generate()?),
        };
        Ok(Self { id: random_uuid()?, description, enabled: true, created: now, material })
    }
}
