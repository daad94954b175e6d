//! Whether the database would hold in an emergency.

use std::{sync::Arc, time::Duration};

use sqlx::{Row as _, any::AnyPoolOptions};

use super::{MIGRATIONS, Store, StoreError};

/// What a look at the database found; what could not be looked at, each by itself.
pub struct DatabaseFound {
    /// `ok`, or what SQLite found to be wrong.
    pub integrity: Result<String, StoreError>,
    /// `wal`, or something that loses what was answered, or stops readers.
    pub journal: Result<String, StoreError>,
    /// How many changes of the schema this program knows and are not done, and how many are done that it does not know.
    pub migrations: Result<(usize, usize), StoreError>,
    /// Whether something can be written; taken back at once.
    pub writable: Result<(), StoreError>,
}

impl Store {
    /// A database that is there, as it is: nothing is made, and its schema is not brought up to date.
    pub async fn attach(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let pool = AnyPoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect(url).await?;
        Ok(Self { pool, writer: Arc::default() })
    }

    /// Looks at the database. It reads the whole file.
    pub async fn examine(&self) -> DatabaseFound {
        DatabaseFound {
            integrity: self.integrity().await,
            journal: self.journal().await,
            migrations: self.migrations().await,
            writable: self.try_writing().await,
        }
    }

    /// How many reviews are other than the log has them: gone, there without having been opened, owed by an override and never opened, or
    /// closed by another finding. Of the log only what its digests are of is read.
    pub async fn reviews_unlike_the_log(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "with log as (select json_extract(event, '$.kind') as kind, json_extract(event, '$.facts.request') as request, \
                     json_extract(event, '$.facts.statement.request') as signed, json_extract(event, '$.facts.statement.finding') as finding \
                 from audit_event where json_valid(event)), \
             opened as (select request from log where kind = 'review.opened') \
             select (select count(*) from opened where request not in (select request_id from review)) \
                  + (select count(*) from review where request_id not in (select request from opened)) \
                  + (select count(*) from log where kind = 'request.overridden' and coalesce(request, signed) not in (select request from opened)) \
                  + (select count(*) from review r where closed_at is not null and not exists \
                     (select 1 from log where kind = 'review.closed' and coalesce(request, signed) = r.request_id and finding = r.finding)) as unlike",
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(row.try_get::<i64, _>("unlike")?.unsigned_abs())
    }

    async fn integrity(&self) -> Result<String, StoreError> {
        let rows = sqlx::query("pragma integrity_check(5)").fetch_all(&self.pool).await?;
        let lines = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
        Ok(lines.join("; "))
    }

    async fn journal(&self) -> Result<String, StoreError> {
        Ok(sqlx::query("pragma journal_mode").fetch_one(&self.pool).await?.try_get(0)?)
    }

    async fn migrations(&self) -> Result<(usize, usize), StoreError> {
        let rows = sqlx::query("select version, checksum from _sqlx_migrations where success").fetch_all(&self.pool).await?;
        let done =
            rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<Vec<(i64, Vec<u8>)>, StoreError>>()?;
        let missing = MIGRATIONS.iter().filter(|known| done.iter().all(|(version, _)| *version != known.version));
        // One of another text is another change: a start refuses it.
        let is_known =
            |version: &i64, sum: &[u8]| MIGRATIONS.iter().any(|known| known.version == *version && *known.checksum == *sum);
        Ok((missing.count(), done.iter().filter(|(version, sum)| !is_known(version, sum)).count()))
    }

    /// Writes as much as a release does, and takes it back: on a disk that is full or a file that is read only, it fails here.
    async fn try_writing(&self) -> Result<(), StoreError> {
        let mut unit = self.begin().await?;
        sqlx::query("create table doctor (filling blob)").execute(&mut *unit.tx).await?;
        sqlx::query("insert into doctor (filling) values (zeroblob(65536))").execute(&mut *unit.tx).await?;
        unit.tx.rollback().await?;
        Ok(())
    }
}
