//! What a device is told, sealed so that its push service cannot read it (RFC 8291 over RFC 8188).
//!
//! body = salt || record size || 65 || A || AES-128-GCM(key, nonce, message || 2 || zeros)
//!
//! with A the public point of a key made for this one message, and key and nonce from ECDH of it with the browser's key, the browser's
//! secret and the salt, by HKDF-SHA-256. Every body is as long as the longest: its length says nothing.

use aes_gcm::{Aes128Gcm, KeyInit as _, aead::Aead as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use p256::{PublicKey, SecretKey, elliptic_curve::point::AffineCoordinates as _, elliptic_curve::sec1::ToSec1Point as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::vapid;

/// Bytes of the browser's secret.
pub const AUTH_LEN: usize = 16;
/// Longest message, in bytes. Push services take bodies of 4,096 at least (RFC 8030, section 7.2).
pub const PLAIN_MAX: usize = 2_048;
/// Length of a record (RFC 8188): a body is one.
const RECORD: u32 = 4_096;

/// What a browser handed out to be told: its public key and its secret.
pub struct Subscription {
    key: PublicKey,
    auth: [u8; AUTH_LEN],
}

/// The browser's keys are none, or a message is too long for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the device's keys are none")]
pub struct NotADevice;

impl Subscription {
    /// Reads the keys as `PushSubscription.toJSON()` writes them.
    pub fn read(p256dh: &str, auth: &str) -> Result<Self, NotADevice> {
        let point = URL_SAFE_NO_PAD.decode(p256dh).ok().filter(|point| point.len() == 65 && point.first() == Some(&4));
        let key = PublicKey::from_sec1_bytes(&point.ok_or(NotADevice)?).map_err(|_| NotADevice)?;
        let auth = URL_SAFE_NO_PAD.decode(auth).ok().and_then(|auth| auth.try_into().ok()).ok_or(NotADevice)?;
        Ok(Self { key, auth })
    }

    /// Seals a message under a key of its own.
    pub fn seal(&self, message: &[u8]) -> Result<Vec<u8>, NotADevice> {
        if message.len() > PLAIN_MAX {
            return Err(NotADevice);
        }
        let mut salt = [0; 16];
        getrandom::fill(&mut salt).map_err(|_| NotADevice)?;
        self.seal_with(message, PLAIN_MAX, &vapid::fresh().map_err(|_| NotADevice)?, salt)
    }

    fn seal_with(&self, message: &[u8], length: usize, own: &SecretKey, salt: [u8; 16]) -> Result<Vec<u8>, NotADevice> {
        let no_key = |_| NotADevice;
        let product = Zeroizing::new((self.key.to_projective() * *own.to_nonzero_scalar()).to_affine());
        let shared = Zeroizing::new(product.x());
        let (theirs, ours) = (self.key.to_sec1_point(false), own.public_key().to_sec1_point(false));
        let info = [b"WebPush: info\0".as_slice(), theirs.as_bytes(), ours.as_bytes()].concat();
        let mut secret = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(&self.auth), shared.as_slice()).expand(&info, secret.as_mut_slice()).map_err(no_key)?;
        let hkdf = Hkdf::<Sha256>::new(Some(&salt), secret.as_slice());
        let (mut key, mut nonce) = (Zeroizing::new([0; 16]), [0; 12]);
        hkdf.expand(b"Content-Encoding: aes128gcm\0", key.as_mut_slice()).map_err(no_key)?;
        hkdf.expand(b"Content-Encoding: nonce\0", &mut nonce).map_err(no_key)?;

        let mut plain = Zeroizing::new(Vec::with_capacity(length + 1));
        plain.extend_from_slice(message);
        plain.push(2);
        plain.resize(length.max(message.len()) + 1, 0);
        let cipher = Aes128Gcm::new_from_slice(key.as_slice()).map_err(|_| NotADevice)?;
        let sealed = cipher.encrypt(&nonce.into(), plain.as_slice()).map_err(|_| NotADevice)?;
        Ok([salt.as_slice(), &RECORD.to_be_bytes(), &[65], ours.as_bytes(), &sealed].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// RFC 8291, appendix A.
    #[test]
    fn the_message_of_the_rfc_is_sealed_as_there() {
        let own = URL_SAFE_NO_PAD.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let salt = URL_SAFE_NO_PAD.decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let message = b"When I grow up, I want to be a watermelon";
        let device = Subscription::read(KEY, AUTH).unwrap();
        let body = device.seal_with(message, 0, &SecretKey::from_slice(&own).unwrap(), salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn every_body_has_one_length_and_no_key_serves_twice() {
        let device = Subscription::read(KEY, AUTH).unwrap();
        let [one, other] = [b"".as_slice(), &[1; PLAIN_MAX]].map(|message| device.seal(message).unwrap());
        assert_eq!(one.len(), other.len());
        assert!(one.len() <= 4_096 && one[..86] != other[..86]);
        assert_eq!(device.seal(&[1; PLAIN_MAX + 1]), Err(NotADevice));
    }

    #[test]
    fn keys_are_a_point_and_sixteen_bytes() {
        let compressed = URL_SAFE_NO_PAD.encode([&[2], &URL_SAFE_NO_PAD.decode(KEY).unwrap()[1..33]].concat());
        let off_the_curve = KEY.replace("iw4", "iw8");
        for (key, auth) in [
            ("", AUTH),
            (KEY, ""),
            (KEY, "BTBZMqHH6r4Tts7J_aSI"),
            (KEY, &AUTH.repeat(2)),
            (&compressed, AUTH),
            (&off_the_curve, AUTH),
            (&KEY[1..], AUTH),
        ] {
            assert!(Subscription::read(key, auth).is_err(), "{key} {auth}");
        }
    }
}
