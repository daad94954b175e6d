//! Sealing: the registrar's browser seals, the backend keeps ciphertext. Bracelets.

use std::collections::BTreeSet;

use halligan_shared::{
    audit::Kind,
    crypto::{ATTACHMENT_MAX, OVERHEAD, Point, SUMMARY_MAX, Share},
    id::{DocumentId, RecordId, SealingId},
    shown, wire,
};
use serde_json::json;

use super::{Fault, Portal, text};
use crate::{
    aws::{AuthorityFault, Purpose},
    domain::{audit::Event, member::Actor},
    store::{CommittedSealing, NewSealing, Room, SealingRow},
};

/// Attachments a record may have: more than a responder could look at in a window.
const ATTACHMENTS_MAX: usize = 20;
/// Longest sealed document, in bytes: the largest content, its header and padding, nonce and tag.
pub const SEALED_MAX: usize = ATTACHMENT_MAX + (128 << 10) + OVERHEAD;
/// Sealings that a registrar may have begun and not committed beside the newest: another tab, another device. Each may hold a
/// whole record on the disk.
const OTHERS_MAX: u32 = 2;
/// Largest record, in bytes.
const RECORD_MAX: u64 = (SUMMARY_MAX + ATTACHMENTS_MAX * ATTACHMENT_MAX) as u64;

impl Portal {
    /// Begins a sealing: a fresh share 1 from KMS, and the authority's public point.
    pub async fn start_sealing(&self, by: Actor<'_>, record: Option<RecordId>) -> Result<wire::Sealing, Fault> {
        let (record, version) = match record {
            None => (RecordId::random()?, 1),
            Some(record) => (record, self.store().record_version(record).await?.ok_or(Fault::NotFound)? + 1),
        };
        let id = SealingId::fresh();
        let turn = self.authority().turn(Purpose::Sealing).map_err(Fault::NotSealed)?;
        let asked = self.keys_of_sealing(id, by, &record).await;
        self.heard(turn, &asked).await;
        let (authority_point, (share1, wrapped)) = asked.map_err(Fault::NotSealed)?;
        let new = NewSealing {
            id,
            record,
            version,
            wrapped_share: &wrapped,
            sealed_by: by.agency_id().as_str(),
            kek: self.authority().kek(),
            agreement_key: self.authority().agreement_key(),
        };
        let (mut unit, now) = self.begin(by).await?;
        unit.begin_sealing(&new, OTHERS_MAX, now).await?;
        unit.record(
            &Event::by(by.agency_id(), Kind::SealingBegun, json!({ "sealing": id, "record": record, "version": version })),
            now,
        )
        .await?;
        unit.commit().await?;
        Ok(wire::Sealing { id, record, version, share1: share1.into(), authority_point })
    }

    async fn keys_of_sealing(
        &self,
        id: SealingId,
        by: Actor<'_>,
        record: &RecordId,
    ) -> Result<(Point, (Share, Vec<u8>)), AuthorityFault> {
        let authority_point = self.authority().agreement_point().await?;
        Ok((authority_point, self.authority().data_key(id, by.agency_id(), record).await?))
    }

    /// Whether somebody may send a document of this sealing: it is theirs, and not committed. Asked before a document is read, and judged
    /// once more where it is written.
    pub async fn awaits_document(&self, by: Actor<'_>, sealing: SealingId) -> Result<(), Fault> {
        self.own_sealing(by, sealing).await.map(|_| ())
    }

    /// Keeps a sealed document. Sent again, it replaces itself: an interrupted upload costs nothing.
    pub async fn put_document(&self, by: Actor<'_>, sealing: SealingId, document: DocumentId, sealed: &[u8]) -> Result<(), Fault> {
        self.own_sealing(by, sealing).await?;
        if !(OVERHEAD..=SEALED_MAX).contains(&sealed.len()) {
            return Err(Fault::TooLarge(
                "This document is larger than the 10 MB a record takes. Leave it out, or make it smaller.",
            ));
        }
        let room = Room { documents: ATTACHMENTS_MAX as u64 + 1, bytes: RECORD_MAX };
        let stay = by.signed_in().map(|who| who.sign_in);
        if self.store().put_document(sealing, document, sealed, room, stay).await? {
            return Ok(());
        }
        if let Some(who) = by.signed_in()
            && self.store().member_at(who.member.id, who.sign_in).await?.is_none()
        {
            return Err(Fault::NotSignedIn);
        }
        self.own_sealing(by, sealing).await?;
        Err(Fault::TooLarge("A record takes at most 20 attachments. Leave some out."))
    }

