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

#[cfg(test)]
mod tests {
    use halligan_shared::{assignment::Assignment, id::MemberId};

    use super::*;

    fn at(station: Option<&str>) -> Member {
        let assignment = Assignment { station: station.map(|name| name.parse().unwrap()), ..Assignment::default() };
        Member {
            id: MemberId::fresh(),
            agency_id: "DSP-1".parse().unwrap(),
            display_name: "Drill".parse().unwrap(),
            roles: Vec::new(),
            assignment,
        }
    }

    #[test]
    fn dispatchers_are_enough_by_number_or_by_stations() {
        let stations = [Some("North"), Some("NORTH"), None, Some("South")].map(at);
        let first = |many: usize| stations.iter().take(many).collect::<Vec<_>>();
        let enough = |decisions, are_apart, many| Terms { decisions, are_apart, ..Terms::default() }.are_met_by(&first(many));
        assert_eq!([0, 1, 2].map(|many| enough(2, false, many)), [false, false, true]);
        assert_eq!([2, 3, 4].map(|many| enough(2, true, many)), [false, false, true]);
        assert!(enough(0, true, 0));
    }

    #[test]
    fn an_instant_ahead_of_the_clock_is_as_far_away_as_one_behind_it() {
        let now = OffsetDateTime::UNIX_EPOCH;
        for ago in [-90, 0, 90].map(Duration::seconds) {
            assert_eq!(heard_ago(now - ago, now), ago.abs());
        }
    }

    #[test]
    fn terms_are_read_behind_the_word_opens() {
        let usual = Terms::default();
        assert_eq!(usual.to_string(), "");
        let wait = Duration::seconds(45);
        assert_eq!(Terms { wait, ..usual }.to_string(), " after 45 seconds");
        let strict = Terms { decisions: 2, are_apart: true, wait, window: Some(Duration::seconds(60)) };
        assert_eq!(strict.to_string(), " by 2 decisions of different stations after 45 seconds for 60 seconds");
    }

    #[test]
    fn words_are_those_of_the_policies() {
        assert!(View::ALL.into_iter().all(|view| serde_json::json!(view) == view.word()));
    }
}
