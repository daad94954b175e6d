//! The key that made-up passkeys are derived from, and the member they are made like.

use halligan_shared::bytes::Bytes;
use sqlx::Row as _;

use super::{PasskeyRow, Store, StoreError, member::passkey_of};
use crate::domain::decoy::DecoyKey;

impl Store {
    /// The installation's decoy key, which a new database gets here: of any number of processes at once, one makes it. It never changes, or
    /// every made-up list would change with it.
    pub async fn decoy_key(&self) -> Result<DecoyKey, StoreError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|_| StoreError::NoRandomness)?;
        sqlx::query("insert into decoy_key (one, key) values (1, $1) on conflict (one) do nothing")
            .bind(Bytes(key).to_hex())
            .execute(&self.pool)
            .await?;
        let row = sqlx::query("select key from decoy_key where one = 1").fetch_one(&self.pool).await?;
        DecoyKey::from_hex(&row.try_get::<String, _>("key")?).ok_or(StoreError::Unreadable("decoy key"))
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
