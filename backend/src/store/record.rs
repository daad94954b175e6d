//! Records, sealings, bracelets. Everything here is ciphertext or public.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_shared::{
    bytes::Bytes,
    crypto::Point,
    id::{DocumentId, RecordId, SealingId},
    reference::ReferenceDigest,
    wire::Bracelet,
};
use serde_json::Value;
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, instant, json, millis, parsed, to_json, unsigned};

/// A sealing that begins.
pub struct NewSealing<'a> {
    /// The id.
    pub id: SealingId,
    /// The record it will belong to.
    pub record: RecordId,
    /// The version it will be.
    pub version: u32,
    /// W: share 1, wrapped by KMS.
    pub wrapped_share: &'a [u8],
    /// Who seals, by agency id.
    pub sealed_by: &'a str,
    /// The key that wrapped it.
    pub kek: &'a str,
    /// The key whose public point it is sealed to.
    pub agreement_key: &'a str,
}

/// A sealing: begun, or a version of its record.
pub struct SealingRow {
    /// The record.
    pub record: RecordId,
    /// The version.
    pub version: u32,
    /// W.
    pub wrapped_share: Vec<u8>,
    /// C, once committed.
    pub point: Option<Point>,
    /// Who began it.
    pub sealed_by: String,
    /// Whether it is a version of its record.
    pub committed: bool,
    /// The key that wraps its share 1.
    pub kek: String,
    /// The key that derives its share 2.
    pub agreement_key: String,
}

/// A sealing that becomes a version of its record.
pub struct CommittedSealing<'a> {
    /// The sealing.
    pub id: SealingId,
    /// C.
    pub point: Point,
    /// Its documents, the summary first.
    pub documents: &'a [DocumentId],
    /// The agency's file number.
    pub file_number: &'a str,
    /// Whether the patient is made up.
    pub drill: bool,
}

/// What a bracelet stands for.
pub struct BraceletRow {
    /// The record it names.
    pub record: RecordId,
    /// What ties it to its record.
    pub binding: Bytes<32>,
    /// Whether the patient is made up.
    pub drill: bool,
}

/// A record in a list.
pub struct RecordRow {
    /// The id.
    pub id: RecordId,
    /// The agency's file number.
    pub file_number: String,
    /// The current version.
    pub version: u32,
    /// Whether the patient is made up.
    pub drill: bool,
    /// When that version was sealed.
    pub sealed_at: OffsetDateTime,
    /// How many documents it has.
    pub documents: u32,
    /// When its bracelet was made.
    pub bracelet_at: OffsetDateTime,
}

/// Two keys that current versions of records are under.
pub struct KeysInUse {
    /// The key that wraps their share 1.
    pub kek: String,
    /// The key that derives their share 2.
    pub agreement_key: String,
    /// How many records.
    pub records: u64,
    /// The one of them that was sealed last.
    pub newest: RecordId,
    /// Its W.
    pub wrapped_share: Vec<u8>,
}

