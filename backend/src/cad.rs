//! How computer-aided dispatch (CAD) shows that a call is its own: an HTTP Message Signature (RFC 9421) by HMAC-SHA-256.
//!
//! signature = HMAC-SHA-256(key, base), where base is these lines, without one at the end:
//!
//! ```text
//! "@method": PUT
//! "@path": /api/v1/incidents/2026%2F11-24
//! "content-digest": sha-256=:…:
//! "@signature-params": ("@method" "@path" "content-digest");created=1764187200;tag="halligan/v1/cad"
//! ```
//!
//! Of what the RFC leaves open there is one choice: exactly these three components, in any order, with the digest of the body
//! (RFC 9530), the time and the tag. What is not signed is not there: a call has no query, and its body is read only as what the
//! digest says. Libraries for the whole RFC bring every algorithm that it has; this needs one.

use axum::http::{HeaderMap, Method, Uri};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sfv::{Dictionary, FieldType as _, InnerList, ListEntry, Parser};
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// What a signature says that it is for, so that one made with the same key for anything else is worth nothing here.
pub const TAG: &str = "halligan/v1/cad";
/// How far CAD's clock and the portal's may be apart.
pub const SKEW: Duration = Duration::seconds(60);

/// Fewest bytes of a key: as many as HMAC-SHA-256 gives (RFC 2104, section 3).
const KEY_MIN: usize = 32;
/// The components that a signature covers.
const COVERED: [&str; 3] = ["@method", "@path", "content-digest"];

/// The key that CAD and the portal have in common.
pub struct CadKey(Zeroizing<Vec<u8>>);

/// Settings are printed; this part of them is not.
impl std::fmt::Debug for CadKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CadKey")
    }
}

/// Not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is at least 32 bytes in hexadecimal, alone in its file; `openssl rand -hex 32` makes one")]
pub struct KeyFault;

/// Why a call does not count as CAD's, in a sentence for whoever sets CAD up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// A header is missing.
    #[error("This call needs the headers Content-Digest, Signature-Input and Signature (RFC 9421).")]
    Missing,
    /// A header is there twice, or is no structured field of its kind.
    #[error("Content-Digest, Signature-Input or Signature cannot be read, or stands there twice.")]
    Unreadable,
    /// There is no signature of this profile.
    #[error(
        "No signature is over exactly \"@method\", \"@path\" and \"content-digest\", with created, the tag \"halligan/v1/cad\" and no other algorithm than hmac-sha256."
    )]
    OtherProfile,
    /// There is a query.
    #[error("This address takes nothing behind a question mark, because nobody signs that.")]
    Query,
    /// The signature was not made with the key over this.
    #[error("The signature does not hold: the key is another one, or the call was changed on its way.")]
    Refused,
    /// The signature is too old, or not yet made.
    #[error(
        "This was signed more than 60 seconds from now by the portal's clock. Keep both clocks by NTP, and sign each call when it is sent."
    )]
    OtherTime,
    /// The body is not the one whose digest was signed.
    #[error("The body is not the one whose digest was signed.")]
    OtherBody,
}

/// A call that CAD signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signed {
    /// When, by CAD's clock.
    pub at: OffsetDateTime,
    /// The signature itself: a call that is sent again has the same.
    pub signature: [u8; 32],
    digest: [u8; 32],
}

impl Signed {
    /// Whether a body is the one that was signed.
    pub fn is_of(&self, body: &[u8]) -> bool {
        self.digest == <[u8; 32]>::from(Sha256::digest(body))
    }
}

