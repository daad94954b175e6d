//! The evidence.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use halligan_shared::wire;
use serde::Deserialize;

use super::problem::Refused;
use crate::{services::Portal, store::AuditFilter};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    before: Option<u64>,
    kind: Option<String>,
    actor: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(portal): State<Portal>,
    filter: Result<Query<Filter>, QueryRejection>,
) -> Result<Json<wire::AuditPage>, Refused> {
    let Query(filter) = filter.map_err(|_| Refused::Malformed("the filter is not one".into()))?;
    let filter = AuditFilter {
        before: filter.before,
        kind: filter.kind,
        actor: filter.actor.map(|actor| actor.to_ascii_uppercase()),
        limit: filter.limit.unwrap_or(50),
    };
    Ok(Json(portal.audit(filter).await?))
}
