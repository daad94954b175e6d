//! Points of P-256: what the authority's key, an enrolment and a blinded release show to everybody.
//!
//! Knows no scalar. Guarantees that every value is on the curve and not the identity, wherever it came from.

use std::fmt;

use p256::{ProjectivePoint, PublicKey, elliptic_curve::sec1::ToSec1Point};
use serde::{Deserialize, Serialize};

use super::CryptoFault;
use crate::bytes::Bytes;

/// `SubjectPublicKeyInfo` of an uncompressed P-256 point up to the point itself (RFC 5480): what KMS takes and gives.
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A point of P-256 that is not the identity; on the wire 33 bytes (SEC 1, compressed). No other can be made or read.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
// The first byte is 2 or 3.
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema), schemars(extend("pattern" = "^A[g-z0-9_-][A-Za-z0-9_-]{42}$")))]
#[serde(try_from = "Bytes<33>", into = "Bytes<33>")]
pub struct Point {
    key: PublicKey,
    compressed: Bytes<33>,
}

impl Point {
    /// Reads SEC 1, compressed or not, and refuses the identity, everything off the curve, and every other form: the
    /// library would also read the compact one (tag 5), and one point is to have one spelling of each length.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, CryptoFault> {
        if !matches!((bytes.first(), bytes.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
            return Err(CryptoFault::Refused);
        }
        PublicKey::from_sec1_bytes(bytes).map_err(|_| CryptoFault::Refused).and_then(Self::compress)
    }

    /// Reads a DER `SubjectPublicKeyInfo` of this curve (RFC 5480), named-curve form, point not compressed.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoFault> {
        der.strip_prefix(&SPKI_HEAD).filter(|point| point.len() == 65).ok_or(CryptoFault::Refused).and_then(Self::from_sec1)
    }

    /// 33 bytes, SEC 1 compressed.
    pub const fn as_bytes(&self) -> &[u8; 33] {
        &self.compressed.0
    }

    /// DER `SubjectPublicKeyInfo`, as KMS takes it.
    pub fn to_spki_der(&self) -> Vec<u8> {
        [SPKI_HEAD.as_slice(), self.key.to_sec1_point(false).as_bytes()].concat()
    }

    /// The result of arithmetic, if it is not the identity.
    pub(super) fn from_projective(point: &ProjectivePoint) -> Result<Self, CryptoFault> {
        PublicKey::from_affine(point.to_affine()).map_err(|_| CryptoFault::Refused).and_then(Self::compress)
    }

    /// The form that arithmetic takes.
    pub(super) fn to_projective(self) -> ProjectivePoint {
        self.key.to_projective()
    }

    fn compress(key: PublicKey) -> Result<Self, CryptoFault> {
        let compressed = <[u8; 33]>::try_from(key.to_sec1_point(true).as_bytes()).map_err(|_| CryptoFault::Refused)?;
        Ok(Self { key, compressed: Bytes(compressed) })
    }
}

impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Point").field(&self.compressed).finish()
    }
}

impl TryFrom<Bytes<33>> for Point {
    type Error = CryptoFault;

    fn try_from(bytes: Bytes<33>) -> Result<Self, CryptoFault> {
        Self::from_sec1(&bytes.0)
    }
}

impl From<Point> for Bytes<33> {
    fn from(point: Point) -> Self {
        point.compressed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_holds_a_valid_point_or_none() {
        let generator = Point::from_projective(&ProjectivePoint::GENERATOR).unwrap();
        let json = serde_json::to_string(&generator).unwrap();
        assert_eq!(serde_json::from_str::<Point>(&json).unwrap(), generator);
        for wrong in [Bytes([0; 33]), Bytes([4; 33]), Bytes([5; 33]), Bytes([0xff; 33])] {
            assert!(serde_json::from_str::<Point>(&serde_json::to_string(&wrong).unwrap()).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn arithmetic_that_ends_in_the_identity_is_refused() {
        assert_eq!(Point::from_projective(&ProjectivePoint::IDENTITY), Err(CryptoFault::Refused));
    }
}
