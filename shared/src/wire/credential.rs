//! What browsers answer a passkey ceremony, in the JSON form of WebAuthn level 3, section 5.1: as far as the backend reads it.
//! It travels as it came; these describe it.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// `RegistrationResponseJSON`.
pub(super) fn registration(_: &mut SchemaGenerator) -> Schema {
    credential(&json!({
        "type": "object",
        "properties": { "clientDataJSON": bytes(), "attestationObject": bytes() },
        "required": ["clientDataJSON", "attestationObject"],
    }))
}

/// `AuthenticationResponseJSON`.
pub(super) fn authentication(_: &mut SchemaGenerator) -> Schema {
    credential(&json!({
        "type": "object",
        "properties": {
            "clientDataJSON": bytes(),
            "authenticatorData": bytes(),
            "signature": bytes(),
            "userHandle": { "anyOf": [bytes(), { "type": "null" }] },
        },
        "required": ["clientDataJSON", "authenticatorData", "signature"],
    }))
}

fn credential(response: &Value) -> Schema {
    json_schema!({
        "type": "object",
        "properties": { "id": bytes(), "rawId": bytes(), "type": { "const": "public-key" }, "response": response },
        "required": ["id", "rawId", "type", "response"],
    })
}

/// Base64url without padding.
fn bytes() -> Value {
    json!({ "type": "string", "pattern": "^([A-Za-z0-9_-]{4})*([A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$" })
}
