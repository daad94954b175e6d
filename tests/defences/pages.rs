//! Tests in the browser: pages and program built from the copy, driven by the tree's own Playwright.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use super::{
    Outcome,
    copy::Copy,
    list::{Defence, Test},
    suite::{append, cargo},
};

/// Folders that pages are made from (`sources` of the Makefile).
const SOURCES: [&str; 6] = ["frontend/", "paper/", "scanner/", "shared/", "style/", "scripts/assets/"];
/// What scripts/setup put there.
const TOOLS: [&str; 3] = [".tools", "frontend/node_modules", "playwright/node_modules"];

/// Whether a defence is one of the pages'.
pub(super) fn change(defence: &Defence) -> bool {
    defence.edits.iter().any(|edit| SOURCES.iter().any(|folder| edit.file.starts_with(folder)))
}

/// Builds what the tests need and runs them.
pub(super) fn run(copy: &Copy, tests: &[&Test], log: &Path) -> Outcome {
    for folder in TOOLS {
        copy.lend(folder);
    }
    let built = here(copy, "make", log).args(["--no-print-directory", "frontend"]).status().unwrap().success()
        && cargo(copy, log).args(["build", "--locked", "-p", "halligan-backend"]).status().unwrap().success()
        && cargo(copy, log).args(["build", "--locked", "--release", "-p", "halligan-traces"]).status().unwrap().success();
    if !built {
        return Outcome::NotRun("it could not be built".to_owned());
    }
    // Titles are not taken for patterns.
    let titles = tests.iter().map(|test| test.name.replace(|c: char| !c.is_alphanumeric() && c != ' ', "."));
    let titles: Vec<String> = titles.collect();
    let report = copy.tree.join("playwright/results/report.json");
    let _ = fs::remove_file(&report);
    here(copy, "playwright/node_modules/.bin/playwright", log)
        .args(["test", "--config", "playwright", "--grep", &titles.join("|")])
        .args(tests.iter().map(|test| test.file.trim_start_matches("playwright/")))
        .env("HALLIGAN_PROGRAM", copy.build.join("debug/halligan"))
        .env("HALLIGAN_TRACES", copy.build.join("release/traces"))
        .status()
        .unwrap();
    let report = fs::read(report).ok().and_then(|report| serde_json::from_slice::<Value>(&report).ok()).unwrap_or_default();
    let count = |name: &str| report.pointer(&format!("/stats/{name}")).and_then(Value::as_u64).unwrap_or(0);
    match (count("expected"), count("unexpected")) {
        (0, 0) => Outcome::NotRun("no test was run".to_owned()),
        (passed, 0) => Outcome::Passed(usize::try_from(passed).unwrap()),
        _ => Outcome::Failed,
    }
}

fn here(copy: &Copy, program: &str, log: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(&copy.tree).stdin(Stdio::null()).stdout(append(log)).stderr(append(log));
    command
}
