//! Access requests, from the responder's side.

use halligan_shared::{id::RequestId, paths, wire};

use super::client::{self, Refusal};

/// Checks a request and gets the statement to sign.
pub async fn prepare(body: &wire::PrepareRequest) -> Result<wire::PreparedRequest, Refusal> {
    client::post(paths::REQUEST_PREPARE, body).await
}

/// Files a signed request. The same idempotency key again is the same request again.
pub async fn file(body: &wire::FileRequest) -> Result<wire::RequestView, Refusal> {
    client::post(paths::REQUESTS, body).await
}

/// The responder's own requests that still matter.
pub async fn list() -> Result<Vec<wire::RequestView>, Refusal> {
    client::get(paths::REQUESTS).await
}

/// One request.
pub async fn show(request: RequestId) -> Result<wire::RequestView, Refusal> {
    client::get(&paths::request_of(request)).await
}

/// Gets the words of an override to sign.
pub async fn prepare_override(request: RequestId) -> Result<wire::PreparedOverride, Refusal> {
    client::post_empty(&paths::override_prepare_of(request)).await
}

/// Hands in the signed override.
pub async fn open_alone(request: RequestId, body: &wire::OverrideBody) -> Result<wire::RequestView, Refusal> {
    client::post(&paths::override_of(request), body).await
}

/// Withdraws it.
pub async fn cancel(request: RequestId) -> Result<wire::RequestView, Refusal> {
    client::post_empty(&paths::request_cancel_of(request)).await
}
