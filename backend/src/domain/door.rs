//! What the policies are asked about a request, and what they answer. Who reads the policies is `crate::policy`.

use std::collections::BTreeSet;
use std::fmt;

use halligan_shared::{
    assignment::CallSign,
    justification::{Reason, Severity},
};
use time::{Duration, OffsetDateTime};

use super::member::Member;

/// A request, as far as policies judge it.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Who asks.
    pub by: &'a Member,
    /// How much time there is.
    pub severity: Severity,
    /// The coded reason.
    pub reason: Reason,
    /// Whether the patient is made up.
    pub drill: bool,
    /// Whether the one who asks takes part in a drill.
    pub in_drill: bool,
    /// Whether this member was denied this record within the last hour.
    pub denied_before: bool,
    /// The incident that the request names, if computer-aided dispatch told the portal of it.
    pub incident: Option<Incident>,
}

/// An incident as computer-aided dispatch last told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// Whether it goes on.
    pub is_open: bool,
    /// The units that are assigned to it.
    pub units: Vec<CallSign>,
    /// How long ago computer-aided dispatch was last heard, of any incident: a feed that is silent tells nothing of now.
    pub heard_ago: Duration,
}

/// The same with when computer-aided dispatch was heard, whatever time it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Whether it goes on.
    pub is_open: bool,
    /// The units that are assigned to it.
    pub units: Vec<CallSign>,
    /// When computer-aided dispatch was last heard, of any incident.
    pub at: OffsetDateTime,
}

impl Heard {
    /// The incident as it is judged at this instant.
    pub fn until(&self, now: OffsetDateTime) -> Incident {
        Incident { is_open: self.is_open, units: self.units.clone(), heard_ago: heard_ago(self.at, now) }
    }
}

/// How long ago something was heard. An instant ahead of the clock is as far away as one behind it: the clock was put back, and nobody
/// knows how long ago that was.
pub fn heard_ago(heard: OffsetDateTime, now: OffsetDateTime) -> Duration {
    (now - heard).abs()
}

/// What the policies say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Whether it may be done: some policy permits it, and none forbids it.
    pub is_allowed: bool,
    /// The ids of the policies that decided, sorted.
    pub policies: Vec<String>,
    /// On which terms: the strictest of those that the permitting policies name.
    pub terms: Terms,
}

/// The terms of a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How many dispatchers have to approve.
    pub decisions: u32,
    /// Whether they have to be of different stations.
    pub are_apart: bool,
    /// How long after the request it opens at the earliest.
    pub wait: Duration,
    /// How long the record is readable, where that is less than the operator's own limit.
    pub window: Option<Duration>,
}

impl Terms {
    /// Whether these dispatchers are enough. Where stations count, whoever has none counts for nothing.
    pub fn are_met_by(&self, approvals: &[&Member]) -> bool {
        let count = if self.are_apart {
            approvals.iter().filter_map(|member| member.assignment.station.as_ref()).collect::<BTreeSet<_>>().len()
        } else {
            approvals.len()
        };
        count >= self.decisions as usize
    }
}

impl Default for Terms {
    fn default() -> Self {
        Self { decisions: 1, are_apart: false, wait: Duration::ZERO, window: None }
    }
}

/// As a person reads them, right behind "opens".
impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { decisions, are_apart, wait, window } = self;
        match decisions {
            0 | 1 => {}
            more => write!(f, " by {more} decisions")?,
        }
        if *are_apart {
            write!(f, " of different stations")?;
        }
        if *wait > Duration::ZERO {
            write!(f, " after {} seconds", wait.whole_seconds())?;
        }
        window.map_or(Ok(()), |window| write!(f, " for {} seconds", window.whole_seconds()))
    }
}

/// A part of the portal, as policies say who is let into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Asking for records, opening and wiping them.
    Request,
    /// The dispatch desk.
    Desk,
    /// Sealing records and making bracelets.
    Seal,
    /// The log.
    Audit,
    /// Members, lockdown, and what would fail in an emergency.
    Administer,
    /// Reviews of what was opened.
    Review,
}

impl View {
    /// Every part.
    pub const ALL: [Self; 6] = [Self::Request, Self::Desk, Self::Seal, Self::Audit, Self::Administer, Self::Review];

    /// The word used in policies.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Desk => "desk",
            Self::Seal => "seal",
            Self::Audit => "audit",
            Self::Administer => "administer",
            Self::Review => "review",
        }
    }
}
