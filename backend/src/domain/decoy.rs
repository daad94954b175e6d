//! Made-up passkeys: what a stranger is shown who asks to sign in by an agency id that nobody holds.
//!
//! bytes = HKDF-Expand(PRK = the installation's decoy key, info = label || place || length || agency id)
//!
//! Whoever has no decoy key cannot tell these from the ids of real passkeys, and they are the same at every asking. Kind and
//! number are taken from a real member's passkeys, chosen by [`DecoyKey::point`]: so they look like what this agency uses.

use halligan_shared::{bytes::Bytes, member::AgencyId};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The longest credential id that WebAuthn knows, in bytes (WebAuthn level 3, section 4).
const ID_MAX: usize = 1023;

/// The secret of the installation that made-up passkeys are derived from, what browsers are known again by, and what signs the cookies of
/// sessions: each by a label of its own, none of which is the beginning of another.
pub struct DecoyKey(Hkdf<Sha256>);

impl DecoyKey {
    /// Takes the key from the store's form. `None`: it is not one.
    pub fn from_hex(text: &str) -> Option<Self> {
        let key = Bytes::<32>::from_hex(text)?;
        Hkdf::from_prk(&key.0).ok().map(Self)
    }

    /// A place on the ring of credential ids: the member whose passkey is next to it lends kind and number. A new member
    /// moves only the ids whose place lies beside a new passkey.
    pub fn point(&self, id: &AgencyId) -> Bytes<32> {
        let mut point = [0; 32];
        self.fill(&mut point, b"halligan/v1/decoy-point", 0, id);
        Bytes(point)
    }

    /// The id of the made-up passkey at this place of the list.
    pub fn credential_id(&self, id: &AgencyId, place: u32, length: usize) -> Vec<u8> {
        let mut made_up = vec![0; length.min(ID_MAX)];
        self.fill(&mut made_up, b"halligan/v1/decoy-passkey", place, id);
        made_up
    }

    /// What makes the id of a browser one that this installation gave out (see `http::browser`).
    pub fn browser_seal(&self, id: &[u8; 16]) -> Bytes<32> {
        let mut seal = [0; 32];
        // HKDF writes up to 8,160 bytes.
        let _ = self.0.expand_multi_info(&[b"halligan/v1/browser", id], &mut seal);
        Bytes(seal)
    }

    /// What the cookies of sessions are signed by (see `http::security`).
    pub fn session_key(&self) -> Zeroizing<[u8; 64]> {
        let mut key = Zeroizing::new([0; 64]);
        // HKDF writes up to 8,160 bytes.
        let _ = self.0.expand(b"halligan/v1/session", key.as_mut());
        key
    }

    fn fill(&self, out: &mut [u8], label: &[u8], place: u32, id: &AgencyId) {
        // The length is part of the input: a shorter id must not be the beginning of a longer one.
        let length = u32::try_from(out.len()).unwrap_or(u32::MAX).to_be_bytes();
        // HKDF writes up to 8,160 bytes, and no id is longer than ID_MAX.
        let _ = self.0.expand_multi_info(&[label, &place.to_be_bytes(), &length, id.as_str().as_bytes()], out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_gives_the_same_list_and_nothing_else_does() {
        let (key, other) = (DecoyKey::from_hex(&"01".repeat(32)).unwrap(), DecoyKey::from_hex(&"02".repeat(32)).unwrap());
        let (one, two): (AgencyId, AgencyId) = ("EMS-1".parse().unwrap(), "EMS-2".parse().unwrap());
        let made_up = key.credential_id(&one, 0, 32);
        assert_eq!(made_up, key.credential_id(&one, 0, 32));
        for unlike in [other.credential_id(&one, 0, 32), key.credential_id(&two, 0, 32), key.credential_id(&one, 1, 32)] {
            assert_ne!(made_up, unlike);
        }
        assert!(!key.credential_id(&one, 0, 64).starts_with(&made_up));
        assert_ne!(key.point(&one), key.point(&two));
    }
}
