//! Who the portal is, to push services (VAPID, RFC 8292): a key of its own, by which it signs whom each call is meant for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use url::Url;
use zeroize::Zeroizing;

/// For how long a signature holds (at most a day, RFC 8292, section 2).
const HOLDS: Duration = Duration::hours(12);

/// The portal's key for push services.
pub struct PushKey(SigningKey);

/// Settings are printed; this part of them is not.
impl std::fmt::Debug for PushKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PushKey")
    }
}

/// Not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key for push services is a private key of P-256, 32 bytes in base64url, alone in its file")]
pub struct PushKeyFault;

impl PushKey {
    /// A new key.
    pub fn fresh() -> Result<Self, PushKeyFault> {
        fresh().map(|key| Self(SigningKey::from(&key)))
    }

    /// Reads what [`PushKey::to_text`] wrote, or any tool that makes VAPID keys.
    pub fn from_text(text: &str) -> Result<Self, PushKeyFault> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| PushKeyFault)?);
        SecretKey::from_slice(&bytes).ok().filter(|_| bytes.len() == 32).map(|key| Self(SigningKey::from(&key))).ok_or(PushKeyFault)
    }

    /// The key as it is kept in a file.
    pub fn to_text(&self) -> Zeroizing<String> {
        let bytes = Zeroizing::new(self.0.to_bytes());
        Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
    }

    /// The public half: by it a browser subscribes, so that nobody else can tell it anything.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_sec1_point(false).as_bytes())
    }

    /// The header `Authorization` of a call to a device at this address.
    pub fn authorization(&self, address: &Url, contact: &str, now: OffsetDateTime) -> Zeroizing<String> {
        let header = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = json!({
            "aud": address.origin().ascii_serialization(), "exp": (now + HOLDS).unix_timestamp(), "sub": contact,
        });
        let said = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = self.0.sign(said.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        Zeroizing::new(format!("vapid t={said}.{signature}, k={}", self.public()))
    }
}

/// A private key from the platform's randomness. A draw is refused with a chance of 2^-32; ten in a row are no chance.
pub(super) fn fresh() -> Result<SecretKey, PushKeyFault> {
    for _ in 0..10 {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|_| PushKeyFault)?;
        if let Ok(key) = SecretKey::from_slice(bytes.as_slice()) {
            return Ok(key);
        }
    }
    Err(PushKeyFault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_back_and_is_not_printed() {
        let key = PushKey::fresh().unwrap();
        assert_eq!(PushKey::from_text(&format!("{}\n", key.to_text().as_str())).unwrap().public(), key.public());
        assert_eq!(format!("{key:?}"), "PushKey");
        for bad in ["", "AA", &"A".repeat(43), &"A".repeat(86), &"/".repeat(43)] {
            assert_eq!(PushKey::from_text(bad).map(|_| ()), Err(PushKeyFault), "{bad}");
        }
    }
}
