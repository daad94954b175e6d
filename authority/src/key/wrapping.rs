//! The symmetric key: wraps data keys for one encryption context.
//!
//! `blob = 2 || key id (16) || version (u32 BE) || nonce (12) || AES-256-GCM(material of that version, nonce, data key, aad)`, where
//! `aad = "halligan/authority/v2/data-key" || key id (16) || version (u32 BE) || number of pairs (u32 BE) || (length (u32 BE) || name ||
//! length (u32 BE) || value)*` with the pairs in the order of their names' bytes. Lengths are prefixed, so no two contexts spell the
//! same bytes, and a wrong context fails in the cipher whatever the policies say. Nonces are random: one version must not wrap more
//! than 2^32 data keys (NIST SP 800-38D, 8.3), far more than one agency ever enrols.
//!
//! Rotation adds a version and takes none away: what was wrapped before stays readable, and what is wrapped from now on is wrapped
//! under the newest. That is also what KMS does, under the same key id.

use std::collections::BTreeMap;

use aes_gcm::{
    Aes256Gcm, Nonce,
    aead::{AeadInOut, KeyInit},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::secret::{NoRandomness, SecretKey, random};

/// The pairs that a data key is bound to. Not secret: AWS logs them in clear.
pub(crate) type EncryptionContext = BTreeMap<String, String>;

/// The first byte of every blob of this form.
const FORM: u8 = 2;
const LABEL: &[u8] = b"halligan/authority/v2/data-key";
const ID_LENGTH: usize = 16;
const VERSION_LENGTH: usize = 4;
const NONCE_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
/// How often a key can be given new material on demand (KMS quota "On-demand rotations per KMS key").
const MAX_ROTATIONS: usize = 25;

/// The blob is not one of this key, was altered, or is bound to another context. Which of these is not said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvalidCiphertext;

/// The machine gave no random bytes, or the data key is longer than GCM can seal.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CannotWrap;

/// AES-256-GCM under the versions of one key, oldest first. There is at least one.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WrappingKey(Vec<Version>);

/// One generation of a key's material.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    secret: SecretKey,
    #[serde(with = "time::serde::timestamp")]
    since: OffsetDateTime,
}

/// What came of a wish for new material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotated {
    Yes,
    /// It was rotated as often as it may.
    TooOften,
}

/// The key that a blob says it was wrapped under, unauthenticated.
pub(crate) fn wrapped_under(blob: &[u8]) -> Result<Uuid, InvalidCiphertext> {
    let (form, rest) = blob.split_first().ok_or(InvalidCiphertext)?;
    let (id, _) = rest.split_first_chunk::<ID_LENGTH>().ok_or(InvalidCiphertext)?;
    if *form == FORM { Ok(Uuid::from_bytes(*id)) } else { Err(InvalidCiphertext) }
}

impl WrappingKey {
    pub(crate) fn generate(now: OffsetDateTime) -> Result<Self, NoRandomness> {
        Ok(Self(vec![Version { secret: SecretKey::generate()?, since: now }]))
    }

    /// One more version, under which everything is wrapped from now on.
    pub(crate) fn rotate(&mut self, now: OffsetDateTime) -> Result<Rotated, NoRandomness> {
        if self.0.len() > MAX_ROTATIONS {
            return Ok(Rotated::TooOften);
        }
        self.0.push(Version { secret: SecretKey::generate()?, since: now });
        Ok(Rotated::Yes)
    }

    /// When it was rotated, oldest first.
    pub(crate) fn rotations(&self) -> impl Iterator<Item = OffsetDateTime> {
        self.0.iter().skip(1).map(|version| version.since)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Wraps a data key of at most 1024 bytes under the key that `id` names.
    pub(crate) fn wrap(&self, id: Uuid, context: &EncryptionContext, data_key: &[u8]) -> Result<Vec<u8>, CannotWrap> {
        let (newest, _) = self.0.split_last().ok_or(CannotWrap)?;
        let number = u32::try_from(self.0.len() - 1).map_err(|_| CannotWrap)?.to_be_bytes();
        let nonce = random::<NONCE_LENGTH>().map_err(|_| CannotWrap)?;
        // The cipher grows the buffer by its tag. Room for it from the start, or growing would leave a copy of the data key.
        let mut sealed = Zeroizing::new(Vec::with_capacity(data_key.len() + TAG_LENGTH));
        sealed.extend_from_slice(data_key);
        newest
            .cipher()
            .encrypt_in_place(&Nonce::from(nonce), &associated_data(id, number, context), &mut *sealed)
            .map_err(|_| CannotWrap)?;
        Ok([&[FORM], id.as_bytes().as_slice(), &number, &nonce, &sealed].concat())
    }

    /// The data key in a blob, if the blob is whole, of a version of this key, and bound to exactly this context.
    pub(crate) fn unwrap(
        &self,
        id: Uuid,
        context: &EncryptionContext,
        blob: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, InvalidCiphertext> {
        if wrapped_under(blob)? != id {
            return Err(InvalidCiphertext);
        }
        let rest = blob.get(1 + ID_LENGTH..).ok_or(InvalidCiphertext)?;
        let (number, rest) = rest.split_first_chunk::<VERSION_LENGTH>().ok_or(InvalidCiphertext)?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE_LENGTH>().ok_or(InvalidCiphertext)?;
        let place = usize::try_from(u32::from_be_bytes(*number)).map_err(|_| InvalidCiphertext)?;
        let version = self.0.get(place).ok_or(InvalidCiphertext)?;
        let mut data_key = Zeroizing::new(sealed.to_vec());
        version
            .cipher()
            .decrypt_in_place(&Nonce::from(*nonce), &associated_data(id, *number, context), &mut *data_key)
            .map_err(|_| InvalidCiphertext)?;
        Ok(data_key)
    }
}

impl Version {
    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.secret.bytes().into())
    }
}

