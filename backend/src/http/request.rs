//! Access requests.

use axum::{Json, extract::State};
use halligan_shared::{id::RequestId, wire};

use super::{
    body::{Body, Id},
    gate::Who,
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::PrepareRequest>,
) -> Result<Json<wire::PreparedRequest>, Refused> {
    Ok(Json(portal.prepare_request(&who, &body).await?))
}

pub(super) async fn file(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::FileRequest>,
) -> Result<Json<wire::RequestView>, Refused> {
    let request = portal.file_request(&who, &body).await?;
    Ok(Json(portal.request_view(&who, request).await?))
}

pub(super) async fn list(State(portal): State<Portal>, Who(who): Who) -> Result<Json<Vec<wire::RequestView>>, Refused> {
    let mut views = Vec::new();
    for request in portal.requests_of(&who).await? {
        views.push(portal.request_view(&who, request).await?);
    }
    Ok(Json(views))
}

pub(super) async fn show(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Json<wire::RequestView>, Refused> {
    let request = portal.request_of(&who, id).await?;
    Ok(Json(portal.request_view(&who, request).await?))
}

pub(super) async fn prepare_override(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Json<wire::PreparedOverride>, Refused> {
    Ok(Json(portal.prepare_override(&who, id).await?))
}

pub(super) async fn open_alone(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::OverrideBody>,
) -> Result<Json<wire::RequestView>, Refused> {
    let request = portal.open_alone(&who, id, &body).await?;
    Ok(Json(portal.request_view(&who, request).await?))
}

pub(super) async fn cancel(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Json<wire::RequestView>, Refused> {
    let request = portal.cancel_request(&who, id).await?;
    Ok(Json(portal.request_view(&who, request).await?))
}
