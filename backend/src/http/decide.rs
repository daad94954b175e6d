//! The desk.

use axum::{Json, extract::State};
use halligan_shared::{
    id::{GrantId, MemberId, RequestId},
    member::Role,
    wire,
};

use super::{
    body::{Body, Id},
    gate::Who,
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn desk(State(portal): State<Portal>, Who(who): Who) -> Result<Json<wire::Desk>, Refused> {
    Ok(Json(portal.desk(&who).await?))
}

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::PrepareDecision>,
) -> Result<Json<wire::PreparedDecision>, Refused> {
    Ok(Json(portal.prepare_decision(&who, id, &body).await?))
}

pub(super) async fn may_decide(State(portal): State<Portal>, Who(who): Who, Id(id): Id<RequestId>) -> Result<(), Refused> {
    Ok(portal.may_decide(&who, id).await?)
}

pub(super) async fn decide(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::DecideBody>,
) -> Result<(), Refused> {
    Ok(portal.decide(&who, id, &body).await?)
}

pub(super) async fn deciding(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::DecidingBody>,
) -> Result<(), Refused> {
    Ok(portal.deciding(&who, id, body.deciding).await?)
}

pub(super) async fn deciding_nothing(State(portal): State<Portal>, Who(who): Who) -> Result<(), Refused> {
    Ok(portal.deciding_nothing(&who).await?)
}

pub(super) async fn revoke(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<GrantId>,
    Body(body): Body<wire::RevokeBody>,
) -> Result<(), Refused> {
    Ok(portal.revoke(&who, id, &body).await?)
}

pub(super) async fn allow_bracelets(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<MemberId>,
    Body(body): Body<wire::AllowBody>,
) -> Result<(), Refused> {
    Ok(portal.allow_bracelets(&who, id, body.bracelets).await?)
}

pub(super) async fn sign_out_responder(State(portal): State<Portal>, Who(who): Who, Id(id): Id<MemberId>) -> Result<(), Refused> {
    Ok(portal.end_sessions_of(&who, id, Some(Role::Responder)).await?)
}