impl CadKey {
    /// Reads what a key file holds.
    pub fn from_hex(text: &str) -> Result<Self, KeyFault> {
        let digits = text.trim().as_bytes();
        let mut key = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
        for pair in digits.chunks(2) {
            let [high, low] = pair else { return Err(KeyFault) };
            let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).ok_or(KeyFault);
            key.push(digit(*high)? << 4 | digit(*low)?);
        }
        if key.len() < KEY_MIN { Err(KeyFault) } else { Ok(Self(key)) }
    }

    /// Judges the head of a call. Its body has to be judged by [`Signed::is_of`] before anything is believed.
    pub fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap, now: OffsetDateTime) -> Result<Signed, NotSigned> {
        let digest_line = only(headers, "content-digest")?;
        let inputs = dictionary(only(headers, "signature-input")?)?;
        let signatures = dictionary(only(headers, "signature")?)?;
        let digest = <[u8; 32]>::try_from(bytes(&dictionary(digest_line)?, "sha-256")?).map_err(|_| NotSigned::Unreadable)?;
        if uri.query().is_some() {
            return Err(NotSigned::Query);
        }
        let (label, input) = inputs.iter().find_map(ours).ok_or(NotSigned::OtherProfile)?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| NotSigned::Refused)?;
        for component in components(input)? {
            let value = match component {
                "@method" => method.as_str(),
                "@path" => uri.path(),
                _ => digest_line,
            };
            mac.update(format!("\"{component}\": {value}\n").as_bytes());
        }
        let params = vec![ListEntry::InnerList(input.clone())].serialize().ok_or(NotSigned::OtherProfile)?;
        mac.update(format!("\"@signature-params\": {params}").as_bytes());
        // Compared in constant time, there.
        let signature = <[u8; 32]>::try_from(bytes(&signatures, label)?).map_err(|_| NotSigned::Refused)?;
        mac.verify_slice(&signature).map_err(|_| NotSigned::Refused)?;

        // Last: of the portal's clock only CAD itself learns.
        let at = instant(input, "created").ok_or(NotSigned::OtherProfile)?;
        let is_over = input.params.contains_key("expires") && instant(input, "expires").is_none_or(|end| end <= now);
        if (now - at).abs() > SKEW || is_over {
            return Err(NotSigned::OtherTime);
        }
        Ok(Signed { at, signature, digest })
    }
}

/// The one line of a header.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, NotSigned> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Err(NotSigned::Missing),
        (Some(line), None) => line.to_str().map(str::trim).map_err(|_| NotSigned::Unreadable),
        _ => Err(NotSigned::Unreadable),
    }
}

fn dictionary(line: &str) -> Result<Dictionary, NotSigned> {
    Parser::new(line).parse().map_err(|_| NotSigned::Unreadable)
}

fn bytes<'a>(dictionary: &'a Dictionary, key: &str) -> Result<&'a [u8], NotSigned> {
    match dictionary.get(key) {
        Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence().ok_or(NotSigned::Unreadable),
        _ => Err(NotSigned::Unreadable),
    }
}

/// A member of Signature-Input, if it says that it is a signature of this kind.
fn ours<'a>((label, entry): (&'a sfv::Key, &'a ListEntry)) -> Option<(&'a str, &'a InnerList)> {
    let ListEntry::InnerList(input) = entry else { return None };
    let word = |name: &str| input.params.get(name).map(|value| value.as_string().map(sfv::StringRef::as_str));
    let is_ours = word("tag") == Some(Some(TAG)) && matches!(word("alg"), None | Some(Some("hmac-sha256")));
    is_ours.then_some((label.as_str(), input))
}

/// The components that a signature says it covers, in its order: each of ours, once, as it is.
fn components(input: &InnerList) -> Result<Vec<&str>, NotSigned> {
    let plain = input.items.iter().filter(|item| item.params.is_empty());
    let covered: Vec<&str> = plain.filter_map(|item| item.bare_item.as_string().map(sfv::StringRef::as_str)).collect();
    let is_all = input.items.len() == COVERED.len() && COVERED.iter().all(|component| covered.contains(component));
    is_all.then_some(covered).ok_or(NotSigned::OtherProfile)
}

