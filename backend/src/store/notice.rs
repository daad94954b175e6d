//! Notices, and in whose inbox they are.

use std::collections::HashMap;

use halligan_shared::{
    id::{MemberId, NoticeId, RequestId},
    notice::{Closing, Topic},
    wire::NOTICES_SHOWN,
};
use serde_json::Value;
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, instant, json, maybe_instant, millis, parsed, to_json, unsigned};
use crate::domain::{
    audit::Event,
    notice::{self, Closed, Ended, Notice},
};

/// A notice in an inbox.
pub struct InboxRow {
    /// The notice.
    pub notice: Notice,
    /// Whether the member read it.
    pub is_read: bool,
}

impl Store {
    /// A member's notices: unread ones first, then the newest.
    pub async fn inbox(&self, member: MemberId) -> Result<Vec<InboxRow>, StoreError> {
        let rows = sqlx::query("select n.*, t.read_at from notice_to t join notice n on n.id = t.notice_id where t.member_id = $1 order by case when t.read_at is null then 0 else 1 end, n.made_at desc, n.id desc limit $2")
            .bind(member.to_string())
            .bind(i64::from(NOTICES_SHOWN))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(InboxRow { notice: notice_of(row)?, is_read: maybe_instant(row, "read_at")?.is_some() })).collect()
    }

    /// How many notices a member has not read.
    pub async fn unread(&self, member: MemberId) -> Result<u32, StoreError> {
        let row = sqlx::query("select count(*) as unread from notice_to where member_id = $1 and read_at is null")
            .bind(member.to_string())
            .fetch_one(&self.pool)
            .await?;
        unsigned(&row, "unread")
    }

    /// Notes that a member read notices. Whether one of them was theirs and news.
    pub async fn read_notices(&self, member: MemberId, notices: &[NoticeId], now: OffsetDateTime) -> Result<bool, StoreError> {
        let places = (3..notices.len() + 3).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(format!(
            "update notice_to set read_at = $1 where member_id = $2 and read_at is null and notice_id in ({places})"
        )))
        .bind(millis(now))
        .bind(member.to_string());
        for notice in notices {
            query = query.bind(notice.to_string());
        }
        Ok(query.execute(&self.pool).await?.rows_affected() > 0)
    }

    /// How many notices each member has not read, of those who have any.
    pub async fn all_unread(&self) -> Result<HashMap<MemberId, u32>, StoreError> {
        let rows = sqlx::query("select member_id, count(*) as unread from notice_to where read_at is null group by member_id")
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((parsed(row, "member_id")?, unsigned(row, "unread")?))).collect()
    }

    /// Forgets notices that ended before then, with what was sent of them and whose they were.
    pub async fn sweep_notices(&self, before: OffsetDateTime) -> Result<(), StoreError> {
        // That a review was closed, or a device is another's, is told once, and has no end of its own.
        for forgotten in [
            "delete from delivery where notice_id in (select id from notice where closed_at <= $1 or topic in ('review_closed', 'device_ended') and made_at <= $1)",
            "delete from notice_to where notice_id in (select id from notice where closed_at <= $1 or topic in ('review_closed', 'device_ended') and made_at <= $1)",
            "delete from notice where closed_at <= $1 or topic in ('review_closed', 'device_ended') and made_at <= $1",
        ] {
            sqlx::query(forgotten).bind(millis(before)).execute(&self.pool).await?;
        }
        Ok(())
    }
}

impl Unit {
    /// Keeps a notice.
    pub async fn keep_notice(&mut self, notice: &Notice) -> Result<(), StoreError> {
        sqlx::query("insert into notice (id, topic, about, facts, made_at, until_at) values ($1, $2, $3, $4, $5, $6)")
            .bind(notice.id.to_string())
            .bind(notice.topic.word())
            .bind(&notice.about)
            .bind(to_json(&notice.facts)?)
            .bind(millis(notice.made_at))
            .bind(millis(notice.until))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Forgets a notice of which nobody is told.
    pub async fn drop_notice(&mut self, notice: NoticeId) -> Result<(), StoreError> {
        sqlx::query("delete from notice where id = $1").bind(notice.to_string()).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Puts a notice into a member's inbox.
    pub async fn put_into_inbox(&mut self, notice: NoticeId, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("insert into notice_to (notice_id, member_id) values ($1, $2) on conflict do nothing")
            .bind(notice.to_string())
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Takes every notice about something out of a member's inbox: it is not theirs to know any more.
    pub async fn take_from_inbox(&mut self, member: MemberId, about: &str) -> Result<(), StoreError> {
        sqlx::query("delete from notice_to where member_id = $1 and notice_id in (select id from notice where about = $2)")
            .bind(member.to_string())
            .bind(about)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends the notices of what an event ended, about the request that it is about.
    pub(super) async fn end_notices_by(
        &mut self,
        event: &Event,
        request: Option<RequestId>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let Some(Ended { abouts, how, by }) = notice::ended_by(event, request) else { return Ok(()) };
        let closed = Closed { how, by, at: now };
        for about in abouts {
            self.end_notices(&about, &closed).await?;
        }
        Ok(())
    }

    /// Ends every notice about something that has not ended, wherever it was told. Each has one end, and the first to end it says how.
    pub async fn end_notices(&mut self, about: &str, closed: &Closed) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "update notice set closed_at = $1, closed_how = $2, closed_by = $3 where about = $4 and closed_at is null returning id",
        )
        .bind(millis(closed.at))
        .bind(closed.how.word())
        .bind(closed.by.as_ref().map(ToString::to_string))
        .bind(about)
        .fetch_all(&mut *self.tx)
        .await?;
        for row in &rows {
            self.end_deliveries(parsed(row, "id")?, closed.at).await?;
        }
        Ok(())
    }
}

pub(super) fn notice_of(row: &AnyRow) -> Result<Notice, StoreError> {
    let closed = match maybe_instant(row, "closed_at")? {
        None => None,
        Some(at) => {
            let by = row.try_get::<Option<String>, _>("closed_by")?;
            let by = by.map(|by| by.parse().map_err(|_| StoreError::Unreadable("closed_by"))).transpose()?;
            Some(Closed { how: word::<Closing>(row, "closed_how")?, by, at })
        }
    };
    Ok(Notice {
        id: parsed(row, "id")?,
        topic: word::<Topic>(row, "topic")?,
        about: row.try_get("about")?,
        facts: json(row, "facts")?,
        made_at: instant(row, "made_at")?,
        until: instant(row, "until_at")?,
        closed,
    })
}

fn word<T: serde::de::DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_value(Value::String(row.try_get(column)?)).map_err(|_| StoreError::Unreadable(column))
}
