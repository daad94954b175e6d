//! How often calls may come. Whoever is too fast is told how long to wait, and nothing else happens. What is counted is forgotten at
//! a restart.
//!
//! Who is counted, and why nobody can use up what is another's:
//! - A call of a session counts by session and member alone, so no stranger keeps a member from what that member is signed in for.
//! - A step of signing in, and a sign-out or wipe receipt that comes after its session, counts by browser where somebody signed in before
//!   (see `browser`), and only else by address: a stranger at a station's address keeps its tablets from nothing.
//! - A call that computer-aided dispatch signed counts as that, wherever it comes from: nobody else can use that up.
//! - A call of nobody known counts by address, but for the question whether somebody is signed in: each page asks it first, and shows by
//!   the answer where to sign in.
//! - Where an address is IPv6 it is its /64 that counts, and within a wider bound the /48 around it, which may be one subscriber's (see
//!   `network`).
//! - A call that another site's page sent counts by address, and apart: a page that somebody at the station opened uses up nothing.
//! - What is refused, or answered with a file, without asking anybody is not counted: to refuse it would cost the same.
//!
//! What remains: at an address from which a stranger calls without a pause, a browser in which nobody signed in before waits to sign
//! in or to join. A made-up cookie is nobody's by its signature, or its seal, and asks the
//! store nothing; one of a session that is over costs one look-up by a key at each call, before that is counted.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use governor::{Quota, RateLimiter, clock, middleware::NoOpMiddleware, state::keyed::DashMapStateStore};
use halligan_shared::id::{MemberId, SignInId};

use super::{address::Caller, browser::Browser, problem::Refused};
use crate::{
    clock::Clock,
    config::{Rate, Rates},
    domain::member::SignedIn,
    network,
};

/// A member at several devices may do so many times what one session may.
const MEMBER: u32 = 2;
/// A tablet at which a whole crew signs in at the change of shift may do so many times what one session may.
const BROWSER: u32 = 4;
/// A station whose members share an address may do so many times what one session may.
const ADDRESS: u32 = 16;
/// An IPv6 site may do so many times what one of its networks may: a whole county's stations may be one, and so may one stranger.
const SITE: u32 = 4;
/// After so many calls, callers are forgotten who could do everything again.
const TIDY: u32 = 4_096;

/// What a call counts as. What a session calls counts as everything together too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Everything together is enough: it costs the portal little, and tells nobody what they could try out.
    General,
    /// The same, but that it is not counted where nobody is known: each page asks first whether somebody is signed in, and shows by the
    /// answer where to sign in.
    First,
    /// A step of signing in or joining.
    SignIn,
    /// What a page may have to say once its session is over, which no stranger at its address is to keep from being heard.
    After,
    /// A bracelet is looked up.
    Bracelet,
    /// A request is filed, listed or withdrawn.
    Filing,
    /// A step of deciding, or of another signature that acts.
    Decision,
    /// The authority is asked several things.
    Release,
    /// It is so here, and this is no emergency.
    Sealing,
    /// Computer-aided dispatch tells something.
    Feed,
}

/// A signature counts as new once in the time for which one can be good at all: a minute before the portal's clock, and one after.
const SIGNED_ONCE: Rate = Rate { burst: 1, every: Duration::from_mins(2) };

/// Who is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Counted {
    Address(IpAddr),
    Site(Ipv6Addr),
    Browser(Browser),
    Session(SignInId),
    Member(MemberId),
    Feed,
    Signature([u8; 32]),
}

type Limiter = RateLimiter<Counted, DashMapStateStore<Counted>, Steady, NoOpMiddleware<Duration>>;

/// What everybody did of late.
pub(super) struct Paces {
    clock: Steady,
    bracelet: Meter,
    request: Meter,
    decision: Meter,
    release: Meter,
    sealing: Meter,
    all: Meter,
    sign_in_by_browser: Limiter,
    sign_in_by_address: Places,
    feed: Limiter,
    signatures: Limiter,
    after_by_browser: Limiter,
    strangers: Places,
    other_sites: Places,
    calls: AtomicU32,
}

/// One rate of members.
struct Meter {
    session: Limiter,
    member: Limiter,
}

