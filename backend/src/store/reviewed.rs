//! What is reviewed: what was signed of a request, which documents went out, and which pages opened its record. It changes nothing.

use halligan_shared::{
    id::{DocumentId, RequestId},
    statement::{OverrideStatement, Said},
};
use sqlx::any::AnyRow;
use time::OffsetDateTime;

use super::{
    Store, StoreError, instant, json, maybe_instant,
    member::{member_columns, member_of},
    parsed, unsigned,
};
use crate::domain::member::Member;

/// A dispatcher's word on a request.
pub struct SaidRow {
    /// Who.
    pub by: Member,
    /// What they signed.
    pub statement: Said,
}

/// A sealed document that went out.
pub struct SentRow {
    /// Which.
    pub document: DocumentId,
    /// When it first did.
    pub first_at: OffsetDateTime,
    /// How often.
    pub times: u32,
}

/// A page that opened a record.
pub struct OpeningRow {
    /// When.
    pub opened_at: OffsetDateTime,
    /// When its wipe receipt came.
    pub wiped_at: Option<OffsetDateTime>,
    /// Whether it was written down that none came.
    pub is_missing: bool,
}

impl Store {
    /// What dispatchers said of a request, the first first.
    pub async fn said_of(&self, request: RequestId) -> Result<Vec<SaidRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "select d.statement, ",
            member_columns!("m", "by_"),
            " from decision d join member m on m.id = d.member_id where d.request_id = $1 order by d.decided_at, d.member_id"
        ))
        .bind(request.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok(SaidRow { by: member_of(row, "by_")?, statement: json(row, "statement")? })).collect()
    }

    /// What the responder signed to open a request alone.
    pub async fn opened_alone(&self, request: RequestId) -> Result<Option<OverrideStatement>, StoreError> {
        let row = sqlx::query("select override_statement from access_request where id = $1 and override_statement is not null")
            .bind(request.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| json(&row, "override_statement")).transpose()
    }

    /// Each time a page opened the record of a request, the first first.
    pub async fn openings(&self, request: RequestId) -> Result<Vec<OpeningRow>, StoreError> {
        let rows = sqlx::query("select o.opened_at, o.wiped_at, o.missed_at from opening o join access_grant g on g.id = o.grant_id where g.request_id = $1 order by o.opened_at, o.wipe_commitment")
            .bind(request.to_string())
            .fetch_all(&self.pool)
            .await?;
        let opening = |row: &AnyRow| {
            Ok(OpeningRow {
                opened_at: instant(row, "opened_at")?,
                wiped_at: maybe_instant(row, "wiped_at")?,
                is_missing: maybe_instant(row, "missed_at")?.is_some(),
            })
        };
        rows.iter().map(opening).collect()
    }

    /// The documents that went out for a request, each once, the first first. What was made unreadable in the log tells of none.
    pub async fn documents_sent(&self, request: RequestId) -> Result<Vec<SentRow>, StoreError> {
        let rows = sqlx::query("select document, min(at) as first_at, count(*) as times from (select at, case when json_valid(event) then json_extract(event, '$.facts.document') end as document from audit_event where request_id = $1 and kind = 'document.sent') as sent where document is not null group by document order by first_at, document")
            .bind(request.to_string())
            .fetch_all(&self.pool)
            .await?;
        let sent = |row: &AnyRow| {
            Ok::<_, StoreError>(SentRow {
                document: parsed(row, "document")?,
                first_at: instant(row, "first_at")?,
                times: unsigned(row, "times")?,
            })
        };
        // One that somebody gave another id keeps no review from being read.
        Ok(rows.iter().filter_map(|row| sent(row).ok()).collect())
    }
}
