//! Reviews of what was opened.

use halligan_shared::{id::RequestId, paths, wire};

use super::client::{self, Refusal};

/// Those that this privacy officer may close, and the last that were closed.
pub async fn list() -> Result<wire::ReviewList, Refusal> {
    client::get(paths::REVIEWS).await
}

/// How many are overdue, for admins.
pub async fn overdue() -> Result<wire::ReviewsOverdue, Refusal> {
    client::get(paths::REVIEWS_OVERDUE).await
}

/// One, with everything that is known of its request.
pub async fn view(request: RequestId) -> Result<wire::ReviewView, Refusal> {
    client::get(&paths::review_of(request)).await
}

/// Takes it over.
pub async fn take(request: RequestId) -> Result<(), Refusal> {
    client::post_empty(&paths::review_owner_of(request)).await
}

/// Gets the statement that closes it, to sign.
pub async fn prepare(request: RequestId, body: &wire::PrepareReview) -> Result<wire::PreparedReview, Refusal> {
    client::post(&paths::review_finding_prepare_of(request), body).await
}

/// Hands in the signed finding.
pub async fn close(request: RequestId, body: &wire::SignedReview) -> Result<(), Refusal> {
    client::post(&paths::review_finding_of(request), body).await
}
