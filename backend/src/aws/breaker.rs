//! Leaves an authority alone that fails again and again, so that whoever asks next is told at once instead of waiting for it.
//!
//! The state machine is `reliakit-circuit`'s, which is told the time; here is what it does not know: only one call at a time finds
//! out whether the authority is back, and what is wrong has a name. It goes by the steady clock: the other one may be what is wrong,
//! and setting it right must not prolong a rest.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use halligan_shared::wire::KeyTrouble;
use reliakit_circuit::{CircuitBreaker, State};
use serde::Serialize;

use super::AuthorityFault;
use crate::clock::Clock;

/// Failures in a row after which the authority is left alone. Each of them cost somebody up to the whole budget of a release.
const FAILURES: u32 = 3;
/// For how long it is left alone, in milliseconds: much longer than a release may take, and short beside a window.
const REST: u64 = 10_000;
/// How long an answer stands for how the authority is, in milliseconds, while nothing is wrong.
const TRUSTED: u64 = 60_000;
/// What others are told to wait while one finds out whether the authority is back, in milliseconds: a good answer takes less, and
/// whoever comes again before there is any is told the same.
const PROBE: u64 = 1_000;

/// What the authority is asked for. Each has a breaker of its own: what fails for one says nothing certain of the other, and nobody who
/// has the one fail again and again keeps the other waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Releases, and the portal's own looks whether they would work.
    Release,
    /// Sealings.
    Sealing,
}

/// Whether the authority may be asked, and what was wrong when it last was.
pub(super) struct Breaker {
    purpose: Purpose,
    clock: Clock,
    // A std Mutex: nothing is awaited while it is held.
    state: Mutex<Known>,
}

struct Known {
    circuit: CircuitBreaker,
    /// When the circuit opened.
    opened_at: u64,
    /// Whether somebody is finding out whether the authority is back.
    probing: bool,
    trouble: Option<Trouble>,
    heard_at: Option<u64>,
}

#[derive(Clone, Copy)]
struct Trouble {
    what: KeyTrouble,
    since: u64,
}

/// The right to ask the authority for one thing, whatever number of calls it takes. Dropped without a word on what came of it, it
/// was never taken.
pub struct Turn<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

/// What a turn's outcome changed for everybody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The authority began to fail, or fails in another way than before.
    Failing(KeyTrouble),
    /// It answers again.
    Answering,
}

impl Breaker {
    pub(super) fn new(purpose: Purpose, clock: Clock) -> Self {
        let state =
            Known { circuit: CircuitBreaker::new(FAILURES, REST), opened_at: 0, probing: false, trouble: None, heard_at: None };
        Self { purpose, clock, state: Mutex::new(state) }
    }

