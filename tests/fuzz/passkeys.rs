//! What a passkey answers, or whoever speaks in its place. The ceremonies are real ones that a software authenticator
//! answered once (`passkeys.json`), so that an answer with few changes comes as far as it can.

use std::sync::LazyLock;

use halligan_backend::{
    config::{Limits, Premises, Rates, Settings},
    outside::Outside,
    passkeys::{self, Passkeys, StoredPasskey},
    policy::Policies,
};
use halligan_shared::{bytes::Bytes, member::Role};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::ORIGIN;

/// The longest credential id, in bytes (WebAuthn level 3, section 4).
const ID_MAX: usize = 1023;
/// What the log keeps of an answer, as JSON: bounded in `backend/src/passkeys.rs` before it is written in base64.
const KEPT_MAX: usize = 16 << 10;

static CEREMONIES: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("passkeys.json")).unwrap());
static PORTAL: LazyLock<Passkeys> = LazyLock::new(|| {
    let device_bound = Vec::new();
    let settings = Settings {
        origin: ORIGIN.parse().unwrap(),
        agency: "Drill".into(),
        device_bound,
        limits: Limits::default(),
        rates: Rates::default(),
        proxies: Vec::new(),
        premises: Premises::default(),
        policies: Policies::built_in().unwrap(),
        review_sample: 0,
        cad: None,
        outside: Outside::default(),
    };
    Passkeys::new(&settings).unwrap()
});

fn kept<T: DeserializeOwned>(pointer: &str) -> T {
    serde_json::from_value(CEREMONIES.pointer(pointer).unwrap().clone()).unwrap()
}

fn json(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// The log keeps an answer's own parts, of bounded length, and nothing that somebody would like to see there.
pub(crate) fn plain(bytes: &[u8]) {
    let Some(answer) = json(bytes) else { return };
    let Ok(plain) = passkeys::plain(&answer) else { return };
    assert_eq!(passkeys::plain(&plain).unwrap(), plain);
    assert!(plain.to_string().len() <= KEPT_MAX);
    let claim = PORTAL.claim(&plain);
    assert_eq!(
        claim.as_ref().ok().map(|claim| claim.credential_id.clone()),
        PORTAL.claim(&answer).ok().map(|claim| claim.credential_id)
    );
    assert_eq!(plain["id"], plain["rawId"], "free text in place of the id");
    assert_eq!(plain["type"], "public-key");
    assert!(claim.is_err() || claim.is_ok_and(|claim| plain["rawId"] == claim.credential_id_text()));
    let parts = ["authenticatorData", "clientDataJSON", "signature", "userHandle"];
    only(&plain, &["id", "rawId", "response", "type", "extensions"]);
    only(&plain["response"], &parts);
}

/// What becomes a member's passkey can be kept, read back and asked to sign.
pub(crate) fn registration(bytes: &[u8]) {
    let Some(answer) = json(bytes) else { return };
    let Ok(passkey) = PORTAL.finish_registration(answer, &kept("/registration/state"), &[Role::Responder]) else { return };
    assert!((1..=ID_MAX).contains(&passkey.id_length()));
    let row = serde_json::to_string(&passkey).unwrap();
    let read: StoredPasskey = serde_json::from_str(&row).unwrap();
    assert_eq!((serde_json::to_string(&read).unwrap(), read.credential_id()), (row, passkey.credential_id()));
    assert!(PORTAL.start_signing(&[read], &Bytes([1; 32])).is_ok());
}

/// Nobody signs in by an answer that the authenticator did not give.
pub(crate) fn sign_in(bytes: &[u8]) {
    let Some(answer) = json(bytes) else { return };
    let mut passkey: StoredPasskey = kept("/passkey");
    let outcome = PORTAL.finish_sign_in(&answer, kept("/sign_in/state"), &mut passkey, &[Role::Responder]);
    judge(outcome.is_ok(), "/sign_in/answer", &answer, &passkey);
}

/// Nobody signs a statement by an answer that the authenticator did not give.
pub(crate) fn signing(bytes: &[u8]) {
    let Some(answer) = json(bytes) else { return };
    let mut passkeys = [kept("/passkey")];
    let outcome = PORTAL.finish_signing(&answer, &kept("/signing/state"), &mut passkeys, &[Role::Responder]);
    assert!(outcome.as_ref().is_ok_and(|place| *place == 0) || outcome.is_err());
    judge(outcome.is_ok(), "/signing/answer", &answer, &passkeys[0]);
}

/// What was accepted is what was signed; what was refused moved nothing.
fn judge(accepted: bool, signed: &str, answer: &Value, passkey: &StoredPasskey) {
    let before: StoredPasskey = kept("/passkey");
    if accepted {
        let (answer, signed) = (passkeys::plain(answer).unwrap(), CEREMONIES.pointer(signed).unwrap());
        for part in ["authenticatorData", "clientDataJSON"] {
            assert_eq!(answer["response"][part], signed["response"][part]);
        }
        assert!(passkey.follows(&before));
    } else {
        assert_eq!(serde_json::to_value(passkey).unwrap(), serde_json::to_value(before).unwrap());
    }
}

fn only(object: &Value, names: &[&str]) {
    assert!(object.as_object().unwrap().keys().all(|name| names.contains(&name.as_str())), "{object}");
}