fn associated_data(id: Uuid, version: [u8; VERSION_LENGTH], context: &EncryptionContext) -> Vec<u8> {
    let mut bytes = [LABEL, id.as_bytes(), &version].concat();
    bytes.extend(length(context.len()));
    for text in context.iter().flat_map(|(name, value)| [name, value]) {
        bytes.extend(length(text.len()));
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// A length as four bytes. A request body is at most 64 KiB, so saturation is never reached.
fn length(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 10:00 UTC);

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_data_key_comes_back_only_under_its_key_its_id_and_its_context() {
        let (key, other) = (WrappingKey::generate(NOW).unwrap(), WrappingKey::generate(NOW).unwrap());
        let (id, other_id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let record = context(&[("halligan:record", "ab")]);
        let blob = key.wrap(id, &record, b"a data key").unwrap();

        assert_eq!(key.unwrap(id, &record, &blob).unwrap().as_slice(), b"a data key");
        assert!(other.unwrap(id, &record, &blob).is_err());
        assert!(key.unwrap(other_id, &record, &blob).is_err());
        for wrong in [context(&[]), context(&[("halligan:record", "cd")]), context(&[("halligan:record", "ab"), ("a", "b")])] {
            assert!(key.unwrap(id, &wrong, &blob).is_err());
        }
    }

    #[test]
    fn what_was_wrapped_before_a_rotation_stays_readable_and_what_comes_after_is_wrapped_anew() {
        let (mut key, id, none) = (WrappingKey::generate(NOW).unwrap(), Uuid::from_u128(1), context(&[]));
        let first_version = WrappingKey(vec![Version { secret: SecretKey::copy_of(key.0[0].secret.bytes()), since: NOW }]);
        let before = key.wrap(id, &none, b"before").unwrap();
        for rotation in 1..=MAX_ROTATIONS {
            assert_eq!(key.rotate(NOW).unwrap(), Rotated::Yes, "{rotation}");
        }
        assert_eq!(key.rotate(NOW).unwrap(), Rotated::TooOften);
        assert_eq!(key.rotations().count(), MAX_ROTATIONS);
        let after = key.wrap(id, &none, b"after").unwrap();
        assert_eq!(key.unwrap(id, &none, &before).unwrap().as_slice(), b"before");
        assert_eq!(key.unwrap(id, &none, &after).unwrap().as_slice(), b"after");
        assert!(first_version.unwrap(id, &none, &after).is_err(), "the old material does not open what came after");
    }

    #[test]
    fn a_blob_with_any_bit_flipped_or_cut_is_refused() {
        let key = WrappingKey::generate(NOW).unwrap();
        let id = Uuid::from_u128(1);
        let blob = key.wrap(id, &context(&[]), &[7; 32]).unwrap();
        for bit in 0..blob.len() * 8 {
            let mut flipped = blob.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(key.unwrap(id, &context(&[]), &flipped).is_err(), "bit {bit}");
        }
        for end in 0..blob.len() {
            assert!(key.unwrap(id, &context(&[]), &blob[..end]).is_err(), "cut at {end}");
        }
    }

    proptest! {
        #[test]
        fn no_two_contexts_spell_the_same_bytes(
            one in prop::collection::btree_map("[a,]{0,3}", "[a,]{0,3}", 0..3),
            other in prop::collection::btree_map("[a,]{0,3}", "[a,]{0,3}", 0..3),
        ) {
            let id = Uuid::from_u128(1);
            prop_assert_eq!(associated_data(id, [0; 4], &one) == associated_data(id, [0; 4], &other), one == other);
        }

        #[test]
        fn a_data_key_comes_back_under_no_other_context(
            one in prop::collection::btree_map("[a-c]{0,3}", "[a-c]{0,3}", 0..3),
            other in prop::collection::btree_map("[a-c]{0,3}", "[a-c]{0,3}", 0..3),
            data_key in prop::collection::vec(any::<u8>(), 1..64),
        ) {
            let (key, id) = (WrappingKey::generate(NOW).unwrap(), Uuid::from_u128(1));
            let blob = key.wrap(id, &one, &data_key).unwrap();
            let unwrapped = key.unwrap(id, &other, &blob).ok();
            prop_assert_eq!(unwrapped.as_ref().map(|unwrapped| unwrapped.as_slice()), (one == other).then_some(data_key.as_slice()));
        }
    }
}
