//! The dispatcher's word: decisions and revocations. What waits comes by events, as [`paths::DESK_EVENTS`].

use halligan_shared::{
    id::{GrantId, MemberId, RequestId},
    paths, wire,
};

use super::client::{self, Refusal};

/// Gets the decision statement to sign.
pub async fn prepare(request: RequestId, body: &wire::PrepareDecision) -> Result<wire::PreparedDecision, Refusal> {
    client::post(&paths::decision_prepare_of(request), body).await
}

/// Asks whether there is still something to decide; the refusal says what became of the request.
pub async fn may_decide(request: RequestId) -> Result<(), Refusal> {
    client::get(&paths::decision_of(request)).await
}

/// Hands in the signed decision.
pub async fn decide(request: RequestId, body: &wire::DecideBody) -> Result<(), Refusal> {
    client::post(&paths::decision_of(request), body).await
}

/// Tells the other desks that this dispatcher is about to decide, or is not any more.
pub async fn deciding(request: RequestId, deciding: bool) -> Result<(), Refusal> {
    client::put(&paths::deciding_of(request), &wire::DecidingBody { deciding }).await
}

/// Tells the other desks that this dispatcher is about to decide nothing any more.
pub async fn deciding_nothing() -> Result<(), Refusal> {
    client::delete(paths::DESK_DECIDING).await
}

/// Gets one statement that approves several requests, to sign.
pub async fn prepare_bulk(requests: Vec<RequestId>) -> Result<wire::PreparedBulk, Refusal> {
    client::post(paths::BULK_PREPARE, &wire::PrepareBulk { requests }).await
}

/// Hands in the signed statement.
pub async fn approve_bulk(body: &wire::DecideBody) -> Result<wire::BulkDecided, Refusal> {
    client::post(paths::BULK, body).await
}

/// Ends a grant before its time.
pub async fn revoke(grant: GrantId, body: &wire::RevokeBody) -> Result<(), Refusal> {
    client::post(&paths::grant_revoke_of(grant), body).await
}

/// Says that so many bracelets of a responder are in order.
pub async fn allow_bracelets(responder: MemberId, bracelets: u32) -> Result<(), Refusal> {
    client::post(&paths::desk_allow_of(responder), &wire::AllowBody { bracelets }).await
}

/// Ends every session of a responder, and what is open in them.
pub async fn sign_out(responder: MemberId) -> Result<(), Refusal> {
    client::post(&paths::desk_sign_out_of(responder), &()).await
}
