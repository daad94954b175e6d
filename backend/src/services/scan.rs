//! How many bracelets a responder looks up, and what the desk is told of it.

use halligan_shared::{audit::Kind, id::MemberId, reference::ReferenceDigest};
use serde_json::json;

use super::{Fault, Portal};
use crate::domain::{
    audit::Event,
    member::{Actor, SignedIn},
    scan::{self, Alarm, Outcome},
};

impl Portal {
    /// Counts a bracelet before it is looked up, whether it is known or not. Refused while it has to wait: the same bracelet
    /// again costs nothing.
    pub(super) async fn count_bracelet(&self, who: &SignedIn, reference: &ReferenceDigest) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let since = now - scan::SPAN;
        let member = who.member.id;
        let before = unit.scans(member, since).await?;
        if unit.scanned(member, reference, since, now).await? {
            return Ok(unit.commit().await?);
        }
        let alarm = unit.scan_alarm(member).await?;
        match scan::judge(before, alarm, now) {
            Outcome::Ordinary => Ok(unit.commit().await?),
            Outcome::Slowed(wait) => {
                let bracelets = alarm.map_or(before, |alarm| alarm.bracelets);
                // The unit is dropped: what was not looked up does not count.
                Err(Fault::Slowed { bracelets, wait: wait.unsigned_abs() })
            }
            Outcome::Alarming(raised) => {
                unit.keep_scan_alarm(member, raised).await?;
                let Alarm { bracelets, .. } = raised;
                let facts = json!({ "bracelets": bracelets, "sign_in": who.sign_in });
                unit.record(&Event::by(&who.member.agency_id, Kind::BraceletsMany, facts), now).await?;
                self.commit(unit, Vec::new()).await
            }
        }
    }

    /// A dispatcher's word that so many bracelets are in order: counting begins anew. Of bracelets that the dispatcher was not
    /// shown yet nothing is said, and the alarm stands.
    pub async fn allow_bracelets(&self, who: &SignedIn, member: MemberId, seen: u32) -> Result<(), Fault> {
        if who.member.id == member {
            return Err(Fault::Oneself("Another dispatcher has to say that your own scans are in order."));
        }
        let responder = self.store().member(member).await?.ok_or(Fault::NotFound)?;
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        let dealt_with =
            Fault::NotNow("Nobody has to look at it any more: a colleague has said that it is in order, or it was too long ago.");
        let alarm = unit.scan_alarm(member).await?.ok_or(dealt_with)?;
        if !unit.end_scan_alarm(member, seen).await? {
            return Err(Fault::OtherBracelets(alarm.bracelets));
        }
        let facts = json!({ "responder": responder.agency_id, "bracelets": seen });
        unit.record(&Event::by(&who.member.agency_id, Kind::BraceletsAllowed, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }
}
