//! `halligan doctor` as a process: what it ends with, and what monitoring reads of it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

/// The program with settings and words of a test's own, on this folder.
fn halligan(data: &Path, settings: &[(&str, &str)], words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_halligan"))
        .args(words)
        .env_clear()
        .env("HALLIGAN_DATA", data)
        .env("HALLIGAN_ORIGIN", "http://localhost:8080")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The checks of a grade.
fn of(output: &Output, grade: &str) -> Vec<String> {
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = found["checks"].as_array().unwrap().iter().filter(|check| check["verdict"] == grade);
    checks.map(|check| check["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn it_ends_with_0_where_all_is_well_and_with_1_where_something_would_fail() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let before = halligan(&data, &[], &["doctor", "--json"]);
    let missing = vec!["authority.endpoint".to_owned(), "database.opens".to_owned()];
    assert_eq!((before.status.code(), of(&before, "fails")), (Some(1), missing));
    assert!(!data.join("halligan.db").exists() && !data.join("authority").exists(), "looking makes neither database nor keys");
    let nothing = halligan(&data, &[], &["rotate", "kek"]);
    assert!(!nothing.status.success() && String::from_utf8(nothing.stderr).unwrap().contains("there is no portal in"));
    let invited = ["invite", "--agency-id", "ADM-1", "--name", "Admin", "--role", "admin"];
    assert!(halligan(&data, &[], &invited).status.success());
    assert!(halligan(&data, &[], &["rotate", "agreement"]).status.success(), "which makes the keys");

    let well = halligan(&data, &[], &["doctor", "--json"]);
    assert_eq!((well.status.code(), of(&well, "fails"), of(&well, "unknown")), (Some(0), vec![], vec![]));
    let told = halligan(&data, &[], &["doctor"]);
    assert!(String::from_utf8(told.stdout).unwrap().ends_with("All of it would work.\n"));

    let moved = halligan(&data, &[("HALLIGAN_ORIGIN", "https://halligan.example")], &["doctor"]);
    let words = String::from_utf8(moved.stdout).unwrap();
    assert_eq!(moved.status.code(), Some(1), "{words}");
    assert!(words.contains("FAILS      Certificate (tls.certificate)"), "{words}");
}

#[test]
fn an_authority_that_is_only_half_named_is_said_to_be() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let half = halligan(&data, &[("HALLIGAN_KEK", "arn:aws:kms:eu-central-1:1:key/1")], &["doctor", "--json"]);
    assert_eq!(half.status.code(), Some(1));
    assert!(of(&half, "fails").contains(&"authority.endpoint".to_owned()));
    assert!(of(&half, "unknown").contains(&"release.decrypt".to_owned()), "what is not known is said, and is not fine");
}
