//! Share 2: ECDH on P-256 with the authority's key at enrolment, and its blinded twin at a release.
//!
//! Knows neither share 1 nor the key. Guarantees that scalars and shared points are overwritten, and that a source of
//! randomness that does not work ends in an error, never in a weak scalar.

use p256::{
    AffinePoint, FieldBytes, NonZeroScalar, ProjectivePoint, Scalar,
    elliptic_curve::{
        PrimeField,
        ops::Invert,
        point::{AffineCoordinates, DecompressPoint},
        subtle::Choice,
    },
};
use zeroize::Zeroizing;

use super::{CryptoFault, Point, Share};

/// Draws of a scalar before the source of randomness is held to be broken. One draw is refused with a chance of 2^-32.
const DRAWS: usize = 10;

/// c <- random;  C = c*G;  share2 = x(c*S);  c is destroyed.
///
/// ECDH on P-256 (SP 800-56A, cofactor 1). Returns share 2 and C, which is public.
pub fn agree(authority: &Point) -> Result<(Share, Point), CryptoFault> {
    let c = random_scalar()?;
    agree_from(&c, authority)
}

/// [`agree`] with the scalar given as 32 big-endian bytes.
#[doc(hidden)]
pub fn agree_with(scalar: &[u8; 32], authority: &Point) -> Result<(Share, Point), CryptoFault> {
    let c = scalar_of(scalar).ok_or(CryptoFault::Refused)?;
    agree_from(&c, authority)
}

fn agree_from(c: &NonZeroScalar, authority: &Point) -> Result<(Share, Point), CryptoFault> {
    let public = Point::from_projective(&(ProjectivePoint::GENERATOR * **c))?;
    Ok((x_of_product(authority.to_projective(), c), public))
}

/// r of a release: blinds the point sent out, and unblinds what comes back. Overwritten when dropped.
pub struct Blinding(Zeroizing<NonZeroScalar>);

impl Blinding {
    /// r <- random;  B = r*C
    ///
    /// r is uniform, so B is a uniform point: who sees it learns nothing of C, nor that two releases had the same one.
    pub fn new(c: &Point) -> Result<(Self, Point), CryptoFault> {
        Self::from_scalar(random_scalar()?, c)
    }

    /// [`Blinding::new`] with the scalar given as 32 big-endian bytes.
    #[doc(hidden)]
    pub fn with(scalar: &[u8; 32], c: &Point) -> Result<(Self, Point), CryptoFault> {
        Self::from_scalar(scalar_of(scalar).ok_or(CryptoFault::Refused)?, c)
    }

    fn from_scalar(r: Zeroizing<NonZeroScalar>, c: &Point) -> Result<(Self, Point), CryptoFault> {
        let blinded = Point::from_projective(&(c.to_projective() * **r))?;
        Ok((Self(r), blinded))
    }

    /// share2 = x(r^-1 * lift(X))
    ///
    /// X is the x-coordinate of s*B. Either point over it will do: they differ in sign, and only x is kept. Takes the
    /// blinding with it: no r serves twice.
    ///
    /// # Errors
    /// When no point of the curve has that x-coordinate.
    pub fn unblind(self, x: &[u8; 32]) -> Result<Share, CryptoFault> {
        let lifted = lift(x, Choice::from(0)).ok_or(CryptoFault::Refused)?;
        let inverse = Zeroizing::new(Invert::invert(&*self.0));
        Ok(x_of_product(lifted, &inverse))
    }
}

/// The point with this x-coordinate and an odd or even y.
fn lift(x: &[u8; 32], y_is_odd: Choice) -> Option<ProjectivePoint> {
    Option::<AffinePoint>::from(AffinePoint::decompress(&FieldBytes::from(*x), y_is_odd)).map(ProjectivePoint::from)
}

/// x(k*P). Never the identity: the group has prime order, P is not the identity and k is not zero.
pub(super) fn x_of_product(point: ProjectivePoint, k: &NonZeroScalar) -> Share {
    let product = Zeroizing::new(point * **k);
    let affine = Zeroizing::new(product.to_affine());
    let x = Zeroizing::new(affine.x());
    Share::new((*x).into())
}