    /// Whether the authority may be asked now.
    pub(super) fn turn(&self) -> Result<Turn<'_>, AuthorityFault> {
        let now = self.now();
        let mut known = self.lock();
        if known.probing || !known.circuit.allow(now) {
            let left = if known.probing { PROBE } else { REST.saturating_sub(now.saturating_sub(known.opened_at)) };
            let trouble = known.trouble.map_or(KeyTrouble::Failing, |trouble| trouble.what);
            return Err(AuthorityFault::Resting { trouble, wait: Duration::from_millis(left) });
        }
        let is_probe = known.circuit.state() == State::HalfOpen;
        known.probing = is_probe;
        drop(known);
        Ok(Turn { breaker: self, is_probe })
    }

    /// What is wrong, and for how long.
    pub(super) fn trouble(&self) -> Option<(KeyTrouble, Duration)> {
        let now = self.now();
        self.lock().trouble.map(|trouble| (trouble.what, Duration::from_millis(now.saturating_sub(trouble.since))))
    }

    /// Whether nobody asked for so long that somebody should, only to know.
    pub(super) fn is_due(&self) -> bool {
        let now = self.now();
        let known = self.lock();
        let trusted = if known.trouble.is_some() { REST } else { TRUSTED };
        known.heard_at.is_none_or(|heard| now.saturating_sub(heard) >= trusted)
    }

    fn now(&self) -> u64 {
        // Reached after half a billion years.
        u64::try_from(self.clock.steady().as_millis()).unwrap_or(u64::MAX)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// What it is for.
    pub fn purpose(&self) -> Purpose {
        self.breaker.purpose
    }

    /// Says what came of it. A refusal of this one call is an answer: whoever gives it is there.
    pub fn over(mut self, fault: Option<&AuthorityFault>) -> Option<Change> {
        let now = self.breaker.now();
        let mut known = self.breaker.lock();
        known.heard_at = Some(now);
        if std::mem::take(&mut self.is_probe) {
            known.probing = false;
        }
        let trouble = fault.map(AuthorityFault::trouble).filter(|trouble| *trouble != KeyTrouble::Denied);
        let Some(what) = trouble else {
            known.circuit.reset();
            return known.trouble.take().map(|_| Change::Answering);
        };
        let mut opens = false;
        known.circuit.on_failure_observed(now, |_, to| opens = to == State::Open);
        if opens {
            known.opened_at = now;
        }
        let before = known.trouble;
        known.trouble = Some(Trouble { what, since: before.map_or(now, |before| before.since) });
        (before.map(|before| before.what) != Some(what)).then_some(Change::Failing(what))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.lock().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    };

    use time::OffsetDateTime;

    use super::*;

    /// A breaker, and its clock in milliseconds.
    fn breaker() -> (Breaker, Arc<AtomicI64>) {
        let millis = Arc::new(AtomicI64::new(1_000_000));
        let read = Arc::clone(&millis);
        let clock = Clock::new(move || {
            OffsetDateTime::from_unix_timestamp_nanos(i128::from(read.load(Ordering::SeqCst)) * 1_000_000).unwrap()
        });
        (Breaker::new(Purpose::Release, clock), millis)
    }

    fn fail(breaker: &Breaker) -> Option<Change> {
        breaker.turn().ok().unwrap().over(Some(&AuthorityFault::slow("Decrypt")))
    }

    fn wait(breaker: &Breaker) -> Option<u64> {
        match breaker.turn() {
            Err(AuthorityFault::Resting { wait, .. }) => u64::try_from(wait.as_millis()).ok(),
            _ => None,
        }
    }

    #[test]
    fn three_failures_in_a_row_leave_it_alone_for_ten_seconds_and_then_one_finds_out() {
        let (breaker, clock) = breaker();
        assert_eq!(fail(&breaker), Some(Change::Failing(KeyTrouble::Slow)));
        assert_eq!((fail(&breaker), fail(&breaker)), (None, None));
        assert_eq!(wait(&breaker), Some(10_000));
        clock.fetch_add(9_999, Ordering::SeqCst);
        assert_eq!(wait(&breaker), Some(1));
        clock.fetch_add(1, Ordering::SeqCst);
        let probe = breaker.turn().ok().unwrap();
        assert_eq!(wait(&breaker), Some(1_000), "one at a time");
        assert_eq!(probe.over(None), Some(Change::Answering));
        assert_eq!((wait(&breaker), breaker.trouble()), (None, None));
    }

    #[test]
    fn one_answer_between_failures_is_enough_to_go_on() {
        let (breaker, _) = breaker();
        for _ in 0..3 {
            fail(&breaker);
            fail(&breaker);
            breaker.turn().ok().unwrap().over(None);
        }
        assert_eq!(wait(&breaker), None);
    }

    #[test]
    fn a_probe_that_fails_begins_the_rest_anew_and_one_that_is_given_up_does_not_stand_in_the_way() {
        let (breaker, clock) = breaker();
        for _ in 0..3 {
            fail(&breaker);
        }
        clock.fetch_add(10_000, Ordering::SeqCst);
        drop(breaker.turn().ok().unwrap());
        assert_eq!(fail(&breaker), None);
        assert_eq!(wait(&breaker), Some(10_000));
        assert_eq!(breaker.trouble(), Some((KeyTrouble::Slow, Duration::from_secs(10))), "since the first failure");
    }

    #[test]
    fn who_asks_only_to_know_does_so_each_minute_and_each_rest_while_something_is_wrong() {
        let (breaker, clock) = breaker();
        assert!(breaker.is_due());
        breaker.turn().ok().unwrap().over(None);
        clock.fetch_add(59_999, Ordering::SeqCst);
        assert!(!breaker.is_due());
        clock.fetch_add(1, Ordering::SeqCst);
        assert!(breaker.is_due());
        fail(&breaker);
        clock.fetch_add(9_999, Ordering::SeqCst);
        assert!(!breaker.is_due());
        clock.fetch_add(1, Ordering::SeqCst);
        assert!(breaker.is_due());
    }
}
