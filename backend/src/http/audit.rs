//! The evidence.

use axum::{Json, extract::State};
use halligan_shared::wire;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{body::Search, problem::Refused};
use crate::{services::Portal, store::AuditFilter};

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    /// Only events before this place in the chain.
    #[schemars(range(max = u64::MAX))]
    before: Option<u64>,
    /// Only events of this kind, or of a family such as `request.`.
    kind: Option<String>,
    /// Only acts of this member, by agency id.
    actor: Option<String>,
    /// How many, 50 unless told; more than 200 are 200.
    #[schemars(range(max = u32::MAX))]
    limit: Option<u32>,
}

pub(super) async fn list(State(portal): State<Portal>, Search(filter): Search<Filter>) -> Result<Json<wire::AuditPage>, Refused> {
    let filter = AuditFilter {
        before: filter.before,
        kind: filter.kind,
        actor: filter.actor.map(|actor| actor.to_ascii_uppercase()),
        limit: filter.limit.unwrap_or(50),
    };
    Ok(Json(portal.audit(filter).await?))
}
