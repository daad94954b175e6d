//! The key that made-up passkeys are derived from, and the member they are made like.

use halligan_shared::bytes::Bytes;
use sqlx::{AnyPool, Row as _};

use super::{PasskeyRow, Store, StoreError, member::passkey_of};
use crate::domain::decoy::DecoyKey;

impl Store {
    /// The installation's decoy key, as it was read when the database was opened: strangers' calls are judged by it, and none of them is to
    /// ask the database anything for that.
    pub fn decoy_key(&self) -> &DecoyKey {
        &self.decoy_key
    }

    /// The passkey next to a point on the ring of credential ids. `None`: there is no passkey at all.
    pub async fn passkey_beside(&self, point: &str) -> Result<Option<PasskeyRow>, StoreError> {
        // Text comparison orders the ring; which order that is does not matter.
        let row =
            sqlx::query("select * from passkey order by case when credential_id >= $1 then 0 else 1 end, credential_id limit 1")
                .bind(point)
                .fetch_optional(&self.pool)
                .await?;
        row.as_ref().map(passkey_of).transpose()
    }
}

/// The decoy key of a database, which a new one gets here: of any number of processes at once, one makes it. It never changes, or every
/// made-up list would change with it.
pub(super) async fn key_of(pool: &AnyPool) -> Result<DecoyKey, StoreError> {
    sqlx::query("insert into decoy_key (one, key) values (1, $1) on conflict (one) do nothing")
        .bind(fresh()?)
        .execute(pool)
        .await?;
    let row = sqlx::query("select key from decoy_key where one = 1").fetch_one(pool).await?;
    read(&row.try_get::<String, _>("key")?)
}

/// A key that nobody has, in the store's form.
pub(super) fn fresh() -> Result<String, StoreError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| StoreError::NoRandomness)?;
    Ok(Bytes(key).to_hex())
}

pub(super) fn read(text: &str) -> Result<DecoyKey, StoreError> {
    DecoyKey::from_hex(text).ok_or(StoreError::Unreadable("decoy key"))
}
