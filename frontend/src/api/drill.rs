//! Drills: the admins' side, and that of whoever takes part.

use halligan_shared::{id::DrillId, paths, wire};

use super::client::{self, Refusal};

/// The drills of the agency, the last begun first.
pub async fn list() -> Result<Vec<wire::DrillLine>, Refusal> {
    client::get(paths::DRILLS).await
}

/// Begins one.
pub async fn begin(body: &wire::BeginDrill) -> Result<wire::DrillLine, Refusal> {
    client::post(paths::DRILLS, body).await
}

/// What came of one.
pub async fn report(drill: DrillId) -> Result<wire::DrillReport, Refusal> {
    client::get(&paths::drill_of(drill)).await
}

/// Makes more members take part in one.
pub async fn join(drill: DrillId, body: &wire::DrillMembersBody) -> Result<wire::DrillLine, Refusal> {
    client::post(&paths::drill_members_of(drill), body).await
}

/// Ends one.
pub async fn end(drill: DrillId) -> Result<(), Refusal> {
    client::post_empty(&paths::drill_end_of(drill)).await
}

/// The one that this member takes part in.
pub async fn own() -> Result<Option<wire::OwnDrill>, Refusal> {
    client::get(paths::OWN_DRILL).await
}

/// Takes part no more.
pub async fn leave() -> Result<(), Refusal> {
    client::post_empty(paths::OWN_DRILL_LEAVE).await
}
