//! Signed acts: whether a ceremony would sign what the page shows.
//!
//! The last line of defence against a backend that shows one thing and has another signed: the page computes the digest
//! of the statement itself and refuses a challenge that does not begin with it, before the passkey is touched.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::statement::{CHALLENGE_LEN, NONCE_LEN, Statement};
use serde_json::Value;

/// The ceremony would sign something else than what the page shows. Nothing was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The portal asked you to sign something else than what you see here. Nothing was signed; tell your administrator.")]
pub struct Mismatch;

/// Checks that `options` (what goes to the passkey) have exactly this statement signed, with user verification.
pub fn signs(options: &Value, statement: &dyn Statement) -> Result<(), Mismatch> {
    let digest = statement.digest().map_err(|_| Mismatch)?;
    let challenge = challenge(options)?;
    let (signed, nonce) = challenge.split_at_checked(digest.0.len()).ok_or(Mismatch)?;
    let is_exact = signed == digest.0 && nonce.len() == NONCE_LEN && asked(options, "userVerification") == Some("required");
    if is_exact { Ok(()) } else { Err(Mismatch) }
}

/// Checks that `options` have nothing signed that could pass for a statement: for a sign-in, of which the page shows no words.
pub fn signs_in(options: &Value) -> Result<(), Mismatch> {
    if challenge(options)?.len() < CHALLENGE_LEN { Ok(()) } else { Err(Mismatch) }
}

fn challenge(options: &Value) -> Result<Vec<u8>, Mismatch> {
    asked(options, "challenge").and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(Mismatch)
}

fn asked<'a>(options: &'a Value, name: &str) -> Option<&'a str> {
    options.get("publicKey").unwrap_or(options).get(name).and_then(Value::as_str)
}
