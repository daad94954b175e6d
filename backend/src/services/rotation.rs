//! Rotation of the keys, by the operator: share 1 of every record wrapped anew inside KMS, and what is left under a former agreement key.
//!
//! Wrapping anew needs neither share 2 nor a plaintext, so the operator can do it for all. A new agreement key is a new share 2, so a
//! new data key and documents sealed anew: that takes what is in them, which nobody here has. It is done record by record by whoever
//! has the source.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    id::{RecordId, RotationId, SealingId},
    member::AgencyId,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{Fault, Portal};
use crate::{
    aws::{Material, Rewrap, Trial},
    domain::audit::Event,
    store::{FormerRow, RewrappedRow, RotationRow, WrappedRow},
};

/// How many sealings are read at once: some ten kilobytes of memory, whatever number there is.
const AT_ONCE: u32 = 100;
/// After so many failures one behind the other the key service is taken to be down, and the rotation to be gone on with later: each
/// may have taken the whole budget of a release, five seconds.
const FAILURES_MAX: u32 = 5;
/// How long the sessions of a trial are good for: longer than its two calls can take.
const TRIAL: time::Duration = time::Duration::minutes(1);
/// Said of a share that is damaged in the database.
const UNREADABLE: &str = "what the database holds as its share cannot be read";

/// What became of a rotation so far.
#[derive(Debug)]
pub struct Rotated {
    /// Sealings wrapped anew by this rotation, in this run and before.
    pub done: u64,
    /// All of them.
    pub everything: u64,
    /// Those that could not be, and why.
    pub failed: Vec<(RecordId, String)>,
    /// When the material was made that they are wrapped under; absent: with the key.
    pub material_since: Option<OffsetDateTime>,
    /// Whether KMS made new material meanwhile, so that some are wrapped under the one before.
    pub is_overtaken: bool,
}

impl Rotated {
    /// Whether nothing is left to do.
    pub fn is_whole(&self) -> bool {
        self.done == self.everything && !self.is_overtaken
    }
}

/// What became of the end of a rotation.
#[derive(Debug)]
pub struct Ended {
    /// Of how many sealings it was dropped what they were before; of none, where one does not open.
    pub dropped: u64,
    /// Those whose share 1 would not open as it is now, and why.
    pub failed: Vec<(RecordId, String)>,
}

/// How far a replacement of the agreement key has come.
#[derive(Debug)]
pub struct Replaced {
    /// Records still to be sealed anew.
    pub left: Vec<FormerRow>,
    /// Requests that may yet open, or have open, a version under a former key.
    pub requests: u64,
}

