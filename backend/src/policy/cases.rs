//! The agency's own cases: who asks, what for, and what has to come of it. They are held against the policies by `halligan policy check`.

use std::collections::BTreeMap;

use halligan_shared::{
    assignment::{Assignment, CallSign},
    door::Door,
    id::MemberId,
    justification::{Reason, Severity},
    member::{MemberFault, Role},
};
use serde::Deserialize;
use time::Duration;
use uuid::Uuid;

use super::{CaseFault, Policies};
use crate::domain::{
    door::{Asked, Incident, Terms, View},
    member::Member,
};

/// The file of the cases.
pub const CASES: &str = "cases.toml";

/// What came of the cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How many there are.
    pub cases: usize,
    /// Those that do not hold.
    pub failed: Vec<Failed>,
}

/// A case that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its name.
    pub case: String,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub came: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(default)]
    ask: Vec<AskCase>,
    #[serde(default)]
    see: Vec<SeeCase>,
}

#[expect(clippy::struct_excessive_bools, reason = "a case says what holds, one word each")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AskCase {
    case: String,
    by: Person,
    severity: Severity,
    #[serde(default = "cannot_speak")]
    reason: Reason,
    #[serde(default)]
    drill: bool,
    #[serde(default)]
    denied_before: bool,
    #[serde(default)]
    in_drill: bool,
    incident: Option<KnownIncident>,
    /// Whether it may be asked at all.
    #[serde(default = "yes")]
    may_ask: bool,
    /// The doors that open, each on its terms. Those that are not named have to be shut.
    doors: Option<BTreeMap<Door, Given>>,
    #[serde(default)]
    may_decide: Vec<Person>,
    #[serde(default)]
    may_not_decide: Vec<Person>,
    #[serde(default)]
    may_review: Vec<Person>,
    #[serde(default)]
    may_not_review: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeeCase {
    case: String,
    who: Person,
    /// What they see. They have to see nothing else.
    sees: Vec<View>,
}

/// A member, as far as policies go by it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    #[serde(default)]
    roles: Vec<Role>,
    crew: Option<CallSign>,
    unit: Option<CallSign>,
    station: Option<CallSign>,
    shift: Option<CallSign>,
    /// It is the member who asks, whatever else is said.
    #[serde(default)]
    who_asks: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownIncident {
    is_open: bool,
    units: Vec<CallSign>,
    heard_seconds: u32,
}

/// Terms in the words of the annotations.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default = "one")]
    decisions: u32,
    stations: Option<Stations>,
    #[serde(default)]
    wait: u32,
    window: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stations {
    Apart,
}

const fn yes() -> bool {
    true
}

const fn one() -> u32 {
    1
}

const fn cannot_speak() -> Reason {
    Reason::CannotSpeak
}

/// Holds each case against the policies.
pub(super) fn hold(policies: &Policies, text: &str) -> Result<Outcome, CaseFault> {
    let cases: Cases = toml::from_str(text)?;
    let mut outcome = Outcome { cases: cases.ask.len() + cases.see.len(), failed: Vec::new() };
    for case in &cases.ask {
        case.hold(policies, &mut outcome)?;
    }
    for case in &cases.see {
        case.hold(policies, &mut outcome)?;
    }
    Ok(outcome)
}

impl Outcome {
    fn compare(&mut self, name: &str, expected: String, came: String) {
        if expected != came {
            self.failed.push(Failed { case: name.to_owned(), expected, came });
        }
    }
}

