//! Reading the log.

use sqlx::Row as _;

use super::{Store, StoreError, signed, unsigned};

/// What the auditor looks for.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Only events before this place.
    pub before: Option<u64>,
    /// Only events of this kind, or of this family (`request.`).
    pub kind: Option<String>,
    /// Only acts of this member.
    pub actor: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl Store {
    /// Events, newest first: place, canonical text, digest.
    pub async fn audit_events(&self, filter: &AuditFilter) -> Result<Vec<(u64, String, String)>, StoreError> {
        let rows = sqlx::query(
            "select sequence, event, digest from audit_event where sequence < $1 and kind like $2 and ($3 = '' or actor = $3) order by sequence desc limit $4",
        )
        .bind(filter.before.map_or(Ok(i64::MAX), signed)?)
        .bind(filter.kind.as_deref().map_or_else(|| "%".to_owned(), |kind| format!("{}%", kind.replace(['%', '_'], ""))))
        .bind(filter.actor.clone().unwrap_or_default())
        .bind(i64::from(filter.limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((unsigned(row, "sequence")?, row.try_get("event")?, row.try_get("digest")?))).collect()
    }

    /// Up to 1,000 events after a place, oldest first: canonical text, digest. For walking the whole chain.
    pub async fn audit_chain(&self, after: u64) -> Result<Vec<(String, String)>, StoreError> {
        let rows = sqlx::query("select event, digest from audit_event where sequence > $1 order by sequence limit 1000")
            .bind(signed(after)?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("event")?, row.try_get("digest")?))).collect()
    }

    /// What the head of the chain says of it: place and digest of the last event.
    pub async fn audit_head(&self) -> Result<(u64, String), StoreError> {
        let row = sqlx::query("select sequence, digest from audit_head where one = 1").fetch_one(&self.pool).await?;
        Ok((unsigned(&row, "sequence")?, row.try_get("digest")?))
    }
}
