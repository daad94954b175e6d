//! KMS: the operations that Halligan needs, in the AWS JSON 1.1 protocol.

mod create_key;
mod decrypt;
mod derive_shared_secret;
mod describe_key;
mod generate_data_key;
mod key_policy;
mod public_key;
mod re_encrypt;
mod rotation;
mod wire;

use axum::http::HeaderMap;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    refusal::Refusal,
    service::{Answer, Call, Service},
};

/// What precedes the operation in `X-Amz-Target`.
const TARGET: &str = "TrentService.";

const OPERATIONS: [&str; 11] = [
    "CreateKey",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "GenerateDataKey",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListKeyRotations",
    "ReEncrypt",
    "RotateKeyOnDemand",
];

/// Answers one call to KMS.
pub(crate) async fn answer(call: Call<'_>, headers: &HeaderMap, body: &[u8]) -> Result<Answer, Refusal> {
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    let operation = target.and_then(|target| target.strip_prefix(TARGET)).ok_or(Refusal::UnknownOperation)?;
    if OPERATIONS.contains(&operation) {
        operation.clone_into(&mut call.event.name);
    }
    call.event.details.request = wire::parameters(body);
    match operation {
        "CreateKey" => create_key::answer(call, wire::read(body)?).await,
        "Decrypt" => decrypt::answer(call, &wire::read(body)?),
        "DeriveSharedSecret" => derive_shared_secret::answer(call, &wire::read(body)?),
        "DescribeKey" => describe_key::answer(call, &wire::read(body)?),
        "GenerateDataKey" => generate_data_key::answer(call, &wire::read(body)?),
        "GetKeyPolicy" => key_policy::answer(call, &wire::read(body)?),
        "GetKeyRotationStatus" => rotation::status(call, &wire::read(body)?),
        "GetPublicKey" => public_key::answer(call, &wire::read(body)?),
        "ListKeyRotations" => rotation::list(call, &wire::read(body)?),
        "ReEncrypt" => re_encrypt::answer(call, &wire::read(body)?),
        "RotateKeyOnDemand" => rotation::rotate(call, wire::read(body)?).await,
        _ => Err(Refusal::UnknownOperation),
    }
}

/// A refusal in KMS's shape.
pub(crate) fn refused(refusal: &Refusal) -> Zeroizing<Vec<u8>> {
    let mut body = json!({"__type": refusal.code(Service::Kms)});
    if let (Some(message), Some(body)) = (refusal.message(), body.as_object_mut()) {
        // KMS's own faults spell it with a capital, those of its front end without; clients read both.
        body.insert("message".to_owned(), message.into());
    }
    Zeroizing::new(body.to_string().into_bytes())
}
