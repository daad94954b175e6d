//! The rules of the product and nothing else: where a request stands, which doors open it, and what time does to it. `acts` has what people
//! may do about it. Whoever reads both knows what the portal promises, and nothing of how that is done.
//!
//! Times are in milliseconds since the case began; sets of dispatchers have a bit for each.

use halligan_shared::{door::Door, justification::Severity, review::ReviewReason};

use super::steps::{CASES, DISPATCHERS, RESPONDERS, Step, Word, responder_of};

/// How long a request waits, and an approval may stay unused: the portal's defaults.
pub(super) const WAIT: i64 = 600_000;
/// How long a request that waits again does so at least.
const SEEN: i64 = 60_000;
/// How long a record is readable.
pub(super) const WINDOW: i64 = 300_000;
/// How long after the end of a window a wipe receipt may still be on its way.
const RECEIPT: i64 = 30_000;
/// How long what a dispatcher signed may be sent.
pub(super) const SIGNED: i64 = 300_000;
/// How long computer-aided dispatch may be silent before nothing is opened by what it told.
const SILENCE: i64 = 300_000;
/// How long a denial is remembered.
pub(super) const DENIAL: i64 = 3_600_000;
/// How long a drill of these lasts.
pub(super) const DRILL: i64 = 900_000;
/// Nobody's shift is longer: a session lives twelve hours.
const SHIFT: i64 = 10 * 3_600_000;

/// What an agency may say otherwise.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// Whether it takes two dispatchers of different stations.
    pub(super) takes_two: bool,
    /// Whether everything that is opened of a real patient is reviewed.
    pub(super) all_reviewed: bool,
}

/// Where a request stands. Who approved it counts only while it waits and where that opened it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stands {
    Nowhere,
    Pending { by: u8, until: i64 },
    Approved { door: Door, by: u8, until: i64 },
    Denied,
    Cancelled,
    Expired,
    Lapsed,
    Open { door: Door, by: u8, ends: i64 },
    Over { door: Door, by: u8 },
}

impl Stands {
    /// Whether it waits for a door, or for its record to be opened.
    pub(super) const fn is_on_its_way(self) -> bool {
        matches!(self, Self::Pending { .. } | Self::Approved { .. })
    }

    /// Until when it stays so, if nobody does anything.
    pub(super) const fn until(self) -> Option<i64> {
        match self {
            Self::Pending { until, .. } | Self::Approved { until, .. } | Self::Open { ends: until, .. } => Some(until),
            _ => None,
        }
    }
}

/// The last request of one responder about one patient, and what is remembered of those before.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) stands: Stands,
    /// Which of their requests it is: a word on one before counts for nothing.
    pub(super) number: u32,
    pub(super) severity: Severity,
    pub(super) asked: i64,
    /// When dispatch last said no: denied, took back, or ended.
    pub(super) refused: Option<i64>,
    /// Of each request that was denied, when it was asked and when denied.
    pub(super) denials: Vec<(i64, i64)>,
    /// Which dispatchers had a part in it: they review nothing of it.
    pub(super) took_part: u8,
    /// Why it is reviewed, and whether that is done.
    pub(super) review: Option<(ReviewReason, bool)>,
    /// Whether a page that opened the record has not said yet that it wiped it, and whether that is written down.
    pub(super) owes_receipt: bool,
    pub(super) is_missed: bool,
    /// When it was written down that the window is over.
    pub(super) ended: Option<i64>,
}

/// What a dispatcher signed, on which requests, and when.
pub(super) type Signed = (Word, [u32; CASES], i64);

pub(super) struct Model {
    pub(super) rules: Rules,
    pub(super) now: i64,
    pub(super) cases: [Case; CASES],
    /// Who is kept out: dispatchers, then responders.
    pub(super) is_out: [bool; DISPATCHERS + RESPONDERS],
    /// Whose units are on the incident, which goes on; and when that was told.
    pub(super) told: Option<([bool; RESPONDERS], i64)>,
    /// Until when a responder takes part in a drill.
    pub(super) drill: [i64; RESPONDERS],
    pub(super) is_locked: bool,
    pub(super) signed: [Option<Signed>; DISPATCHERS],
}

impl Model {
    pub(super) fn new(rules: Rules) -> Self {
        let case = Case {
            stands: Stands::Nowhere,
            number: 0,
            severity: Severity::Other,
            asked: 0,
            refused: None,
            denials: Vec::new(),
            took_part: 0,
            review: None,
            owes_receipt: false,
            is_missed: false,
            ended: None,
        };
        Self {
            rules,
            now: 0,
            cases: std::array::from_fn(|_| case.clone()),
            is_out: [false; DISPATCHERS + RESPONDERS],
            told: None,
            drill: [0; RESPONDERS],
            is_locked: false,
            signed: [None; DISPATCHERS],
        }
    }

