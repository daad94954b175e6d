//! Passkeys, through webauthn-rs. The only file that knows that library.
//!
//! User verification is required in every ceremony. Ceremony state never leaves the backend and is taken out of the
//! store by the statement that reads it, so that no answer is ever judged twice.

use std::mem;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use halligan_shared::{bytes::Bytes, id::MemberId, member::Role, statement};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use webauthn_rs::prelude::{
    Credential, CredentialID, DiscoverableAuthentication, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::{config::Settings, domain::member::Member};

/// The passkey's word does not hold.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyFault {
    /// The answer is not for this ceremony, not verified, not signed by this key.
    #[error("the passkey's answer does not hold")]
    Refused,
    /// The signature counter went back: the passkey may have been copied.
    #[error("the passkey's signature counter went back")]
    Counter,
    /// A role of the member demands a passkey that stays on its device.
    #[error("this passkey can be copied to other devices")]
    NotDeviceBound,
    /// The library or its configuration failed.
    #[error("the passkey ceremony could not be built")]
    Internal,
}

/// A passkey of a member.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredPasskey(Passkey);

impl StoredPasskey {
    /// Its credential id, base64url: unique in the portal.
    pub fn credential_id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.cred_id())
    }

    /// Whether it may be copied to other devices (flag BE), and whether it is (flag BS).
    pub fn backup(&self) -> (bool, bool) {
        let credential = Credential::from(self.0.clone());
        (credential.backup_eligible, credential.backup_state)
    }

    /// Whether this can be what `current` became by being used. Authenticators that do not count stay at zero.
    pub fn follows(&self, current: &Self) -> bool {
        let (new, old) = (Credential::from(self.0.clone()).counter, Credential::from(current.0.clone()).counter);
        new > old || (new == 0 && old == 0)
    }

    /// How long its credential id is, in bytes.
    pub fn id_length(&self) -> usize {
        self.0.cred_id().len()
    }

    /// A passkey of the same kind under another credential id, which nobody can use.
    #[must_use]
    pub fn under(&self, credential_id: Vec<u8>) -> Self {
        let mut credential = Credential::from(self.0.clone());
        credential.cred_id = credential_id;
        Self(credential.into())
    }

    /// How a page names it to the browser: `PublicKeyCredentialDescriptorJSON`.
    fn descriptor(&self) -> Value {
        let credential = Credential::from(self.0.clone());
        let mut descriptor = json!({ "type": "public-key", "id": self.credential_id() });
        if let (Some(transports), Some(descriptor)) = (credential.transports, descriptor.as_object_mut()) {
            descriptor.insert("transports".into(), json!(transports));
        }
        descriptor
    }
}

/// What the store keeps of a sign-in ceremony.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignInState(DiscoverableAuthentication);

/// What the store keeps of a signing ceremony.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct SigningState(PasskeyAuthentication);

/// What the store keeps of a registration.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegistrationState(PasskeyRegistration);

/// Whose passkey an answer says that it is. Nothing of it is verified.
pub struct Claim {
    /// The member, where the passkey says so: a discoverable one does, another need not.
    pub member: Option<MemberId>,
    /// The credential id.
    pub credential_id: Vec<u8>,
}

impl Claim {
    /// The credential id as the store keeps it.
    pub fn credential_id_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.credential_id)
    }
}

/// The relying party.
pub struct Passkeys {
    webauthn: Webauthn,
    device_bound: Vec<Role>,
    host: String,
    origin: String,
}

impl Passkeys {
    /// The relying party of this portal's origin.
    pub fn new(settings: &Settings) -> Result<Self, PasskeyFault> {
        let host = settings.origin.host_str().ok_or(PasskeyFault::Internal)?;
        let webauthn = WebauthnBuilder::new(host, &settings.origin)
            .map_err(|_| PasskeyFault::Internal)?
            .rp_name(&settings.agency)
            .build()
            .map_err(|_| PasskeyFault::Internal)?;
        let (host, origin) = (host.to_owned(), settings.origin_text());
        Ok(Self { webauthn, device_bound: settings.device_bound.clone(), host, origin })
    }

    /// Options and state for a new passkey of a member.
    pub fn start_registration(
        &self,
        id: MemberId,
        member: &Member,
        existing: &[StoredPasskey],
    ) -> Result<(Value, RegistrationState), PasskeyFault> {
        let exclude: Vec<CredentialID> = existing.iter().map(|passkey| passkey.0.cred_id().clone()).collect();
        let (options, state) = self
            .webauthn
            .start_passkey_registration(id.as_uuid(), member.agency_id.as_str(), member.display_name.as_str(), Some(exclude))
            .map_err(|_| PasskeyFault::Internal)?;
        let mut options = serde_json::to_value(options).map_err(|_| PasskeyFault::Internal)?;
        // The library asks authenticators not to make the passkey discoverable; one-touch sign-in wants it so. Preferred and
        // not required: where it cannot be had, the member types the agency id. The server's state does not depend on it.
        if let Some(selection) = options.pointer_mut("/publicKey/authenticatorSelection").and_then(Value::as_object_mut) {
            selection.insert("residentKey".into(), json!("preferred"));
            selection.insert("requireResidentKey".into(), json!(false));
        }
        Ok((options, RegistrationState(state)))
    }

