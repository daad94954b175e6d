//! Rotations of KEK-Responder: which sealings are wrapped anew already, so that what was interrupted goes on where it was.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_shared::{
    id::{RecordId, RotationId, SealingId},
    outcome::Outcome,
};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, millis, parsed, request::not_open, signed, unsigned};

/// A rotation that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationRow {
    /// The id.
    pub id: RotationId,
    /// The key that wraps everything afterwards.
    pub kek: String,
    /// By which of its materials: how often that had been replaced.
    pub material: u64,
}

/// A sealing, and how its share 1 is wrapped.
#[derive(Clone)]
pub struct WrappedRow {
    /// The sealing.
    pub sealing: SealingId,
    /// Its record.
    pub record: RecordId,
    /// W, in base64, as it is kept.
    pub wrapped_share: String,
    /// The key that wraps it.
    pub kek: String,
}

impl WrappedRow {
    /// W. `None`: what is kept is no base64.
    pub fn share(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.wrapped_share).ok()
    }
}

/// A sealing whose share 1 was wrapped anew, and what it was before.
pub struct RewrappedRow {
    /// As it is.
    pub current: WrappedRow,
    /// W as it was, in base64.
    pub former_share: String,
    /// The key that wrapped it.
    pub former_kek: String,
}

/// A record whose current version needs another agreement key than the one for new ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerRow {
    /// The record.
    pub record: RecordId,
    /// The agency's file number.
    pub file_number: String,
    /// The version.
    pub version: u32,
    /// The key.
    pub agreement_key: String,
}

impl Store {
    /// The rotation that is not over, if any.
    pub async fn rotation(&self) -> Result<Option<RotationRow>, StoreError> {
        let row =
            sqlx::query("select id, kek, material from rotation where ended_at is null order by begun_at desc, id desc limit 1")
                .fetch_optional(&self.pool)
                .await?;
        row.map(|row| Ok(RotationRow { id: parsed(&row, "id")?, kek: row.try_get("kek")?, material: unsigned(&row, "material")? }))
            .transpose()
    }

    /// How many sealings a rotation has wrapped anew, and how many there are.
    pub async fn rotated(&self, rotation: RotationId) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(
            "select (select count(*) from sealing where rotation_id = $1) as done, (select count(*) from sealing) as everything",
        )
        .bind(rotation.to_string())
        .fetch_one(&self.pool)
        .await?;
        Ok((unsigned(&row, "done")?, unsigned(&row, "everything")?))
    }

    /// Whether a rotation that is not over has nothing left to wrap anew.
    pub async fn is_rotated(&self, rotation: RotationId) -> Result<bool, StoreError> {
        let (done, everything) = self.rotated(rotation).await?;
        Ok(done == everything)
    }

    /// The next sealings that a rotation has yet to wrap anew, behind `after`.
    pub async fn sealings_to_rewrap(
        &self,
        rotation: RotationId,
        after: Option<SealingId>,
        most: u32,
    ) -> Result<Vec<WrappedRow>, StoreError> {
        let rows = sqlx::query("select id, record_id, wrapped_share, kek from sealing where (rotation_id is null or rotation_id <> $1) and id > $2 order by id limit $3")
            .bind(rotation.to_string())
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(wrapped_of).collect()
    }

    /// The next sealings of which it is kept what they were before a rotation, behind `after`.
    pub async fn rewrapped(&self, after: Option<SealingId>, most: u32) -> Result<Vec<RewrappedRow>, StoreError> {
        let rows = sqlx::query("select id, record_id, wrapped_share, kek, former_share, former_kek from sealing where former_share is not null and id > $1 order by id limit $2")
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(RewrappedRow {
                    current: wrapped_of(row)?,
                    former_share: row.try_get("former_share")?,
                    former_kek: row.try_get("former_kek")?,
                })
            })
            .collect()
    }

    /// Records whose current version needs another agreement key than this one.
    pub async fn under_other_agreement_keys(&self, agreement_key: &str) -> Result<Vec<FormerRow>, StoreError> {
        let rows = sqlx::query("select r.id, r.file_number, r.version, s.agreement_key from record r join sealing s on s.record_id = r.id and s.version = r.version and s.committed = 1 where s.agreement_key <> $1 order by s.sealed_at, r.id")
            .bind(agreement_key)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(FormerRow {
                    record: parsed(row, "id")?,
                    file_number: row.try_get("file_number")?,
                    version: unsigned(row, "version")?,
                    agreement_key: row.try_get("agreement_key")?,
                })
            })
            .collect()
    }

    /// How many requests may yet open, or have open, a version that needs another agreement key than this one.
    pub async fn requests_under_other_agreement_keys(&self, agreement_key: &str, now: OffsetDateTime) -> Result<u64, StoreError> {
        let row = sqlx::query(concat!(
            "select count(*) as requests from access_request q join sealing s on s.id = q.sealing_id left join access_grant g on g.request_id = q.id \
             where s.agreement_key <> $1 and ((q.until_at > $2 and ",
            not_open!("q."),
            ") or (q.state = $3 and g.ending is null and g.ends_at > $2))"
        ))
        .bind(agreement_key)
        .bind(millis(now))
        .bind(Outcome::Released.word())
        .fetch_one(&self.pool)
        .await?;
        unsigned(&row, "requests")
    }
}

