//! Sealing: everything that turns files into a record, in this browser. The backend receives ciphertext.
//!
//! share 1 from KMS, share 2 by agreement with the authority's point, the record key from both; each document framed,
//! sealed, uploaded; then one commit. Every secret on the way is overwritten when it goes out of scope.

use gloo_timers::future::TimeoutFuture;
use halligan_shared::{
    crypto::{self, AttachmentLine, CryptoFault, FrameFault, Header, MediaType, RecordKey, SealContext},
    id::{DocumentId, RecordId, SealingId},
    reference::Reference,
    wire::{Bracelet, CommitSealing, RecordLine, StartSealing},
};

use super::choose::Content;
use crate::api::{client::Refusal, seal};

/// What to seal.
pub(super) struct Order {
    /// The record that gets a new version; a new record if absent.
    pub(super) record: Option<RecordId>,
    /// The agency's file number.
    pub(super) file_number: String,
    /// Whether the patient is made up.
    pub(super) drill: bool,
    /// The summary.
    pub(super) summary: Content,
    /// Title, kind and bytes of the others.
    pub(super) attachments: Vec<(String, MediaType, Content)>,
}

/// How far a sealing is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Documents sealed and uploaded.
    pub(super) documents: usize,
    /// Of how many.
    pub(super) of: usize,
    /// Bytes of those documents.
    pub(super) bytes: usize,
    /// Of how many.
    pub(super) of_bytes: usize,
}

/// Everything is uploaded; only the commit is missing, or its answer.
pub(super) struct Uploaded {
    sealing: SealingId,
    record: RecordId,
    version: u32,
    commit: CommitSealing,
    /// The bracelet of a new record.
    pub(super) reference: Option<Reference>,
}

/// Why a sealing stopped. Nothing chosen is lost by it.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealFault {
    /// The backend refused, or cannot be reached.
    #[error("{}", .0.sentence())]
    Refused(Refusal),
    /// A document, with its header, is longer than a record takes.
    #[error("One of the documents is too large to be sealed. Leave it out or make it smaller.")]
    Frame(#[from] FrameFault),
    /// No random numbers, or an authority whose point is none.
    #[error("Sealing stopped: {0}. Nothing was sealed. Try again; if it fails again, tell an admin.")]
    Crypto(#[from] CryptoFault),
}

impl From<Refusal> for SealFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl SealFault {
    /// Whether the backend may have done what was asked, its answer lost.
    pub(super) const fn is_in_doubt(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.is_in_doubt())
    }
}

/// Seals and uploads every document.
pub(super) async fn upload(order: &Order, tell: impl Fn(Progress)) -> Result<Uploaded, SealFault> {
    let of = order.attachments.len() + 1;
    let of_bytes = order.summary.len() + order.attachments.iter().map(|(.., content)| content.len()).sum::<usize>();
    let mut progress = Progress { documents: 0, of, bytes: 0, of_bytes };
    tell(progress);

    let started = seal::start(&StartSealing { record: order.record }).await?;
    let (share2, point) = crypto::agree(&started.authority_point)?;
    let key = crypto::record_key(&started.share1.into(), &share2, &point, &started.record)?;
    drop(share2);

    let mut lines = Vec::with_capacity(order.attachments.len());
    for (title, media_type, content) in &order.attachments {
        let (title, media_type, bytes) = (title.clone(), *media_type, content.len() as u64);
        let line = AttachmentLine { document: random_document()?, title: title.clone(), media_type, bytes };
        let place = SealContext { record: started.record, document: line.document, version: started.version };
        put(started.id, &key, &place, &Header::Attachment { bytes, title, media_type }, content).await?;
        lines.push(line);
        progress = Progress { documents: progress.documents + 1, bytes: progress.bytes + content.len(), ..progress };
        tell(progress);
    }
    let attachments = lines.iter().map(|line| line.document).collect();
    let summary = random_document()?;
    let header = Header::Summary { bytes: order.summary.len() as u64, drill: order.drill, attachments: lines };
    let place = SealContext { record: started.record, document: summary, version: started.version };
    put(started.id, &key, &place, &header, &order.summary).await?;
    tell(Progress { documents: of, bytes: of_bytes, ..progress });

    let reference = match order.record {
        None => Some(Reference::random().map_err(CryptoFault::from)?),
        Some(_) => None,
    };
    let commit = CommitSealing {
        point,
        summary,
        attachments,
        bracelet: reference.as_ref().map(|reference| Bracelet::of(reference, &started.record)),
        file_number: order.file_number.clone(),
        drill: order.drill,
    };
    Ok(Uploaded { sealing: started.id, record: started.record, version: started.version, commit, reference })
}

/// Makes it a record. May be called again when the answer was lost: a commit that took place is found in the list.
pub(super) async fn commit(uploaded: &Uploaded) -> Result<RecordLine, SealFault> {
    let refusal = match seal::commit(uploaded.sealing, &uploaded.commit).await {
        Ok(line) => return Ok(line),
        Err(refusal) => refusal,
    };
    let is_this = |line: &RecordLine| line.id == uploaded.record && line.version == uploaded.version;
    match seal::records().await {
        Ok(records) => records.into_iter().find(is_this).ok_or(SealFault::Refused(refusal)),
        Err(_) => Err(SealFault::Refused(refusal)),
    }
}

async fn put(sealing: SealingId, key: &RecordKey, place: &SealContext, header: &Header, content: &[u8]) -> Result<(), SealFault> {
    // Lets the page draw how far it is before the next long computation.
    TimeoutFuture::new(0).await;
    let sealed = crypto::seal(key, place, &crypto::frame(header, content)?)?;
    Ok(seal::put_document(sealing, place.document, &sealed).await?)
}

fn random_document() -> Result<DocumentId, CryptoFault> {
    Ok(DocumentId::random()?)
}