/// One rate of nobody known, by where they call from.
struct Places {
    address: Limiter,
    site: Limiter,
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

/// A rate for callers who may do so many times what one session may.
fn limiter(rate: Rate, times: u32, clock: &Steady) -> Limiter {
    let burst = NonZeroU32::new(rate.burst.saturating_mul(times)).unwrap_or(NonZeroU32::MIN);
    // A rate without a span of time refills at once.
    let every = (rate.every / times).max(Duration::from_nanos(1));
    let quota = Quota::with_period(every).unwrap_or_else(|| Quota::per_second(burst)).allow_burst(burst);
    Limiter::dashmap_with_clock(quota, clock.clone())
}

impl Paces {
    pub(super) fn new(rates: &Rates, clock: Clock) -> Self {
        let clock = Steady(clock);
        let meter = |rate| Meter { session: limiter(rate, 1, &clock), member: limiter(rate, MEMBER, &clock) };
        let places = |rate| Places { address: limiter(rate, ADDRESS, &clock), site: limiter(rate, ADDRESS * SITE, &clock) };
        Self {
            bracelet: meter(rates.bracelet),
            request: meter(rates.request),
            decision: meter(rates.decision),
            release: meter(rates.release),
            sealing: meter(rates.sealing),
            all: meter(rates.other),
            sign_in_by_browser: limiter(rates.sign_in, BROWSER, &clock),
            sign_in_by_address: places(rates.sign_in),
            feed: limiter(rates.feed, 1, &clock),
            signatures: limiter(SIGNED_ONCE, 1, &clock),
            after_by_browser: limiter(rates.other, BROWSER, &clock),
            strangers: places(rates.other),
            other_sites: places(rates.other),
            clock,
            calls: AtomicU32::new(0),
        }
    }

    /// Counts a call of a member; refused when it comes too soon.
    pub(super) fn member(&self, pace: Pace, who: &SignedIn) -> Result<(), Refused> {
        for meter in [Some(&self.all), self.meter(pace)].into_iter().flatten() {
            self.check(&meter.session, Counted::Session(who.sign_in))?;
            self.check(&meter.member, Counted::Member(who.member.id))?;
        }
        Ok(())
    }

    /// Counts a step of signing in.
    pub(super) fn sign_in(&self, browser: Option<Browser>, caller: Caller) -> Result<(), Refused> {
        if self.has_room(&self.sign_in_by_browser, browser) { Ok(()) } else { self.check_place(&self.sign_in_by_address, caller) }
    }

    /// Counts a call that computer-aided dispatch signed. One that was sent before is anybody's, who may have read it on its way: it
    /// must not use up what dispatch may call.
    pub(super) fn feed(&self, signature: [u8; 32], caller: Caller) -> Result<(), Refused> {
        match self.check(&self.signatures, Counted::Signature(signature)) {
            Ok(()) => self.check(&self.feed, Counted::Feed),
            Err(_) => self.stranger(caller),
        }
    }

    /// Counts a call of nobody who is signed in.
    pub(super) fn stranger(&self, caller: Caller) -> Result<(), Refused> {
        self.check_place(&self.strangers, caller)
    }

    /// Counts a call that comes after its session.
    pub(super) fn after(&self, browser: Option<Browser>, caller: Caller) -> Result<(), Refused> {
        if self.has_room(&self.after_by_browser, browser) { Ok(()) } else { self.stranger(caller) }
    }

    /// Counts a call that another site's page sent.
    pub(super) fn other_site(&self, caller: Caller) -> Result<(), Refused> {
        self.check_place(&self.other_sites, caller)
    }

    /// Counts a call of a browser that is known. One that is too fast is no worse off than one that is not known.
    fn has_room(&self, limiter: &Limiter, browser: Option<Browser>) -> bool {
        browser.is_some_and(|browser| self.check(limiter, Counted::Browser(browser)).is_ok())
    }

    /// What a network may not it uses up nothing of its site's for.
    fn check_place(&self, places: &Places, Caller(address): Caller) -> Result<(), Refused> {
        self.check(&places.address, Counted::Address(network::of(address)))?;
        network::site_of(address).map_or(Ok(()), |site| self.check(&places.site, Counted::Site(site)))
    }

    fn check(&self, limiter: &Limiter, key: Counted) -> Result<(), Refused> {
        use clock::Clock as _;
        self.tidy();
        limiter.check_key(&key).map_err(|until| Refused::TooOften(until.wait_time_from(self.clock.now())))
    }

    /// What members' calls count by beside everything together.
    fn meter(&self, pace: Pace) -> Option<&Meter> {
        match pace {
            // Those of nobody's session are counted by other means.
            Pace::General | Pace::First | Pace::SignIn | Pace::After | Pace::Feed => None,
            Pace::Bracelet => Some(&self.bracelet),
            Pace::Filing => Some(&self.request),
            Pace::Decision => Some(&self.decision),
            Pace::Release => Some(&self.release),
            Pace::Sealing => Some(&self.sealing),
        }
    }

    fn tidy(&self) {
        if self.calls.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            let meters = [&self.bracelet, &self.request, &self.decision, &self.release, &self.sealing, &self.all];
            let of_members = meters.into_iter().flat_map(|meter| [&meter.session, &meter.member]);
            let places = [&self.sign_in_by_address, &self.strangers, &self.other_sites];
            let of_nobody_known = places.into_iter().flat_map(|places| [&places.address, &places.site]);
            of_members
                .chain(of_nobody_known)
                .chain([&self.sign_in_by_browser, &self.after_by_browser, &self.signatures])
                .for_each(Limiter::retain_recent);
        }
    }
}
