//! Sessions: what an assumed role remembers, sealed into its own session token.
//!
//! `token = base64(2 || nonce (12) || AES-256-GCM(session key, nonce, session as JSON, "halligan/authority/v2/session" || access key id))`.
//! The authority keeps no table of sessions: any process with the same estate honours the token, and none can be
//! altered, moved to another access key, or outlive the end inside it. A token is opened only by that cipher, which compares
//! its tag in constant time.

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{AeadInOut, KeyInit},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::secret::{SecretAccessKey, SecretKey, random};

const FORM: u8 = 2;
const LABEL: &[u8] = b"halligan/authority/v2/session";
const NONCE_LENGTH: usize = 12;
/// Room for the longest session: policy, tags and names are bounded where a role is assumed.
const ROOM: usize = 32 * 1024;

/// The machine gave no random bytes, or the session is longer than can be sealed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CannotSeal;

/// An assumed role. Its times are whole seconds, as STS tells them to the client.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    /// The role's name.
    pub(crate) role: String,
    pub(crate) name: String,
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    /// The session policy's text. It was parsed before the session began; it is parsed again at each use.
    pub(crate) policy: Option<String>,
    #[serde(with = "time::serde::timestamp")]
    pub(crate) issued_at: OffsetDateTime,
    /// The first moment at which the session is no longer valid.
    #[serde(with = "time::serde::timestamp")]
    pub(crate) expires_at: OffsetDateTime,
    pub(crate) secret_access_key: SecretAccessKey,
}

impl Session {
    /// The session token for this session under one access key id.
    pub(crate) fn seal(&self, key: &SecretKey, access_key_id: &str) -> Result<Zeroizing<String>, CannotSeal> {
        let nonce = random::<NONCE_LENGTH>().map_err(|_| CannotSeal)?;
        let mut sealed = Zeroizing::new(Vec::with_capacity(ROOM));
        serde_json::to_writer(&mut *sealed, self).map_err(|_| CannotSeal)?;
        cipher(key).encrypt_in_place(&Nonce::from(nonce), &associated_data(access_key_id), &mut *sealed).map_err(|_| CannotSeal)?;
        Ok(Zeroizing::new(STANDARD.encode([&[FORM], nonce.as_slice(), &sealed].concat())))
    }

    /// The session in a token, if the token was issued by this estate for this access key id. Says nothing of its end.
    pub(crate) fn open(key: &SecretKey, access_key_id: &str, token: &str) -> Option<Self> {
        let bytes = STANDARD.decode(token).ok()?;
        let (form, rest) = bytes.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>()?;
        if *form != FORM {
            return None;
        }
        let mut text = Zeroizing::new(sealed.to_vec());
        cipher(key).decrypt_in_place(&Nonce::from(*nonce), &associated_data(access_key_id), &mut *text).ok()?;
        serde_json::from_slice(&text).ok()
    }
}

fn cipher(key: &SecretKey) -> Aes256Gcm {
    Aes256Gcm::new(key.bytes().into())
}

fn associated_data(access_key_id: &str) -> Vec<u8> {
    [LABEL, access_key_id.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_token_with_any_bit_flipped_or_for_another_key_is_no_session() {
        let (key, other) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
        let session = Session {
            role: "KEK-Registrar".to_owned(),
            name: "enrol-1".to_owned(),
            source_identity: Some("REG-1".to_owned()),
            tags: Vec::new(),
            policy: None,
            issued_at: datetime!(2026-11-23 10:00 UTC),
            expires_at: datetime!(2026-11-23 10:15 UTC),
            secret_access_key: SecretAccessKey::generate().unwrap(),
        };
        let token = session.seal(&key, "ASIA1").unwrap();
        assert_eq!(Session::open(&key, "ASIA1", &token).unwrap().name, "enrol-1");
        assert!(Session::open(&other, "ASIA1", &token).is_none());
        assert!(Session::open(&key, "ASIA2", &token).is_none());
        let bytes = STANDARD.decode(token.as_str()).unwrap();
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Session::open(&key, "ASIA1", &STANDARD.encode(flipped)).is_none(), "bit {bit}");
        }
        for end in 0..bytes.len() {
            assert!(Session::open(&key, "ASIA1", &STANDARD.encode(&bytes[..end])).is_none(), "cut at {end}");
        }
    }
}
