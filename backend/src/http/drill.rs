//! Drills.

use axum::{Json, extract::State};
use halligan_shared::{id::DrillId, wire};

use super::{
    body::{Body, Id},
    gate::{Fresh, Who},
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<Vec<wire::DrillLine>>, Refused> {
    Ok(Json(portal.drills().await?))
}

pub(super) async fn begin(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Body(body): Body<wire::BeginDrill>,
) -> Result<Json<wire::DrillLine>, Refused> {
    Ok(Json(portal.begin_drill(&who, &body).await?))
}

pub(super) async fn report(State(portal): State<Portal>, Id(id): Id<DrillId>) -> Result<Json<wire::DrillReport>, Refused> {
    Ok(Json(portal.drill_report(id).await?))
}

pub(super) async fn join(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<DrillId>,
    Body(body): Body<wire::DrillMembersBody>,
) -> Result<Json<wire::DrillLine>, Refused> {
    Ok(Json(portal.join_drill(&who, id, &body.members).await?))
}

pub(super) async fn end(State(portal): State<Portal>, Who(who): Who, Id(id): Id<DrillId>) -> Result<(), Refused> {
    Ok(portal.end_drill(&who, id).await?)
}

pub(super) async fn own(State(portal): State<Portal>, Who(who): Who) -> Result<Json<Option<wire::OwnDrill>>, Refused> {
    Ok(Json(portal.own_drill(&who).await?))
}

pub(super) async fn leave(State(portal): State<Portal>, Who(who): Who) -> Result<(), Refused> {
    Ok(portal.leave_drill(&who).await?)
}
