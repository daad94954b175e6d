//! Passkey ceremonies under way.

use halligan_shared::id::{CeremonyId, MemberId};
use serde::{Serialize, de::DeserializeOwned};
use time::OffsetDateTime;

use super::{Store, StoreError, json, millis, to_json};

/// A ceremony: what it is for, whose it is, and its state.
pub struct Ceremony<T> {
    /// The id the page hands back.
    pub id: CeremonyId,
    /// What it is for: an answer to one kind of ceremony is never taken for another's.
    pub purpose: &'static str,
    /// Whose; absent where nobody is signed in yet.
    pub member: Option<MemberId>,
    /// What is needed to judge the answer.
    pub state: T,
}

impl Store {
    /// Keeps a ceremony until its answer comes; drops those that never were answered.
    pub async fn keep_ceremony<T: Serialize>(
        &self,
        ceremony: &Ceremony<T>,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from ceremony where expires_at <= $1").bind(millis(now)).execute(&self.pool).await?;
        sqlx::query("insert into ceremony (id, purpose, member_id, state, expires_at) values ($1, $2, $3, $4, $5)")
            .bind(ceremony.id.to_string())
            .bind(ceremony.purpose)
            .bind(ceremony.member.map(|member| member.to_string()))
            .bind(to_json(&ceremony.state)?)
            .bind(millis(until))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Takes a ceremony out, for good. `None`: used, expired, another's, of another kind, or never begun.
    pub async fn take_ceremony<T: DeserializeOwned>(
        &self,
        id: CeremonyId,
        purpose: &'static str,
        member: Option<MemberId>,
        now: OffsetDateTime,
    ) -> Result<Option<T>, StoreError> {
        let row = sqlx::query(
            "delete from ceremony where id = $1 and purpose = $2 and coalesce(member_id, '') = $3 and expires_at > $4 returning state",
        )
        .bind(id.to_string())
        .bind(purpose)
        .bind(member.map(|member| member.to_string()).unwrap_or_default())
        .bind(millis(now))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| json(&row, "state")).transpose()
    }
}
