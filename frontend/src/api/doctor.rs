//! What would fail in an emergency, for an admin.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// Has everything looked at.
pub async fn examine() -> Result<wire::Checks, Refusal> {
    client::post_empty(paths::DOCTOR).await
}