impl AskCase {
    fn hold(&self, policies: &Policies, outcome: &mut Outcome) -> Result<(), CaseFault> {
        let by = self.by.member(1)?;
        let incident = self.incident.as_ref().map(KnownIncident::told);
        let Self { severity, reason, drill, in_drill, denied_before, .. } = *self;
        let asked = Asked { by: &by, severity, reason, drill, in_drill, denied_before, incident };
        let asks = |may: bool| if may { "it may be asked" } else { "it may not be asked" }.to_owned();
        outcome.compare(&self.case, asks(self.may_ask), asks(policies.may_ask(&asked).is_allowed));
        for door in Door::ALL.into_iter().filter(|_| self.doors.is_some()) {
            let expected = self.doors.as_ref().and_then(|doors| doors.get(&door)).map(Given::terms);
            let came = policies.door(door, &asked);
            outcome.compare(&self.case, words(door, expected), words(door, came.is_allowed.then_some(came.terms)));
        }
        let decide = |who: &Member| policies.may_decide(who, &asked).is_allowed;
        let review = |who: &Member| policies.may_review(who, &asked).is_allowed;
        let people = [
            (&self.may_decide, true, "decide", &decide as &dyn Fn(&Member) -> bool),
            (&self.may_not_decide, false, "decide", &decide),
            (&self.may_review, true, "review", &review),
            (&self.may_not_review, false, "review", &review),
        ];
        let people = people.into_iter().flat_map(|(people, may, act, judge)| people.iter().map(move |who| (who, may, act, judge)));
        for (number, (person, may, act, judge)) in (2..).zip(people) {
            let who = if person.who_asks { by.clone() } else { person.member(number)? };
            let words = |may: bool| format!("{} {} {act}", described(&who), if may { "may" } else { "may not" });
            outcome.compare(&self.case, words(may), words(judge(&who)));
        }
        Ok(())
    }
}

impl SeeCase {
    fn hold(&self, policies: &Policies, outcome: &mut Outcome) -> Result<(), CaseFault> {
        let who = self.who.member(1)?;
        let sees = |sees: &dyn Fn(View) -> bool| {
            let seen: Vec<_> = View::ALL.into_iter().filter(|view| sees(*view)).map(View::word).collect();
            format!("{} sees {}", described(&who), if seen.is_empty() { "nothing".to_owned() } else { seen.join(", ") })
        };
        outcome.compare(&self.case, sees(&|view| self.sees.contains(&view)), sees(&|view| policies.may_see(&who, view)));
        Ok(())
    }
}

/// Somebody who does not exist; people with different numbers are different people.
pub(super) fn somebody(number: u32, roles: Vec<Role>, assignment: Assignment) -> Result<Member, MemberFault> {
    Ok(Member {
        id: MemberId::from(Uuid::from_u128(number.into())),
        agency_id: format!("CASE-{number}").parse()?,
        display_name: format!("Case {number}").parse()?,
        roles,
        assignment,
    })
}

impl Person {
    fn member(&self, number: u32) -> Result<Member, MemberFault> {
        let [crew, unit, station, shift] = [&self.crew, &self.unit, &self.station, &self.shift].map(Clone::clone);
        somebody(number, self.roles.clone(), Assignment { crew, unit, station, shift, supervisor: None })
    }
}

impl KnownIncident {
    fn told(&self) -> Incident {
        Incident { is_open: self.is_open, units: self.units.clone(), heard_ago: Duration::seconds(self.heard_seconds.into()) }
    }
}

impl Given {
    fn terms(&self) -> Terms {
        Terms {
            decisions: self.decisions,
            are_apart: self.stations.is_some(),
            wait: Duration::seconds(self.wait.into()),
            window: self.window.map(|window| Duration::seconds(window.into())),
        }
    }
}

/// A door in a sentence.
fn words(door: Door, terms: Option<Terms>) -> String {
    let door = door.word();
    match terms {
        None => format!("the door {door} is shut"),
        Some(terms) => format!("the door {door} opens{terms}"),
    }
}

/// Who somebody is, as far as a case says it.
fn described(who: &Member) -> String {
    let roles: Vec<_> = who.roles.iter().map(ToString::to_string).collect();
    let mut words = if roles.is_empty() { "somebody without a role".to_owned() } else { format!("a {}", roles.join(" and ")) };
    let Assignment { crew, unit, station, shift, .. } = &who.assignment;
    for (name, sign) in [("crew", crew), ("unit", unit), ("station", station), ("shift", shift)] {
        words.extend(sign.iter().map(|sign| format!(" of {name} {sign}")));
    }
    words
}
