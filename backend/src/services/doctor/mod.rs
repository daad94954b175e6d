//! Before the emergency, what would fail in it. Nothing is changed, and nothing is opened: what KMS is asked are dry runs.
//!
//! `check` lists what is looked at; the other files look. The command line and the admin's page show the same.

mod authority;
mod check;
mod portal;

use halligan_shared::{
    audit::Kind,
    crypto,
    id::RecordId,
    wire::{Checkup, Verdict},
};
use serde_json::json;
use time::OffsetDateTime;

use self::check::Findings;
pub use self::check::Item;
use super::{Fault, Portal};
use crate::{
    aws::{Authority, Sample},
    config::Settings,
    domain::{audit::Event, member::SignedIn},
    store::Store,
};

/// What is looked at.
pub struct Patient<'a> {
    /// What the operator set.
    pub settings: &'a Settings,
    /// STS and KMS; or why there are none to ask.
    pub authority: Result<&'a Authority, String>,
    /// The database, or why it does not open.
    pub store: Result<&'a Store, String>,
    /// The time.
    pub now: OffsetDateTime,
}

impl Patient<'_> {
    /// Looks at everything.
    pub async fn examine(&self) -> Checkup {
        let mut found = Findings::default();
        match &self.store {
            Ok(store) => {
                portal::database(&mut found, store).await;
                portal::origin(&mut found, self.settings, store).await;
            }
            Err(error) => portal::no_database(&mut found, error),
        }
        if let Some(folder) = &self.settings.premises.data {
            portal::disk(&mut found, folder);
        }
        portal::certificate(&mut found, self.settings, self.now).await;
        match (&self.authority, self.sample().await) {
            (Ok(authority), Some(sample)) => {
                let locked_down = match &self.store {
                    Ok(store) => store.is_locked_down().await.unwrap_or(false),
                    Err(_) => false,
                };
                authority::examine(&mut found, authority, &sample, self.now, locked_down).await;
            }
            (Ok(_), None) => {}
            (Err(why), _) => found.fails(Item::Endpoint, why.clone()),
        }
        Checkup { checks: found.all("not looked at, because something fails that it needs") }
    }

    /// The record that was sealed last, or a made-up one.
    async fn sample(&self) -> Option<Sample> {
        let kept = match &self.store {
            Ok(store) => store.newest_sealing().await.ok().flatten(),
            Err(_) => None,
        };
        let (record, wrapped_share) = match kept {
            Some((record, wrapped)) => (record, Some(wrapped)),
            None => (RecordId::random().ok()?, None),
        };
        Some(Sample { record, wrapped_share, point: crypto::PageKey::new().ok()?.point() })
    }
}

impl Portal {
    /// Looks at everything, for an admin. That somebody looked, and what failed, stands in the log, also when they hang up meanwhile.
    /// One at a time: it takes a while, reads the whole database, and asks the authority much.
    pub async fn checkup(&self, who: &SignedIn) -> Result<Checkup, Fault> {
        let (portal, by) = (self.clone(), who.member.agency_id.clone());
        let looked = tokio::spawn(async move {
            let Ok(_alone) = portal.0.looking.try_lock() else {
                return Err(Fault::NotNow("Somebody is looking at this very moment. Look again in half a minute."));
            };
            let (settings, now) = (portal.settings(), portal.now());
            let patient = Patient { settings, authority: Ok(portal.authority()), store: Ok(portal.store()), now };
            let checkup = patient.examine().await;
            let (mut unit, now) = portal.begin_of_portal().await?;
            let facts = json!({ "fails": checkup.ids(Verdict::Fails), "unknown": checkup.ids(Verdict::Unknown) });
            unit.record(&Event::by(&by, Kind::CheckupDone, facts), now).await?;
            unit.commit().await?;
            Ok(checkup)
        });
        looked.await.map_err(|_| Fault::Internal)?
    }
}
