//! Which policies are in force, with their words: what a start compares those with that it found.

use std::collections::BTreeMap;

use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, json, millis, to_json};

/// The policies that are in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoliciesRow {
    /// Their version.
    pub version: String,
    /// The text of each, by id.
    pub texts: BTreeMap<String, String>,
}

const IN_FORCE: &str = "select version, texts from policies_in_force where one = 1";

impl Store {
    /// Those in force; `None` before the first start.
    pub async fn policies(&self) -> Result<Option<PoliciesRow>, StoreError> {
        sqlx::query(IN_FORCE).fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }
}

impl Unit {
    /// Those in force, and nobody changes them meanwhile.
    pub async fn policies(&mut self) -> Result<Option<PoliciesRow>, StoreError> {
        sqlx::query(IN_FORCE).fetch_optional(&mut *self.tx).await?.as_ref().map(read).transpose()
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

fn read(row: &AnyRow) -> Result<PoliciesRow, StoreError> {
    Ok(PoliciesRow { version: row.try_get("version")?, texts: json(row, "texts")? })
}
