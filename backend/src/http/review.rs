//! Reviews.

use axum::{Json, extract::State};
use halligan_shared::{id::RequestId, wire};

use super::{
    body::{Body, Id},
    gate::Who,
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn list(State(portal): State<Portal>, Who(who): Who) -> Result<Json<wire::ReviewList>, Refused> {
    Ok(Json(portal.reviews(&who).await?))
}

pub(super) async fn overdue(State(portal): State<Portal>) -> Result<Json<wire::ReviewsOverdue>, Refused> {
    Ok(Json(portal.reviews_overdue().await?))
}

pub(super) async fn show(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
) -> Result<Json<wire::ReviewView>, Refused> {
    Ok(Json(portal.review_view(&who, id).await?))
}

pub(super) async fn take(State(portal): State<Portal>, Who(who): Who, Id(id): Id<RequestId>) -> Result<(), Refused> {
    Ok(portal.take_review(&who, id).await?)
}

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::PrepareReview>,
) -> Result<Json<wire::PreparedReview>, Refused> {
    Ok(Json(portal.prepare_finding(&who, id, &body).await?))
}

pub(super) async fn close(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::SignedReview>,
) -> Result<(), Refused> {
    Ok(portal.close_review(&who, id, &body).await?)
}
