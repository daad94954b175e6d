//! Release, documents, wipe receipts.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use halligan_shared::{
    id::{DocumentId, GrantId, RequestId},
    wire,
};

use super::{
    body::{Body, Id, Ids},
    gate::Who,
    problem::Refused,
};
use crate::services::Portal;

/// A sealed document on its way.
pub(super) struct Sealed(Vec<u8>);

impl IntoResponse for Sealed {
    fn into_response(self) -> Response {
        ([(header::CONTENT_TYPE, "application/octet-stream")], self.0).into_response()
    }
}

pub(super) async fn release(
    State(portal): State<Portal>,
    Who(who): Who,
    Id(id): Id<RequestId>,
    Body(body): Body<wire::ReleaseBody>,
) -> Result<Json<wire::Release>, Refused> {
    Ok(Json(portal.release(&who, id, &body).await?))
}

pub(super) async fn readiness(State(portal): State<Portal>, Who(_): Who) -> Result<Json<wire::Readiness>, Refused> {
    Ok(Json(portal.readiness().await?))
}

pub(super) async fn document(
    State(portal): State<Portal>,
    Who(who): Who,
    Ids(grant, document): Ids<GrantId, DocumentId>,
) -> Result<Sealed, Refused> {
    Ok(Sealed(portal.grant_document(&who, grant, document).await?))
}

pub(super) async fn wiped(
    State(portal): State<Portal>,
    Id(id): Id<GrantId>,
    Body(body): Body<wire::WipedBody>,
) -> Result<(), Refused> {
    Ok(portal.wiped(id, &body).await?)
}
