//! What time alone brings about: requests expire, approvals lapse, what was asked in a sign-in that ran out is withdrawn, windows close,
//! receipts are missed, sealings go stale, reviews are overdue.
//!
//! Nothing depends on this running on time: every step judges by the clock. It writes down what is over, drops the
//! credentials and wakes the pages.

use halligan_shared::{audit::Kind, grant::Ending, notice::Closing, outcome::Outcome};
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, incidents};
use crate::domain::{audit::Event, notice::Closed, scan};

/// How long after the end of a window its wipe receipts may still be on their way.
const RECEIPT_GRACE: Duration = Duration::seconds(30);

/// How long after the end of a notice it is kept what was sent where.
const DELIVERIES_KEPT: Duration = Duration::days(1);

/// How long a notice that ended stays in inboxes. The log has what happened for good.
const NOTICES_KEPT: Duration = Duration::days(30);

impl Portal {
    /// Writes down everything that has run out by now.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        self.drop_credentials(now).await?;
        self.notice_lockdown().await?;
        self.store().sweep_sessions(now, now - self.settings().limits.session).await?;
        self.store().sweep_scans(now - scan::SPAN).await?;
        self.store().sweep_incidents(now - incidents::KEPT).await?;
        if self.store().forget_deciding(now).await? {
            self.changed();
        }
        self.store().sweep_deliveries(now - DELIVERIES_KEPT).await?;
        self.store().sweep_notices(now - NOTICES_KEPT).await?;
        let stale = self.settings().limits.sealing;
        if !self.store().anything_over(now, now - RECEIPT_GRACE, now - stale).await? {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        for (request, became) in unit.expire_requests(now).await? {
            let kind = if became == Outcome::Expired { Kind::RequestExpired } else { Kind::RequestLapsed };
            unit.record(&Event::of_portal(kind, json!({ "request": request })), now).await?;
        }
        for request in unit.cancel_requests_left(now).await? {
            let facts = json!({ "request": request, "because": "sign_in_over" });
            unit.record(&Event::of_portal(Kind::RequestCancelled, facts), now).await?;
        }
        for (reenrolment, is_stopped) in unit.untold_ends(now).await? {
            // What ran out, or was stopped with its admin, has no event of its own.
            let how = if is_stopped { Closing::Stopped } else { Closing::Expired };
            unit.end_notices(&reenrolment.to_string(), &Closed { how, by: None, at: now }).await?;
        }
        for grant in unit.expire_grants(now).await? {
            let facts = json!({ "grant": grant.id, "request": grant.request, "ending": Ending::Expired });
            unit.record(&Event::of_portal(Kind::GrantEnded, facts), now).await?;
        }
        for unwiped in unit.missed_receipts(now - RECEIPT_GRACE, now).await? {
            let facts = json!({
                "grant": unwiped.grant, "request": unwiped.request, "wipe_commitment": unwiped.wipe_commitment,
            });
            unit.record(&Event::of_portal(Kind::WipeReceiptMissing, facts), now).await?;
        }
        for sealing in unit.drop_stale_sealings(now - stale).await? {
            unit.record(&Event::of_portal(Kind::SealingDropped, json!({ "sealing": sealing })), now).await?;
        }
        for drill in unit.drills_over(now).await? {
            unit.record(&Event::of_portal(Kind::DrillEnded, json!({ "drill_id": drill })), now).await?;
        }
        self.escalate_reviews(&mut unit, now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Drops the credentials of every grant that has no open window by now, whatever ended it and whoever wrote that down.
    async fn drop_credentials(&self, now: OffsetDateTime) -> Result<(), Fault> {
        // Listed first: a grant stands in the store before its credentials are asked for.
        let held = self.authority().held();
        if held.is_empty() {
            return Ok(());
        }
        let open = self.store().open_windows(now).await?;
        for grant in held.into_iter().filter(|grant| !open.contains(grant)) {
            self.authority().close_window(grant);
        }
        Ok(())
    }
}
