//! What keeps every record closed. Who waits on a request or sits at the desk is told by events besides.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// Whether records open at all just now.
pub async fn look() -> Result<wire::Readiness, Refusal> {
    client::get(paths::READINESS).await
}
