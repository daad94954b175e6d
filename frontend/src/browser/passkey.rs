//! Passkeys: navigator.credentials, with options and answers in the JSON form of WebAuthn level 3.
//!
//! Uses the browser's own conversion where it has one, else converts by hand. Knows no endpoint. Every failure is a
//! sentence; what the browser itself says is not shown, because it is written for programmers.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Promise, Reflect, Uint8Array};
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CredentialCreationOptions, CredentialRequestOptions, DomException};

/// Whether the browser may answer without asking (Credential Management, `CredentialMediationRequirement`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mediation {
    /// As the browser sees fit: signing in.
    Optional,
    /// Never: signing an act.
    Required,
}

impl Mediation {
    const fn word(self) -> &'static str {
        match self {
            Self::Optional => "optional",
            Self::Required => "required",
        }
    }
}

/// Why there is no answer from a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyFault {
    /// The member closed the dialogue, it timed out, or no passkey fits; browsers do not tell these apart.
    #[error(
        "No passkey was used: the dialogue was closed, ran out of time, or this device has no passkey for the portal. Try again."
    )]
    Cancelled,
    /// This authenticator already holds a passkey of this member.
    #[error("This device already has your passkey for the portal. Sign in with it, or use another device.")]
    AlreadyHere,
    /// The authenticator cannot do what is asked, such as verify its user.
    #[error("This device cannot make or use such a passkey: it must be able to check that it is you, by PIN, finger or face.")]
    NotSupported,
    /// The browser has no passkeys at all.
    #[error("This browser does not know passkeys. Use a current version of Chrome, Edge, Firefox or Safari.")]
    NoPasskeys,
    /// The page did not come by https, nor from this machine.
    #[error("Passkeys need a secure connection. Open the portal by its https address.")]
    Insecure,
    /// Anything else.
    #[error("The passkey did not work. Try again; if it fails again, use another passkey.")]
    Failed,
}

/// Makes a passkey.
pub async fn create(options: &Value) -> Result<Value, PasskeyFault> {
    let class = class()?;
    let request = request(&class, "parseCreationOptionsFromJSON", options)?.unchecked_into::<CredentialCreationOptions>();
    answer(container()?.create_with_options(&request)).await
}

/// Uses a passkey.
pub async fn get(options: &Value, mediation: Mediation) -> Result<Value, PasskeyFault> {
    let class = class()?;
    let request = request(&class, "parseRequestOptionsFromJSON", options)?;
    set(&request, "mediation", &mediation.word().into()).ok_or(PasskeyFault::Failed)?;
    answer(container()?.get_with_options(&request.unchecked_into::<CredentialRequestOptions>())).await
}

fn class() -> Result<JsValue, PasskeyFault> {
    let window = web_sys::window().ok_or(PasskeyFault::NoPasskeys)?;
    if !window.is_secure_context() {
        return Err(PasskeyFault::Insecure);
    }
    field(&window, "PublicKeyCredential").ok_or(PasskeyFault::NoPasskeys)
}

fn container() -> Result<web_sys::CredentialsContainer, PasskeyFault> {
    web_sys::window().map(|window| window.navigator().credentials()).ok_or(PasskeyFault::NoPasskeys)
}

/// `{ publicKey: … }` for the browser.
fn request(class: &JsValue, parser: &str, options: &Value) -> Result<Object, PasskeyFault> {
    let json = JSON::parse(&options.get("publicKey").unwrap_or(options).to_string()).map_err(|_| PasskeyFault::Failed)?;
    let parsed = method(class, parser).and_then(|parse| parse.call1(class, &json).ok());
    let public_key = parsed.or_else(|| by_hand(&json).map(|()| json)).ok_or(PasskeyFault::Failed)?;
    let request = Object::new();
    Reflect::set(&request, &"publicKey".into(), &public_key).map_err(|_| PasskeyFault::Failed)?;
    Ok(request)
}

