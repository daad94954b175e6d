//! What the desk shows beside the requests themselves.

use std::collections::HashMap;

use halligan_shared::{
    id::{MemberId, RequestId},
    justification::Justification,
};
use sqlx::Row as _;
use time::OffsetDateTime;

use super::{Store, StoreError, instant, json, parsed};

/// A request of the past.
pub struct PastRow {
    /// The id.
    pub id: RequestId,
    /// When.
    pub asked_at: OffsetDateTime,
    /// For which incident.
    pub incident: String,
    /// What became of it.
    pub outcome: String,
}

impl Store {
    /// The last requests of these members, newest first: at most `most` of each.
    pub async fn last_requests(&self, members: &[MemberId], most: u32) -> Result<HashMap<MemberId, Vec<PastRow>>, StoreError> {
        let mut last = HashMap::<MemberId, Vec<PastRow>>::new();
        if members.is_empty() {
            return Ok(last);
        }
        let places = (2..=members.len() + 1).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(format!(
            "select * from (select id, member_id, asked_at, justification, state, row_number() over (partition by member_id order by asked_at desc, id desc) as place from access_request where member_id in ({places})) r where r.place <= $1 order by r.asked_at desc, r.id desc"
        )))
        .bind(i64::from(most));
        for member in members {
            query = query.bind(member.to_string());
        }
        for row in query.fetch_all(&self.pool).await? {
            let justification: Justification = json(&row, "justification")?;
            last.entry(parsed(&row, "member_id")?).or_default().push(PastRow {
                id: parsed(&row, "id")?,
                asked_at: instant(&row, "asked_at")?,
                incident: justification.incident().to_owned(),
                outcome: row.try_get("state")?,
            });
        }
        Ok(last)
    }
}
