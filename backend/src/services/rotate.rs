//! Rotation of the keys, by the operator: share 1 of every record wrapped anew inside KMS, and what is left under a former agreement key.
//!
//! Wrapping anew needs neither share 2 nor a plaintext, so the operator can do it for all. A new agreement key is a new share 2, so a
//! new data key and documents sealed anew: that takes what is in them, which nobody here has. It is done record by record by whoever
//! has the source.

use halligan_shared::{
    audit::Kind,
    bytes::Bytes,
    id::{RecordId, RotationId, SealingId},
    member::AgencyId,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Fault, Portal};
use crate::{
    aws::Wrapped,
    domain::audit::Event,
    store::{FormerRow, RotationRow, StaleRow},
};

/// How many sealings are read at once.
const AT_ONCE: u32 = 100;
/// After so many failures one behind the other the key service is taken to be down, and the rotation to be gone on with later.
const FAILURES_MAX: u32 = 5;

/// What became of a rotation so far.
#[derive(Debug, Default)]
pub struct Rotated {
    /// Sealings wrapped anew by this rotation, in this run and before.
    pub done: u64,
    /// All of them.
    pub everything: u64,
    /// Those that could not be, and why.
    pub failed: Vec<(RecordId, String)>,
    /// Whether nothing is left to do.
    pub is_over: bool,
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
    /// Wraps share 1 of every sealing anew under `kek`. Goes on with a rotation that was interrupted; what is done is not done twice.
    /// One transaction a sealing, and its event in it. `progress` hears of each: how many are done, of how many.
    pub async fn rotate_kek(&self, by: &AgencyId, kek: &str, mut progress: impl FnMut(u64, u64)) -> Result<Rotated, Fault> {
        let rotation = self.rotation_to(by, kek).await?;
        let (mut after, mut failed, mut in_a_row) = (None::<SealingId>, Vec::new(), 0);
        'all: loop {
            let stale = self.store().stale_sealings(rotation.id, after, AT_ONCE).await?;
            let Some(last) = stale.last() else { break };
            after = Some(last.sealing);
            for row in stale {
                match self.rewrap(by, &rotation, &row).await {
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
        let (mut unit, now) = self.begin_of_portal().await?;
        let is_over = unit.end_rotation(rotation.id, now).await?;
        if is_over {
            unit.record(&Event::by(by, Kind::RotationEnded, json!({ "rotation": rotation.id, "sealings": done })), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        Ok(Rotated { done, everything, failed, is_over })
    }

    /// What is still under another agreement key than the one for new records.
    pub async fn under_former_agreement_keys(&self) -> Result<Replaced, Fault> {
        let current = self.authority().agreement_key();
        Ok(Replaced {
            left: self.store().under_other_agreement_keys(current).await?,
            requests: self.store().requests_under_other_agreement_keys(current, self.now()).await?,
        })
    }

    /// The rotation to go on with, or a new one.
    async fn rotation_to(&self, by: &AgencyId, kek: &str) -> Result<RotationRow, Fault> {
        if let Some(rotation) = self.store().rotation().await?.filter(|rotation| rotation.kek == kek) {
            return Ok(rotation);
        }
        let rotation = RotationRow { id: RotationId::fresh(), kek: kek.to_owned() };
        let (mut unit, now) = self.begin_of_portal().await?;
        unit.begin_rotation(&rotation, now).await?;
        unit.record(&Event::by(by, Kind::RotationBegun, json!({ "rotation": rotation.id, "kek": kek })), now).await?;
        self.commit(unit, Vec::new()).await?;
        Ok(rotation)
    }

    async fn rewrap(&self, by: &AgencyId, rotation: &RotationRow, row: &StaleRow) -> Result<(), Fault> {
        let wrapped =
            Wrapped { sealing: row.sealing, record: row.record, share: &row.wrapped_share, from: &row.kek, to: &rotation.kek };
        let rewrapped = self.authority().rewrap(by, &wrapped).await?;
        let (mut unit, now) = self.begin_of_portal().await?;
        // Another run of the same rotation was faster, or the sealing is gone: there is nothing to put in its place.
        if unit.rewrap(row, &rewrapped, rotation).await? {
            let digest = |share: &[u8]| Bytes(Sha256::digest(share).into()).to_hex();
            let facts = json!({
                "rotation": rotation.id, "sealing": row.sealing, "record": row.record, "from": row.kek, "to": rotation.kek,
                "before": digest(&row.wrapped_share), "after": digest(&rewrapped),
            });
            unit.record(&Event::by(by, Kind::RecordRewrapped, facts), now).await?;
            self.commit(unit, Vec::new()).await?;
        }
        Ok(())
    }
}
