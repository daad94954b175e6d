//! Incidents as computer-aided dispatch told them, and when it was last heard.

use halligan_shared::incident::IncidentNumber;
use sqlx::{Any, Executor, Row as _, any::AnyRow};
use time::{Duration, OffsetDateTime};

use super::{Store, StoreError, Unit, instant, json, maybe_instant, millis, parsed, to_json};
use crate::domain::{door, incident::Told};

impl Store {
    /// The incident that a request names, if computer-aided dispatch told of it.
    pub async fn incident(&self, number: &str, now: OffsetDateTime) -> Result<Option<door::Incident>, StoreError> {
        incident_for_door(&self.pool, number, now).await
    }

    /// The incidents that go on, the last changed first.
    pub async fn open_incidents(&self, most: u32) -> Result<Vec<(IncidentNumber, Told)>, StoreError> {
        let rows = sqlx::query("select * from incident where closed_at is null order by updated_at desc, number limit $1")
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((parsed(row, "number")?, told_of(row)?))).collect()
    }

    /// How long ago computer-aided dispatch was last heard; `None`: never.
    pub async fn feed_heard_ago(&self, now: OffsetDateTime) -> Result<Option<Duration>, StoreError> {
        let row = sqlx::query("select heard_at from incident_feed where one = 1").fetch_one(&self.pool).await?;
        Ok(maybe_instant(&row, "heard_at")?.map(|heard| door::heard_ago(heard, now)))
    }

    /// Forgets the incidents that were closed before.
    pub async fn sweep_incidents(&self, closed_before: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("delete from incident where closed_at <= $1").bind(millis(closed_before)).execute(&self.pool).await?;
        Ok(())
    }
}

impl Unit {
    /// What is held of an incident.
    pub async fn incident_told(&mut self, number: &IncidentNumber) -> Result<Option<Told>, StoreError> {
        let row =
            sqlx::query("select * from incident where number = $1").bind(number.as_str()).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(told_of).transpose()
    }

    /// Holds this of an incident from now on.
    pub async fn keep_incident(&mut self, number: &IncidentNumber, told: &Told, now: OffsetDateTime) -> Result<(), StoreError> {
        // One that stays closed is not closed anew: it would never be forgotten while it is told of.
        let keep = "insert into incident (number, statuses, units, updated_at, heard_at, closed_at) values ($1, $2, $3, $4, $5, $6) on conflict (number) do update set statuses = excluded.statuses, units = excluded.units, updated_at = excluded.updated_at, heard_at = excluded.heard_at, closed_at = case when excluded.closed_at is null then null else coalesce(incident.closed_at, excluded.closed_at) end";
        sqlx::query(keep)
            .bind(number.as_str())
            .bind(to_json(&told.statuses)?)
            .bind(to_json(&told.units)?)
            .bind(millis(told.updated_at))
            .bind(millis(now))
            .bind((!told.is_open).then(|| millis(now)))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Notes that computer-aided dispatch was heard, with what it told.
    pub async fn feed_heard(&mut self, at: OffsetDateTime, now: OffsetDateTime) -> Result<bool, StoreError> {
        heard(&mut *self.tx, at, now).await
    }
}

async fn incident_for_door<'a>(
    database: impl Executor<'a, Database = Any>,
    number: &str,
    now: OffsetDateTime,
) -> Result<Option<door::Incident>, StoreError> {
    // What is no number is no incident's.
    let Ok(number) = number.parse::<IncidentNumber>() else { return Ok(None) };
    let row = sqlx::query(
        "select i.units, i.closed_at, f.heard_at from incident i join incident_feed f on f.one = 1 where i.number = $1 and f.heard_at is not null",
    )
    .bind(number.as_str())
    .fetch_optional(database)
    .await?;
    row.map(|row| {
        Ok(door::Incident {
            is_open: maybe_instant(&row, "closed_at")?.is_none(),
            units: json(&row, "units")?,
            heard_ago: door::heard_ago(instant(&row, "heard_at")?, now),
        })
    })
    .transpose()
}

/// The latest instant counts. One that lies ahead of the clock was kept before somebody put it back, and counts no more.
async fn heard<'a>(
    database: impl Executor<'a, Database = Any>,
    at: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "update incident_feed set heard_at = $1 where one = 1 and (heard_at is null or heard_at < $1 or heard_at > $2)",
    )
    .bind(millis(at.min(now)))
    .bind(millis(now))
    .execute(database)
    .await?;
    Ok(done.rows_affected() == 1)
}

fn told_of(row: &AnyRow) -> Result<Told, StoreError> {
    Ok(Told {
        is_open: row.try_get::<Option<i64>, _>("closed_at")?.is_none(),
        statuses: json(row, "statuses")?,
        units: json(row, "units")?,
        updated_at: instant(row, "updated_at")?,
    })
}
