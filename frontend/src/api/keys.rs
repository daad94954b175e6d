//! Whether records can be opened. Who waits on a request or sits at the desk is told by events besides.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// What the key service last said.
pub async fn service() -> Result<wire::KeyService, Refusal> {
    client::get(paths::KEY_SERVICE).await
}
