//! Whether the database would hold in an emergency.

use std::time::Duration;

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
        Ok(Self { pool, writer: std::sync::Arc::default() })
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

    /// How many reviews the log has that are not there, or are closed without a finding in the log.
    pub async fn reviews_unlike_the_log(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "select (select count(*) from audit_event a where a.kind = 'review.opened' and not exists \
                     (select 1 from review r where r.request_id = case when json_valid(a.event) then json_extract(a.event, '$.facts.request') end)) \
                  + (select count(*) from review r where r.closed_at is not null and not exists \
                     (select 1 from audit_event a where a.kind = 'review.closed' and a.request_id = r.request_id)) as unlike",
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
