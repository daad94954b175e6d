//! What is loaded, what is not, and what a question that cannot be judged is answered.

use halligan_shared::{
    id::MemberId,
    justification::{Reason, Severity},
};
use time::Duration;

use super::*;
use crate::domain::door::Incident;

/// The built-in policies and these.
pub(super) fn with(more: &str) -> Result<Policies, PolicyFault> {
    let mut sources: Vec<_> =
        FILES.iter().filter(|(name, _)| load::is_policy(name)).map(|(name, text)| source(name, text)).collect();
    sources.push(source("zz-more.cedar", more));
    Policies::of(&sources)
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.to_owned(), path: name.into(), text: text.to_owned() }
}

pub(super) fn member(number: u128, roles: &[Role]) -> Member {
    Member {
        id: MemberId::from(uuid::Uuid::from_u128(number)),
        agency_id: format!("EMS-{number}").parse().unwrap(),
        display_name: "Drill".parse().unwrap(),
        roles: roles.to_vec(),
        assignment: Assignment::default(),
    }
}

fn urgent(by: &Member, incident: Option<Incident>) -> Asked<'_> {
    Asked {
        by,
        severity: Severity::Urgent,
        reason: Reason::CannotSpeak,
        drill: false,
        in_drill: false,
        denied_before: false,
        incident,
    }
}

#[test]
fn what_is_built_in_is_what_the_folder_holds_and_every_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policies");
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let mut known = FILES.map(|(name, _)| name);
    names.sort_unstable();
    known.sort_unstable();
    assert_eq!(names, known);
    let (built_in, read) = (Policies::built_in().unwrap(), Policies::read(&folder).unwrap());
    assert_eq!((built_in.version(), built_in.written()), (read.version(), read.written()));
    let outcome = built_in.hold(FILES[6].1).unwrap();
    assert_eq!(outcome.failed, []);
    assert!(outcome.cases > 20, "{}", outcome.cases);
}

#[test]
fn the_guides_examples_load_and_do_what_they_say() {
    let guide = include_str!("../../../docs/POLICIES.md").split_once("\n## Examples\n").unwrap().1;
    let blocks: Vec<_> = guide.split("\n\n").filter(|block| block.starts_with("    ")).collect();
    let (cases, policies): (Vec<&str>, Vec<_>) = blocks.into_iter().partition(|block| block.starts_with("    [["));
    assert_eq!((cases.len(), policies.len()), (1, 3));
    let policies = with(&policies.join("\n")).unwrap();
    assert_eq!(policies.hold(cases[0]).unwrap(), Outcome { cases: 1, failed: Vec::new() });
}

#[test]
fn a_call_that_has_used_up_its_stack_is_judged_like_any_other() {
    /// Less than Cedar needs.
    const STACK: usize = 96 << 10;
    let (policies, by) = (Policies::built_in().unwrap(), member(1, &[Role::Responder]));
    let judge = move || policies.may_ask(&urgent(&by, None)).is_allowed;
    let judging = std::thread::Builder::new().stack_size(STACK).spawn(judge).unwrap();
    assert!(judging.join().unwrap());
}

#[test]
fn a_policy_that_cannot_be_evaluated_opens_nothing() {
    let erring = r#"
@id("erring")
forbid (principal, action, resource is Request)
when { resource has incident && resource.incident.heard_seconds * 9223372036854775807 < 0 };"#;
    let (policies, by, dispatcher) = (with(erring).unwrap(), member(1, &[Role::Responder]), member(2, &[Role::Dispatcher]));
    let fresh = |seconds| Incident { is_open: true, units: Vec::new(), heard_ago: Duration::seconds(seconds) };
    for (seconds, is_allowed) in [(1, true), (2, false)] {
        let incident = fresh(seconds);
        let asked = urgent(&by, Some(incident));
        for ruling in [policies.may_ask(&asked), policies.door(Door::Dispatcher, &asked), policies.may_decide(&dispatcher, &asked)]
        {
            assert_eq!(ruling.is_allowed, is_allowed);
            assert_eq!(ruling.policies == ["erring"], !is_allowed, "{:?}", ruling.policies);
            assert_eq!(ruling.terms, Terms::default());
        }
    }
}

