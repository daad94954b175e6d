//! Drills, and who takes part. One that ran out is over whether or not anything has written that down yet.

use std::collections::HashMap;

use halligan_shared::id::{DrillId, MemberId};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit, instant, maybe_instant,
    member::{member_columns, member_of},
    millis, parsed, unsigned,
};
use crate::domain::{
    audit::EventRow,
    drill::{Drill, TakesPart},
    member::Member,
};

/// Drills with who began and who ended them.
macro_rules! drills {
    ($which:literal) => {
        concat!(
            "select d.id as drill, d.name, d.begun_at, d.ends_at, d.ended_by, ",
            member_columns!("b", "b_"),
            ", ",
            member_columns!("e", "e_"),
            " from drill d join member b on b.id = d.begun_by left join member e on e.id = d.ended_by ",
            $which
        )
    };
}

/// The drill that runs and that a member takes part in.
const OWN: &str = "select d.id as drill, d.name, d.ends_at from drill d join drill_member t on t.drill_id = d.id \
    where t.member_id = $1 and t.left_at is null and d.over = 0 and d.ends_at > $2 limit 1";

impl Store {
    /// Drills, the last begun first: at most so many.
    pub async fn drills(&self, most: u32) -> Result<Vec<Drill>, StoreError> {
        let rows = sqlx::query(drills!("order by d.begun_at desc, d.id desc limit $1"))
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(drill_of).collect()
    }

    /// One of them.
    pub async fn drill(&self, id: DrillId) -> Result<Option<Drill>, StoreError> {
        let row = sqlx::query(drills!("where d.id = $1")).bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(drill_of).transpose()
    }

    /// The drills that run, by name, and how many take part in each.
    pub async fn running_drills(&self, now: OffsetDateTime) -> Result<Vec<(String, u32)>, StoreError> {
        let rows = sqlx::query("select d.name, (select count(*) from drill_member t where t.drill_id = d.id and t.left_at is null) as members from drill d where d.over = 0 and d.ends_at > $1 order by d.begun_at, d.id")
            .bind(millis(now))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("name")?, unsigned(row, "members")?))).collect()
    }

    /// Who takes part in a drill, or did, by agency id; and whether they left before its end.
    pub async fn members_of_drill(&self, id: DrillId) -> Result<Vec<(Member, bool)>, StoreError> {
        let rows = sqlx::query(concat!(
            "select t.left_at, ",
            member_columns!("m"),
            " from drill_member t join member m on m.id = t.member_id where t.drill_id = $1 order by m.agency_id"
        ))
        .bind(id.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| Ok((member_of(row, "")?, maybe_instant(row, "left_at")?.is_some()))).collect()
    }

    /// The drill that a member takes part in, while it runs.
    pub async fn drill_of(&self, member: MemberId, now: OffsetDateTime) -> Result<Option<TakesPart>, StoreError> {
        let row = sqlx::query(OWN).bind(member.to_string()).bind(millis(now)).fetch_optional(&self.pool).await?;
        row.as_ref().map(takes_part).transpose()
    }

    /// What the log has of the requests of a drill, in the order of the log.
    pub async fn events_of_drill(&self, id: DrillId) -> Result<Vec<EventRow>, StoreError> {
        let rows = sqlx::query("select e.request_id, e.at, e.kind, e.actor, e.event from audit_event e join access_request q on q.id = e.request_id where q.drill_id = $1 order by e.sequence")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(EventRow {
                    request: parsed(row, "request_id")?,
                    at: instant(row, "at")?,
                    kind: row.try_get("kind")?,
                    actor: row.try_get("actor")?,
                    text: row.try_get("event")?,
                })
            })
            .collect()
    }

    /// Where the requests of a drill stand, by their ids.
    pub async fn outcomes_of_drill(&self, id: DrillId) -> Result<HashMap<String, String>, StoreError> {
        let rows = sqlx::query("select id, state from access_request where drill_id = $1")
            .bind(id.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("id")?, row.try_get("state")?))).collect()
    }
}

impl Unit {
    /// The drill that a member takes part in, while it runs.
    pub async fn drill_of(&mut self, member: MemberId, now: OffsetDateTime) -> Result<Option<TakesPart>, StoreError> {
        let row = sqlx::query(OWN).bind(member.to_string()).bind(millis(now)).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(takes_part).transpose()
    }

    /// Begins a drill, in which nobody takes part yet.
    pub async fn begin_drill(
        &mut self,
        (id, name): (DrillId, &str),
        by: MemberId,
        (now, ends_at): (OffsetDateTime, OffsetDateTime),
    ) -> Result<(), StoreError> {
        sqlx::query("insert into drill (id, name, begun_by, begun_at, ends_at, over) values ($1, $2, $3, $4, $5, 0)")
            .bind(id.to_string())
            .bind(name)
            .bind(by.to_string())
            .bind(millis(now))
            .bind(millis(ends_at))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Makes a member take part. `false`: they take part in one that runs already, they left this one, they are kept out, or it is over.
    pub async fn join_drill(&mut self, drill: DrillId, member: MemberId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into drill_member (drill_id, member_id) select $1, id from member where id = $2 and suspended_at is null \
             and exists (select 1 from drill where id = $1 and over = 0 and ends_at > $3) \
             and not exists (select 1 from drill_member t join drill d on d.id = t.drill_id where t.member_id = $2 and t.left_at is null \
             and d.over = 0 and d.ends_at > $3) \
             on conflict (drill_id, member_id) do nothing",
        )
        .bind(drill.to_string())
        .bind(member.to_string())
        .bind(millis(now))
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A member takes part no more. `false`: they did not.
    pub async fn leave_drill(&mut self, drill: DrillId, member: MemberId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("update drill_member set left_at = $1 where drill_id = $2 and member_id = $3 and left_at is null")
            .bind(millis(now))
            .bind(drill.to_string())
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a drill that runs. `false`: it is over.
    pub async fn end_drill(&mut self, drill: DrillId, by: MemberId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done =
            sqlx::query("update drill set over = 1, ends_at = $1, ended_by = $2 where id = $3 and over = 0 and ends_at > $1")
                .bind(millis(now))
                .bind(by.to_string())
                .bind(drill.to_string())
                .execute(&mut *self.tx)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down which drills have run out.
    pub async fn drills_over(&mut self, now: OffsetDateTime) -> Result<Vec<DrillId>, StoreError> {
        let rows = sqlx::query("update drill set over = 1 where over = 0 and ends_at <= $1 returning id")
            .bind(millis(now))
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }
}

fn drill_of(row: &AnyRow) -> Result<Drill, StoreError> {
    Ok(Drill {
        id: parsed(row, "drill")?,
        name: row.try_get("name")?,
        begun_by: member_of(row, "b_")?,
        begun_at: instant(row, "begun_at")?,
        ends_at: instant(row, "ends_at")?,
        ended_by: row.try_get::<Option<String>, _>("ended_by")?.map(|_| member_of(row, "e_")).transpose()?,
    })
}

fn takes_part(row: &AnyRow) -> Result<TakesPart, StoreError> {
    Ok(TakesPart { drill: parsed(row, "drill")?, name: row.try_get("name")?, until: instant(row, "ends_at")? })
}