pub(super) fn scalar_of(bytes: &[u8; 32]) -> Option<Zeroizing<NonZeroScalar>> {
    let repr = Zeroizing::new(FieldBytes::from(*bytes));
    let scalar = Zeroizing::new(Option::<Scalar>::from(Scalar::from_repr(*repr))?);
    Option::from(NonZeroScalar::new(*scalar)).map(Zeroizing::new)
}

pub(super) fn random_scalar() -> Result<Zeroizing<NonZeroScalar>, CryptoFault> {
    draw_scalar(getrandom::fill)
}

/// A scalar in 1..n, uniform, by rejection (FIPS 186-5 A.2.2).
fn draw_scalar(source: impl Fn(&mut [u8]) -> Result<(), getrandom::Error>) -> Result<Zeroizing<NonZeroScalar>, CryptoFault> {
    for _ in 0..DRAWS {
        let mut bytes = Zeroizing::new([0; 32]);
        source(bytes.as_mut_slice())?;
        if let Some(scalar) = scalar_of(&bytes) {
            return Ok(scalar);
        }
    }
    Err(CryptoFault::NoRandomness)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_scalar() -> impl Strategy<Value = [u8; 32]> {
        any::<[u8; 32]>().prop_filter("a scalar in 1..n", |bytes| scalar_of(bytes).is_some())
    }

    #[test]
    fn a_broken_source_of_randomness_is_an_error() {
        let stuck_at = |byte| {
            draw_scalar(move |bytes| {
                bytes.fill(byte);
                Ok(())
            })
            .map(|_| ())
        };
        assert_eq!(stuck_at(0), Err(CryptoFault::NoRandomness), "zeros are no scalar");
        assert_eq!(stuck_at(0xff), Err(CryptoFault::NoRandomness), "past the order");
        assert_eq!(draw_scalar(|_| Err(getrandom::Error::UNSUPPORTED)).map(|_| ()), Err(CryptoFault::NoRandomness));
    }

    #[test]
    fn two_blindings_of_one_point_have_nothing_in_common() {
        let c = Point::from_projective(&ProjectivePoint::GENERATOR).unwrap();
        let (_, one) = Blinding::new(&c).unwrap();
        let (_, two) = Blinding::new(&c).unwrap();
        assert!(one != two && one != c && two != c);
    }

    proptest! {
        #[test]
        fn a_blinded_release_gives_the_share_of_the_enrolment(s in any_scalar(), c in any_scalar(), r in any_scalar()) {
            let base = Point::from_projective(&ProjectivePoint::GENERATOR).unwrap();
            let (_, authority) = agree_with(&s, &base).unwrap();
            let (share2, point) = agree_with(&c, &authority).unwrap();
            let (blinding, blinded) = Blinding::with(&r, &point).unwrap();
            // What the authority does with the blinded point: x(s*B).
            let (x, _) = agree_with(&s, &blinded).unwrap();
            let inverse = Invert::invert(&*blinding.0);
            for y_is_odd in [0, 1] {
                let lifted = lift(x.as_bytes(), Choice::from(y_is_odd)).unwrap();
                prop_assert!(x_of_product(lifted, &inverse).as_bytes() == share2.as_bytes(), "lift {}", y_is_odd);
            }
            prop_assert!(x.as_bytes() != share2.as_bytes(), "what the backend relays is not the share");
            prop_assert!(blinding.unblind(x.as_bytes()).unwrap().as_bytes() == share2.as_bytes());
        }

        #[test]
        fn no_x_coordinate_breaks_the_unblinding(x: [u8; 32], r in any_scalar()) {
            let base = Point::from_projective(&ProjectivePoint::GENERATOR).unwrap();
            let (blinding, _) = Blinding::with(&r, &base).unwrap();
            prop_assert_eq!(blinding.unblind(&x).is_ok(), lift(&x, Choice::from(1)).is_some());
        }
    }
}
