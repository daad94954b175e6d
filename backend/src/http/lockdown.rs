//! The lockdown.

use axum::{Json, extract::State};
use halligan_shared::{id::ProposalId, wire};

use super::{
    body::{Body, Id},
    gate::Who,
    problem::Refused,
};
use crate::services::Portal;

pub(super) async fn board(State(portal): State<Portal>, Who(who): Who) -> Result<Json<wire::LockdownBoard>, Refused> {
    Ok(Json(portal.lockdown_board(&who).await?))
}

pub(super) async fn prepare(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::PrepareLockdown>,
) -> Result<Json<wire::PreparedLockdown>, Refused> {
    Ok(Json(portal.prepare_lockdown(&who, &body).await?))
}

pub(super) async fn propose(
    State(portal): State<Portal>,
    Who(who): Who,
    Body(body): Body<wire::SignedLockdown>,
) -> Result<(), Refused> {
    Ok(portal.propose_lockdown(&who, &body).await?)
}

pub(super) async fn prepare_confirmation(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<ProposalId>,
) -> Result<Json<wire::PreparedLockdown>, Refused> {
    Ok(Json(portal.prepare_confirmation(&who, id).await?))
}

pub(super) async fn confirm(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<ProposalId>,
    Body(body): Body<wire::SignedLockdown>,
) -> Result<(), Refused> {
    Ok(portal.confirm_lockdown(&who, id, &body).await?)
}
