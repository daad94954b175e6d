//! The key agreement key: a scalar of P-256 and nothing but ECDH with it.
//!
//! `secret = x(s * B)`: the raw x-coordinate in 32 bytes, as KMS returns it (SP 800-56A Rev. 3, 5.7.1.2). P-256 has cofactor 1,
//! so a point on the curve that is not the identity is in the right group; there is no further check to make.

use p256::{
    PublicKey,
    pkcs8::{DecodePublicKey, EncodePublicKey},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error};
use zeroize::Zeroizing;

use crate::secret::{NoRandomness, SecretKey};

/// The peer's key is not a DER SubjectPublicKeyInfo with a point on P-256 other than the identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvalidPeer;

/// A P-256 key pair. Its bytes are a scalar between 1 and the group's order, by construction.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct AgreementKey(SecretKey);

impl AgreementKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        // Thirty-two random bytes fail to be a scalar once in 2^32; three failures in a row mean that the randomness is bad.
        for _ in 0..3 {
            let bytes = SecretKey::generate()?;
            if p256::SecretKey::from_slice(bytes.bytes()).is_ok() {
                return Ok(Self(bytes));
            }
        }
        Err(NoRandomness)
    }

    /// The public point as DER SubjectPublicKeyInfo (RFC 5480).
    pub(crate) fn public_key(&self) -> Option<Vec<u8>> {
        let public = self.scalar()?.public_key().to_public_key_der().ok()?;
        Some(public.into_vec())
    }

    /// The x-coordinate of the secret times the peer's point.
    pub(crate) fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, InvalidPeer> {
        let peer = PublicKey::from_public_key_der(peer).map_err(|_| InvalidPeer)?;
        let shared = self.scalar().ok_or(InvalidPeer)?.diffie_hellman(&peer);
        Ok(Zeroizing::new(shared.raw_secret_bytes().to_vec()))
    }

    /// Always there: both ways to make this type check it.
    fn scalar(&self) -> Option<p256::SecretKey> {
        p256::SecretKey::from_slice(self.0.bytes()).ok()
    }
}

impl<'de> Deserialize<'de> for AgreementKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = Self(SecretKey::deserialize(deserializer)?);
        if key.scalar().is_some() { Ok(key) } else { Err(D::Error::custom("a key agreement key is not a scalar of P-256")) }
    }
}
