//! Members and invitations, from the admin's side.

use halligan_shared::{id::MemberId, paths, wire};

use super::client::{self, Refusal};

/// Everybody.
pub async fn list() -> Result<Vec<wire::MemberLine>, Refusal> {
    client::get(paths::MEMBERS).await
}

/// Invites a member. The link comes once.
pub async fn invite(body: &wire::InviteBody) -> Result<wire::Invitation, Refusal> {
    client::post(paths::INVITATIONS, body).await
}

/// Ends every session of a member, and what is open in them.
pub async fn sign_out(member: MemberId) -> Result<(), Refusal> {
    client::post(&paths::member_sign_out_of(member), &()).await
}

/// Keeps a member out.
pub async fn suspend(member: MemberId) -> Result<(), Refusal> {
    client::post(&paths::member_suspend_of(member), &()).await
}

/// Lets a member in again.
pub async fn reinstate(member: MemberId) -> Result<(), Refusal> {
    client::post(&paths::member_reinstate_of(member), &()).await
}
