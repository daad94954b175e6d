//! Release of both shares, and the sealed documents they open.

use halligan_shared::{
    id::{DocumentId, GrantId, RequestId},
    paths, wire,
};
use zeroize::Zeroizing;

use super::client::{self, Refusal};

/// Opens the window, or goes on in it.
pub async fn release(request: RequestId, body: &wire::ReleaseBody) -> Result<wire::Release, Refusal> {
    client::post(&paths::release_of(request), body).await
}

/// A sealed document of an open grant.
pub async fn document(grant: GrantId, document: DocumentId) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    client::get_bytes(&paths::grant_document_of(grant, document)).await
}
