//! Tests of Rust: built by cargo, run by themselves.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Outcome,
    copy::Copy,
    list::{Suite, Test},
};

/// Longest time for a test, or for all of a suite together: without a limit that was its defence one may never end.
const LONGEST: Duration = Duration::from_mins(10);

/// Named together for each suite: what each of them wants of other crates is then the same every time, and these are built once.
const PACKAGES: [&str; 5] = ["halligan-tests", "halligan-backend", "halligan-shared", "halligan-aead", "halligan-authority"];

/// Builds a suite and runs these tests of it.
pub(super) fn run(copy: &Copy, suite: &Suite, tests: &[&Test], log: &Path) -> Outcome {
    let Some((program, package)) = build(copy, suite, log) else {
        return Outcome::NotRun("it could not be built".to_owned());
    };
    let mut process = Command::new(program)
        .args(tests.iter().map(|test| &test.name))
        .env("CARGO_MANIFEST_DIR", &package)
        .current_dir(package)
        .stdin(Stdio::null())
        .stdout(append(log))
        .stderr(append(log))
        .spawn()
        .unwrap();
    let begun = Instant::now();
    let ended = loop {
        if let Some(status) = process.try_wait().unwrap() {
            break Some(status);
        }
        if begun.elapsed() > LONGEST {
            process.kill().unwrap();
            process.wait().unwrap();
            break None;
        }
        thread::sleep(Duration::from_millis(50));
    };
    let said = String::from_utf8_lossy(&fs::read(log).unwrap()).into_owned();
    let Some(status) = ended else {
        writeln!(append(log), "it did not come to an end").unwrap();
        return Outcome::Failed;
    };
    let results: Vec<_> = tests.iter().map(|test| result_of(&said, &test.name)).collect();
    // A process that broke off says nothing of the test it broke off in.
    if results.contains(&Some(false)) || status.code().is_none() {
        Outcome::Failed
    } else if results.contains(&None) {
        Outcome::NotRun("a test is missing".to_owned())
    } else {
        Outcome::Passed(tests.iter().map(|test| &test.name).collect::<BTreeSet<_>>().len())
    }
}

/// Whether a test passed; `None`: there is none of that name. No two tests of a program that the list names have the same
/// (`every_name_is_that_of_one_test_of_its_program`).
fn result_of(said: &str, name: &str) -> Option<bool> {
    said.lines().filter_map(|line| line.strip_prefix("test ")?.split_once(" ... ")).find_map(|(path, result)| {
        let is_it = path.rsplit("::").next() == Some(name);
        is_it.then_some(result == "ok")
    })
}

/// The program with the tests, and the folder of its package. `None`: it does not compile.
fn build(copy: &Copy, suite: &Suite, log: &Path) -> Option<(PathBuf, PathBuf)> {
    let output = cargo(copy, log)
        .args(["test", "--locked", "--no-run", "--message-format", "json-render-diagnostics"])
        .args(PACKAGES.iter().flat_map(|package| ["-p", package]))
        .args(suite.target)
        .stdout(Stdio::piped())
        .output()
        .unwrap();
    if !output.status.success() {
        return None;
    }
    let messages = String::from_utf8(output.stdout).unwrap();
    let made = messages.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut tests = made.filter(|message| message.pointer("/profile/test") == Some(&Value::Bool(true)));
    let text = |message: &Value, name: &str| message.get(name).and_then(Value::as_str).map(PathBuf::from);
    let package = copy.tree.join(suite.package);
    tests.find_map(|message| {
        let is_it = text(&message, "manifest_path")? == package.join("Cargo.toml");
        Some((text(&message, "executable").filter(|_| is_it)?, package.clone()))
    })
}

/// Cargo in the copy. Nobody debugs what it builds.
pub(super) fn cargo(copy: &Copy, log: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .env("CARGO_TARGET_DIR", &copy.build)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .current_dir(&copy.tree)
        .stdin(Stdio::null())
        .stderr(append(log));
    cargo
}

pub(super) fn append(log: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(log).unwrap()
}
