//! What time alone brings about: requests expire, approvals lapse, windows close.
//!
//! Nothing depends on this running on time: every step judges by the clock. It writes down what is over, drops the
//! credentials and wakes the pages.

use halligan_shared::grant::Ending;
use serde_json::json;

use super::{Fault, Portal};
use crate::domain::audit::Event;

impl Portal {
    /// Writes down everything that has run out by now.
    pub async fn sweep(&self) -> Result<(), Fault> {
        let now = self.now();
        self.store().sweep_sessions(now).await?;
        if !self.store().anything_over(now).await? {
            return Ok(());
        }
        let mut unit = self.store().begin().await?;
        for (request, became) in unit.expire_requests(now).await? {
            unit.record(
                &Event::of_portal(
                    if became == "expired" { "request.expired" } else { "request.lapsed" },
                    json!({ "request": request }),
                ),
                now,
            )
            .await?;
        }
        let over = unit.expire_grants(now).await?;
        for (grant, wiped) in &over {
            unit.record(
                &Event::of_portal("grant.ended", json!({ "grant": grant.id, "request": grant.request, "ending": Ending::Expired })),
                now,
            )
            .await?;
            if !wiped {
                unit.record(&Event::of_portal("wipe_receipt.missing", json!({ "grant": grant.id, "request": grant.request })), now)
                    .await?;
            }
        }
        unit.commit().await?;
        for (grant, _) in &over {
            self.authority().close_window(grant.id);
        }
        self.changed();
        Ok(())
    }
}