impl Store {
    /// The record a bracelet names, if that has a version to open.
    pub async fn record_by_reference(&self, reference: &ReferenceDigest) -> Result<Option<BraceletRow>, StoreError> {
        let row = sqlx::query(
            "select b.record_id, b.binding, r.drill from bracelet b join record r on r.id = b.record_id join sealing s on s.record_id = r.id and s.version = r.version and s.committed = 1 where b.reference_digest = $1",
        )
        .bind(hex(reference))
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(BraceletRow {
                record: parsed(&row, "record_id")?,
                binding: binding_of(&row)?,
                drill: row.try_get::<i64, _>("drill")? == 1,
            })
        })
        .transpose()
    }

    /// The current version of a record.
    pub async fn record_version(&self, record: RecordId) -> Result<Option<u32>, StoreError> {
        let row =
            sqlx::query("select version from record where id = $1").bind(record.to_string()).fetch_optional(&self.pool).await?;
        row.map(|row| unsigned(&row, "version")).transpose()
    }

    /// The sealing of a record's current version.
    pub async fn current_sealing(&self, record: RecordId) -> Result<Option<SealingId>, StoreError> {
        let row = sqlx::query("select s.id from record r join sealing s on s.record_id = r.id and s.version = r.version and s.committed = 1 where r.id = $1")
            .bind(record.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| parsed(&row, "id")).transpose()
    }

    /// A sealing.
    pub async fn sealing(&self, id: SealingId) -> Result<Option<SealingRow>, StoreError> {
        let row = sqlx::query("select * from sealing where id = $1").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(sealing_of).transpose()
    }

    /// Each pair of keys that current versions of records are under, the one that was sealed under last first.
    pub async fn keys_in_use(&self) -> Result<Vec<KeysInUse>, StoreError> {
        let rows = sqlx::query(
            "select kek, agreement_key, records, record_id, wrapped_share from (\
               select s.*, count(*) over (partition by s.kek, s.agreement_key) as records, \
               row_number() over (partition by s.kek, s.agreement_key order by s.sealed_at desc, s.id desc) as place \
               from record r join sealing s on s.record_id = r.id and s.version = r.version and s.committed = 1) as under \
             where place = 1 order by sealed_at desc, id desc",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let wrapped: String = row.try_get("wrapped_share")?;
                Ok(KeysInUse {
                    kek: row.try_get("kek")?,
                    agreement_key: row.try_get("agreement_key")?,
                    records: unsigned(row, "records")?,
                    newest: parsed(row, "record_id")?,
                    wrapped_share: STANDARD.decode(wrapped).map_err(|_| StoreError::Unreadable("wrapped share"))?,
                })
            })
            .collect()
    }

    /// All records, newest version first.
    pub async fn records(&self) -> Result<Vec<RecordRow>, StoreError> {
        let rows = sqlx::query(
            "select r.id, r.file_number, r.version, r.drill, s.sealed_at, b.made_at, (select count(*) from document d where d.sealing_id = s.id) as documents from record r join sealing s on s.record_id = r.id and s.version = r.version and s.committed = 1 join bracelet b on b.record_id = r.id order by s.sealed_at desc, r.id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RecordRow {
                    id: parsed(row, "id")?,
                    file_number: row.try_get("file_number")?,
                    version: unsigned(row, "version")?,
                    drill: row.try_get::<i64, _>("drill")? == 1,
                    sealed_at: instant(row, "sealed_at")?,
                    documents: unsigned(row, "documents")?,
                    bracelet_at: instant(row, "made_at")?,
                })
            })
            .collect()
    }
}

impl Unit {
    /// Whether a record's patient is made up: as the store has it now, and as the log has it since it was first sealed.
    pub async fn is_made_up(&mut self, record: RecordId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select (select e.event from audit_event e where e.kind = 'record.sealed' \
             and case when json_valid(e.event) then json_extract(e.event, '$.facts.record') end = $1 order by e.sequence limit 1) as event \
             from record r where r.id = $1 and r.drill = 1",
        )
        .bind(record.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(row) = row else { return Ok(false) };
        let sealed = row.try_get::<Option<String>, _>("event")?.and_then(|event| serde_json::from_str::<Value>(&event).ok());
        Ok(sealed.is_some_and(|event| event.pointer("/facts/drill") == Some(&Value::Bool(true))))
    }

