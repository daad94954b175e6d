//! A software authenticator nobody here wrote (passkey-rs): what a phone does when its owner touches it.

use std::sync::{Arc, Mutex};

use passkey::{
    crypto::rust_crypto::RustCryptoBackend,
    types::{
        Passkey,
        ctap2::{
            Aaguid, Ctap2Error, StatusCode,
            make_credential::{Options, PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity},
        },
        webauthn::{CredentialCreationOptions, CredentialRequestOptions, PublicKeyCredentialDescriptor},
    },
};
use passkey_authenticator::{
    Authenticator, CredentialStore, DiscoverabilitySupport, StoreInfo, UiHint, UserCheck, UserValidationMethod,
};
use passkey_client::{Client, DefaultClientData};
use serde_json::Value;
use url::Url;

use super::ORIGIN;

/// One device with its passkeys.
#[derive(Clone, Default)]
pub(crate) struct Device {
    keys: Keys,
    /// Synchronised passkeys have no signature counter.
    uncounted: bool,
}

impl Device {
    /// A device whose passkeys are synchronised with others, and so keep no signature counter.
    pub(crate) fn synchronised() -> Self {
        Self { uncounted: true, ..Self::default() }
    }

    /// Creates a passkey by the options a page was given.
    pub(crate) async fn create(&self, options: &Value) -> Value {
        let options: CredentialCreationOptions = serde_json::from_value(options.clone()).unwrap();
        let mut authenticator = Authenticator::new(Aaguid::new_empty(), self.keys.clone(), Touch, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(!self.uncounted);
        let mut client = Client::new(authenticator).allows_insecure_localhost(true);
        let made = client.register(&origin(), options, DefaultClientData).await.unwrap();
        serde_json::to_value(made).unwrap()
    }

    /// Signs by the options a page was given.
    pub(crate) async fn sign(&self, options: &Value) -> Value {
        let options: CredentialRequestOptions = serde_json::from_value(options.clone()).unwrap();
        let authenticator = Authenticator::new(Aaguid::new_empty(), self.keys.clone(), Touch, RustCryptoBackend);
        let mut client = Client::new(authenticator).allows_insecure_localhost(true);
        let signed = client.authenticate(&origin(), options, DefaultClientData).await.unwrap();
        serde_json::to_value(signed).unwrap()
    }

    /// Signs as a passkey does that is not discoverable: only for a list that names it, and without saying whose it is.
    pub(crate) async fn sign_undiscoverable(&self, options: &Value) -> Value {
        assert!(!options["publicKey"]["allowCredentials"].as_array().unwrap().is_empty(), "nothing to offer without a list");
        let mut signed = self.sign(options).await;
        signed["response"].as_object_mut().unwrap().remove("userHandle");
        signed
    }

    /// A copy of the device as it is now: what a thief who cloned the passkey holds.
    pub(crate) fn cloned(&self) -> Self {
        Self { keys: Keys(Arc::new(Mutex::new(self.keys.0.lock().unwrap().clone()))), uncounted: self.uncounted }
    }
}

fn origin() -> Url {
    Url::parse(ORIGIN).unwrap()
}

struct Touch;

#[async_trait::async_trait]
impl UserValidationMethod for Touch {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        hint: UiHint<'a, Passkey>,
        presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        if let UiHint::InformExcludedCredentialFound(_) = hint {
            return Err(Ctap2Error::CredentialExcluded);
        }
        Ok(UserCheck { presence, verification: true })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

#[derive(Clone, Default)]
struct Keys(Arc<Mutex<Vec<Passkey>>>);

#[async_trait::async_trait]
impl CredentialStore for Keys {
    type PasskeyItem = Passkey;

    async fn find_credentials(
        &self,
        ids: Option<&[PublicKeyCredentialDescriptor]>,
        rp: &str,
        _user: Option<&[u8]>,
    ) -> Result<Vec<Passkey>, StatusCode> {
        let ids = ids.filter(|ids| !ids.is_empty());
        let fits = |key: &&Passkey| key.rp_id == rp && ids.is_none_or(|ids| ids.iter().any(|id| id.id == key.credential_id));
        let found: Vec<_> = self.0.lock().unwrap().iter().filter(fits).cloned().collect();
        if found.is_empty() { Err(Ctap2Error::NoCredentials.into()) } else { Ok(found) }
    }

    async fn save_credential(
        &mut self,
        key: Passkey,
        _: PublicKeyCredentialUserEntity,
        _: PublicKeyCredentialRpEntity,
        _: Options,
    ) -> Result<(), StatusCode> {
        self.0.lock().unwrap().push(key);
        Ok(())
    }

    async fn update_credential(&mut self, key: &Passkey) -> Result<(), StatusCode> {
        for known in self.0.lock().unwrap().iter_mut().filter(|known| known.credential_id == key.credential_id) {
            *known = key.clone();
        }
        Ok(())
    }

    async fn get_info(&self) -> StoreInfo {
        StoreInfo { discoverability: DiscoverabilitySupport::Full }
    }
}
