//! Push services that do not answer: which of them are left alone for a while.
//!
//! Knows nothing of what is sent. Guarantees that one service never has every place among what is sent side by side, and that one that
//! failed is asked by one call at a time, more slowly each time, until it answers.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use time::{Duration, OffsetDateTime};

/// How many calls one service has at once.
const AT_ONCE: u32 = 48;
/// How long to wait for a place.
const LATER: Duration = Duration::milliseconds(250);
/// First rest after a failure; each further one is twice as long.
const REST: Duration = Duration::seconds(2);
/// Longest rest: a service that is back is found within it.
const REST_MAX: Duration = Duration::minutes(1);

/// How every service is that is being called, or failed.
#[derive(Default)]
pub(super) struct Services(Mutex<HashMap<String, Service>>);

#[derive(Default)]
struct Service {
    calling: u32,
    failures: u32,
    rests_until: Option<OffsetDateTime>,
}

/// A place to call a service. Given back when it is dropped.
pub(super) struct Place<'a> {
    services: &'a Services,
    origin: String,
}

impl Services {
    /// A place to call a service now, or when to ask for one again.
    pub(super) fn place(&self, origin: &str, now: OffsetDateTime) -> Result<Place<'_>, OffsetDateTime> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let service = all.entry(origin.to_owned()).or_default();
        if let Some(until) = service.rests_until.filter(|until| now < *until) {
            return Err(until);
        }
        let most = if service.failures > 0 { 1 } else { AT_ONCE };
        if service.calling >= most {
            return Err(now + LATER);
        }
        service.calling += 1;
        Ok(Place { services: self, origin: origin.to_owned() })
    }
}

impl Place<'_> {
    /// Notes whether the service answered. What fails side by side is one failure.
    pub(super) fn answered(&self, is_well: bool, now: OffsetDateTime) {
        let mut all = self.services.0.lock().unwrap_or_else(PoisonError::into_inner);
        let service = all.entry(self.origin.clone()).or_default();
        if is_well {
            (service.failures, service.rests_until) = (0, None);
        } else if service.rests_until.is_none_or(|until| until <= now) {
            let rest = REST * (1_i32 << service.failures.min(16));
            service.failures = service.failures.saturating_add(1);
            service.rests_until = Some(now + rest.min(REST_MAX));
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.services.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(service) = all.get_mut(&self.origin) {
            service.calling = service.calling.saturating_sub(1);
            if service.calling == 0 && service.failures == 0 {
                all.remove(&self.origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_fails_rests_longer_each_time_and_is_asked_once() {
        let services = Services::default();
        let start = OffsetDateTime::UNIX_EPOCH;
        let both = [services.place("a", start).unwrap(), services.place("a", start).unwrap()];
        for place in &both {
            place.answered(false, start);
        }
        drop(both);
        let mut now = start;
        for rest in [2, 4, 8, 16, 32, 60, 60] {
            let until = services.place("a", now).map(|_| ()).unwrap_err();
            assert_eq!(until - now, Duration::seconds(rest));
            assert!(services.place("b", now).is_ok(), "others go on");
            now = until;
            let probe = services.place("a", now).unwrap();
            assert_eq!(services.place("a", now).map(|_| ()), Err(now + LATER), "one at a time");
            probe.answered(false, now);
        }
        now += REST_MAX;
        services.place("a", now).unwrap().answered(true, now);
        let places: Vec<_> = (0..AT_ONCE).map(|_| services.place("a", now).unwrap()).collect();
        assert_eq!(services.place("a", now).map(|_| ()), Err(now + LATER), "never every place");
        drop(places);
        assert!(services.0.lock().unwrap().is_empty());
    }
}