async fn answer(promise: Result<Promise, JsValue>) -> Result<Value, PasskeyFault> {
    let promise = promise.map_err(|error| fault(&error))?;
    let credential = JsFuture::from(promise).await.map_err(|error| fault(&error))?;
    if credential.is_null() || credential.is_undefined() {
        return Err(PasskeyFault::Cancelled);
    }
    let own = method(&credential, "toJSON").and_then(|to_json| to_json.call0(&credential).ok());
    let json = own.or_else(|| to_json(&credential)).ok_or(PasskeyFault::Failed)?;
    let text = JSON::stringify(&json).ok().and_then(|text| text.as_string()).ok_or(PasskeyFault::Failed)?;
    serde_json::from_str(&text).map_err(|_| PasskeyFault::Failed)
}

fn fault(error: &JsValue) -> PasskeyFault {
    match error.dyn_ref::<DomException>().map(DomException::name).as_deref() {
        Some("NotAllowedError" | "AbortError") => PasskeyFault::Cancelled,
        Some("InvalidStateError") => PasskeyFault::AlreadyHere,
        Some("NotSupportedError" | "ConstraintError") => PasskeyFault::NotSupported,
        Some("SecurityError") => PasskeyFault::Insecure,
        _ => PasskeyFault::Failed,
    }
}

/// Turns the base64url texts of options into buffers, in place, as `parse…OptionsFromJSON` does.
fn by_hand(options: &JsValue) -> Option<()> {
    decode_in(options, "challenge")?;
    if let Some(user) = field(options, "user") {
        decode_in(&user, "id")?;
    }
    for list in ["allowCredentials", "excludeCredentials"] {
        for credential in field(options, list).iter().flat_map(|list| Array::from(list).to_vec()) {
            decode_in(&credential, "id")?;
        }
    }
    Some(())
}

fn decode_in(object: &JsValue, name: &str) -> Option<()> {
    let bytes = URL_SAFE_NO_PAD.decode(field(object, name)?.as_string()?).ok()?;
    Reflect::set(object, &name.into(), &Uint8Array::from(bytes.as_slice()).buffer()).ok().map(drop)
}

/// A credential in JSON, as its `toJSON` gives it.
fn to_json(credential: &JsValue) -> Option<JsValue> {
    let response = field(credential, "response")?;
    let inner = Object::new();
    for name in ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] {
        if let Some(buffer) = field(&response, name).and_then(|buffer| buffer.dyn_into::<ArrayBuffer>().ok()) {
            set(&inner, name, &encode(&buffer))?;
        }
    }
    if let Some(transports) = method(&response, "getTransports").and_then(|transports| transports.call0(&response).ok()) {
        set(&inner, "transports", &transports)?;
    }
    let outer = Object::new();
    let raw_id = field(credential, "rawId")?.dyn_into::<ArrayBuffer>().ok()?;
    set(&outer, "rawId", &encode(&raw_id))?;
    for name in ["id", "type", "authenticatorAttachment"] {
        if let Some(value) = field(credential, name) {
            set(&outer, name, &value)?;
        }
    }
    let results = method(credential, "getClientExtensionResults").and_then(|results| results.call0(credential).ok());
    set(&outer, "clientExtensionResults", &results.unwrap_or_else(|| Object::new().into()))?;
    set(&outer, "response", &inner)?;
    Some(outer.into())
}

fn encode(buffer: &ArrayBuffer) -> JsValue {
    URL_SAFE_NO_PAD.encode(Uint8Array::new(buffer).to_vec()).into()
}

/// The member of this name, unless it is missing or null.
fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

fn method(object: &JsValue, name: &str) -> Option<Function> {
    field(object, name)?.dyn_into().ok()
}

fn set(object: &Object, name: &str, value: &JsValue) -> Option<()> {
    Reflect::set(object, &name.into(), value).ok().map(drop)
}
