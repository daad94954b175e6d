//! The lockdown: the two admins' words on it. How it stands comes by events, as
//! [`paths::LOCKDOWN_EVENTS`].

use halligan_shared::{id::ProposalId, paths, wire};

use super::client::{self, Refusal};

/// Whether another admin has proposed something that waits for this one.
pub async fn is_proposed_by_others() -> Result<bool, Refusal> {
    /// Of the board only what this asks: the start page does not carry what the rest takes to read.
    #[derive(serde::Deserialize)]
    struct Board {
        proposals: Vec<Proposal>,
    }
    #[derive(serde::Deserialize)]
    struct Proposal {
        own: bool,
    }
    let Board { proposals } = client::get(paths::LOCKDOWN).await?;
    Ok(proposals.iter().any(|proposal| !proposal.own))
}

/// Gets the statement of a proposal to sign.
pub async fn prepare(body: &wire::PrepareLockdown) -> Result<wire::PreparedLockdown, Refusal> {
    client::post(paths::LOCKDOWN_PREPARE, body).await
}

/// Hands in the signed proposal.
pub async fn propose(body: &wire::SignedLockdown) -> Result<(), Refusal> {
    client::post(paths::LOCKDOWN_PROPOSALS, body).await
}

/// Gets the statement of another admin's proposal to sign.
pub async fn prepare_confirmation(proposal: ProposalId) -> Result<wire::PreparedLockdown, Refusal> {
    client::post_empty(&paths::lockdown_confirmation_prepare_of(proposal)).await
}

/// Hands in the signed confirmation.
pub async fn confirm(proposal: ProposalId, body: &wire::SignedLockdown) -> Result<(), Refusal> {
    client::post(&paths::lockdown_confirmation_of(proposal), body).await
}