#[test]
fn of_several_policies_the_strictest_terms_hold() {
    let more = r#"
@id("two") @decisions("2") @window("240") permit (principal, action == Action::"open_by_dispatcher", resource) when { resource.drill };
@id("apart") @decisions("2") @stations("apart") @window("600") permit (principal, action == Action::"open_by_dispatcher", resource);
@id("three") @decisions("3") permit (principal, action == Action::"open_by_dispatcher", resource) when { resource.denied_before };
@id("later") @wait("60") permit (principal, action in [Action::"open_by_override"], resource);"#;
    let (policies, by) = (with(more).unwrap(), member(1, &[Role::Responder]));
    let terms =
        |decisions, window| Terms { decisions, are_apart: true, window: Some(Duration::seconds(window)), ..Terms::default() };
    for (drill, denied_before, expected) in
        [(false, false, terms(2, 600)), (true, false, terms(2, 240)), (false, true, terms(3, 600)), (true, true, terms(3, 240))]
    {
        let asked = Asked { drill, denied_before, ..urgent(&by, None) };
        assert_eq!(policies.door(Door::Dispatcher, &asked).terms, expected);
    }
    let ruling = policies.door(Door::Override, &urgent(&by, None));
    assert_eq!(
        (ruling.terms.wait, ruling.policies),
        (Duration::minutes(3), vec!["later".to_owned(), "override-urgent".to_owned()])
    );
}

#[test]
fn a_forbid_wins_and_is_named() {
    let closed = "@id(\"night\") forbid (principal, action == Action::\"open_by_override\", resource);";
    let (policies, by) = (with(closed).unwrap(), member(1, &[Role::Responder]));
    let denied = Ruling { is_allowed: false, policies: vec!["night".to_owned()], terms: Terms::default() };
    assert_eq!(policies.door(Door::Override, &urgent(&by, None)), denied);
    assert!(policies.door(Door::Dispatcher, &urgent(&by, None)).is_allowed);
}

#[test]
fn another_text_or_name_is_another_version() {
    let of = |files: &[(&str, &str)]| load::version(&files.iter().map(|(name, text)| source(name, text)).collect::<Vec<_>>());
    let one = of(&[("a.cedar", "x"), ("b.cedar", "y")]);
    assert_eq!(one, of(&[("b.cedar", "y"), ("a.cedar", "x")]), "in whatever order they are read");
    assert_eq!(one.len(), 64);
    for other in [
        &[("a.cedar", "y"), ("b.cedar", "x")][..],
        &[("a.cedar", "x")],
        &[("a.cedar", "xb.cedary")],
        &[("a.cedar", "x "), ("b.cedar", "y")],
        &[("a.cedarx", ""), ("b.cedar", "y")],
    ] {
        assert_ne!(one, of(other));
    }
}

