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

/// An event as it is stored: its words, and the columns it is looked up by.
pub struct AuditRow {
    /// Canonical text.
    pub text: String,
    /// Its digest, hexadecimal.
    pub digest: String,
    /// What.
    pub kind: String,
    /// Who.
    pub actor: Option<String>,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl Store {
    /// Events, newest first: place, canonical text, digest.
    pub async fn audit_events(&self, filter: &AuditFilter) -> Result<Vec<(u64, String, String)>, StoreError> {
        let rows = sqlx::query(
            "select sequence, event, digest from audit_event where sequence < $1 and sequence between 1 and (select sequence from audit_head) and ($2 = '' or kind = $2 or ($2 like '%.' and substr(kind, 1, length($2)) = $2)) and ($3 = '' or actor = $3) order by sequence desc limit $4",
        )
        .bind(filter.before.map_or(Ok(i64::MAX), signed)?)
        .bind(filter.kind.clone().unwrap_or_default())
        .bind(filter.actor.clone().unwrap_or_default())
        .bind(i64::from(filter.limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((unsigned(row, "sequence")?, row.try_get("event")?, row.try_get("digest")?))).collect()
    }

    /// Up to 1,000 events after a place, oldest first. For walking the whole chain.
    pub async fn audit_chain(&self, after: u64) -> Result<Vec<AuditRow>, StoreError> {
        let rows = sqlx::query("select * from audit_event where sequence > $1 order by sequence limit 1000")
            .bind(signed(after)?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(AuditRow {
                    text: row.try_get("event")?,
                    digest: row.try_get("digest")?,
                    kind: row.try_get("kind")?,
                    actor: row.try_get("actor")?,
                    at: row.try_get("at")?,
                })
            })
            .collect()
    }

    /// Whether an event stands where the chain does not reach.
    pub async fn audit_has_strays(&self) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select count(*) as strays from audit_event where sequence < 1 or sequence > (select sequence from audit_head)",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get::<i64, _>("strays")? > 0)
    }

    /// What the head of the chain says of it: place and digest of the last event.
    pub async fn audit_head(&self) -> Result<(u64, String), StoreError> {
        let row = sqlx::query("select sequence, digest from audit_head where one = 1").fetch_one(&self.pool).await?;
        Ok((unsigned(&row, "sequence")?, row.try_get("digest")?))
    }
}
