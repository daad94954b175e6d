//! Reading the log, by whoever has to find out whether somebody changed it.
//!
//! A column that does not read as what it should be is `None` and never an error: who can write to the database must not be able to
//! keep the auditor from seeing that.

use halligan_shared::id::RequestId;
use sqlx::{Row as _, any::AnyRow};

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

/// An event as a page shows it, as far as it can be read.
pub struct AuditLine {
    /// Its place.
    pub sequence: u64,
    /// Canonical text.
    pub text: Option<String>,
    /// Its digest, hexadecimal.
    pub digest: Option<String>,
}

/// An event as it is stored: its words, and the columns it is looked up by.
pub struct AuditRow {
    /// Its place.
    pub sequence: u64,
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
    /// About which request.
    pub request: Option<String>,
}

impl Store {
    /// Events, newest first. What stands between two places is left out, and so breaks off no page.
    pub async fn audit_events(&self, filter: &AuditFilter) -> Result<Vec<AuditLine>, StoreError> {
        let rows = sqlx::query(
            "select sequence, event, digest from audit_event where sequence < $1 and sequence between 1 and (select sequence from audit_head) and cast(sequence as bigint) = sequence and ($2 = '' or kind = $2 or ($2 like '%.' and substr(kind, 1, length($2)) = $2)) and ($3 = '' or actor = $3) order by sequence desc limit $4",
        )
        // Nothing stands past the largest number that the database can hold.
        .bind(filter.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX))
        .bind(filter.kind.clone().unwrap_or_default())
        .bind(filter.actor.clone().unwrap_or_default())
        .bind(i64::from(filter.limit))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(line_of).collect()
    }

    /// Events about a request and its grant, oldest first: the first so many, and the last so many; and how many there are. A document
    /// that was sent again and again counts once, by the first time, so that nobody can hide what else happened among those.
    pub async fn events_of(&self, request: RequestId, most: usize) -> Result<(Vec<AuditLine>, u32), StoreError> {
        let rows = sqlx::query(
            "with told as (select sequence, event, digest from audit_event where request_id = $1 and (kind <> 'document.sent' or sequence = (select max(sequence) from audit_event where request_id = $1) or sequence in (select min(sequence) from audit_event where request_id = $1 and kind = 'document.sent' group by case when json_valid(event) then coalesce(json_extract(event, '$.facts.document'), event) else event end))) \
             select sequence, event, digest, (select count(*) from audit_event where request_id = $1) as events from told where sequence in (select sequence from (select sequence from told order by sequence limit $2) as early) or sequence in (select sequence from (select sequence from told order by sequence desc limit $2) as late) order by sequence",
        )
        .bind(request.to_string())
        .bind(i64::try_from(most).unwrap_or(i64::MAX))
        .fetch_all(&self.pool)
        .await?;
        let all = rows.first().map_or(Ok(0), |row| unsigned(row, "events"))?;
        Ok((rows.iter().map(line_of).collect::<Result<_, _>>()?, all))
    }

    /// The digest of the last event about a request and its grant, hexadecimal.
    pub async fn last_event_of(&self, request: RequestId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select digest from audit_event where request_id = $1 order by sequence desc limit 1")
            .bind(request.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(row.try_get("digest")?)).transpose()
    }

    /// Up to 1,000 events after a place, oldest first; `None` stands for one that cannot be read. For walking the whole chain.
    pub async fn audit_chain(&self, after: u64) -> Result<Vec<Option<AuditRow>>, StoreError> {
        let rows = sqlx::query("select * from audit_event where sequence > $1 order by sequence limit 1000")
            .bind(signed(after)?)
            .fetch_all(&self.pool)
            .await?;
        let read = |row: &AnyRow| {
            Ok::<_, StoreError>(AuditRow {
                sequence: unsigned(row, "sequence")?,
                text: row.try_get("event")?,
                digest: row.try_get("digest")?,
                kind: row.try_get("kind")?,
                actor: row.try_get("actor")?,
                at: row.try_get("at")?,
                request: row.try_get("request_id")?,
            })
        };
        Ok(rows.iter().map(|row| read(row).ok()).collect())
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

    /// What the head of the chain says of it: place and digest of the last event. `None`: it is gone, or cannot be read.
    pub async fn audit_head(&self) -> Result<Option<(u64, String)>, StoreError> {
        let row = sqlx::query("select sequence, digest from audit_head where one = 1").fetch_optional(&self.pool).await?;
        Ok(row.and_then(|row| Some((unsigned(&row, "sequence").ok()?, row.try_get("digest").ok()?))))
    }
}

/// An event as far as it can be read.
fn line_of(row: &AnyRow) -> Result<AuditLine, StoreError> {
    let sequence = unsigned(row, "sequence")?;
    Ok(AuditLine { sequence, text: row.try_get("event").ok(), digest: row.try_get("digest").ok() })
}
