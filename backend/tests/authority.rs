//! `halligan authority` as a process of its own: what it gives away, and to whom.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

/// The calls with which the keys are looked at, by whoever starts on them: `halligan doctor` runs the authority itself.
#[test]
fn each_call_is_written_into_the_trail_for_its_owner() {
    let place = tempfile::tempdir().unwrap();
    let trail = place.path().join("trail.jsonl");
    let halligan = |words: &[&str]| {
        let mut halligan = Command::new(env!("CARGO_BIN_EXE_halligan"));
        halligan.args(words).env("HALLIGAN_DATA", place.path().join("data"));
        halligan
    };
    // A portal, and then its keys, which looking makes neither of.
    for words in [&["invite", "--agency-id", "ADM-1", "--name", "Admin", "--role", "admin"][..], &["rotate", "agreement"]] {
        assert!(halligan(words).output().unwrap().status.success(), "{words:?}");
    }
    for begun in [0, 1] {
        halligan(&["doctor"]).env("HALLIGAN_TRAIL", &trail).output().unwrap();
        assert_eq!(std::fs::metadata(&trail).unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&trail).unwrap();
        let lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let assumed = lines.iter().filter(|line| {
            line["eventName"] == "AssumeRole" && line["requestParameters"]["roleArn"].as_str().unwrap().ends_with("KEK-Registrar")
        });
        assert_eq!(assumed.count(), begun + 1, "{text}");
        assert!(!text.contains("SecretAccessKey") && !text.contains("sessionToken"), "{text}");
    }
}

#[test]
fn credentials_are_written_for_their_owner_and_not_printed() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let mut authority = Command::new(env!("CARGO_BIN_EXE_halligan"))
        .args(["authority", "--listen", "127.0.0.1:0"])
        .env("HALLIGAN_DATA", &data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(authority.stdout.take().unwrap());
    let mut printed = String::new();
    stdout.read_line(&mut printed).unwrap();
    let file = data.join("authority.env");
    assert_eq!(printed, format!("Settings: {}\n", file.display()));
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let settings = std::fs::read_to_string(&file).unwrap();
    assert_eq!(settings.lines().count(), 9);
    let secret = settings.lines().find_map(|line| line.strip_prefix("AWS_SECRET_ACCESS_KEY=")).unwrap();

    assert!(Command::new("kill").arg(authority.id().to_string()).status().unwrap().success());
    stdout.read_to_string(&mut printed).unwrap();
    authority.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
    assert!(authority.wait().unwrap().success() && !printed.contains(secret), "{printed}");
    assert!(!file.exists(), "settings of what has ended");
}
