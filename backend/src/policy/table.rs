//! The built-in policies against the same rules in plain Rust, for every combination of what they go by; and what a forbid can do.

use std::sync::LazyLock;

use halligan_shared::{
    door::Door,
    justification::{Reason, Severity},
    member::Role,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
};
use time::Duration;

use super::{
    Policies, PolicyFault,
    tests::{member, with},
};
use crate::domain::{
    door::{Asked, Incident, Terms, View},
    member::Member,
};

static BUILT_IN: LazyLock<Policies> = LazyLock::new(|| Policies::built_in().unwrap());

/// No role, each alone, and all together.
const ROLES: [&[Role]; 8] = [
    &[],
    &[Role::Responder],
    &[Role::Dispatcher],
    &[Role::Registrar],
    &[Role::Auditor],
    &[Role::Admin],
    &[Role::PrivacyOfficer],
    &Role::ALL,
];

/// A drill never touches a real record.
fn is_real_in_a_drill(asked: &Asked<'_>) -> bool {
    asked.in_drill && !asked.drill
}

/// What a door says: `None` is shut, `Some` the seconds to wait for it.
fn expected(door: Door, asked: &Asked<'_>) -> Option<i64> {
    if !asked.by.is(Role::Responder) || is_real_in_a_drill(asked) {
        return None;
    }
    match door {
        Door::Dispatcher => Some(0),
        Door::Policy => {
            let (incident, unit) = (asked.incident.as_ref()?, asked.by.assignment.unit.as_ref()?);
            let is_fresh = (0..300).contains(&incident.heard_ago.whole_seconds());
            (!asked.denied_before && incident.is_open && is_fresh && incident.units.contains(unit)).then_some(0)
        }
        Door::Override => match (asked.severity, asked.denied_before) {
            (Severity::LifeThreatening, false) => Some(45),
            (Severity::LifeThreatening, true) => Some(60),
            (Severity::Urgent, _) => Some(180),
            (Severity::Other, _) => None,
        },
    }
}

/// None; and every one that is open or not, has the unit M12 or not, and was heard so long ago.
fn incidents() -> Vec<Option<Incident>> {
    let told = |is_open, units: &[&str], seconds| Incident {
        is_open,
        units: units.iter().map(|unit| unit.parse().unwrap()).collect(),
        heard_ago: Duration::seconds(seconds),
    };
    let mut incidents = vec![None];
    for (is_open, seconds) in [true, false].into_iter().flat_map(|is_open| [-1, 299, 300].map(|seconds| (is_open, seconds))) {
        incidents.extend([&["M12", "E1"][..], &["E1"], &[]].map(|units| Some(told(is_open, units, seconds))));
    }
    incidents
}

/// Everybody who can ask: by roles, on M12; and a responder without a unit.
fn people() -> Vec<Member> {
    let on_m12 = |roles| {
        let mut person = member(1, roles);
        person.assignment.unit = Some("M12".parse().unwrap());
        person
    };
    ROLES.into_iter().map(on_m12).chain([member(1, &[Role::Responder])]).collect()
}

#[test]
fn every_door_opens_for_exactly_those_whom_the_rules_name() {
    let (people, incidents) = (people(), incidents());
    let mut opened = [0; 3];
    for (by, incident) in people.iter().flat_map(|by| incidents.iter().map(move |incident| (by, incident))) {
        for (severity, drill) in Severity::ALL.into_iter().flat_map(|severity| [false, true].map(|drill| (severity, drill))) {
            // What somebody may do does not hang on the coded reason; that it does not is tried with another one each time.
            let reason = Reason::ALL[(usize::from(drill) + severity as usize) % 4];
            for (denied_before, in_drill) in [(false, false), (false, true), (true, false), (true, true)] {
                let asked = Asked { by, severity, reason, drill, in_drill, denied_before, incident: incident.clone() };
                let may_ask = by.is(Role::Responder) && !is_real_in_a_drill(&asked);
                assert_eq!(BUILT_IN.may_ask(&asked).is_allowed, may_ask, "{asked:?}");
                for (place, door) in Door::ALL.into_iter().enumerate() {
                    let (ruling, expected) = (BUILT_IN.door(door, &asked), expected(door, &asked));
                    let wait = Duration::seconds(expected.unwrap_or(0));
                    assert_eq!(ruling.is_allowed, expected.is_some(), "{door:?} {asked:?} {ruling:?}");
                    assert_eq!(ruling.terms, Terms { wait, ..Terms::default() }, "{door:?} {asked:?} {ruling:?}");
                    opened[place] += u32::from(ruling.is_allowed);
                }
            }
        }
    }
    assert!(opened.iter().all(|opened| *opened > 0), "{opened:?}");
}

#[test]
fn only_dispatchers_decide_and_privacy_officers_review_and_never_their_own_nor_their_crews() {
    let crews = [(None, None), (Some("A"), None), (None, Some("A")), (Some("A"), Some("A")), (Some("A"), Some("B"))];
    for (roles, (crew, others)) in ROLES.into_iter().flat_map(|roles| crews.map(|crews| (roles, crews))) {
        let (mut by, mut other) = (member(1, &Role::ALL), member(2, roles));
        by.assignment.crew = crew.map(|crew| crew.parse().unwrap());
        other.assignment.crew = others.map(|crew| crew.parse().unwrap());
        for (severity, drill) in Severity::ALL.into_iter().flat_map(|severity| [false, true].map(|drill| (severity, drill))) {
            for denied_before in [false, true] {
                let (reason, in_drill) = (Reason::CannotSpeak, denied_before);
                let asked = Asked { by: &by, severity, reason, drill, in_drill, denied_before, incident: None };
                let is_same_crew = crew.is_some() && crew == others;
                let ruling = BUILT_IN.may_decide(&other, &asked);
                assert_eq!(ruling.is_allowed, other.is(Role::Dispatcher) && !is_same_crew, "{other:?} {asked:?} {ruling:?}");
                let ruling = BUILT_IN.may_review(&other, &asked);
                assert_eq!(ruling.is_allowed, other.is(Role::PrivacyOfficer) && !is_same_crew, "{other:?} {asked:?} {ruling:?}");
                // As the store has it now, which need not be as it was when the request was read.
                let own = Member { roles: roles.to_vec(), ..by.clone() };
                assert!(!BUILT_IN.may_decide(&own, &asked).is_allowed, "{own:?}");
                assert!(!BUILT_IN.may_review(&own, &asked).is_allowed, "{own:?}");
            }
        }
    }
}

