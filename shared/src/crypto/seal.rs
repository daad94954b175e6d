//! Sealing: AES-256-GCM, bound to the record, the document and its version.
//!
//! Knows nothing of what a document holds. Guarantees that a sealed document opens in its own place or not at all, and
//! that every refusal is the same one.

use halligan_aead::{NONCE, TAG, decrypt, encrypt};
use zeroize::{Zeroize as _, Zeroizing};

use super::{CryptoFault, RecordKey};
use crate::id::{DocumentId, RecordId};

const LABEL: &[u8; 18] = b"halligan/v1/record";
/// How much longer a sealed document is: nonce and tag, in bytes.
pub const OVERHEAD: usize = NONCE + TAG;

/// What a sealed document is bound to: moved to any other place it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealContext {
    /// The record.
    pub record: RecordId,
    /// The document in it.
    pub document: DocumentId,
    /// The version of the record.
    pub version: u32,
}

impl SealContext {
    /// aad = "halligan/v1/record" || record id (16) || document id (16) || version (u32, big-endian)
    fn aad(&self) -> [u8; 54] {
        let mut aad = [0; 54];
        let parts =
            LABEL.iter().chain(self.record.as_bytes()).chain(self.document.as_bytes()).copied().chain(self.version.to_be_bytes());
        aad.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        aad
    }
}

/// sealed = nonce || AES-256-GCM(key, nonce, plaintext, aad)
///
/// SP 800-38D, section 8.2.2: a random 96-bit nonce. Two of q nonces meet with a chance below q^2 / 2^97, which the
/// standard wants under 2^-32 and so allows 2^32 messages a key; a key seals one version of one record, a few dozen
/// documents, where the chance is below 2^-84.
pub fn seal(key: &RecordKey, context: &SealContext, plaintext: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce)?;
    seal_with(nonce, key, context, plaintext)
}

/// [`seal`] with the nonce given. Two documents under one nonce and key would betray both: for vectors only.
#[doc(hidden)]
pub fn seal_with(nonce: [u8; NONCE], key: &RecordKey, context: &SealContext, plaintext: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    // Room for the tag from the start: growing would leave a copy of the plaintext behind.
    let mut sealed = Vec::with_capacity(plaintext.len() + OVERHEAD);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plaintext);
    let (_, buffer) = sealed.split_at_mut(NONCE);
    let Some(tag) = encrypt(key.as_bytes(), &nonce, &context.aad(), buffer) else {
        sealed.zeroize();
        return Err(CryptoFault::Refused);
    };
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// plaintext = AES-256-GCM^-1(key, nonce, ciphertext, aad), or a refusal that does not say why.
///
/// The tag is checked before a byte is decrypted: of a refused document there is no plaintext, not even for a moment.
pub fn open(key: &RecordKey, context: &SealContext, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoFault> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CryptoFault::Refused)?;
    let (ciphertext, tag) = sealed.split_last_chunk::<TAG>().ok_or(CryptoFault::Refused)?;
    let mut plaintext = Zeroizing::new(ciphertext.to_vec());
    decrypt(key.as_bytes(), nonce, &context.aad(), &mut plaintext, tag).ok_or(CryptoFault::Refused)?;
    Ok(plaintext)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use p256::ProjectivePoint;
    use proptest::{prelude::*, sample::Index};

    use super::*;
    use crate::crypto::{Point, Share, record_key};

    fn key(share1: [u8; 32]) -> RecordKey {
        let c = Point::from_projective(&ProjectivePoint::GENERATOR).unwrap();
        record_key(&Share::new(share1), &Share::new([2; 32]), &c, &RecordId::from([3; 16])).unwrap()
    }

    fn any_place() -> impl Strategy<Value = SealContext> {
        let place = |(record, document, version): ([u8; 16], [u8; 16], u32)| SealContext {
            record: record.into(),
            document: document.into(),
            version,
        };
        any::<([u8; 16], [u8; 16], u32)>().prop_map(place)
    }

    #[test]
    fn sealing_twice_never_spells_the_same_bytes() {
        let place = SealContext { record: [1; 16].into(), document: [2; 16].into(), version: 1 };
        let [one, two] = [0, 1].map(|_| seal(&key([1; 32]), &place, b"the same").unwrap());
        assert_ne!(one[..NONCE], two[..NONCE]);
        assert_ne!(one[NONCE..], two[NONCE..]);
        assert_eq!(one.len(), b"the same".len() + OVERHEAD);
    }

    /// The label is nobody's to choose, so only here can it be wrong.
    #[test]
    fn any_flipped_bit_of_the_associated_data_is_refused() {
        let (key, place) = (key([1; 32]), SealContext { record: [2; 16].into(), document: [3; 16].into(), version: 4 });
        let sealed = seal_with([5; NONCE], &key, &place, b"closed").unwrap();
        let (ciphertext, tag) = sealed[NONCE..].split_last_chunk::<TAG>().unwrap();
        let opens = |aad: &[u8]| decrypt(key.as_bytes(), &[5; NONCE], aad, &mut ciphertext.to_vec(), tag).is_some();
        assert!(opens(&place.aad()));
        for bit in 0..8 * place.aad().len() {
            let mut aad = place.aad();
            aad[bit / 8] ^= 1 << (bit % 8);
            assert!(!opens(&aad), "bit {bit}");
        }
        assert!(!opens(&place.aad()[1..]) && !opens(b"") && !opens(&[&place.aad()[..], b"\0"].concat()));
    }

    proptest! {
        #[test]
        fn a_sealed_document_opens_in_its_own_place_only(
            share1: [u8; 32], other_share1: [u8; 32], place in any_place(), other in any_place(), plaintext: Vec<u8>, at: Index, bit in 0..8_u8,
        ) {
            prop_assume!(place != other && share1 != other_share1);
            let key_of_it = key(share1);
            let sealed = seal(&key_of_it, &place, &plaintext).unwrap();
            prop_assert_eq!(&*open(&key_of_it, &place, &sealed).unwrap(), &plaintext);
            for wrong in [
                other,
                SealContext { record: other.record, ..place },
                SealContext { document: other.document, ..place },
                SealContext { version: place.version.wrapping_add(1), ..place },
            ] {
                prop_assert_eq!(open(&key_of_it, &wrong, &sealed).err(), Some(CryptoFault::Refused));
            }
            prop_assert_eq!(open(&key(other_share1), &place, &sealed).err(), Some(CryptoFault::Refused));
            let mut flipped = sealed.clone();
            flipped[at.index(sealed.len())] ^= 1_u8 << bit;
            prop_assert_eq!(open(&key_of_it, &place, &flipped).err(), Some(CryptoFault::Refused));
            prop_assert_eq!(open(&key_of_it, &place, &sealed[..at.index(sealed.len())]).err(), Some(CryptoFault::Refused));
        }

        #[test]
        fn no_bytes_break_the_opening(place in any_place(), bytes: Vec<u8>) {
            prop_assert_eq!(open(&key([1; 32]), &place, &bytes).err(), Some(CryptoFault::Refused));
        }
    }
}
