//! Members and invitations, from the admin's side.

use halligan_shared::{
    assignment::Assignment,
    id::{InvitationId, MemberId},
    paths, wire,
};

use super::client::{self, Refusal};

/// Everybody.
pub async fn list() -> Result<Vec<wire::MemberLine>, Refusal> {
    client::get(paths::MEMBERS).await
}

/// Invites a member. The link comes once.
pub async fn invite(body: &wire::InviteBody) -> Result<wire::Invitation, Refusal> {
    client::post(paths::INVITATIONS, body).await
}

/// Invitations that nobody has used.
pub async fn invitations() -> Result<Vec<wire::InvitationLine>, Refusal> {
    client::get(paths::INVITATIONS).await
}

/// Takes one of them back.
pub async fn withdraw(invitation: InvitationId) -> Result<(), Refusal> {
    client::delete(&paths::invitation_of(invitation)).await
}

/// Changes where a member works.
pub async fn assign(member: MemberId, assignment: &Assignment) -> Result<(), Refusal> {
    client::put(&paths::member_assignment_of(member), assignment).await
}

/// Changes a member's roles.
pub async fn set_roles(member: MemberId, body: &wire::RolesBody) -> Result<(), Refusal> {
    client::put(&paths::member_roles_of(member), body).await
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
