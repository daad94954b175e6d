//! share 1 on its way: sealed by the backend to the one page that asked.
//!
//! Whoever stands between the two, in the browser or on the line, sees a point and 48 bytes. Guarantees that the page's key
//! opens one release and is gone.

use halligan_aead::{NONCE, TAG, decrypt, encrypt};
use hkdf::Hkdf;
use p256::{NonZeroScalar, ProjectivePoint};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use super::{
    CryptoFault, Point, Share, agree, agree_with,
    agreement::{random_scalar, scalar_of, x_of_product},
};
use crate::{bytes::Bytes, id::GrantId};

const INFO: &[u8] = b"halligan/v1/carried-share";
/// One key seals one message, so its nonce needs no randomness.
const ONCE: [u8; NONCE] = [0; NONCE];

/// share 1, sealed to a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct CarriedShare {
    /// E = e*G for a fresh e.
    pub point: Point,
    /// AES-256-GCM(key, nonce 0, share 1).
    pub sealed: Bytes<{ 32 + TAG }>,
}

/// E = e*G;  key = HKDF-SHA256(ikm = x(e*P), salt = E || P, info = "halligan/v1/carried-share" || grant id)
///
/// ECIES of the suite that everything else here is made of: ECDH on P-256, HKDF, AES-256-GCM. Both points are in the salt, so a
/// share that was sealed to another page, or under another point, does not open; the grant is in the info.
pub fn carry(share: &Share, page: &Point, grant: &GrantId) -> Result<CarriedShare, CryptoFault> {
    sealed(share, page, grant, agree(page)?)
}

/// [`carry`] with e given as 32 big-endian bytes.
#[doc(hidden)]
pub fn carry_with(scalar: &[u8; 32], share: &Share, page: &Point, grant: &GrantId) -> Result<CarriedShare, CryptoFault> {
    sealed(share, page, grant, agree_with(scalar, page)?)
}

fn sealed(share: &Share, page: &Point, grant: &GrantId, (agreed, point): (Share, Point)) -> Result<CarriedShare, CryptoFault> {
    let key = key_of(&agreed, &point, page, grant)?;
    let mut sealed = [0; 32 + TAG];
    let (body, place) = sealed.split_at_mut(32);
    body.copy_from_slice(share.as_bytes());
    let Some(tag) = encrypt(&key, &ONCE, &[], body) else {
        sealed.zeroize();
        return Err(CryptoFault::Refused);
    };
    place.copy_from_slice(&tag);
    Ok(CarriedShare { point, sealed: Bytes(sealed) })
}

/// A page's key for one release: p, and P = p*G. Overwritten when dropped.
pub struct PageKey {
    scalar: Zeroizing<NonZeroScalar>,
    point: Point,
}

impl PageKey {
    /// p <- random;  P = p*G
    pub fn new() -> Result<Self, CryptoFault> {
        Self::from_scalar(random_scalar()?)
    }

    /// [`PageKey::new`] with p given as 32 big-endian bytes.
    #[doc(hidden)]
    pub fn with(scalar: &[u8; 32]) -> Result<Self, CryptoFault> {
        Self::from_scalar(scalar_of(scalar).ok_or(CryptoFault::Refused)?)
    }

    fn from_scalar(scalar: Zeroizing<NonZeroScalar>) -> Result<Self, CryptoFault> {
        let point = Point::from_projective(&(ProjectivePoint::GENERATOR * **scalar))?;
        Ok(Self { scalar, point })
    }

    /// P, for the backend to seal to.
    pub const fn point(&self) -> Point {
        self.point
    }

    /// share 1 of this grant. Takes the key with it: it opens nothing else.
    pub fn open(self, carried: &CarriedShare, grant: &GrantId) -> Result<Share, CryptoFault> {
        let agreed = x_of_product(carried.point.to_projective(), &self.scalar);
        let key = key_of(&agreed, &carried.point, &self.point, grant)?;
        let (body, tag) = carried.sealed.0.split_last_chunk::<TAG>().ok_or(CryptoFault::Refused)?;
        let mut share = Zeroizing::new(<[u8; 32]>::try_from(body).map_err(|_| CryptoFault::Refused)?);
        decrypt(&key, &ONCE, &[], share.as_mut_slice(), tag).ok_or(CryptoFault::Refused)?;
        Ok(Share::new(*share))
    }
}

fn key_of(agreed: &Share, sender: &Point, page: &Point, grant: &GrantId) -> Result<Zeroizing<[u8; 32]>, CryptoFault> {
    let salt = [sender.as_bytes().as_slice(), page.as_bytes()].concat();
    let (mut extracted, hkdf) = Hkdf::<Sha256>::extract(Some(&salt), agreed.as_bytes());
    extracted.zeroize();
    let mut key = Zeroizing::new([0; 32]);
    hkdf.expand_multi_info(&[INFO, grant.to_string().as_bytes()], key.as_mut_slice()).map_err(|_| CryptoFault::Refused)?;
    Ok(key)
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use proptest::{prelude::*, sample::Index};

    use super::*;

    proptest! {
        #[test]
        fn a_share_arrives_at_the_page_that_asked_and_nowhere_else(share: [u8; 32], at: Index, bit in 0..8_u8) {
            let (grant, other_grant) = (GrantId::fresh(), GrantId::fresh());
            let new = || PageKey::new().unwrap();
            let opens = |page: PageKey, carried: &CarriedShare, grant: &GrantId| page.open(carried, grant).ok().map(|share| *share.as_bytes());

            let page = new();
            let carried = carry(&Share::new(share), &page.point(), &grant).unwrap();
            prop_assert!(!carried.sealed.0.windows(32).any(|window| window == share));
            // The same key again, so that each attempt has one of its own to lose.
            let again = || PageKey { scalar: page.scalar.clone(), point: page.point };
            prop_assert_eq!(opens(again(), &carried, &grant), Some(share));
            prop_assert_eq!(opens(again(), &carried, &other_grant), None);
            prop_assert_eq!(opens(new(), &carried, &grant), None);
            let other = carry(&Share::new(share), &page.point(), &grant).unwrap();
            prop_assert!(other.point != carried.point && other.sealed != carried.sealed);
            prop_assert_eq!(opens(again(), &CarriedShare { point: other.point, ..carried.clone() }, &grant), None);
            let mut flipped = carried.clone();
            flipped.sealed.0[at.index(48)] ^= 1 << bit;
            prop_assert_eq!(opens(again(), &flipped, &grant), None);
        }
    }
}
