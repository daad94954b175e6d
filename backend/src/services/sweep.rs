//! What time alone brings about: requests expire, approvals lapse, windows close, receipts are missed, sealings go stale.
//!
//! Nothing depends on this running on time: every step judges by the clock. It writes down what is over, drops the
//! credentials and wakes the pages.

use halligan_shared::grant::Ending;
use serde_json::json;
use time::Duration;

use super::{Fault, Portal};
use crate::domain::{audit::Event, scan};

/// How long after the end of a window its wipe receipts may still be on their way.
const RECEIPT_GRACE: Duration = Duration::seconds(30);

impl Portal {
    /// Writes down everything that has run out by now.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        self.store().sweep_sessions(now, now - self.settings().limits.session).await?;
        self.store().sweep_scans(now - scan::SPAN).await?;
        let stale = self.settings().limits.sealing;
        if !self.store().anything_over(now, now - RECEIPT_GRACE, now - stale).await? {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        for (request, became) in unit.expire_requests(now).await? {
            let kind = if became == "expired" { "request.expired" } else { "request.lapsed" };
            unit.record(&Event::of_portal(kind, json!({ "request": request })), now).await?;
        }
        let over = unit.expire_grants(now).await?;
        for grant in &over {
            let facts = json!({ "grant": grant.id, "request": grant.request, "ending": Ending::Expired });
            unit.record(&Event::of_portal("grant.ended", facts), now).await?;
        }
        for unwiped in unit.missed_receipts(now - RECEIPT_GRACE, now).await? {
            let facts = json!({
                "grant": unwiped.grant, "request": unwiped.request, "wipe_commitment": unwiped.wipe_commitment,
            });
            unit.record(&Event::of_portal("wipe_receipt.missing", facts), now).await?;
        }
        for sealing in unit.drop_stale_sealings(now - stale).await? {
            unit.record(&Event::of_portal("sealing.dropped", json!({ "sealing": sealing })), now).await?;
        }
        unit.commit().await?;
        for grant in &over {
            self.authority().close_window(grant.id);
        }
        self.changed();
        Ok(())
    }
}
