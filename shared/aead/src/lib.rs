//! AES-256-GCM in place: the one loop over a document's bytes.
//!
//! A crate of its own because generic code is compiled where it is used: the browser's modules are compiled for size, this for
//! speed, and a document opens nearly three times as fast (`make bench`). Knows no record, no place and no randomness.

use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce, Tag, aead::AeadInOut as _};

/// Bytes of a key.
pub const KEY: usize = 32;
/// Bytes of a nonce.
pub const NONCE: usize = 12;
/// Bytes of a tag.
pub const TAG: usize = 16;

/// buffer = AES-256-GCM(key, nonce, buffer, aad); gives back the tag. `None`: longer than the mode allows (64 GiB).
#[inline(never)]
#[must_use]
pub fn encrypt(key: &[u8; KEY], nonce: &[u8; NONCE], aad: &[u8], buffer: &mut [u8]) -> Option<[u8; TAG]> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.encrypt_inout_detached(&Nonce::from(*nonce), aad, buffer.into()).ok().map(Into::into)
}

/// buffer = AES-256-GCM^-1(key, nonce, buffer, aad). `None`: the tag does not fit, and the buffer is as it was: the tag is checked before
/// a byte is decrypted.
#[inline(never)]
#[must_use]
pub fn decrypt(key: &[u8; KEY], nonce: &[u8; NONCE], aad: &[u8], buffer: &mut [u8], tag: &[u8; TAG]) -> Option<()> {
    let cipher = Aes256Gcm::new(key.into());
    cipher.decrypt_inout_detached(&Nonce::from(*nonce), aad, buffer.into(), &Tag::from(*tag)).ok()
}
