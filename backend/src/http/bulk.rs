//! One signature over several requests of an incident.

use axum::{Json, extract::State};
use halligan_shared::wire;

use super::{body::Body, gate::Who, problem::Refused};
use crate::services::Portal;

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::PrepareBulk>,
) -> Result<Json<wire::PreparedBulk>, Refused> {
    Ok(Json(portal.prepare_bulk(&who, &body.requests).await?))
}

pub(super) async fn approve(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::DecideBody>,
) -> Result<Json<wire::BulkDecided>, Refused> {
    let decided = portal.approve_bulk(&who, &body).await?;
    let missed = decided.missed.into_iter().map(|(request, why)| wire::Missed { request, why: why.to_string() }).collect();
    Ok(Json(wire::BulkDecided { approved: decided.approved, missed }))
}
