//! Re-enrolment: the two admins' side of it, and the member's.

use axum::{Json, extract::State};
use halligan_shared::{
    id::{MemberId, ReenrolmentId},
    wire,
};

use super::{
    body::{Body, Id},
    gate::{Fresh, Who},
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn list(State(portal): State<Portal>, Who(who): Who) -> Result<Json<Vec<wire::ReenrolmentLine>>, Refused> {
    Ok(Json(portal.reenrolments(&who).await?))
}

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<MemberId>,
    Body(body): Body<wire::PrepareReenrolment>,
) -> Result<Json<wire::PreparedReenrolment>, Refused> {
    Ok(Json(portal.prepare_reenrolment(&who, id, &body.reason).await?))
}

pub(super) async fn propose(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Body(body): Body<wire::SignedReenrolment>,
) -> Result<(), Refused> {
    Ok(portal.propose_reenrolment(&who, &body).await?)
}

pub(super) async fn prepare_confirmation(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<ReenrolmentId>,
) -> Result<Json<wire::PreparedReenrolment>, Refused> {
    Ok(Json(portal.prepare_reenrolment_confirmation(&who, id).await?))
}

pub(super) async fn confirm(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<ReenrolmentId>,
    Body(body): Body<wire::SignedReenrolment>,
) -> Result<(), Refused> {
    Ok(portal.confirm_reenrolment(&who, id, &body).await?)
}

pub(super) async fn hand_out(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<ReenrolmentId>,
) -> Result<Json<wire::Invitation>, Refused> {
    Ok(Json(portal.hand_out_reenrolment(&who, id).await?))
}

pub(super) async fn stop(State(portal): State<Portal>, Who(who): Who, Id(id): Id<ReenrolmentId>) -> Result<(), Refused> {
    Ok(portal.stop_reenrolment(&who, id).await?)
}

pub(super) async fn own(State(portal): State<Portal>, Who(who): Who) -> Result<Json<Option<wire::OwnReenrolment>>, Refused> {
    Ok(Json(portal.own_reenrolment(&who).await?))
}

pub(super) async fn stop_own(State(portal): State<Portal>, Who(who): Who) -> Result<(), Refused> {
    Ok(portal.stop_own_reenrolment(&who).await?)
}