#[test]
fn each_role_sees_its_own_part_and_no_other() {
    let of = |view| match view {
        View::Request => Role::Responder,
        View::Desk => Role::Dispatcher,
        View::Seal => Role::Registrar,
        View::Audit => Role::Auditor,
        View::Administer => Role::Admin,
        View::Review => Role::PrivacyOfficer,
    };
    for set in 0..1 << Role::ALL.len() {
        let roles: Vec<_> =
            Role::ALL.into_iter().enumerate().filter(|(place, _)| set >> place & 1 == 1).map(|(_, role)| role).collect();
        let who = member(1, &roles);
        for view in View::ALL {
            assert_eq!(BUILT_IN.may_see(&who, view), who.is(of(view)), "{roles:?} {view:?}");
        }
    }
}

/// What a forbid can ask about.
const CONDITIONS: [&str; 15] = [
    "true",
    "resource.drill",
    "resource.in_drill",
    "resource.denied_before",
    "resource.severity == Severity::\"urgent\"",
    "resource.reason == Reason::\"cannot_speak\"",
    "resource has incident",
    "resource has incident && resource.incident.is_open",
    "resource has incident && resource.incident.heard_seconds > 100",
    "resource has incident && resource.incident.heard_seconds * 9223372036854775807 > 0",
    "principal has crew && resource.by has crew && principal.crew == resource.by.crew",
    "principal.roles.contains(Role::\"admin\")",
    "principal has unit && principal.unit == \"M12\"",
    "resource.by == principal",
    "resource.by.roles.contains(Role::\"dispatcher\")",
];
const ACTIONS: [&str; 6] = ["ask", "open_by_dispatcher", "open_by_policy", "open_by_override", "decide", "review"];

/// A forbid about requests, whose two conditions hold both, or either of them, or not.
fn a_forbid() -> impl Strategy<Value = String> {
    let condition = (select(&CONDITIONS[..]), any::<bool>())
        .prop_map(|(words, holds)| if holds { format!("({words})") } else { format!("!({words})") });
    let actions = subsequence(&ACTIONS[..], 1..=6);
    (actions, condition.clone(), select(&["&&", "||"][..]), condition, any::<bool>()).prop_map(
        |(actions, one, and, other, when)| {
            let actions: Vec<_> = actions.iter().map(|action| format!("Action::\"{action}\"")).collect();
            let when = if when { "when" } else { "unless" };
            format!(
                "@id(\"zz\") forbid (principal, action in [{}], resource) {when} {{ {one} {and} {other} }};",
                actions.join(", ")
            )
        },
    )
}

fn somebody(number: u128) -> impl Strategy<Value = Member> {
    let crew = option::of(select(&["A", "B"][..]));
    (subsequence(&Role::ALL[..], 0..=6), crew, option::of(select(&["M12", "M1"][..]))).prop_map(move |(roles, crew, unit)| {
        let mut somebody = member(number, &roles);
        somebody.assignment.crew = crew.map(|crew| crew.parse().unwrap());
        somebody.assignment.unit = unit.map(|unit| unit.parse().unwrap());
        somebody
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_forbid_never_allows_more(
        forbid in a_forbid(),
        questions in vec(
            (somebody(1), somebody(2), select(&Severity::ALL[..]), select(&Reason::ALL[..]), any::<[bool; 3]>(), select(incidents())),
            12,
        ),
    ) {
        let policies = match with(&forbid) {
            Ok(policies) => policies,
            // One that can never hold.
            Err(PolicyFault::At { what, .. }) if what.contains("impossible") => return Ok(()),
            Err(fault) => panic!("{forbid}: {fault}"),
        };
        let whole = policies.unsorted();
        for (by, who, severity, reason, [drill, in_drill, denied_before], incident) in &questions {
            let (severity, reason, drill, in_drill, denied_before) = (*severity, *reason, *drill, *in_drill, *denied_before);
            let asked = Asked { by, severity, reason, drill, in_drill, denied_before, incident: incident.clone() };
            let all = |policies: &Policies| {
                let doors = Door::ALL.map(|door| policies.door(door, &asked));
                let decide = [by, who].map(|who| policies.may_decide(who, &asked));
                let review = [by, who].map(|who| policies.may_review(who, &asked));
                [policies.may_ask(&asked)].into_iter().chain(doors).chain(decide).chain(review).collect::<Vec<_>>()
            };
            prop_assert_eq!(all(&policies), all(&whole), "asked of all policies, and of those of the act: {} {:?}", forbid, asked);
            for (with, without) in all(&policies).into_iter().zip(all(&BUILT_IN)) {
                prop_assert!(!with.is_allowed || with == without, "{} {:?}: {:?} {:?}", forbid, asked, with, without);
            }
        }
    }
}
