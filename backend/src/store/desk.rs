//! What the desk shows beside the waiting requests.

use halligan_shared::{
    id::{MemberId, RequestId},
    justification::Justification,
};
use sqlx::Row as _;
use time::OffsetDateTime;

use super::{Store, StoreError, instant, json};

/// A request of the past.
pub struct PastRow {
    /// When.
    pub asked_at: OffsetDateTime,
    /// For which incident.
    pub incident: String,
    /// What became of it.
    pub outcome: String,
}

impl Store {
    /// A member's last five requests before this one, newest first.
    pub async fn past_requests(&self, member: MemberId, but: RequestId) -> Result<Vec<PastRow>, StoreError> {
        let rows = sqlx::query("select asked_at, justification, state from access_request where member_id = $1 and id <> $2 order by asked_at desc limit 5")
            .bind(member.to_string())
            .bind(but.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let justification: Justification = json(row, "justification")?;
                Ok(PastRow {
                    asked_at: instant(row, "asked_at")?,
                    incident: justification.incident().to_owned(),
                    outcome: row.try_get("state")?,
                })
            })
            .collect()
    }
}
