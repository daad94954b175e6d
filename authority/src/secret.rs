//! Secrets, and where new ones come from.
//!
//! Neither type has `Debug` or `Clone`; both overwrite themselves when dropped. They serialize, because the estate's file and
//! a sealed session hold them; whoever serializes one must hold the outcome in something that zeroizes.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The machine could not give random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the machine gave no random bytes; nothing was created. Check /dev/urandom and try again")]
pub struct NoRandomness;

/// `N` bytes that nobody can foretell.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// A 256-bit key: of AES-256-GCM, or a scalar of P-256.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct SecretKey([u8; 32]);

impl SecretKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0).map_err(|_| NoRandomness)?;
        Ok(key)
    }

    /// The same bytes in a place of their own.
    pub(crate) fn copy_of(bytes: &[u8; 32]) -> Self {
        Self(*bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Serialize for SecretKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&Zeroizing::new(STANDARD.encode(self.0)))
    }
}

impl<'de> Deserialize<'de> for SecretKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        let mut key = Self([0; 32]);
        // The message must not echo the text: it is a secret, only one of the wrong form.
        match STANDARD.decode_slice(text.as_bytes(), &mut key.0) {
            Ok(32) => Ok(key),
            _ => Err(D::Error::custom("a key is not 32 bytes in base64")),
        }
    }
}

/// The secret half of an access key: 30 random bytes, which is 40 characters of base64, as AWS issues them.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(crate) struct SecretAccessKey(String);

impl SecretAccessKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        let bytes = Zeroizing::new(random::<30>()?);
        Ok(Self(STANDARD.encode(*bytes)))
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