impl Portal {
    /// Wraps share 1 of every sealing anew under `kek` and the material that it has now. Goes on with a rotation that was interrupted;
    /// what is done is not done twice. One transaction a sealing, and its event in it. `progress` hears of each: how many are done, of
    /// how many.
    ///
    /// What each share was before is kept until somebody ends the rotation: the role that wraps anew cannot try whether what
    /// came of it opens.
    pub async fn rotate_kek(&self, by: &AgencyId, kek: &str, mut progress: impl FnMut(u64, u64)) -> Result<Rotated, Fault> {
        let material = self.authority().material(by, kek).await?;
        if material.under_way.is_some() {
            return Err(Fault::NotNow(
                "KMS is still making new material for the key, and would wrap by the former once more. Wait until `aws kms get-key-rotation-status` tells no OnDemandRotationStartDate any more, then run the command again.",
            ));
        }
        let rotation = self.rotation_to(by, kek, &material).await?;
        let (mut after, mut failed, mut in_a_row) = (None::<SealingId>, Vec::new(), 0);
        'all: loop {
            let stale = self.store().sealings_to_rewrap(rotation.id, after, AT_ONCE).await?;
            let Some(last) = stale.last() else { break };
            after = Some(last.sealing);
            for row in stale {
                let Some(share) = row.share() else {
                    failed.push((row.record, UNREADABLE.to_owned()));
                    continue;
                };
                match self.rewrap(by, &rotation, &row, &share).await {
                    Ok(()) => in_a_row = 0,
                    Err(Fault::Authority(fault)) => {
                        // Of a share that is damaged KMS says so: it is there, and others may be whole.
                        if fault.code() != Some("InvalidCiphertextException") {
                            in_a_row += 1;
                        }
                        failed.push((row.record, fault.to_string()));
                        if in_a_row == FAILURES_MAX {
                            break 'all;
                        }
                    }
                    Err(fault) => return Err(fault),
                }
                let (done, everything) = self.store().rotated(rotation.id).await?;
                progress(done, everything);
            }
        }
        let (done, everything) = self.store().rotated(rotation.id).await?;
        // Where something failed the command is run again anyway, and asks first.
        let is_overtaken = failed.is_empty() && self.authority().material(by, kek).await? != material;
        Ok(Rotated { done, everything, failed, material_since: material.since, is_overtaken })
    }

    /// Ends the rotation: what shares were before it is dropped, once a dry run with a release's own credentials has shown of each that
    /// it would open as it is now.
    pub async fn end_rotation(&self, by: &AgencyId) -> Result<Ended, Fault> {
        let rotation = self.open_rotation().await?;
        if !self.store().is_rotated(rotation.id).await? {
            return Err(Fault::NotNow("Not every share is wrapped anew yet: run `halligan rotate kek` first."));
        }
        let failed = self.try_rewrapped().await?;
        if !failed.is_empty() {
            return Ok(Ended { dropped: 0, failed });
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.end_rotation(rotation.id, now).await? {
            return Err(Fault::NotNow("A record was sealed or taken back meanwhile: run the command again."));
        }
        let dropped = unit.drop_former_shares().await?;
        let facts = json!({ "rotation": rotation.id, "sealings": dropped, "former": "dropped" });
        unit.record(&Event::by(by, Kind::RotationEnded, facts), now).await?;
        self.commit(unit, Vec::new()).await?;
        Ok(Ended { dropped, failed })
    }

    /// The sealings whose re-wrapped share would not open, and why; after [`FAILURES_MAX`] of them no more are tried.
    async fn try_rewrapped(&self) -> Result<Vec<(RecordId, String)>, Fault> {
        let (mut after, mut failed) = (None, Vec::new());
        loop {
            let rows = self.store().rewrapped(after, AT_ONCE).await?;
            let Some(last) = rows.last() else { return Ok(failed) };
            after = Some(last.current.sealing);
            for RewrappedRow { current, .. } in rows {
                if let Some(why) = self.try_share(&current).await {
                    failed.push((current.record, why));
                }
                if failed.len() == FAILURES_MAX as usize {
                    return Ok(failed);
                }
            }
        }
    }

    /// Why a sealing's share 1 would not open, by a dry run.
    async fn try_share(&self, row: &WrappedRow) -> Option<String> {
        let Some(share) = row.share() else { return Some(UNREADABLE.to_owned()) };
        let Some(keys) = self.authority().keys_for(&row.kek, self.authority().agreement_key()) else {
            return Some(format!("it is under {}, which is not named", row.kek));
        };
        match self.authority().try_decrypter(keys, &row.record, self.now() + TRIAL).await {
            Ok(tried) => match tried.decrypt(&row.record, Some(&share)).await {
                Trial::Allowed => None,
                Trial::Not(fault) => Some(fault.to_string()),
            },
            Err(fault) => Some(fault.to_string()),
        }
    }

    /// Ends the rotation and puts back what shares were before it. Of how many sealings. Interrupted, it is gone on with.
    pub async fn take_rotation_back(&self, by: &AgencyId) -> Result<u64, Fault> {
        let rotation = self.open_rotation().await?;
        let mut sealings = 0_u64;
        loop {
            let rows = self.store().rewrapped(None, AT_ONCE).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                sealings += u64::from(self.put_back(by, &rotation, &row).await?);
            }
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        unit.stop_rotations(now).await?;
        let facts = json!({ "rotation": rotation.id, "sealings": sealings, "former": "put back" });
        unit.record(&Event::by(by, Kind::RotationEnded, facts), now).await?;
        self.commit(unit, Vec::new()).await?;
        Ok(sealings)
    }

    /// What is still under another agreement key than the one for new records.
    pub async fn under_former_agreement_keys(&self) -> Result<Replaced, Fault> {
        let current = self.authority().agreement_key();
        Ok(Replaced {
            left: self.store().under_other_agreement_keys(current).await?,
            requests: self.store().requests_under_other_agreement_keys(current, self.now()).await?,
        })
    }

    async fn open_rotation(&self) -> Result<RotationRow, Fault> {
        self.store().rotation().await?.ok_or(Fault::NotNow("There is no rotation that is not ended."))
    }

    /// The rotation to go on with, or a new one: what one wrapped under former material is wrapped once more.
    async fn rotation_to(&self, by: &AgencyId, kek: &str, material: &Material) -> Result<RotationRow, Fault> {
        let is_that = |rotation: &RotationRow| rotation.kek == kek && rotation.material == material.replaced;
        if let Some(rotation) = self.store().rotation().await?.filter(is_that) {
            return Ok(rotation);
        }
        let rotation = RotationRow { id: RotationId::fresh(), kek: kek.to_owned(), material: material.replaced };
        let (mut unit, now) = self.begin_of_portal().await?;
        unit.begin_rotation(&rotation, now).await?;
        unit.record(
            &Event::by(by, Kind::RotationBegun, json!({ "rotation": rotation.id, "kek": kek, "material": material.replaced })),
            now,
        )
        .await?;
        self.commit(unit, Vec::new()).await?;
        Ok(rotation)
    }

    async fn rewrap(&self, by: &AgencyId, rotation: &RotationRow, row: &WrappedRow, share: &[u8]) -> Result<(), Fault> {
        let wrapped = Rewrap { sealing: row.sealing, record: row.record, share, from: &row.kek, to: &rotation.kek };
        let rewrapped = self.authority().rewrap(by, &wrapped).await?;
        let (mut unit, now) = self.begin_of_portal().await?;
        // Another run of the same rotation was faster, or the sealing is gone: there is nothing to put in its place.
        if unit.rewrap(row, &rewrapped, rotation).await? {
            unit.record(&rewrapping(by, rotation, row, &rotation.kek, &STANDARD.encode(&rewrapped)), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        Ok(())
    }

    async fn put_back(&self, by: &AgencyId, rotation: &RotationRow, row: &RewrappedRow) -> Result<bool, Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        let is_back = unit.put_back(row).await?;
        if is_back {
            unit.record(&rewrapping(by, rotation, &row.current, &row.former_kek, &row.former_share), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        Ok(is_back)
    }
}

/// That a share is wrapped otherwise now: by which keys, and digests of both as they are kept, so that the log tells which belongs.
fn rewrapping(by: &AgencyId, rotation: &RotationRow, row: &WrappedRow, to: &str, after: &str) -> Event {
    let digest = |share: &str| Bytes(Sha256::digest(STANDARD.decode(share).unwrap_or_else(|_| share.into())).into()).to_hex();
    let facts = json!({
        "rotation": rotation.id, "sealing": row.sealing, "record": row.record, "from": row.kek, "to": to,
        "before": digest(&row.wrapped_share), "after": digest(after),
    });
    Event::by(by, Kind::RecordRewrapped, facts)
}
