//! The feed of incidents. What computer-aided dispatch sends is taken apart here, once the gate has found its head signed.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::request::Parts,
};
use halligan_shared::{incident::IncidentNumber, wire};
use serde::de::DeserializeOwned;
use time::OffsetDateTime;

use super::problem::Refused;
use crate::{
    cad::{NotSigned, Signed},
    services::{Fault, Portal},
};

/// Longest word about what does not read, in characters. It can quote what was sent, which its sender knows and nobody else hears.
const WHY_MAX: usize = 200;

/// The number of an incident, in the path.
pub(super) struct Number(IncidentNumber);

/// A body that computer-aided dispatch signed, and when it did.
pub(super) struct Told<T> {
    body: T,
    at: OffsetDateTime,
}

impl<S: Send + Sync> FromRequestParts<S> for Number {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Refused::NoSuchPath)?;
        text.parse().map(Self).map_err(|fault| Fault::Justification(fault).into())
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Told<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let signed = request.extensions().get::<Signed>().copied().ok_or(Refused::NotSigned(NotSigned::Missing))?;
        let body = Bytes::from_request(request, state).await.map_err(|_| Refused::TooLarge)?;
        if !signed.is_of(&body) {
            return Err(Refused::NotSigned(NotSigned::OtherBody));
        }
        let why = |error: serde_json::Error| Refused::Untold(error.to_string().chars().take(WHY_MAX).collect());
        Ok(Self { body: serde_json::from_slice(&body).map_err(why)?, at: signed.at })
    }
}

pub(super) async fn list(State(portal): State<Portal>) -> Result<Json<wire::IncidentFeed>, Refused> {
    Ok(Json(portal.incidents().await?))
}

pub(super) async fn tell(
    State(portal): State<Portal>,
    Number(number): Number,
    Told { body, at }: Told<wire::IncidentDocument>,
) -> Result<Json<wire::IncidentTaken>, Refused> {
    Ok(Json(portal.take_incident(&number, &body, at).await?))
}

pub(super) async fn heartbeat(State(portal): State<Portal>, Told { at, .. }: Told<wire::Heartbeat>) -> Result<(), Refused> {
    Ok(portal.cad_is_there(at).await?)
}