/// What is in front stands in line 1; the fault is in the line that is named.
#[test]
fn only_what_is_understood_to_the_last_word_is_loaded() {
    let ask = "permit (principal, action == Action::\"ask\", resource)";
    let door =
        |terms: &str, door: &str| format!("\n@id(\"x\") {terms} permit (principal, action == Action::\"{door}\", resource);");
    let cases = [
        (format!("\n\n@id(\"x\")\n{ask} when {{ principal.roles.contains("), 4, "unexpected end of input"),
        (format!("\n{ask};"), 2, "no id"),
        (format!("\n@id {ask};"), 2, "is not an id"),
        (format!("\n@id(\"Über\") {ask};"), 2, "is not an id"),
        (format!("@id(\"x\") {ask};\n\n@id(\"x\") {ask};"), 3, "the id x is taken by the policy in zz-more.cedar, line 1"),
        (format!("\n@id(\"ask-responder\") {ask};"), 2, "the id ask-responder is taken by the policy in ask.cedar, line 3"),
        (format!("\n@id(\"x\") @decision(\"2\") {ask};"), 2, "@decision is not known"),
        (format!("\n@id(\"x\") @decisions(\"2\") {ask};"), 2, "belongs to a permit whose action is a door"),
        (door("@decisions(\"0\")", "open_by_dispatcher"), 2, "@decisions(\"0\") cannot be kept"),
        (door("@decisions(\"10\")", "open_by_dispatcher"), 2, "cannot be kept"),
        (door("@decisions(\"two\")", "open_by_dispatcher"), 2, "cannot be kept"),
        (door("@decisions(\"+2\")", "open_by_dispatcher"), 2, "cannot be kept"),
        (door("@decisions", "open_by_dispatcher"), 2, "cannot be kept"),
        (door("@decisions(\"2\")", "open_by_override"), 2, "kept by the door dispatcher alone"),
        (door("@stations(\"apart\")", "open_by_dispatcher"), 2, "one decision alone"),
        (door("@decisions(\"2\") @stations(\"different\")", "open_by_dispatcher"), 2, "says nothing that is known"),
        (door("@wait(\"45s\")", "open_by_override"), 2, "cannot be kept"),
        (door("@wait(\"3601\")", "open_by_override"), 2, "cannot be kept"),
        (door("@wait(\"45\")", "open_by_policy"), 2, "kept by the door override alone"),
        (door("@window(\"901\")", "open_by_policy"), 2, "cannot be kept: give a whole number from 1 to 900"),
        (door("@window(\"0\")", "open_by_policy"), 2, "cannot be kept"),
        (door("@wait(\"9\") @wait(\"9\")", "open_by_override"), 2, "duplicate annotation"),
        (
            "\n@id(\"x\") @wait(\"9\") forbid (principal, action == Action::\"open_by_override\", resource);".to_owned(),
            2,
            "belongs to a permit",
        ),
        ("\n@id(\"x\") @window(\"9\") permit (principal, action, resource);".to_owned(), 2, "belongs to a permit"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ resource.severty == Severity::\"other\" }};"), 3, "severty"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ resource.severity == Severity::\"othr\" }};"), 3, "othr"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ resource.severity == \"other\" }};"), 3, "not compatible"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ principal.unit == \"M1\" }};"), 3, "optional attribute"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ principal.roles.contains(Role::\"dispacher\") }};"), 3, "dispacher"),
        (format!("\n@id(\"x\") {ask}\nwhen {{ false }};"), 2, "impossible"),
        ("\n@id(\"x\") permit (principal, action == Action::\"open\", resource);".to_owned(), 2, "open"),
        ("\n@id(\"x\") permit (principal == ?principal, action == Action::\"ask\", resource);".to_owned(), 2, "?principal"),
    ];
    for (text, line, words) in cases {
        let Err(fault) = with(&text) else { panic!("loaded: {text}") };
        let fault = fault.to_string();
        assert!(fault.starts_with(&format!("zz-more.cedar, line {line}: ")) && fault.contains(words), "{text}\n{fault}");
    }
}

#[test]
fn a_folder_is_read_by_its_names_and_without_policies_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = || Policies::read(folder.path()).unwrap_err().to_string();
    assert!(refused().contains("holds no policies"));
    std::fs::write(folder.path().join("ask.cedar.bak"), "nonsense").unwrap();
    std::fs::write(folder.path().join("halligan.cedarschema"), FILES[0].1).unwrap();
    assert!(refused().contains("holds no policies"), "a schema alone is none");
    std::fs::write(folder.path().join("ask.cedar"), FILES[1].1).unwrap();
    assert!(refused().contains("open no door"), "nobody could ever read a record");
    let door = |action: &str| format!("@id(\"door\") permit (principal, {action}, resource);");
    std::fs::write(folder.path().join("doors.cedar"), door("action == Action::\"decide\"")).unwrap();
    assert!(refused().contains("open no door"));
    for action in ["action in [Action::\"ask\", Action::\"open_by_policy\"]", "action == Action::\"open_by_override\"", "action"] {
        std::fs::write(folder.path().join("doors.cedar"), door(action)).unwrap();
        let read = Policies::read(folder.path()).unwrap();
        assert_eq!(
            read.written().iter().map(|written| written.id.as_str()).collect::<Vec<_>>(),
            ["ask-responder", "ask-drill-not-real", "door"]
        );
    }
    std::fs::write(folder.path().join("halligan.cedarschema"), format!("{}// mine", FILES[0].1)).unwrap();
    assert!(refused().contains("is not this program's"));
    std::fs::write(folder.path().join("halligan.cedarschema"), FILES[0].1).unwrap();
    std::fs::write(folder.path().join("more.cedar"), [0xff, 0xfe]).unwrap();
    assert!(refused().contains("cannot read") && refused().contains("more.cedar"));
    assert!(Policies::read(&folder.path().join("nowhere")).unwrap_err().to_string().contains("nowhere"));
}
