//! The table of infra/README.md, who may do what: asked line by line of the template's own policies.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{actors, stack::STACK};

const DOCUMENT: &str = include_str!("../../../infra/README.md");

/// Whoever may change roles: AdministratorAccess.
const IAM: [&str; 3] = ["administrator", "account", "root user"];

/// A line of the table.
struct Line {
    on: String,
    action: String,
    who: BTreeSet<String>,
}

#[test]
fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let actors = actors::all();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    println!("{:<16} {:<36} {}", "on", "action", "who may");
    for Line { on, action, who } in lines() {
        let may: BTreeSet<_> = actors.iter().filter(|actor| actor.may(&action, &on)).map(|actor| actor.name.to_owned()).collect();
        asked += actors.len();
        println!("{on:<16} {action:<36} {}", may.iter().map(|name| format!("[{name}]")).collect::<Vec<_>>().join(" "));
        for name in may.difference(&who) {
            wrong.push(format!("{name} may {action} on {on}, and the table does not say so"));
        }
        for name in who.difference(&may) {
            wrong.push(format!("{name} may not {action} on {on}, and the table says so"));
        }
    }
    println!("{asked} questions, {} answered otherwise than the table", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_names_those_who_are_asked() {
    let named: Vec<_> = rows("Who is meant").into_iter().map(|row| names(&row[0]).remove(0)).collect();
    assert_eq!(named, actors::all().iter().map(|actor| actor.name).collect::<Vec<_>>());
}

#[test]
fn every_action_that_a_key_policy_speaks_of_stands_in_the_table() {
    let lines = lines();
    for key in STACK.ids_of("AWS::KMS::Key") {
        for action in actions_of(&STACK.key_policy(key)) {
            let asked = |line: &Line| line.on == key && (line.action == action || is_like(&line.action, &action));
            assert!(lines.iter().any(asked), "{action} on {key}");
        }
    }
}

/// Whatever else is allowed by a key's policy, now or later, in IAM or by a grant: using it stays with the one role.
#[test]
fn no_allow_overrules_what_is_denied() {
    let allow = json!({ "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*" });
    for (key, action, role) in [
        ("ResponderKey", "kms:Decrypt", Some("decrypter")),
        ("ResponderKey", "kms:GenerateDataKey", Some("registrar")),
        ("ResponderKey", "kms:ReEncryptFrom", Some("rotation")),
        ("ResponderKey", "kms:ReEncryptTo", Some("rotation")),
        ("ResponderKey", "kms:CreateGrant", None),
        ("ResponderKey", "kms:Encrypt", None),
        ("ResponderKey", "kms:GenerateDataKeyWithoutPlaintext", None),
        ("ResponderKey", "kms:GenerateDataKeyPairWithoutPlaintext", None),
        ("ResponderKey", "kms:ReplicateKey", None),
        ("AgreementKey", "kms:DeriveSharedSecret", Some("decrypter")),
        ("AgreementKey", "kms:CreateGrant", None),
        ("AgreementKey", "kms:ReplicateKey", None),
    ] {
        for actor in actors::all() {
            let of_role = role.is_some_and(|role| actor.name.split(',').next() == Some(role));
            assert!(of_role || !actor.may_with(&allow, action, key), "{} may {action} on {key}", actor.name);
        }
    }
}

fn lines() -> Vec<Line> {
    let everybody: Vec<_> = actors::all().iter().map(|actor| actor.name).collect();
    let mut lines = Vec::new();
    for row in rows("Who may do what") {
        let [on, actions, who] = row.as_slice() else { panic!("not three columns: {row:?}") };
        let who = who_of(who, &everybody);
        lines.extend(names(actions).into_iter().map(|action| Line { on: on.clone(), action, who: who.clone() }));
    }
    assert!(!lines.is_empty());
    lines
}

/// `backend`; any `backend` and its variants; IAM; nobody.
fn who_of(cell: &str, everybody: &[&str]) -> BTreeSet<String> {
    let mut who = BTreeSet::new();
    let mut is_any = false;
    for (place, piece) in cell.split('`').enumerate() {
        if place % 2 == 1 {
            assert!(everybody.contains(&piece), "nobody is called {piece}");
            let variants = everybody.iter().filter(|name| **name == piece || is_any && name.split(',').next() == Some(piece));
            who.extend(variants.map(|name| (*name).to_owned()));
            continue;
        }
        is_any = false;
        for word in piece.split(',').map(str::trim) {
            match word {
                "any" => is_any = true,
                "IAM" => who.extend(IAM.map(str::to_owned)),
                "nobody" => assert_eq!(cell, "nobody"),
                other => assert_eq!(other, ""),
            }
        }
    }
    who
}

/// The rows of the table under a heading.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let section = DOCUMENT.split("\n## ").find(|section| section.starts_with(&format!("{heading}\n"))).unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    lines.skip(1).map(|line| line.split(" | ").map(str::to_owned).collect()).collect()
}

/// What stands between backticks.
fn names(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn actions_of(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(actions) => actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect(),
            action => vec![action.as_str().unwrap().to_owned()],
        })
        .collect()
}

/// Whether an action is one of those that `kms:Something*` means.
fn is_like(action: &str, pattern: &str) -> bool {
    pattern.strip_suffix('*').is_some_and(|prefix| action.starts_with(prefix))
}
