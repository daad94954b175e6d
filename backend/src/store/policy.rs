//! Which policies are in force, with their words: what a start compares those with that it found.

use std::collections::BTreeMap;

use sqlx::Row as _;
use time::OffsetDateTime;

use super::{StoreError, Unit, json, millis, to_json};

/// The policies that are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesRow {
    /// Their version.
    pub version: String,
    /// The text of each, by id.
    pub texts: BTreeMap<String, String>,
}

impl Unit {
    /// Those in force; `None` before the first start.
    pub async fn policies(&mut self) -> Result<Option<PoliciesRow>, StoreError> {
        let row = sqlx::query("select version, texts from policies_in_force where one = 1").fetch_optional(&mut *self.tx).await?;
        row.map(|row| Ok(PoliciesRow { version: row.try_get("version")?, texts: json(&row, "texts")? })).transpose()
    }

    /// Puts others in force.
    pub async fn put_policies(&mut self, policies: &PoliciesRow, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(
            "insert into policies_in_force (one, version, texts, since) values (1, $1, $2, $3) on conflict (one) do update set version = excluded.version, texts = excluded.texts, since = excluded.since",
        )
        .bind(policies.version.clone())
        .bind(to_json(&policies.texts)?)
        .bind(millis(now))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}