impl Unit {
    /// Begins a rotation; one that was not over gives way to it.
    pub async fn begin_rotation(&mut self, rotation: &RotationRow, now: OffsetDateTime) -> Result<(), StoreError> {
        self.stop_rotations(now).await?;
        sqlx::query("insert into rotation (id, kek, material, begun_at) values ($1, $2, $3, $4)")
            .bind(rotation.id.to_string())
            .bind(&rotation.kek)
            .bind(signed(rotation.material)?)
            .bind(millis(now))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Puts a share that was wrapped anew in the place of exactly the one it was made from. What it was before the first rotation that is
    /// not ended is kept beside it. `false`: another stands there.
    pub async fn rewrap(&mut self, row: &WrappedRow, rewrapped: &[u8], rotation: &RotationRow) -> Result<bool, StoreError> {
        let done = sqlx::query("update sealing set wrapped_share = $1, kek = $2, rotation_id = $3, former_share = coalesce(former_share, wrapped_share), former_kek = coalesce(former_kek, kek) where id = $4 and record_id = $5 and wrapped_share = $6")
            .bind(STANDARD.encode(rewrapped))
            .bind(&rotation.kek)
            .bind(rotation.id.to_string())
            .bind(row.sealing.to_string())
            .bind(row.record.to_string())
            .bind(&row.wrapped_share)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts back what a sealing's share 1 was before. `false`: it is something else by now.
    pub async fn put_back(&mut self, row: &RewrappedRow) -> Result<bool, StoreError> {
        let done = sqlx::query("update sealing set wrapped_share = former_share, kek = former_kek, rotation_id = null, former_share = null, former_kek = null where id = $1 and wrapped_share = $2 and former_share = $3")
            .bind(row.current.sealing.to_string())
            .bind(&row.current.wrapped_share)
            .bind(&row.former_share)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Drops what shares were before: of how many sealings.
    pub async fn drop_former_shares(&mut self) -> Result<u64, StoreError> {
        let done = sqlx::query("update sealing set former_share = null, former_kek = null where former_share is not null")
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected())
    }

    /// Ends whatever rotation is not over, done or not.
    pub async fn stop_rotations(&mut self, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update rotation set ended_at = $1 where ended_at is null").bind(millis(now)).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Ends a rotation that has nothing left to do. `false`: it has, or it was ended before.
    pub async fn end_rotation(&mut self, rotation: RotationId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("update rotation set ended_at = $1 where id = $2 and ended_at is null and not exists (select 1 from sealing where rotation_id is null or rotation_id <> $2)")
            .bind(millis(now))
            .bind(rotation.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn wrapped_of(row: &AnyRow) -> Result<WrappedRow, StoreError> {
    Ok(WrappedRow {
        sealing: parsed(row, "id")?,
        record: parsed(row, "record_id")?,
        wrapped_share: row.try_get("wrapped_share")?,
        kek: row.try_get("kek")?,
    })
}
