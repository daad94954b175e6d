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
    wire::{Checks, Grade},
};
use serde_json::json;
use time::OffsetDateTime;

pub use self::check::Item;
use self::{
    authority::{Lockdown, Moment},
    check::Findings,
};
use super::{Fault, Portal};
use crate::{
    aws::{Authority, Sample},
    config::Settings,
    domain::{audit::Event, member::SignedIn},
    store::{KeysInUse, Store},
};

/// What is looked at.
pub struct Examined<'a> {
    /// What the operator set.
    pub settings: &'a Settings,
    /// STS and KMS; or why there are none to ask.
    pub authority: Result<&'a Authority, String>,
    /// The database, or why it does not open.
    pub store: Result<&'a Store, String>,
    /// The time.
    pub now: OffsetDateTime,
}

impl Examined<'_> {
    /// Looks at everything.
    pub async fn examine(&self) -> Checks {
        let mut found = Findings::default();
        match &self.store {
            Ok(store) => {
                portal::database(&mut found, store).await;
                portal::policies(&mut found, &self.settings.policies, store).await;
                portal::origin(&mut found, self.settings, store).await;
                portal::reviews(&mut found, store).await;
                portal::channels(&mut found, self.settings, store, self.now).await;
            }
            Err(error) => portal::no_database(&mut found, error),
        }
        if let Some(folder) = &self.settings.premises.data {
            portal::disk(&mut found, folder);
        }
        portal::idle(&mut found, &self.settings.limits);
        portal::certificate(&mut found, self.settings, self.now).await;
        let in_use = match &self.store {
            Ok(store) => store.keys_in_use().await.map_err(|error| error.to_string()),
            Err(_) => Err("the database does not open".to_owned()),
        };
        match &self.authority {
            Ok(authority) => {
                match &in_use {
                    Ok(in_use) => authority::named(&mut found, authority, in_use),
                    Err(why) => found.unknown(Item::Named, why.clone()),
                }
                if let Some(samples) = samples(authority, in_use.unwrap_or_default()) {
                    let lockdown = match &self.store {
                        Ok(store) => Lockdown::of(store).await,
                        Err(_) => Lockdown::Unknown,
                    };
                    let moment = Moment { now: self.now, window: self.settings.limits.window, lockdown };
                    authority::examine(&mut found, authority, &samples, &moment).await;
                }
            }
            Err(why) => found.fails(Item::Endpoint, why.clone()),
        }
        Checks { checks: found.all("not looked at, because something fails that it needs") }
    }
}

/// A record to try with under each pair of named keys: under those for new records first, a made-up one where there is none; then
/// the newest under each that is in use.
fn samples(authority: &Authority, in_use: Vec<KeysInUse>) -> Option<Vec<Sample<'_>>> {
    let current = authority.current_keys();
    let mut samples = vec![Sample { keys: current, record: RecordId::random().ok()?, wrapped_share: None, point: a_point()? }];
    for KeysInUse { kek, agreement_key, newest, wrapped_share, .. } in in_use {
        let Some(keys) = authority.keys_for(&kek, &agreement_key) else { continue };
        let sample = Sample { keys, record: newest, wrapped_share: Some(wrapped_share), point: a_point()? };
        match samples.first_mut() {
            Some(first) if keys == current => *first = sample,
            _ => samples.push(sample),
        }
    }
    Some(samples)
}

fn a_point() -> Option<crypto::Point> {
    Some(crypto::PageKey::new().ok()?.point())
}

impl Portal {
    /// Looks at everything, for an admin. That somebody looked, and what failed, stands in the log, also when they hang up meanwhile.
    /// One at a time: it takes a while, reads the whole database, and asks the authority much.
    pub async fn examine(&self, who: &SignedIn) -> Result<Checks, Fault> {
        let (portal, by) = (self.clone(), who.member.agency_id.clone());
        let looked = tokio::spawn(async move {
            let Ok(_alone) = portal.0.looking.try_lock() else {
                return Err(Fault::NotNow("Somebody is looking at this very moment. Look again in half a minute."));
            };
            let (settings, now) = (portal.settings(), portal.now());
            let examined = Examined { settings, authority: Ok(portal.authority()), store: Ok(portal.store()), now };
            let checks = examined.examine().await;
            let (mut unit, now) = portal.begin_of_portal().await?;
            let facts = json!({ "fails": checks.ids(Grade::Fails), "unknown": checks.ids(Grade::Unknown) });
            unit.record(&Event::by(&by, Kind::DoctorAsked, facts), now).await?;
            unit.commit().await?;
            Ok(checks)
        });
        looked.await.map_err(|_| Fault::Internal)?
    }
}
