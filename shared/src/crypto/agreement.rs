//! Share 2: ECDH on P-256 with the authority's key, and its blinding.

use p256::{
    AffinePoint, FieldBytes, NonZeroScalar, ProjectivePoint, PublicKey, Scalar,
    elliptic_curve::{
        PrimeField,
        ops::Invert,
        point::{AffineCoordinates, DecompressPoint},
        sec1::ToSec1Point,
        subtle::Choice,
    },
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use super::{CryptoFault, Share};
use crate::bytes::Bytes;

/// `SubjectPublicKeyInfo` of an uncompressed P-256 point up to the point itself (RFC 5480): what KMS takes and gives.
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A point of P-256 that is not the identity, as 33 bytes (SEC 1, compressed). No other can be made or read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Bytes<33>", into = "Bytes<33>")]
pub struct Point(Bytes<33>);

impl Point {
    /// Reads SEC 1, compressed or not, and refuses the identity, everything off the curve, and every other form: the
    /// library would also read the compact one (tag 5), and one point is to have one spelling of each length.
    pub fn from_sec1(bytes: &[u8]) -> Result<Self, CryptoFault> {
        if !matches!((bytes.first(), bytes.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
            return Err(CryptoFault::Refused);
        }
        let key = PublicKey::from_sec1_bytes(bytes).map_err(|_| CryptoFault::Refused)?;
        Self::compress(key.as_affine())
    }

    /// Reads a DER `SubjectPublicKeyInfo` of this curve (RFC 5480), named-curve form, point not compressed.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, CryptoFault> {
        der.strip_prefix(&SPKI_HEAD).ok_or(CryptoFault::Refused).and_then(Self::from_sec1)
    }

    /// 33 bytes, SEC 1 compressed.
    pub const fn as_bytes(&self) -> &[u8; 33] {
        &self.0.0
    }

    /// DER `SubjectPublicKeyInfo`, as KMS takes it.
    pub fn to_spki_der(&self) -> Vec<u8> {
        let uncompressed = self.decompress().to_affine().to_sec1_point(false);
        [SPKI_HEAD.as_slice(), uncompressed.as_bytes()].concat()
    }

    fn compress(point: &AffinePoint) -> Result<Self, CryptoFault> {
        let bytes = <[u8; 33]>::try_from(point.to_sec1_point(true).as_bytes()).map_err(|_| CryptoFault::Refused)?;
        Ok(Self(Bytes(bytes)))
    }

    fn decompress(&self) -> ProjectivePoint {
        // Checked when this value was made; the generator stands in for a case that cannot be, and opens nothing.
        PublicKey::from_sec1_bytes(self.as_bytes()).map_or(ProjectivePoint::GENERATOR, |key| key.to_projective())
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
        point.0
    }
}

/// c <- random;  C = c*G;  share2 = x(c*S);  c is destroyed.
///
/// ECDH on P-256 (SP 800-56A, cofactor 1). Returns share 2 and C, which is public.
pub fn agree(authority: &Point) -> Result<(Share, Point), CryptoFault> {
    agree_from(&random_scalar()?, authority)
}

/// [`agree`] with the scalar given as 32 big-endian bytes.
#[doc(hidden)]
pub fn agree_with(scalar: &[u8; 32], authority: &Point) -> Result<(Share, Point), CryptoFault> {
    agree_from(&scalar_of(scalar).ok_or(CryptoFault::Refused)?, authority)
}

fn agree_from(c: &Zeroizing<NonZeroScalar>, authority: &Point) -> Result<(Share, Point), CryptoFault> {
    let public = Point::compress(&(ProjectivePoint::GENERATOR * ***c).to_affine())?;
    let mut shared = (authority.decompress() * ***c).to_affine();
    let share = share_of(&shared);
    shared.zeroize();
    Ok((share, public))
}

/// r of a release: blinds the point sent out, and unblinds what comes back. Overwritten when dropped.
pub struct Blinding(Zeroizing<NonZeroScalar>);

impl Blinding {
    /// r <- random;  B = r*C
    pub fn new(c: &Point) -> Result<(Self, Point), CryptoFault> {
        Self::from_scalar(random_scalar()?, c)
    }

    /// [`Blinding::new`] with the scalar given as 32 big-endian bytes.
    #[doc(hidden)]
    pub fn with(scalar: &[u8; 32], c: &Point) -> Result<(Self, Point), CryptoFault> {
        Self::from_scalar(scalar_of(scalar).ok_or(CryptoFault::Refused)?, c)
    }

    fn from_scalar(r: Zeroizing<NonZeroScalar>, c: &Point) -> Result<(Self, Point), CryptoFault> {
        let blinded = Point::compress(&(c.decompress() * **r).to_affine())?;
        Ok((Self(r), blinded))
    }

    /// share2 = x(r^-1 * lift(X))
    ///
    /// X is the x-coordinate of s*B. Either point over it will do: only x is kept.
    ///
    /// # Errors
    /// When no point of the curve has that x-coordinate.
    pub fn unblind(self, x: &[u8; 32]) -> Result<Share, CryptoFault> {
        let field = FieldBytes::from(*x);
        let lifted = Option::<AffinePoint>::from(AffinePoint::decompress(&field, Choice::from(0))).ok_or(CryptoFault::Refused)?;
        let mut inverse = *Invert::invert(&*self.0);
        let mut shared = (ProjectivePoint::from(lifted) * inverse).to_affine();
        let share = share_of(&shared);
        inverse.zeroize();
        shared.zeroize();
        Ok(share)
    }
}

fn share_of(point: &AffinePoint) -> Share {
    let mut x = point.x();
    let share = Share::new(x.into());
    x.zeroize();
    share
}

fn scalar_of(bytes: &[u8; 32]) -> Option<Zeroizing<NonZeroScalar>> {
    let scalar = Option::<Scalar>::from(Scalar::from_repr(FieldBytes::from(*bytes)))?;
    Option::from(NonZeroScalar::new(scalar)).map(Zeroizing::new)
}

/// A scalar in 1..n, uniform, by rejection (FIPS 186-5 A.2.2). The chance that one draw is refused is 2^-32; ten in a
/// row mean that the source of randomness is broken.
fn random_scalar() -> Result<Zeroizing<NonZeroScalar>, CryptoFault> {
    for _ in 0..10 {
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut_slice())?;
        if let Some(scalar) = scalar_of(&bytes) {
            return Ok(scalar);
        }
    }
    Err(CryptoFault::NoRandomness)
}