    /// Judges the answer to a registration.
    pub fn finish_registration(
        &self,
        credential: Value,
        state: &RegistrationState,
        roles: &[Role],
    ) -> Result<StoredPasskey, PasskeyFault> {
        let credential: RegisterPublicKeyCredential = serde_json::from_value(credential).map_err(|_| PasskeyFault::Refused)?;
        let passkey = self.webauthn.finish_passkey_registration(&credential, &state.0).map_err(|_| PasskeyFault::Refused)?;
        let passkey = StoredPasskey(passkey);
        self.check_device_bound(roles, passkey.backup().0)?;
        Ok(passkey)
    }

    /// Options and state for a sign-in: the browser offers what it has, or what of these passkeys it can reach.
    pub fn start_sign_in(&self, offered: &[StoredPasskey]) -> Result<(Value, SignInState), PasskeyFault> {
        let (options, state) = self.webauthn.start_discoverable_authentication().map_err(|_| PasskeyFault::Internal)?;
        let mut options = serde_json::to_value(options).map_err(|_| PasskeyFault::Internal)?;
        // The library fixes conditional mediation; the page chooses, so that a button works in every browser.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        // The state does not hold the list: an answer is judged by the one passkey that the store knows under its id.
        if let Some(options) = options.pointer_mut("/publicKey").and_then(Value::as_object_mut) {
            options.insert("allowCredentials".into(), offered.iter().map(StoredPasskey::descriptor).collect());
        }
        Ok((options, SignInState(state)))
    }

    /// Whose passkey an answer says that it is. Nothing is verified yet.
    pub fn claim(&self, credential: &Value) -> Result<Claim, PasskeyFault> {
        let credential = assertion(credential)?;
        let member = match credential.get_user_unique_id() {
            None => None,
            Some(handle) => Some(Uuid::from_slice(handle).map_err(|_| PasskeyFault::Refused)?.into()),
        };
        Ok(Claim { member, credential_id: credential.get_credential_id().to_vec() })
    }

    /// Judges the answer to a sign-in; the passkey's counter and flags move on.
    pub fn finish_sign_in(
        &self,
        credential: &Value,
        state: SignInState,
        passkey: &mut StoredPasskey,
        roles: &[Role],
    ) -> Result<(), PasskeyFault> {
        let credential = assertion(credential)?;
        let result = self.webauthn.finish_discoverable_authentication_v2(&credential, state.0, &passkey.0).map_err(fault)?;
        self.check_device_bound(roles, result.backup_eligible())?;
        passkey.0.update_credential(&result);
        Ok(())
    }

    /// Options and state for a signature over a statement: challenge = digest || nonce.
    pub fn start_signing(&self, passkeys: &[StoredPasskey], digest: &Bytes<32>) -> Result<(Value, SigningState), PasskeyFault> {
        let passkeys: Vec<Passkey> = passkeys.iter().map(|passkey| passkey.0.clone()).collect();
        let (options, state) = self.webauthn.start_passkey_authentication(&passkeys).map_err(|_| PasskeyFault::Internal)?;
        let mut nonce = [0; statement::NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| PasskeyFault::Internal)?;
        let challenge = Value::from(URL_SAFE_NO_PAD.encode(statement::challenge(digest, &nonce)));
        // The library draws challenges itself and has no way to be given one, so both of its halves are rewritten in
        // their JSON form. Keeping the two equal is what binds the signature to the statement.
        let options = with_challenge(options, "/publicKey/challenge", &challenge)?;
        let state =
            serde_json::from_value(with_challenge(state, "/ast/challenge", &challenge)?).map_err(|_| PasskeyFault::Internal)?;
        Ok((options, SigningState(state)))
    }

    /// Judges a signature over a statement; the passkey that signed moves on and is returned by its place in the list.
    pub fn finish_signing(
        &self,
        credential: &Value,
        state: &SigningState,
        passkeys: &mut [StoredPasskey],
        roles: &[Role],
    ) -> Result<usize, PasskeyFault> {
        let credential = assertion(credential)?;
        let result = self.webauthn.finish_passkey_authentication(&credential, &state.0).map_err(fault)?;
        self.check_device_bound(roles, result.backup_eligible())?;
        let place = passkeys.iter().position(|passkey| passkey.0.cred_id() == result.cred_id()).ok_or(PasskeyFault::Refused)?;
        if let Some(passkey) = passkeys.get_mut(place) {
            passkey.0.update_credential(&result);
        }
        Ok(place)
    }

