//! Policies as an operator handles them: looked at, changed, served by; and what the log has of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use halligan_backend::{
    policy::Policies,
    store::{AuditFilter, Store},
};
use serde_json::{Value, json};

fn halligan(data: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_halligan"));
    command.args(words).env_clear().env("HALLIGAN_DATA", data).stdin(Stdio::null());
    command
}

fn ran(data: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = halligan(data, words).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Serves until the portal says where it is, and stops it. What it said on the way out if it did not start.
fn serve(data: &Path, policies: Option<&Path>) -> Result<(), String> {
    let mut command = halligan(data, &["serve", "--listen", "127.0.0.1:0"]);
    command.envs(policies.map(|folder| ("HALLIGAN_POLICIES", folder)));
    let mut portal = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let told = BufReader::new(portal.stdout.take().unwrap()).lines().map_while(Result::ok).any(|line| line.starts_with("Portal: "));
    if told {
        portal.kill().unwrap();
        portal.wait().unwrap();
        return Ok(());
    }
    let mut words = String::new();
    portal.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert!(!portal.wait().unwrap().success());
    Err(words)
}

/// The facts of each change of policies that the log has, oldest first.
async fn changes(data: &Path) -> Vec<Value> {
    let store = Store::attach(&format!("sqlite://{}?mode=rw", data.join("halligan.db").display())).await.unwrap();
    let filter = AuditFilter { kind: Some("policy.changed".to_owned()), limit: 100, ..AuditFilter::default() };
    let lines = store.audit_events(&filter).await.unwrap();
    let event = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    lines.iter().rev().map(|line| event(line.text.as_deref().unwrap())["facts"].clone()).collect()
}

#[tokio::test]
async fn a_start_writes_down_what_changed_and_a_start_with_broken_policies_is_none() {
    let place = tempfile::tempdir().unwrap();
    let (data, folder) = (place.path().join("data"), place.path().join("policies"));
    let shown = ran(&data, &["policy", "show", folder.to_str().unwrap()]);
    assert_eq!(shown.0, Some(0), "{}", shown.2);
    let built_in = Policies::built_in().unwrap();

    serve(&data, None).unwrap();
    let first = changes(&data).await;
    assert_eq!((first.len(), &first[0]["former_version"], &first[0]["version"]), (1, &Value::Null, &json!(built_in.version())));
    assert_eq!(first[0]["new"].as_object().unwrap().len(), built_in.written().len());
    assert!(first[0]["new"]["decide-not-own"].as_str().unwrap().contains("resource.by == principal"));

    serve(&data, Some(&folder)).unwrap();
    assert_eq!(changes(&data).await.len(), 1, "what is shown is what is built in, and nothing changed");

    let doors = std::fs::read_to_string(folder.join("doors.cedar")).unwrap();
    std::fs::write(folder.join("doors.cedar"), doors.replace("@wait(\"180\")", "@wait(\"120\")")).unwrap();
    std::fs::remove_file(folder.join("ask.cedar")).unwrap();
    serve(&data, Some(&folder)).unwrap();
    let changed = changes(&data).await;
    assert_eq!((changed.len(), &changed[1]["former_version"]), (2, &json!(built_in.version())));
    assert_eq!(changed[1]["version"], Policies::read(&folder).unwrap().version());
    let new = changed[1]["new"].as_object().unwrap();
    assert_eq!(new.keys().collect::<Vec<_>>(), ["override-urgent"]);
    assert!(new["override-urgent"].as_str().unwrap().contains("@wait(\"120\")"));
    assert_eq!(changed[1]["gone"], json!(["ask-drill-not-real", "ask-responder"]));
    assert!(!changed[1]["policies"].as_array().unwrap().contains(&json!("ask-responder")));

    std::fs::write(folder.join("doors.cedar"), doors.replace("@wait(\"180\")", "@wait(\"3 minutes\")")).unwrap();
    let refused = serve(&data, Some(&folder)).unwrap_err();
    assert!(refused.contains("doors.cedar, line ") && refused.contains("@wait(\"3 minutes\") cannot be kept"), "{refused}");
    assert_eq!(changes(&data).await.len(), 2, "what did not start changed nothing");
}

#[test]
fn a_check_ends_with_0_only_if_every_case_holds() {
    let place = tempfile::tempdir().unwrap();
    let (data, folder) = (place.path().join("data"), place.path().join("policies"));
    let (named, check) = (folder.to_str().unwrap(), |folder: &str| ran(&data, &["policy", "check", folder]));
    let built_in = ran(&data, &["policy", "check"]);
    assert!(built_in.0 == Some(0) && built_in.1.contains("override-life-threatening (doors.cedar, line "), "{built_in:?}");
    assert!(built_in.1.contains("opens after 45 seconds") && built_in.1.ends_with("cases hold.\n"), "{built_in:?}");

    assert_eq!(ran(&data, &["policy", "show", named]).0, Some(0));
    assert_eq!(check(named).1, built_in.1);
    let again = ran(&data, &["policy", "show", named]);
    assert!(again.0 == Some(1) && again.2.contains("is there already"), "{again:?}");

    let doors = std::fs::read_to_string(folder.join("doors.cedar")).unwrap();
    std::fs::write(folder.join("doors.cedar"), doors.replace("@wait(\"45\")", "@wait(\"30\")")).unwrap();
    let failed = check(named);
    assert_eq!(failed.0, Some(1));
    for words in [
        "FAILED  life in danger: a dispatcher at once, the override after 45 seconds",
        "expected: the door override opens after 45 seconds",
        "came:     the door override opens after 30 seconds",
    ] {
        assert!(failed.1.contains(words), "{}", failed.1);
    }
    std::fs::write(folder.join("doors.cedar"), doors).unwrap();
    std::fs::write(folder.join("cases.toml"), "[[ask]]\ncase = \"a\"\nby = { rolls = [] }\nseverity = \"urgent\"\n").unwrap();
    let unread = check(named);
    assert!(unread.0 == Some(1) && unread.2.contains("rolls") && unread.2.contains("line 3"), "{unread:?}");
    std::fs::remove_file(folder.join("cases.toml")).unwrap();
    std::fs::remove_file(folder.join("review.cedar")).unwrap();
    assert!(check(named).1.contains("MISSING no policy permits review"), "an older folder's");
    std::fs::write(folder.join("review.cedar"), "@id(\"all\") permit (principal, action == Action::\"review\", resource);")
        .unwrap();
    assert!(!check(named).1.contains("MISSING"));
    assert!(check(named).1.ends_with("No cases: there is no cases.toml in the folder.\n"));
    assert!(!data.exists(), "looking at policies makes nothing");
}
