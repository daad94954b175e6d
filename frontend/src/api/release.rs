//! Release of both shares, and the sealed documents they open.

use halligan_shared::{
    id::{DocumentId, GrantId, RequestId},
    paths,
    wire::{self, Problem, ProblemCode},
};
use zeroize::Zeroizing;

use super::client::{self, Refusal};
use crate::browser::page::{self, Answer};

/// Opens the window, or goes on in it.
pub async fn release(request: RequestId, body: &wire::ReleaseBody) -> Result<wire::Release, Refusal> {
    client::post(&paths::release_of(request), body).await
}

/// A sealed document of an open grant.
pub async fn document(grant: GrantId, document: DocumentId) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    client::get_bytes(&paths::grant_document_of(grant, document)).await
}

/// Sends a wipe receipt, also from a page that is going. Whether the portal has said its last word: it has the receipt, or will never
/// take it. What stands between may answer too, and that is none.
pub async fn wiped(grant: GrantId, receipt: &wire::WipedBody) -> bool {
    let Some(words) = words(receipt) else { return false };
    match page::send(&paths::grant_wiped_of(grant), &words).await {
        Some(Answer { is_success: true, text }) => text.is_empty(),
        Some(Answer { is_success: false, text }) => serde_json::from_str::<Problem>(&text)
            .is_ok_and(|problem| !matches!(problem.code, ProblemCode::TooOften | ProblemCode::TooSlow | ProblemCode::Internal)),
        None => false,
    }
}

/// Leaves a wipe receipt to the browser: the page goes, and nobody hears the answer.
pub fn wiped_leaving(grant: GrantId, receipt: &wire::WipedBody) {
    if let Some(words) = words(receipt) {
        page::beacon(&paths::grant_wiped_of(grant), &words);
    }
}

/// It holds the secret of the receipt.
fn words(receipt: &wire::WipedBody) -> Option<Zeroizing<String>> {
    serde_json::to_string(receipt).ok().map(Zeroizing::new)
}