    /// How much time passes with a step.
    pub(super) fn span(&self, step: Step) -> i64 {
        let span = match step {
            Step::Pass(span) => span,
            Step::Until(case, is_early) => self.next(case).map_or(0, |next| next - self.now - i64::from(is_early)),
            // Of two words of an incident at once the first would count.
            Step::Told(..) => 1_000,
            // The key service goes by whole seconds: what it gave out in the second of a lockdown it refuses.
            Step::Lift => 2_000,
            _ => 0,
        };
        if self.now + span > SHIFT { 0 } else { span }
    }

    /// Time passes, and what it brings about alone.
    pub(super) fn pass(&mut self, span: i64) {
        self.now += span;
        for case in &mut self.cases {
            case.stands = match case.stands {
                Stands::Pending { until, .. } if self.now >= until => Stands::Expired,
                Stands::Approved { until, .. } if self.now >= until => Stands::Lapsed,
                Stands::Open { door, by, ends } if self.now >= ends => Stands::Over { door, by },
                other => other,
            };
        }
    }

    /// The next moment at which time alone changes something of a case.
    fn next(&self, case: usize) -> Option<i64> {
        let alone = self.alone_at(case).filter(|alone| *alone > self.now);
        self.cases[case].stands.until().into_iter().chain(alone).min()
    }

    /// When a request that waits may be opened alone; never, where neither life nor limb is in danger.
    ///
    /// A denial is no reason to wait anew: it counts from the first request of those that were denied within the hour.
    pub(super) fn alone_at(&self, case: usize) -> Option<i64> {
        let Case { stands: Stands::Pending { .. }, severity, asked, denials, .. } = &self.cases[case] else { return None };
        let wait = match severity {
            Severity::LifeThreatening if self.was_refused(case) => 60_000,
            Severity::LifeThreatening => 45_000,
            Severity::Urgent => 180_000,
            Severity::Other => return None,
        };
        let of_late = denials.iter().filter(|(_, denied)| *denied > asked - DENIAL).map(|(asked, _)| *asked);
        Some(of_late.fold(*asked, i64::min) + wait)
    }

    fn was_refused(&self, case: usize) -> bool {
        self.cases[case].refused.is_some_and(|refused| self.now < refused + DENIAL)
    }

    /// Whether the standing rule holds: the responder was sent, which was heard of late; and dispatch did not say no.
    fn rule_holds(&self, case: usize) -> bool {
        let is_sent = self.told.is_some_and(|(sent, told)| sent[responder_of(case)] && self.now < told + SILENCE);
        is_sent && !self.was_refused(case)
    }

    /// Whether these dispatchers are enough. The first two are of one station.
    const fn is_enough(&self, by: u8) -> bool {
        if self.rules.takes_two { by & 0b011 != 0 && by & 0b100 != 0 } else { by != 0 }
    }

    /// What becomes of a case by what holds now: a door opens, or what opened one holds no more.
    pub(super) fn judged(&self, case: usize, stands: Stands) -> Stands {
        let until = self.now + WAIT;
        match stands {
            Stands::Pending { by, .. } if self.rule_holds(case) => Stands::Approved { door: Door::Policy, by, until },
            Stands::Pending { by, .. } if self.is_enough(by) => Stands::Approved { door: Door::Dispatcher, by, until },
            Stands::Approved { door, by, .. } if !self.door_holds(case, door, by) => {
                let until = (self.cases[case].asked + WAIT).max(self.now + SEEN);
                self.judged(case, Stands::Pending { by, until })
            }
            other => other,
        }
    }

    fn door_holds(&self, case: usize, door: Door, by: u8) -> bool {
        match door {
            Door::Policy => self.rule_holds(case),
            Door::Dispatcher => self.is_enough(by),
            Door::Override => true,
        }
    }

    pub(super) fn judge_all(&mut self) {
        for case in 0..CASES {
            self.cases[case].stands = self.judged(case, self.cases[case].stands);
        }
    }

    /// The portal writes down what is over: nothing else hangs on that but receipts, which are missing half a minute later.
    pub(super) fn swept(&mut self) {
        for case in &mut self.cases {
            if matches!(case.stands, Stands::Over { .. }) {
                let ended = *case.ended.get_or_insert(self.now);
                case.is_missed |= case.owes_receipt && self.now >= ended + RECEIPT;
            }
        }
    }
}
