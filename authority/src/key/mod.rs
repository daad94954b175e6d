//! A KMS key: what it is for, whether it is enabled, and what it computes. It keeps its policy, and knows nothing of what that says.

mod agreement;
mod wrapping;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

pub(crate) use agreement::AgreementKey;
pub(crate) use wrapping::{EncryptionContext, Rotated, WrappingKey, wrapped_under};

use crate::{identifier::random_uuid, secret::NoRandomness};

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
    /// What a key that the template does not name was created with.
    pub(crate) own_policy: Option<OwnPolicy>,
}

/// A key policy and the tags that policies may ask for.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OwnPolicy {
    pub(crate) text: String,
    pub(crate) tags: BTreeMap<String, String>,
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
            Use::Wrapping => Material::Wrapping(WrappingKey::generate(now)?),
            Use::Agreement => Material::Agreement(AgreementKey::generate()?),
        };
        Ok(Self { id: random_uuid()?, description, enabled: true, created: now, material, own_policy: None })
    }

    /// Gives a symmetric key new material; nothing for one that cannot have any.
    pub(crate) fn rotate(&mut self, now: OffsetDateTime) -> Option<Result<Rotated, NoRandomness>> {
        match &mut self.material {
            Material::Wrapping(key) => Some(key.rotate(now)),
            Material::Agreement(_) => None,
        }
    }

    /// Whether it cannot compute anything.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(&self.material, Material::Wrapping(key) if key.is_empty())
    }
}
