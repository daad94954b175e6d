//! The key agreement key: a scalar of P-256 and nothing but ECDH with it.
//!
//! `secret = x(s * B)`: the raw x-coordinate in 32 bytes, as KMS returns it (SP 800-56A Rev. 3, 5.7.1.2). P-256 has cofactor 1,
//! so a point on the curve that is not the identity is in the right group; there is no further check to make.

use p256::{
    PublicKey,
    pkcs8::{DecodePublicKey, EncodePublicKey},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use zeroize::Zeroizing;

use crate::secret::{NoRandomness, SecretKey};

/// The peer's key is not a DER `SubjectPublicKeyInfo` with a point on P-256 other than the identity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvalidPeer;

/// A P-256 key pair; a scalar between 1 and the group's order, by its type, which also zeroizes it.
pub(crate) struct AgreementKey(p256::SecretKey);

impl AgreementKey {
    pub(crate) fn generate() -> Result<Self, NoRandomness> {
        // Thirty-two random bytes fail to be a scalar once in 2^32; three failures in a row mean that the randomness is bad.
        for _ in 0..3 {
            if let Ok(scalar) = p256::SecretKey::from_slice(SecretKey::generate()?.bytes()) {
                return Ok(Self(scalar));
            }
        }
        Err(NoRandomness)
    }

    /// The public point as DER `SubjectPublicKeyInfo` (RFC 5480).
    pub(crate) fn public_key(&self) -> Result<Vec<u8>, p256::pkcs8::spki::Error> {
        Ok(self.0.public_key().to_public_key_der()?.into_vec())
    }

    /// The x-coordinate of the secret times the peer's point.
    pub(crate) fn agree(&self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, InvalidPeer> {
        let peer = PublicKey::from_public_key_der(peer).map_err(|_| InvalidPeer)?;
        Ok(Zeroizing::new(self.0.diffie_hellman(&peer).raw_secret_bytes().to_vec()))
    }
}

impl Serialize for AgreementKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = Zeroizing::new(<[u8; 32]>::from(self.0.to_bytes()));
        SecretKey::copy_of(&bytes).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AgreementKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = SecretKey::deserialize(deserializer)?;
        let scalar = p256::SecretKey::from_slice(bytes.bytes());
        scalar.map(Self).map_err(|_| D::Error::custom("a key agreement key is not a scalar of P-256"))
    }
}
