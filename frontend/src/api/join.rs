//! Invitations, from the invited member's side.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// What the invitation offers.
pub async fn view(token: &wire::InvitationToken) -> Result<wire::InvitationView, Refusal> {
    client::post(paths::INVITATION_VIEW, token).await
}

/// Begins the creation of the first passkey.
pub async fn start(token: &wire::InvitationToken) -> Result<wire::Ceremony, Refusal> {
    client::post(paths::INVITATION_START, token).await
}

/// Ends it: the member exists and is signed in.
pub async fn finish(body: &wire::FinishInvitation) -> Result<wire::Session, Refusal> {
    client::post(paths::INVITATION_FINISH, body).await
}
