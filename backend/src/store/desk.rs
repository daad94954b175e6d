//! What the desk shows beside the waiting requests.

use halligan_shared::{
    id::{GrantId, MemberId, RequestId},
    justification::Justification,
    statement::AccessStatement,
};
use sqlx::Row as _;
use time::OffsetDateTime;

use super::{
    Store, StoreError, instant, json,
    member::{member_columns, member_of},
    millis, parsed,
};
use crate::domain::member::Member;

/// An open window.
pub struct LiveRow {
    /// The grant.
    pub id: GrantId,
    /// Who reads.
    pub by: Member,
    /// For which incident.
    pub incident: String,
    /// Whether the patient is made up.
    pub drill: bool,
    /// When it closes.
    pub ends_at: OffsetDateTime,
}

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
    /// Open windows, the nearest end first.
    pub async fn live_grants(&self, now: OffsetDateTime) -> Result<Vec<LiveRow>, StoreError> {
        let rows = sqlx::query(
            concat!("select g.id as grant_id, g.ends_at, q.statement, ", member_columns!("m"), " from access_grant g join access_request q on q.id = g.request_id join member m on m.id = q.member_id where g.ending is null and g.ends_at > $1 order by g.ends_at limit 200"),
        )
        .bind(millis(now))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let asked: AccessStatement = json(row, "statement")?;
                Ok(LiveRow {
                    id: parsed(row, "grant_id")?,
                    by: member_of(row, "")?,
                    incident: asked.justification.incident().to_owned(),
                    drill: asked.drill,
                    ends_at: instant(row, "ends_at")?,
                })
            })
            .collect()
    }

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
