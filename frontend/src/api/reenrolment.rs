//! Replacing a member's passkeys: the admins' side, and the member's.

use halligan_shared::{
    id::{MemberId, ReenrolmentId},
    paths, wire,
};

use super::client::{self, Refusal};

/// Everything under way, for an admin.
pub async fn list() -> Result<Vec<wire::ReenrolmentLine>, Refusal> {
    client::get(paths::REENROLMENTS).await
}

/// Gets the statement of a proposal to sign.
pub async fn prepare(member: MemberId, body: &wire::PrepareReenrolment) -> Result<wire::PreparedReenrolment, Refusal> {
    client::post(&paths::reenrolment_prepare_of(member), body).await
}

/// Hands in the signed proposal.
pub async fn propose(body: &wire::SignedReenrolment) -> Result<(), Refusal> {
    client::post(paths::REENROLMENTS, body).await
}

/// Gets the statement of another admin's proposal to sign.
pub async fn prepare_confirmation(id: ReenrolmentId) -> Result<wire::PreparedReenrolment, Refusal> {
    client::post_empty(&paths::reenrolment_confirmation_prepare_of(id)).await
}

/// Hands in the signed confirmation.
pub async fn confirm(id: ReenrolmentId, body: &wire::SignedReenrolment) -> Result<(), Refusal> {
    client::post(&paths::reenrolment_confirmation_of(id), body).await
}

/// Gets the link for the new passkey. It comes once; asking again ends it.
pub async fn link(id: ReenrolmentId) -> Result<wire::Invitation, Refusal> {
    client::post_empty(&paths::reenrolment_link_of(id)).await
}

/// An admin stops it.
pub async fn stop(id: ReenrolmentId) -> Result<(), Refusal> {
    client::post_empty(&paths::reenrolment_stop_of(id)).await
}

/// What somebody began about one's own passkeys.
pub async fn own() -> Result<Option<wire::OwnReenrolment>, Refusal> {
    client::get(paths::OWN_REENROLMENT).await
}

/// Stops that.
pub async fn stop_own() -> Result<(), Refusal> {
    client::post_empty(paths::OWN_REENROLMENT_STOP).await
}
