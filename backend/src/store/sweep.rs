//! Whether anything has run out. It is asked each second and reads by index only: what it costs does not grow with what is over already.

use time::OffsetDateTime;

use super::{
    Store, StoreError, millis,
    reenrolment::untold_end,
    request::{not_open, sign_in_over},
};

/// What is due: now is `$1`, what owes receipts ended by `$2`, and sealings that were begun before `$3` are stale.
const OVER: &str = concat!(
    "select 1 where exists (select 1 from access_request where until_at <= $1 and ",
    not_open!(),
    ") or exists (select 1 from access_request r where until_at > $1 and ",
    not_open!("r."),
    " and ",
    sign_in_over!("r"),
    ") or exists (select 1 from access_grant where ending is null and ends_at <= $1) \
     or exists (select 1 from opening o join access_grant g on g.id = o.grant_id where o.wiped_at is null and o.missed_at is null and g.ended_at <= $2) \
     or exists (select 1 from sealing where committed = 0 and sealed_at < $3) \
     or exists (select 1 from drill where over = 0 and ends_at <= $1) \
     or exists (select 1 from review where closed_at is null and overdue_at is null and due_at <= $1) \
     or exists (select 1 from reenrolment where ",
    untold_end!(),
    ")"
);

impl Store {
    /// Whether anything has run out that is not written down yet; receipts are owed by windows that ended by `owed`, sealings
    /// stale that were begun before `stale`.
    pub async fn anything_over(
        &self,
        now: OffsetDateTime,
        owed: OffsetDateTime,
        stale: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(OVER).bind(millis(now)).bind(millis(owed)).bind(millis(stale)).fetch_optional(&self.pool).await?;
        Ok(row.is_some())
    }
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row as _, SqlitePool, sqlite::SqlitePoolOptions};

    use super::{
        super::{MIGRATIONS, grant::MISSED_RECEIPTS},
        OVER,
    };

    /// The indexes by which it goes that hold only what goes on: reading one from end to end is little.
    const OF_WHAT_GOES_ON: [&str; 4] = ["access_grant_open", "opening_owed", "sealing_begun", "drill_on"];

    async fn database() -> SqlitePool {
        // One connection: each would have a database of its own.
        let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
        MIGRATIONS.run(&pool).await.unwrap();
        pool
    }

    /// What of a statement reads a table, or an index of all of it, from end to end.
    async fn scans(pool: &SqlitePool, sql: &str) -> Vec<String> {
        let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}"))).fetch_all(pool).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|step| step.get("detail")).collect();
        assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{steps:?}");
        let is_little = |step: &str| step == "SCAN CONSTANT ROW" || OF_WHAT_GOES_ON.iter().any(|index| step.ends_with(index));
        steps.into_iter().filter(|step| step.starts_with("SCAN") && !is_little(step)).collect()
    }

    #[tokio::test]
    async fn what_each_second_asks_reads_no_table_from_end_to_end() {
        let pool = database().await;
        for sql in [OVER, MISSED_RECEIPTS] {
            assert_eq!(scans(&pool, sql).await, [""; 0]);
        }
        for index in OF_WHAT_GOES_ON {
            let row = sqlx::query("select sql from sqlite_schema where type = 'index' and name = $1").bind(index);
            let made: String = row.fetch_one(&pool).await.unwrap().get("sql");
            assert!(made.contains(" where "), "{index} is of everything");
        }
    }

    #[tokio::test]
    async fn without_any_of_its_indexes_it_would() {
        for index in OF_WHAT_GOES_ON.into_iter().chain([
            "access_request_by_state",
            "http_session_by_member",
            "review_by_deadline",
            "notice_open",
        ]) {
            let pool = database().await;
            sqlx::query(AssertSqlSafe(format!("drop index {index}"))).execute(&pool).await.unwrap();
            assert!(!scans(&pool, OVER).await.is_empty(), "{index} is of no use");
        }
    }
}
