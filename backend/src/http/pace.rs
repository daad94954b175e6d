//! How often calls may come: by address before anything is looked up, by session and by member once they are known.
//!
//! Whoever is too fast is told how long to wait, and nothing else happens. What is counted is forgotten at a restart.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, state::keyed::DashMapStateStore};
use halligan_shared::{
    id::{MemberId, SignInId},
    paths,
};

use super::{address::Caller, problem::Refused};
use crate::{
    clock::Clock,
    config::{Rate, Rates},
    domain::member::SignedIn,
    network,
};

/// A member at several devices may do so many times what one session may.
const MEMBER: u32 = 2;
/// A station whose members share an address may do so many times what one session may.
const ADDRESS: u32 = 16;
/// After so many calls, callers are forgotten who could do everything again.
const TIDY: u32 = 4_096;

/// What a call counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    SignIn,
    Bracelet,
    Request,
    Decision,
    Release,
    Other,
}

impl Pace {
    fn of(path: &str) -> Self {
        match path {
            paths::SIGN_IN_START
            | paths::SIGN_IN_FINISH
            | paths::INVITATION_VIEW
            | paths::INVITATION_START
            | paths::INVITATION_FINISH => Self::SignIn,
            paths::REQUEST_PREPARE => Self::Bracelet,
            paths::REQUESTS | paths::REQUEST_CANCEL => Self::Request,
            paths::DECISION_PREPARE | paths::DECISION | paths::GRANT_REVOKE => Self::Decision,
            paths::RELEASE => Self::Release,
            _ => Self::Other,
        }
    }
}

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Address(IpAddr),
    Session(SignInId),
    Member(MemberId),
}

type Limiter = RateLimiter<Counted, DashMapStateStore<Counted>, Steady, NoOpMiddleware<Duration>>;

/// What everybody did of late.
pub(super) struct Paces {
    clock: Steady,
    sign_in: Meter,
    bracelet: Meter,
    request: Meter,
    decision: Meter,
    release: Meter,
    other: Meter,
    calls: AtomicU32,
}

/// One rate, for each kind of caller.
struct Meter {
    session: Limiter,
    member: Limiter,
    address: Limiter,
}

/// The portal's clock as governor reads it.
#[derive(Debug, Clone)]
struct Steady(Clock);

impl clock::Clock for Steady {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.steady()
    }
}

impl Meter {
    fn new(rate: Rate, clock: &Steady) -> Self {
        let limiter = |times: u32| {
            let burst = NonZeroU32::new(rate.burst.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
            // A rate without a span of time refills at once.
            let every = (rate.every / times).max(Duration::from_nanos(1));
            let quota = Quota::with_period(every).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
            Limiter::dashmap_with_clock(quota, clock.clone())
        };
        Self { session: limiter(1), member: limiter(MEMBER), address: limiter(ADDRESS) }
    }

    fn all(&self) -> [&Limiter; 3] {
        [&self.session, &self.member, &self.address]
    }
}

impl Paces {
    pub(super) fn new(rates: &Rates, clock: Clock) -> Self {
        let clock = Steady(clock);
        let meter = |rate| Meter::new(rate, &clock);
        Self {
            sign_in: meter(rates.sign_in),
            bracelet: meter(rates.bracelet),
            request: meter(rates.request),
            decision: meter(rates.decision),
            release: meter(rates.release),
            other: meter(rates.other),
            clock,
            calls: AtomicU32::new(0),
        }
    }

    /// Counts a call of this path; refused when it comes too soon.
    pub(super) fn count(&self, path: &str, caller: Caller, who: Option<&SignedIn>) -> Result<(), Refused> {
        let meter = self.meter(Pace::of(path));
        if let Some(who) = who {
            self.check(&meter.session, Counted::Session(who.sign_in))?;
            self.check(&meter.member, Counted::Member(who.member.id))?;
        }
        // Last: who is refused as a session takes nothing away from others at the same address.
        self.check(&meter.address, Counted::Address(network::of(caller.0)))
    }

    fn check(&self, limiter: &Limiter, key: Counted) -> Result<(), Refused> {
        use clock::Clock as _;
        limiter.check_key(&key).map_err(|until| Refused::TooOften(until.wait_time_from(self.clock.now())))
    }

    fn meter(&self, pace: Pace) -> &Meter {
        match pace {
            Pace::SignIn => &self.sign_in,
            Pace::Bracelet => &self.bracelet,
            Pace::Request => &self.request,
            Pace::Decision => &self.decision,
            Pace::Release => &self.release,
            Pace::Other => &self.other,
        }
    }

    fn tidy(&self) {
        if self.calls.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            let meters = [&self.sign_in, &self.bracelet, &self.request, &self.decision, &self.release, &self.other];
            meters.into_iter().flat_map(Meter::all).for_each(Limiter::retain_recent);
        }
    }
}

/// Counts every call by its address, before the store is asked anything.
pub(super) async fn every_call(State(paces): State<Arc<Paces>>, request: Request, next: Next) -> Response {
    paces.tidy();
    let caller = request.extensions().get::<Caller>().copied().unwrap_or(Caller::UNKNOWN);
    match paces.check(&paces.other.address, Counted::Address(network::of(caller.0))) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}
