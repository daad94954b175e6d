//! The data key of one version of a record, from its two shares.
//!
//! Knows neither where the shares come from nor what the key seals. Guarantees that nothing here prints or copies a
//! secret, and that what the derivation leaves behind is overwritten.

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{CryptoFault, Point};
use crate::{bytes::Secret32, id::RecordId};

const INFO: &[u8] = b"halligan/v1/record-key";

/// Half of what a record key is derived from, 32 bytes. Alone it says nothing about the key.
pub struct Share(Secret32);

impl Share {
    /// Takes the bytes over.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret32::new(bytes))
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl From<Secret32> for Share {
    fn from(secret: Secret32) -> Self {
        Self(secret)
    }
}

impl From<Share> for Secret32 {
    fn from(share: Share) -> Self {
        share.0
    }
}

/// The AES-256 key of one version of one record.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct RecordKey([u8; 32]);

impl RecordKey {
    /// The bytes, for the cipher and the vectors only.
    #[doc(hidden)]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// key = HKDF-SHA256(ikm = share1 || share2, salt = C (SEC 1, compressed), info = "halligan/v1/record-key" || record id)
///
/// RFC 5869. Both shares and the record id have fixed lengths, so no two inputs spell the same bytes. The salt ties the
/// key to the version's own C, the info to the record, so that no pair of shares ever gives the key of another place.
pub fn record_key(share1: &Share, share2: &Share, c: &Point, record: &RecordId) -> Result<RecordKey, CryptoFault> {
    let mut material = Zeroizing::new([0; 64]);
    let (first, second) = material.split_at_mut(32);
    first.copy_from_slice(share1.as_bytes());
    second.copy_from_slice(share2.as_bytes());
    let (mut extracted, hkdf) = Hkdf::<Sha256>::extract(Some(c.as_bytes()), material.as_slice());
    // As good as the key itself to whoever knows the record's id.
    extracted.zeroize();
    let mut key = RecordKey([0; 32]);
    hkdf.expand_multi_info(&[INFO, record.as_bytes()], &mut key.0).map_err(|_| CryptoFault::Refused)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The label is nobody's to choose, so only here can it be wrong.
    #[test]
    fn another_label_gives_another_key() {
        let c = Point::from_sec1(&[&[3], crate::bytes::from_hex::<32>(X).unwrap().as_slice()].concat()).unwrap();
        let record = RecordId::from([3; 16]);
        let key = record_key(&Share::new([1; 32]), &Share::new([2; 32]), &c, &record).unwrap();
        let hkdf = Hkdf::<Sha256>::new(Some(c.as_bytes()), &[[1; 32], [2; 32]].concat());
        let with = |info: &[u8]| {
            let mut other = [0; 32];
            hkdf.expand_multi_info(&[info, record.as_bytes()], &mut other).unwrap();
            other
        };
        assert_eq!(with(INFO), *key.as_bytes());
        for bit in 0..8 * INFO.len() {
            let mut info = INFO.to_vec();
            info[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(with(&info), *key.as_bytes(), "bit {bit}");
        }
    }

    /// The x-coordinate of P-256's generator (FIPS 186-5, D.1.2.3).
    const X: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
}