    /// Makes the sealing the current version of its record, with its bracelet when the record is new.
    pub async fn commit_sealing(
        &self,
        by: Actor<'_>,
        id: SealingId,
        body: &wire::CommitSealing,
    ) -> Result<wire::RecordLine, Fault> {
        let sealing = self.own_sealing(by, id).await?;
        let file_number = shown::kept(&body.file_number, 0..=wire::FILE_NUMBER_MAX)
            .map_err(|_| Fault::Invalid("A file number has at most 40 characters, all of them visible. Shorten it."))?;
        if body.bracelet.is_some() != (sealing.version == 1) {
            return Err(Fault::Invalid("A new record needs a bracelet; a new version keeps the one it has."));
        }
        let documents: Vec<DocumentId> = std::iter::once(body.summary).chain(body.attachments.iter().copied()).collect();
        if documents.iter().collect::<BTreeSet<_>>().len() != documents.len() {
            return Err(Fault::Invalid("A document is on the list twice. Reload the page and seal the record again."));
        }
        if sealing.version > 1 && self.record_line(sealing.record).await?.drill != body.drill {
            return Err(Fault::Invalid("A made-up patient stays one, and a real one stays real. Seal this as a new record."));
        }
        let (mut unit, now) = self.begin(by).await?;
        let committed = CommittedSealing { id, point: body.point, documents: &documents, file_number, drill: body.drill };
        if !unit.commit_sealing(&committed, now).await? {
            return Err(Fault::Invalid("This record was changed meanwhile, or a document is missing. Start again from the list."));
        }
        if let Some(bracelet) = &body.bracelet {
            self.bind_bracelet(&mut unit, sealing.record, bracelet, now).await?;
        }
        let facts = json!({ "sealing": id, "record": sealing.record, "version": sealing.version, "documents": documents, "drill": body.drill });
        unit.record(&Event::by(by.agency_id(), Kind::RecordSealed, facts), now).await?;
        unit.commit().await?;
        self.record_line(sealing.record).await
    }

    /// All records: nothing of the patients.
    pub async fn records(&self) -> Result<Vec<wire::RecordLine>, Fault> {
        let rows = self.store().records().await?;
        Ok(rows
            .into_iter()
            .map(|row| wire::RecordLine {
                id: row.id,
                file_number: row.file_number,
                version: row.version,
                drill: row.drill,
                sealed_at: text(row.sealed_at),
                documents: row.documents,
                bracelet_at: text(row.bracelet_at),
            })
            .collect())
    }

    /// A new bracelet for a record. The old one stops working in the same moment.
    pub async fn replace_bracelet(
        &self,
        by: Actor<'_>,
        record: RecordId,
        bracelet: &wire::Bracelet,
    ) -> Result<wire::RecordLine, Fault> {
        self.store().record_version(record).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(by).await?;
        self.bind_bracelet(&mut unit, record, bracelet, now).await?;
        unit.record(&Event::by(by.agency_id(), Kind::BraceletReplaced, json!({ "record": record })), now).await?;
        unit.commit().await?;
        self.record_line(record).await
    }

    async fn bind_bracelet(
        &self,
        unit: &mut crate::store::Unit,
        record: RecordId,
        bracelet: &wire::Bracelet,
        now: time::OffsetDateTime,
    ) -> Result<(), Fault> {
        if unit.put_bracelet(record, bracelet, now).await? {
            Ok(())
        } else {
            Err(Fault::Invalid("This bracelet is in use. Make another."))
        }
    }

    async fn own_sealing(&self, by: Actor<'_>, id: SealingId) -> Result<SealingRow, Fault> {
        let sealing = self.store().sealing(id).await?;
        sealing.filter(|sealing| !sealing.committed && sealing.sealed_by == by.agency_id().as_str()).ok_or(Fault::NotFound)
    }

    async fn record_line(&self, record: RecordId) -> Result<wire::RecordLine, Fault> {
        self.records().await?.into_iter().find(|line| line.id == record).ok_or(Fault::NotFound)
    }
}
