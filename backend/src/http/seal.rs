//! Sealing and bracelets.

use axum::{Json, extract::State};
use halligan_shared::{
    id::{DocumentId, RecordId, SealingId},
    wire,
};

use super::{
    body::{Body, Id, Ids, Octets},
    gate::{Fresh, Who},
    problem::Refused,
};
use crate::{domain::member::Actor, services::Portal};

pub(super) async fn start(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Body(body): Body<wire::StartSealing>,
) -> Result<Json<wire::Sealing>, Refused> {
    Ok(Json(portal.start_sealing(Actor::Fresh(&who), body.record).await?))
}

pub(super) async fn put_document(
    State(portal): State<Portal>,
    Who(who): Who,
    Ids(sealing, document): Ids<SealingId, DocumentId>,
    Octets(sealed): Octets,
) -> Result<(), Refused> {
    Ok(portal.put_document(Actor::Member(&who), sealing, document, &sealed).await?)
}

pub(super) async fn commit(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<SealingId>,
    Body(body): Body<wire::CommitSealing>,
) -> Result<Json<wire::RecordLine>, Refused> {
    Ok(Json(portal.commit_sealing(Actor::Member(&who), id, &body).await?))
}

pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<Vec<wire::RecordLine>>, Refused> {
    Ok(Json(portal.records().await?))
}

pub(super) async fn replace_bracelet(
    State(portal): State<Portal>,
    Fresh(who): Fresh,
    Id(id): Id<RecordId>,
    Body(body): Body<wire::Bracelet>,
) -> Result<Json<wire::RecordLine>, Refused> {
    Ok(Json(portal.replace_bracelet(Actor::Fresh(&who), id, &body).await?))
}
