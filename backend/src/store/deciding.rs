//! Who is about to decide what. A sign for the other desks, and no lock: it decides nothing, and goes by itself.

use std::collections::HashMap;

use halligan_shared::id::{MemberId, RequestId};
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit,
    member::{member_columns, member_of},
    millis, parsed,
};
use crate::domain::member::Member;

impl Store {
    /// Notes that a dispatcher is about to decide these, until then at most.
    pub async fn mark_deciding(&self, requests: &[RequestId], member: MemberId, until: OffsetDateTime) -> Result<(), StoreError> {
        let places = (3..requests.len() + 3).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(format!(
            "insert into deciding (request_id, member_id, until_at) select id, $1, $2 from access_request where id in ({places}) \
             on conflict (request_id, member_id) do update set until_at = excluded.until_at"
        )))
        .bind(member.to_string())
        .bind(millis(until));
        for request in requests {
            query = query.bind(request.to_string());
        }
        query.execute(&self.pool).await?;
        Ok(())
    }

    /// Notes that a dispatcher is about to decide nothing any more.
    pub async fn unmark_all_deciding(&self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("delete from deciding where member_id = $1").bind(member.to_string()).execute(&self.pool).await?;
        Ok(())
    }

    /// Notes that a dispatcher is not about to decide it any more.
    pub async fn unmark_deciding(&self, request: RequestId, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("delete from deciding where request_id = $1 and member_id = $2")
            .bind(request.to_string())
            .bind(member.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Who is about to decide what, by request.
    pub async fn deciding(&self, now: OffsetDateTime) -> Result<HashMap<RequestId, Vec<Member>>, StoreError> {
        const DECIDING: &str = concat!(
            "select d.request_id, ",
            member_columns!("m"),
            " from deciding d join member m on m.id = d.member_id where d.until_at > $1 order by d.member_id"
        );
        let rows = sqlx::query(DECIDING).bind(millis(now)).fetch_all(&self.pool).await?;
        let mut deciding = HashMap::<_, Vec<_>>::new();
        for row in rows {
            deciding.entry(parsed(&row, "request_id")?).or_default().push(member_of(&row, "")?);
        }
        Ok(deciding)
    }

    /// Forgets who said nothing more of it. Whether there was anybody.
    pub async fn forget_deciding(&self, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from deciding where until_at <= $1").bind(millis(now)).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }
}

impl Unit {
    /// A dispatcher has decided it.
    pub(super) async fn has_decided(&mut self, request: RequestId, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("delete from deciding where request_id = $1 and member_id = $2")
            .bind(request.to_string())
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
