//! Taking bodies and path parameters apart, with refusals in the portal's own form.

use std::str::FromStr;

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request, rejection::JsonRejection},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

use super::problem::Refused;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(_)) => Err(Refused::TooLarge),
            // What serde says can quote the input, and the input can be a secret: only the kind of fault is told.
            Err(JsonRejection::MissingJsonContentType(_)) => Err(Refused::Malformed("the body is not JSON".into())),
            Err(_) => Err(Refused::Malformed("a field is missing, unknown or of the wrong kind".into())),
        }
    }
}

/// A body that is no JSON.
pub(super) struct Octets(pub(super) Bytes);

impl<S: Send + Sync> FromRequest<S> for Octets {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        Bytes::from_request(request, state).await.map(Self).map_err(|_| Refused::TooLarge)
    }
}

/// What stands behind the question mark.
pub(super) struct Search<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Search<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Query(query) =
            Query::from_request_parts(parts, state).await.map_err(|_| Refused::Malformed("the filter is not one".into()))?;
        Ok(Self(query))
    }
}

/// One id in the path.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path(text) = Path::<String>::from_request_parts(parts, state).await.map_err(|_| Refused::NoSuchPath)?;
        text.parse().map(Self).map_err(|_| Refused::NoSuchPath)
    }
}

/// Two ids in the path.
pub(super) struct Ids<A, B>(pub(super) A, pub(super) B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let Path((first, second)) =
            Path::<(String, String)>::from_request_parts(parts, state).await.map_err(|_| Refused::NoSuchPath)?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _ => Err(Refused::NoSuchPath),
        }
    }
}
