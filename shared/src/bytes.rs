//! Bytes on the wire: base64url without padding (RFC 4648 section 5) in JSON, lower-case hexadecimal in ids.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `N` bytes that anybody may see: digests, points, nonces.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> Bytes<N> {
    /// Reads lower-case hexadecimal.
    pub fn from_hex(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }

    /// Writes lower-case hexadecimal.
    pub fn to_hex(&self) -> String {
        use fmt::Write as _;
        self.0.iter().fold(String::with_capacity(2 * N), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        exactly(&text).map(|bytes| Self(*bytes)).ok_or_else(|| D::Error::custom(format_args!("expected {N} bytes in base64url")))
    }
}

#[cfg(feature = "openapi")]
impl<const N: usize> schemars::JsonSchema for Bytes<N> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Bytes{N}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // The bits of the last symbol that carry nothing are zero: 4 of them beside one byte, 2 beside two.
        let last = match N % 3 {
            0 => "[A-Za-z0-9_-]",
            1 => "[AQgw]",
            _ => "[AEIMQUYcgkosw048]",
        };
        let others = (N * 4).div_ceil(3) - 1;
        schemars::json_schema!({
            "type": "string",
            "description": format!("{N} bytes, base64url without padding (RFC 4648 section 5)."),
            "pattern": format!("^[A-Za-z0-9_-]{{{others}}}{last}$"),
        })
    }
}

/// 32 secret bytes on their way between browser and backend: never printed, overwritten when dropped. In a box: what moves is an
/// address, and the one copy is overwritten where it is.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Secret32(Box<[u8; 32]>);

impl Secret32 {
    /// Takes the bytes over; the caller clears its own copy.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Box::new(bytes))
    }

    /// 32 bytes from the platform's source of randomness.
    ///
    /// # Errors
    /// When that source fails.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut secret = Self::new([0; 32]);
        getrandom::fill(secret.0.as_mut_slice())?;
        Ok(secret)
    }

    /// Copies from a slice of exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::new([0; 32]);
        if bytes.len() != 32 {
            return None;
        }
        secret.0.copy_from_slice(bytes);
        Some(secret)
    }

    /// The bytes themselves.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(feature = "openapi")]
impl schemars::JsonSchema for Secret32 {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Bytes::<32>::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        Bytes::<32>::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Bytes::<32>::json_schema(generator)
    }
}

impl Serialize for Secret32 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()));
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Secret32 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        exactly(&text).map(|bytes| Self::new(*bytes)).ok_or_else(|| D::Error::custom("expected 32 bytes in base64url"))
    }
}

/// Reads exactly `N` bytes of lower-case hexadecimal.
pub(crate) fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |c: u8| match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    };
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

fn exactly<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    // Checked first, so that a long text is never decoded at all.
    if text.len() != (N * 4).div_ceil(3) {
        return None;
    }
    let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
    <[u8; N]>::try_from(decoded.as_slice()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_bytes_survive_json_and_nothing_else_is_read() {
        let bytes = Bytes([7; 33]);
        let text = serde_json::to_string(&bytes).unwrap();
        assert_eq!(serde_json::from_str::<Bytes<33>>(&text).unwrap(), bytes);
        assert!(serde_json::from_str::<Bytes<32>>(&text).is_err());
        assert!(serde_json::from_str::<Bytes<1>>("\"A!\"").is_err());
        assert!(serde_json::from_str::<Bytes<1>>("\"AB\"").is_err(), "spare bits set");
        assert_eq!(Bytes::<33>::from_hex(&bytes.to_hex()), Some(bytes));
        assert_eq!(format!("\"{bytes:?}\""), text);
    }

    #[test]
    fn a_secret_is_32_bytes_and_no_other_number() {
        assert!(Secret32::from_slice(&[7; 32]).is_some_and(|secret| secret.as_bytes() == &[7; 32]));
        for length in [0, 31, 33] {
            assert!(Secret32::from_slice(&vec![7; length]).is_none(), "{length}");
        }
    }
}
