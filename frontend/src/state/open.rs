//! Opening a record: blind, release, unblind, derive the key, open, read.
//!
//! Every intermediate is erased when it goes out of scope; what is left goes into the vault, or nowhere.

use halligan_shared::{
    bytes::{Bytes, Secret32},
    crypto::{self, Blinding, CryptoFault, FrameFault, PageKey, RecordKey},
    grant::WipeCause,
    id::{DocumentId, RecordId, RequestId},
    ips::Fault,
    wire::{DocumentKind, Release, ReleaseBody, SealingPoint},
};
use sha2::{Digest as _, Sha256};

use super::vault::{Released, Vault, send_receipt};
use crate::{
    api::{client::Refusal, release},
    browser::clock::Deadline,
};

/// Why a record, or a part of it, does not open.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpenFault {
    /// The backend refused, or cannot be reached.
    #[error("{}", .0.sentence())]
    Refused(Refusal),
    /// What came does not open under the key of this record.
    #[error("What the portal sent does not open as this record. Nothing of it is shown. Tell your dispatcher.")]
    Sealed,
    /// It opens, but is not what it says it is.
    #[error("This part of the record cannot be read. It was sealed in a form that this page does not show.")]
    Unreadable,
    /// The summary opens, but is no patient summary.
    #[error("The record opens, but its summary cannot be read: {0}")]
    Summary(String),
    /// No random numbers.
    #[error("This device cannot make random numbers, and without them nothing can be opened safely. Use another device.")]
    NoRandomness,
    /// The record was erased meanwhile.
    #[error("The record has been erased from this page.")]
    Erased,
}

impl From<Refusal> for OpenFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<CryptoFault> for OpenFault {
    fn from(fault: CryptoFault) -> Self {
        match fault {
            CryptoFault::Refused => Self::Sealed,
            CryptoFault::NoRandomness => Self::NoRandomness,
        }
    }
}

impl From<FrameFault> for OpenFault {
    fn from(_: FrameFault) -> Self {
        Self::Unreadable
    }
}

impl From<Fault> for OpenFault {
    fn from(fault: Fault) -> Self {
        Self::Summary(fault.to_string())
    }
}

/// Opens the record of a request into the vault. Whatever was released and did not open is erased, and the backend told.
pub async fn open(vault: Vault, request: RequestId, record: RecordId, sealing: SealingPoint) -> Result<(), OpenFault> {
    let attempt = vault.begin();
    let secret = Secret32::random().map_err(CryptoFault::from)?;
    let (blinding, blinded_point) = Blinding::new(&sealing.point)?;
    let page = PageKey::new()?;
    let wipe_commitment = Bytes(Sha256::digest(secret.as_bytes()).into());
    let asked = Deadline::after(0.0);
    let release = release::release(request, &ReleaseBody { blinded_point, page_point: page.point(), wipe_commitment }).await?;
    // Counted from the question and not from the answer, which may have been held up on its way: never late.
    let deadline = Deadline::after(release.seconds_left - asked.elapsed());
    let (grant, version) = (release.grant, release.version);
    let (key, summary) = match unlock(&release, blinding, page, &sealing, &record) {
        Ok(unlocked) => unlocked,
        Err(fault) => {
            send_receipt(grant, WipeCause::NotOpened, secret);
            return Err(fault);
        }
    };
    vault.hold(attempt, Released { grant, request, record, version, deadline, key, secret })?;
    let revealed = match release::document(grant, summary).await {
        Ok(sealed) => vault.reveal(attempt, summary, &sealed),
        Err(refusal) => Err(refusal.into()),
    };
    if revealed.is_err() {
        vault.give_up(attempt);
    }
    revealed
}

/// The record's key out of both shares, and which document is the summary.
fn unlock(
    release: &Release,
    blinding: Blinding,
    page: PageKey,
    sealing: &SealingPoint,
    record: &RecordId,
) -> Result<(RecordKey, DocumentId), OpenFault> {
    // Another version has another point, and so another key: it would not open.
    if release.version != sealing.version {
        return Err(OpenFault::Sealed);
    }
    let summary = release.documents.iter().find(|line| line.kind == DocumentKind::Summary).ok_or(OpenFault::Unreadable)?;
    let share1 = page.open(&release.share1, &release.grant)?;
    let share2 = blinding.unblind(&release.blinded_share.0)?;
    Ok((crypto::record_key(&share1, &share2, &sealing.point, record)?, summary.id))
}
