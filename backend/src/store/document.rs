//! The documents of sealings: ciphertext.

use halligan_shared::{
    id::{DocumentId, SealingId, SignInId},
    wire::DocumentKind,
};
use sqlx::Row as _;

use super::{Store, StoreError, parsed, signed, unsigned};

/// A sealed document.
pub struct DocumentRow {
    /// The id.
    pub id: DocumentId,
    /// Summary or attachment.
    pub kind: DocumentKind,
    /// Its sealed length, in bytes.
    pub bytes: u64,
}

/// What a record has room for.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// So many documents.
    pub documents: u64,
    /// So many bytes, sealed.
    pub bytes: u64,
}

impl Store {
    /// Keeps a sealed document of a sealing that has not been committed and has room for it, sent in a stay that stands, if in
    /// any; `false` when one of these is not so, in the same statement: what was committed never changes. The same document
    /// again replaces itself.
    pub async fn put_document(
        &self,
        sealing: SealingId,
        document: DocumentId,
        sealed: &[u8],
        room: Room,
        stay: Option<SignInId>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into document (sealing_id, id, kind, place, sealed) select $1, $2, 'uploaded', 0, $3 \
             where exists (select 1 from sealing where id = $1 and committed = 0) \
             and (select count(*) from document where sealing_id = $1 and id <> $2) < $4 \
             and (select coalesce(sum(length(sealed)), 0) from document where sealing_id = $1 and id <> $2) + length($3) <= $5 \
             and ($6 = '' or exists (select 1 from stay s join member m on m.id = s.member_id where s.id = $6 and m.suspended_at is null)) \
             on conflict (sealing_id, id) do update set sealed = excluded.sealed",
        )
        .bind(sealing.to_string())
        .bind(document.to_string())
        .bind(sealed.to_vec())
        .bind(signed(room.documents)?)
        .bind(signed(room.bytes)?)
        .bind(stay.map(|id| id.to_string()).unwrap_or_default())
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The documents of a sealing, the summary first.
    pub async fn documents(&self, sealing: SealingId) -> Result<Vec<DocumentRow>, StoreError> {
        let rows = sqlx::query("select id, kind, length(sealed) as bytes from document where sealing_id = $1 order by place")
            .bind(sealing.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let kind =
                    if row.try_get::<String, _>("kind")? == "summary" { DocumentKind::Summary } else { DocumentKind::Attachment };
                Ok(DocumentRow { id: parsed(row, "id")?, kind, bytes: unsigned(row, "bytes")? })
            })
            .collect()
    }

    /// One sealed document.
    pub async fn document(&self, sealing: SealingId, document: DocumentId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("select sealed from document where sealing_id = $1 and id = $2")
            .bind(sealing.to_string())
            .bind(document.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(row.try_get("sealed")?)).transpose()
    }
}