    /// Whether this passkey once signed exactly this statement, for this portal and with its member verified: a signature that stands in the
    /// log, as anybody could check who has the log and the public key. What it counted then is no part of that.
    pub fn has_signed(&self, passkey: &StoredPasskey, statement: &Value, assertion: &Value) -> bool {
        let Ok(assertion) = self::assertion(assertion) else { return false };
        let Ok(digest) = statement::digest(statement) else { return false };
        let (data, client) = (assertion.response.authenticator_data.as_slice(), assertion.response.client_data_json.as_slice());
        let Ok(said) = serde_json::from_slice::<Value>(client) else { return false };
        let challenge = said.get("challenge").and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let is_about_this = said.get("type").and_then(Value::as_str) == Some("webauthn.get")
            && said.get("origin").and_then(Value::as_str) == Some(self.origin.as_str())
            && challenge.is_some_and(|challenge| challenge.len() == statement::CHALLENGE_LEN && challenge.starts_with(&digest.0));
        let is_verified = data.get(..32) == Some(Sha256::digest(self.host.as_bytes()).as_slice())
            && data.get(32).is_some_and(|flags| flags & VERIFIED == VERIFIED);
        let signed = [data, Sha256::digest(client).as_slice()].concat();
        let key = passkey.0.get_public_key();
        is_about_this
            && is_verified
            && assertion.raw_id.as_slice() == passkey.0.cred_id().as_slice()
            && key.verify_signature(assertion.response.signature.as_slice(), &signed).unwrap_or(false)
    }

    /// Whether whoever has these roles can sign in with it.
    pub fn fits(&self, passkey: &StoredPasskey, roles: &[Role]) -> bool {
        self.check_device_bound(roles, passkey.backup().0).is_ok()
    }

    fn check_device_bound(&self, roles: &[Role], backup_eligible: bool) -> Result<(), PasskeyFault> {
        let demanded = roles.iter().any(|role| self.device_bound.contains(role));
        if demanded && backup_eligible { Err(PasskeyFault::NotDeviceBound) } else { Ok(()) }
    }
}

/// Longest assertion that is judged and kept, in bytes: an ordinary one has about 600.
const ASSERTION_MAX: usize = 8 << 10;
/// The flags UP and UV of an authenticator's data (WebAuthn level 3, section 6.1): the member was there, and was verified.
const VERIFIED: u8 = 0b101;
/// What every answer says that it is (WebAuthn level 3, section 5.1).
const KIND: &str = "public-key";

/// The passkey's answer with nothing beside it: what the log keeps. Whatever else a browser sent along is left out, so that
/// nobody writes into the log what they like.
pub fn plain(credential: &Value) -> Result<Value, PasskeyFault> {
    serde_json::to_value(assertion(credential)?).map_err(|_| PasskeyFault::Refused)
}

fn assertion(credential: &Value) -> Result<PublicKeyCredential, PasskeyFault> {
    let mut assertion = PublicKeyCredential::deserialize(credential).map_err(|_| PasskeyFault::Refused)?;
    // Nobody signs these, and nothing here asks for them.
    let _ = mem::take(&mut assertion.extensions);
    let response = &assertion.response;
    let (authenticator, client) = (&response.authenticator_data, &response.client_data_json);
    let parts =
        [Some(authenticator), Some(client), Some(&response.signature), response.user_handle.as_ref(), Some(&assertion.raw_id)];
    let length: usize = parts.into_iter().flatten().map(|part| part.as_slice().len()).sum();
    // The library reads both as any text, never looks at them again, and would hand them on to the log.
    let is_named_right = assertion.type_ == KIND && assertion.id == URL_SAFE_NO_PAD.encode(&assertion.raw_id);
    if length > ASSERTION_MAX || !is_named_right { Err(PasskeyFault::Refused) } else { Ok(assertion) }
}

fn with_challenge(value: impl Serialize, pointer: &str, challenge: &Value) -> Result<Value, PasskeyFault> {
    let mut value = serde_json::to_value(value).map_err(|_| PasskeyFault::Internal)?;
    *value.pointer_mut(pointer).ok_or(PasskeyFault::Internal)? = challenge.clone();
    Ok(value)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err wants")]
fn fault(error: WebauthnError) -> PasskeyFault {
    match error {
        WebauthnError::CredentialPossibleCompromise => PasskeyFault::Counter,
        _ => PasskeyFault::Refused,
    }
}
