//! Members, invitations, passkeys.

use axum::{Json, extract::State};
use halligan_shared::{
    assignment::Assignment,
    id::{InvitationId, MemberId, PasskeyId},
    wire,
};

use super::{
    body::{Body, Id},
    gate::{Fresh, Who},
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<Vec<wire::MemberLine>>, Refused> {
    Ok(Json(portal.members().await?))
}

pub(super) async fn invite(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Body(body): Body<wire::InviteBody>,
) -> Result<Json<wire::Invitation>, Refused> {
    Ok(Json(portal.invite(Some(&who), body.agency_id, body.display_name, body.roles, body.assignment).await?))
}

pub(super) async fn invitations(State(portal): State<Portal>) -> Result<Json<Vec<wire::InvitationLine>>, Refused> {
    Ok(Json(portal.invitations().await?))
}

pub(super) async fn withdraw(State(portal): State<Portal>, Who(who): Who, Id(id): Id<InvitationId>) -> Result<(), Refused> {
    Ok(portal.withdraw_invitation(&who, id).await?)
}

pub(super) async fn assign(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<MemberId>,
    Body(assignment): Body<Assignment>,
) -> Result<(), Refused> {
    Ok(portal.assign(&who, id, assignment).await?)
}

pub(super) async fn set_roles(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<MemberId>,
    Body(body): Body<wire::RolesBody>,
) -> Result<(), Refused> {
    Ok(portal.set_roles(&who, id, body.roles).await?)
}

pub(super) async fn sign_out(State(portal): State<Portal>, Who(who): Who, Id(id): Id<MemberId>) -> Result<(), Refused> {
    Ok(portal.end_sessions_of(&who, id, None).await?)
}

pub(super) async fn suspend(State(portal): State<Portal>, Fresh(who): Fresh, Id(id): Id<MemberId>) -> Result<(), Refused> {
    Ok(portal.suspend(&who, id).await?)
}

pub(super) async fn reinstate(State(portal): State<Portal>, Fresh(who): Fresh, Id(id): Id<MemberId>) -> Result<(), Refused> {
    Ok(portal.reinstate(&who, id).await?)
}

pub(super) async fn passkeys(State(portal): State<Portal>, Who(who): Who) -> Result<Json<Vec<wire::PasskeyLine>>, Refused> {
    Ok(Json(portal.passkeys(&who).await?))
}

pub(super) async fn start_passkey(State(portal): State<Portal>, Fresh(who): Fresh) -> Result<Json<wire::Ceremony>, Refused> {
    Ok(Json(portal.start_passkey(&who).await?))
}

pub(super) async fn finish_passkey(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Body(body): Body<wire::PasskeyBody>,
) -> Result<(), Refused> {
    Ok(portal.finish_passkey(&who, body).await?)
}

pub(super) async fn name_passkey(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<PasskeyId>,
    Body(body): Body<wire::PasskeyNameBody>,
) -> Result<(), Refused> {
    Ok(portal.name_passkey(&who, id, &body.name).await?)
}

pub(super) async fn remove_passkey(State(portal): State<Portal>, Fresh(who): Fresh, Id(id): Id<PasskeyId>) -> Result<(), Refused> {
    Ok(portal.remove_passkey(&who, id).await?)
}
