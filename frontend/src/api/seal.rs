//! Records, from the registrar's side: sealings, the list, bracelets.

use halligan_shared::{
    id::{DocumentId, RecordId, SealingId},
    paths, wire,
};

use super::client::{self, Refusal};

/// All records: nothing of the patients.
pub async fn records() -> Result<Vec<wire::RecordLine>, Refusal> {
    client::get(paths::RECORDS).await
}

/// Begins a sealing.
pub async fn start(body: &wire::StartSealing) -> Result<wire::Sealing, Refusal> {
    client::post(paths::SEALINGS, body).await
}

/// Uploads a sealed document. Sent again, it replaces itself.
pub async fn put_document(sealing: SealingId, document: DocumentId, sealed: &[u8]) -> Result<(), Refusal> {
    client::put_bytes(&paths::sealing_document_of(sealing, document), sealed).await
}

/// Makes the sealing the current version of its record.
pub async fn commit(sealing: SealingId, body: &wire::CommitSealing) -> Result<wire::RecordLine, Refusal> {
    client::post(&paths::sealing_commit_of(sealing), body).await
}

/// Gives a record a new bracelet; the old one stops working. The same reference again is the same bracelet.
pub async fn replace_bracelet(record: RecordId, bracelet: &wire::Bracelet) -> Result<wire::RecordLine, Refusal> {
    client::post(&paths::record_bracelet_of(record), bracelet).await
}
