//! Incidents, as computer-aided dispatch (CAD) tells them: what the door `policy` goes by.
//!
//! What CAD sent may come late, twice, or again by somebody who read along. None of that matters: of two words of an incident the
//! one that CAD wrote later counts, and CAD was heard when it signed, not when that arrived.

use halligan_shared::{
    incident::IncidentNumber,
    wire::{IncidentDocument, IncidentFeed, IncidentTaken, IncidentView},
};
use serde_json::json;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Fault, Portal};
use crate::{
    cad::SKEW,
    domain::{
        audit::Event,
        incident::{Outcome, Told},
    },
};

/// How long a closed incident is kept, so that a late word of when it was open changes nothing.
pub(super) const KEPT: Duration = Duration::hours(24);
/// Most incidents that a dispatcher is shown.
const SHOWN: u32 = 200;

impl Portal {
    /// Takes what CAD tells of an incident, which it signed at `signed_at`.
    pub async fn take_incident(
        &self,
        number: &IncidentNumber,
        document: &IncidentDocument,
        signed_at: OffsetDateTime,
    ) -> Result<IncidentTaken, Fault> {
        if document.incident_component.internal_incident_id.as_ref().is_some_and(|named| named != number) {
            return Err(Fault::Invalid("The incident in the document is another one than in the address, so nothing was taken."));
        }
        let told = told(document)?;
        let (mut unit, now) = self.begin_of_portal().await?;
        if told.updated_at > now + SKEW {
            // Nothing that CAD wrote before that time would count any more, a closing neither.
            return Err(Fault::Invalid(
                "lastUpdateTimeStamp lies more than 60 seconds ahead of the portal's clock, so nothing was taken. Keep both clocks by NTP.",
            ));
        }
        let held = unit.incident_told(number).await?;
        if held.is_none() && told.updated_at <= now - KEPT + SKEW {
            // It may be one that was closed and forgotten.
            return Err(Fault::Invalid(
                "The portal does not know this incident, and it was last changed a day ago or longer, so nothing was taken. If it goes on, send it with the time of now.",
            ));
        }
        unit.feed_heard(signed_at, now).await?;
        let (taken, held) = match (told.after(held.as_ref()), held) {
            (Outcome::Taken(kind), _) => {
                unit.keep_incident(number, &told, now).await?;
                if let Some(kind) = kind {
                    let view = view(number.clone(), told.clone());
                    let facts = json!({
                        "incident": view.number, "statuses": view.statuses, "units": view.units, "updated_at": view.updated_at,
                    });
                    unit.record(&Event::of_portal(kind, facts), now).await?;
                }
                self.judge_incident(&mut unit, number, now).await?;
                self.commit(unit, Vec::new()).await?;
                (true, told)
            }
            (Outcome::Earlier, Some(held)) => {
                unit.commit().await?;
                (false, held)
            }
            (Outcome::Same | Outcome::Earlier, _) => {
                // Nothing new of it, but its feed may have been silent until now.
                self.judge_incident(&mut unit, number, now).await?;
                self.commit(unit, Vec::new()).await?;
                (true, told)
            }
        };
        Ok(IncidentTaken { taken, incident: view(number.clone(), held) })
    }

    /// Notes that CAD is there.
    pub async fn cad_is_there(&self, signed_at: OffsetDateTime) -> Result<(), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.feed_heard(signed_at, now).await? {
            // Sent again, by whomever: it was heard already.
            return Ok(());
        }
        // What it told before holds again if it was silent for long.
        self.judge_all(&mut unit, now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// The incidents that go on, and how the feed of them is.
    pub async fn incidents(&self) -> Result<IncidentFeed, Fault> {
        let heard_ago = self.store().feed_heard_ago(self.now()).await?;
        let open = self.store().open_incidents(SHOWN).await?;
        Ok(IncidentFeed {
            is_on: self.settings().cad.is_some(),
            heard_ago: heard_ago.map(Duration::as_seconds_f64),
            open: open.into_iter().map(|(number, told)| view(number, told)).collect(),
        })
    }
}

fn told(document: &IncidentDocument) -> Result<Told, Fault> {
    let no_time = |_| Fault::Invalid("lastUpdateTimeStamp is no time such as 2026-11-26T19:42:00.000Z (RFC 3339).");
    let told_at = OffsetDateTime::parse(&document.last_update_time_stamp, &Rfc3339).map_err(no_time)?;
    // As it is kept: in whole milliseconds. The last day of all, in another zone, is none.
    let nanoseconds = told_at.unix_timestamp_nanos();
    let updated_at = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds - nanoseconds.rem_euclid(1_000_000))
        .map_err(|_| Fault::Invalid("lastUpdateTimeStamp is no time that the portal can keep."))?;
    Ok(Told {
        is_open: document.is_open(),
        statuses: document.incident_component.incident_status_common_registry_text.clone(),
        units: document.units(),
        updated_at,
    })
}

fn view(number: IncidentNumber, told: Told) -> IncidentView {
    // Every instant that was read from RFC 3339 can be written so.
    let updated_at = told.updated_at.format(&Rfc3339).unwrap_or_default();
    IncidentView { number, is_open: told.is_open, statuses: told.statuses, units: told.units, updated_at }
}
