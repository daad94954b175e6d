//! Members and invitations, from the admin's side.

use halligan_shared::{paths, wire};

use super::client::{self, Refusal};

/// Everybody.
pub async fn list() -> Result<Vec<wire::MemberLine>, Refusal> {
    client::get(paths::MEMBERS).await
}

/// Invites a member. The link comes once.
pub async fn invite(body: &wire::InviteBody) -> Result<wire::Invitation, Refusal> {
    client::post(paths::INVITATIONS, body).await
}
