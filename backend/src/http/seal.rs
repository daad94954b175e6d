//! Sealing and bracelets.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    http::request::Parts,
};
use halligan_shared::{
    id::{DocumentId, RecordId, SealingId},
    wire,
};

use super::{
    body::{Body, Id, Ids, Octets},
    gate::{Fresh, Who},
    problem::Refused,
    uploads::{Place, Uploads},
};
use crate::{
    domain::member::Actor,
    services::{Fault, Portal},
};

/// A place for a document whose sealing waits for it. It comes before the body is read, and stays until that is written.
pub(super) struct Awaited {
    _place: Place,
}

impl FromRequestParts<Portal> for Awaited {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, portal: &Portal) -> Result<Self, Refused> {
        let Who(who) = Who::from_request_parts(parts, portal).await?;
        let Ids(sealing, _) = Ids::<SealingId, DocumentId>::from_request_parts(parts, portal).await?;
        portal.awaits_document(Actor::Member(&who), sealing).await?;
        let uploads = parts.extensions.get::<Arc<Uploads>>().ok_or(Fault::Internal)?;
        Ok(Self { _place: uploads.begin(who.member.id)? })
    }
}

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
    _awaited: Awaited,
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
