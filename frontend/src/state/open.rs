//! Opening a record: the viewer blinds, the backend releases, the viewer opens and shows.
//!
//! This page passes on what is sealed or blinded. Keys and content are never here.

use halligan_shared::{
    bytes::{Bytes, Secret32},
    crypto::CryptoFault,
    grant::WipeCause,
    id::{DocumentId, GrantId, RecordId, RequestId},
    wire::{DocumentKind, ReleaseBody, SealingPoint},
};
use leptos::task::spawn_local;
use sha2::{Digest as _, Sha256};

use super::{
    vault::{Attempt, Released, Vault},
    viewer::{PAPER, PATIENT, Viewer, Words},
};
use crate::{
    api::{client::Refusal, release},
    browser::{clock::Deadline, page},
    viewer::words::{Ask, Fault, Tell},
};

/// Why a record does not open.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum OpenFault {
    /// The backend refused, or cannot be reached.
    #[error("{}", .0.sentence())]
    Refused(Refusal),
    /// It does not open in the viewer.
    #[error(transparent)]
    Viewer(#[from] Fault),
    /// The record was erased meanwhile.
    #[error("The record has been erased from this page.")]
    Erased,
}

impl From<Refusal> for OpenFault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Opens the record of a request in a viewer that goes into the vault. Whatever was released and did not open is erased, and
/// the backend told.
pub async fn open(vault: Vault, request: RequestId, record: RecordId, sealing: SealingPoint) -> Result<(), OpenFault> {
    let attempt = vault.begin();
    let opened = attempt_at(vault, attempt, request, record, sealing).await;
    match opened {
        // Whatever else went wrong by then.
        Err(_) if !vault.is_current(attempt) => Err(OpenFault::Erased),
        Err(fault) => {
            vault.give_up(attempt);
            Err(fault)
        }
        Ok(()) => Ok(()),
    }
}

async fn attempt_at(
    vault: Vault,
    attempt: Attempt,
    request: RequestId,
    record: RecordId,
    sealing: SealingPoint,
) -> Result<(), OpenFault> {
    let secret = Secret32::random().map_err(|error| Fault::from(CryptoFault::from(error)))?;
    let (viewer, mut words) = Viewer::load().await?;
    viewer.say(&Ask::Blind { point: sealing.point, record, version: sealing.version }, None);
    let Tell::Blinded { blinded_point, page_point } = words.answer().await? else { return Err(Fault::Sealed.into()) };
    let wipe_commitment = Bytes(Sha256::digest(secret.as_bytes()).into());
    let asked = Deadline::after(0.0);
    let release = release::release(request, &ReleaseBody { blinded_point, page_point, wipe_commitment }).await?;
    // Counted from the question and not from the answer, which may have been held up on its way: never late.
    let deadline = Deadline::after(release.seconds_left - asked.elapsed());
    let grant = release.grant;
    let summary = release.documents.iter().find(|line| line.kind == DocumentKind::Summary).map(|line| line.id);
    // Another version has another point, and so another key: it would not open.
    let Some(summary) = summary.filter(|_| release.version == sealing.version) else {
        spawn_local(vault.owe((grant, request, secret), WipeCause::NotOpened));
        return Err(Fault::Sealed.into());
    };
    vault.hold(attempt, Released { grant, request, deadline, secret, viewer })?;
    let unlock = Ask::Unlock { grant, share1: release.share1, blinded_share: release.blinded_share, seconds_left: deadline.left() };
    show(vault, attempt, &mut words, &unlock, (grant, summary)).await?;
    spawn_local(serve(vault, attempt, words, grant));
    Ok(())
}

async fn show(
    vault: Vault,
    attempt: Attempt,
    words: &mut Words,
    unlock: &Ask,
    (grant, document): (GrantId, DocumentId),
) -> Result<(), OpenFault> {
    vault.say(attempt, unlock, None)?;
    let Tell::Unlocked = words.answer().await? else { return Err(Fault::Sealed.into()) };
    let sealed = release::document(grant, document).await?;
    vault.say(attempt, &Ask::Summary { document }, Some(&sealed))?;
    let Tell::Shown { drill } = words.answer().await? else { return Err(Fault::Sealed.into()) };
    vault.reveal(attempt, drill)
}

/// Brings the viewer what it asks for, until it is gone.
async fn serve(vault: Vault, attempt: Attempt, mut words: Words, grant: GrantId) {
    while let Ok(word) = words.next().await {
        let said = match word {
            Tell::Touched => {
                page::touch();
                Ok(())
            }
            Tell::Wanted(document) => match release::document(grant, document).await {
                Ok(sealed) => vault.say(attempt, &Ask::Attachment { document }, Some(&sealed)),
                Err(refusal) => vault.say(attempt, &Ask::Refused { document, why: refusal.sentence() }, None),
            },
            Tell::WantedPaper => {
                let program = PAPER.fetch(PATIENT).await.map(|program| program.to_vec());
                vault.say(attempt, &Ask::Paper, program.as_deref())
            }
            Tell::Blinded { .. } | Tell::Unlocked | Tell::Shown { .. } | Tell::Fault(_) => Ok(()),
        };
        if said.is_err() {
            return;
        }
    }
}