fn instant(input: &InnerList, name: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(input.params.get(name)?.as_integer()?.into()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const NUMBER: &str = "/api/v1/incidents/2026%2F11-24";
    const INPUT: &str = r#"cad=("@method" "@path" "content-digest");created=1764187200;keyid="drill";tag="halligan/v1/cad""#;
    const DIGEST: &str = "sha-256=:AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=:";
    const SIGNATURE: &str = "cad=:EZmB8WDvE4tBfzPbY1EoupBcKwsT9myzqJKgrv85tlk=:";

    fn judged(seconds: i64, [digest, input, signature]: [&str; 3]) -> Result<Signed, NotSigned> {
        let key = CadKey::from_hex(&"0a".repeat(32)).unwrap();
        let lines = [("content-digest", digest), ("signature-input", input), ("signature", signature)];
        let headers = lines.map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let now = OffsetDateTime::from_unix_timestamp(1_764_187_200 + seconds).unwrap();
        key.check(&Method::PUT, &Uri::from_static(NUMBER), &HeaderMap::from_iter(headers), now)
    }

    /// As `openssl dgst -sha256 -mac HMAC` signs it.
    #[test]
    fn what_another_program_signed_holds_for_a_minute_before_and_after() {
        for seconds in [-60, 0, 60] {
            let signed = judged(seconds, [DIGEST, INPUT, SIGNATURE]).unwrap();
            assert!(signed.is_of(br#"{"a":1}"#) && !signed.is_of(br#"{"a":2}"#));
        }
        for seconds in [-61, 61, i64::from(i32::MAX)] {
            assert_eq!(judged(seconds, [DIGEST, INPUT, SIGNATURE]), Err(NotSigned::OtherTime));
        }
    }

    #[test]
    fn what_is_not_this_profile_is_no_signature() {
        use NotSigned::{OtherProfile, Refused, Unreadable};
        for (stands, instead, why) in [
            ("created=1764187200", "created=1764187201", Refused),
            ("created=1764187200", "created=1764187200.0", Refused),
            (";keyid=\"drill\"", "", Refused),
            (";tag", ";alg=\"hmac-sha256\";tag", Refused),
            ("cad=", "other=", Unreadable),
            ("halligan/v1/cad", "halligan/v2/cad", OtherProfile),
            (";tag=\"halligan/v1/cad\"", "", OtherProfile),
            (";tag", ";alg=\"none\";tag", OtherProfile),
            (";tag", ";alg=1;tag", OtherProfile),
            (" \"content-digest\"", "", OtherProfile),
            ("\"@path\"", "\"@method\"", OtherProfile),
            ("\"@path\"", "\"@path\" \"date\"", OtherProfile),
            ("\"content-digest\"", "\"content-digest\";req", OtherProfile),
            (")", "", Unreadable),
        ] {
            assert!(INPUT.contains(stands));
            assert_eq!(judged(0, [DIGEST, &INPUT.replacen(stands, instead, 1), SIGNATURE]), Err(why), "{stands} {instead}");
        }
        for signature in ["", "cad", "cad=1", "cad=:EZmB8W", "other=:AA==:"] {
            assert_eq!(judged(0, [DIGEST, INPUT, signature]), Err(Unreadable), "{signature}");
        }
        for signature in ["cad=::", "cad=:AA==:", "cad=:EZmB8WDvE4tBfzPbY1EoupBcKwsT9myzqJKgrv85tg==:"] {
            assert_eq!(judged(0, [DIGEST, INPUT, signature]), Err(Refused), "{signature}");
        }
        for digest in ["sha-256=:AA==:", "sha-512=:AVq9f1zFei3ZS3WQ8ErYCEJzkF7jPsXOvq5iJ2qX+GI=:", "sha-256=1", ""] {
            assert_eq!(judged(0, [digest, INPUT, SIGNATURE]), Err(Unreadable), "{digest}");
        }
        let respelled = DIGEST.replace("sha-256", "a=1, sha-256");
        assert_eq!(judged(0, [&respelled, INPUT, SIGNATURE]), Err(Refused), "the line is signed as it is");
    }

    #[test]
    fn a_key_is_long_enough_and_hexadecimal() {
        let good = "0aF".repeat(22);
        assert_eq!(CadKey::from_hex(&format!(" {good}\n")).map(|key| key.0.len()), Ok(33));
        for bad in ["", &good[..62], &good[..65], &good.replace('a', "g"), &good.replace("0a", "+1"), &format!("{good}\n{good}")] {
            assert_eq!(CadKey::from_hex(bad).map(|_| ()), Err(KeyFault), "{bad}");
        }
    }

    #[test]
    fn a_key_is_not_printed() {
        let key = CadKey::from_hex(&"0a".repeat(32)).unwrap();
        assert_eq!(format!("{key:?}"), "CadKey");
    }

    #[test]
    fn a_header_stands_there_once() {
        let mut headers = HeaderMap::new();
        assert_eq!(only(&headers, "signature"), Err(NotSigned::Missing));
        headers.append("signature", HeaderValue::from_static(" a=:AA==: "));
        assert_eq!(only(&headers, "signature"), Ok("a=:AA==:"));
        headers.append("signature", HeaderValue::from_static("b=:AA==:"));
        assert_eq!(only(&headers, "signature"), Err(NotSigned::Unreadable));
    }
}
