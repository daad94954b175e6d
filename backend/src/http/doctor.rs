//! What would fail in an emergency, for an admin.

use axum::{Json, extract::State};
use halligan_shared::wire;

use super::{gate::Who, problem::Refused};
use crate::services::Portal;

pub(super) async fn examine(State(portal): State<Portal>, Who(who): Who) -> Result<Json<wire::Checks>, Refused> {
    Ok(Json(portal.examine(&who).await?))
}