    /// Begins a sealing. Of those that the same registrar began and never committed, the newest `others` stay.
    pub async fn begin_sealing(&mut self, sealing: &NewSealing<'_>, others: u32, now: OffsetDateTime) -> Result<(), StoreError> {
        let rows = sqlx::query("select id from sealing where committed = 0 and sealed_by = $1 order by sealed_at desc, id desc")
            .bind(sealing.sealed_by)
            .fetch_all(&mut *self.tx)
            .await?;
        for row in rows.iter().skip(others as usize) {
            self.drop_sealing(parsed(row, "id")?).await?;
        }
        sqlx::query("insert into sealing (id, record_id, version, wrapped_share, sealed_by, sealed_at, committed, kek, agreement_key) values ($1, $2, $3, $4, $5, $6, 0, $7, $8)")
            .bind(sealing.id.to_string())
            .bind(sealing.record.to_string())
            .bind(i64::from(sealing.version))
            .bind(STANDARD.encode(sealing.wrapped_share))
            .bind(sealing.sealed_by)
            .bind(millis(now))
            .bind(sealing.kek)
            .bind(sealing.agreement_key)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Drops what was begun before `stale` and never committed: which sealings.
    pub async fn drop_stale_sealings(&mut self, stale: OffsetDateTime) -> Result<Vec<SealingId>, StoreError> {
        let rows = sqlx::query("select id from sealing where committed = 0 and sealed_at < $1")
            .bind(millis(stale))
            .fetch_all(&mut *self.tx)
            .await?;
        let ids: Vec<SealingId> = rows.iter().map(|row| parsed(row, "id")).collect::<Result<_, _>>()?;
        for id in &ids {
            self.drop_sealing(*id).await?;
        }
        Ok(ids)
    }

    async fn drop_sealing(&mut self, id: SealingId) -> Result<(), StoreError> {
        for sql in ["delete from document where sealing_id = $1", "delete from sealing where id = $1"] {
            sqlx::query(sql).bind(id.to_string()).execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    /// Makes a sealing the current version of its record; `false` when another became that version first, or one of the
    /// documents was never uploaded.
    pub async fn commit_sealing(&mut self, sealing: &CommittedSealing<'_>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let row = sqlx::query("update sealing set committed = 1, point = $1, sealed_at = $2 where id = $3 and committed = 0 returning record_id, version")
            .bind(to_json(&sealing.point)?)
            .bind(millis(now))
            .bind(sealing.id.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        let Some(row) = row else { return Ok(false) };
        let (record, version): (String, i64) = (row.try_get("record_id")?, row.try_get("version")?);
        for (place, document) in sealing.documents.iter().enumerate() {
            let done = sqlx::query("update document set kind = $1, place = $2 where sealing_id = $3 and id = $4")
                .bind(if place == 0 { "summary" } else { "attachment" })
                .bind(i64::try_from(place).map_err(|_| StoreError::Unreadable("place"))?)
                .bind(sealing.id.to_string())
                .bind(document.to_string())
                .execute(&mut *self.tx)
                .await?;
            if done.rows_affected() != 1 {
                return Ok(false);
            }
        }
        // Whatever was uploaded and is not on the list is no part of the record.
        sqlx::query("delete from document where sealing_id = $1 and kind = 'uploaded'")
            .bind(sealing.id.to_string())
            .execute(&mut *self.tx)
            .await?;
        let done = sqlx::query(
            "insert into record (id, version, file_number, drill) values ($1, $2, $3, $4) on conflict (id) do update set version = excluded.version, file_number = excluded.file_number where record.version = excluded.version - 1 and record.drill = excluded.drill",
        )
        .bind(record)
        .bind(version)
        .bind(sealing.file_number)
        .bind(i64::from(sealing.drill))
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether a bracelet is a record's now.
    pub async fn is_bracelet_of(&mut self, reference: &ReferenceDigest, record: RecordId) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 from bracelet where reference_digest = $1 and record_id = $2")
            .bind(hex(reference))
            .bind(record.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.is_some())
    }

    /// Gives a record its bracelet; an old one stops working in the same moment. `false` when the reference is taken.
    pub async fn put_bracelet(&mut self, record: RecordId, bracelet: &Bracelet, now: OffsetDateTime) -> Result<bool, StoreError> {
        sqlx::query("delete from bracelet where record_id = $1").bind(record.to_string()).execute(&mut *self.tx).await?;
        let done = sqlx::query("insert into bracelet (reference_digest, record_id, made_at, binding) values ($1, $2, $3, $4) on conflict (reference_digest) do nothing")
            .bind(hex(&bracelet.reference))
            .bind(record.to_string())
            .bind(millis(now))
            .bind(bracelet.binding.to_hex())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn sealing_of(row: &AnyRow) -> Result<SealingRow, StoreError> {
    let wrapped: String = row.try_get("wrapped_share")?;
    let has_point = row.try_get::<Option<String>, _>("point")?.is_some();
    Ok(SealingRow {
        record: parsed(row, "record_id")?,
        version: unsigned(row, "version")?,
        wrapped_share: STANDARD.decode(wrapped).map_err(|_| StoreError::Unreadable("wrapped share"))?,
        point: if has_point { Some(json(row, "point")?) } else { None },
        sealed_by: row.try_get("sealed_by")?,
        committed: row.try_get::<i64, _>("committed")? == 1,
        kek: row.try_get("kek")?,
        agreement_key: row.try_get("agreement_key")?,
    })
}

pub(super) fn hex(reference: &ReferenceDigest) -> String {
    Bytes(*reference.as_bytes()).to_hex()
}

fn binding_of(row: &AnyRow) -> Result<Bytes<32>, StoreError> {
    Bytes::from_hex(&row.try_get::<String, _>("binding")?).ok_or(StoreError::Unreadable("binding"))
}
