//! `make defences`: takes each defence of `list.toml` away in turn, in a copy of the tree, and sees that its test fails.
//!
//! Words behind the command choose rows that hold one of them, or name a test by its file. First every test is run with nothing
//! taken away: one that fails as it is would show nothing. What was said of each is under `target/defences/logs/`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it fails by panicking, and prints"
)]

mod copy;
#[path = "mod.rs"]
#[expect(dead_code, reason = "the table of attacks is for the tests of the list")]
mod list;
mod pages;
mod suite;

use std::{collections::BTreeMap, fmt, io, io::Write as _, path::Path, process::ExitCode, time::Instant};

use self::{
    copy::Copy,
    list::{Defence, Test},
};

/// What became of tests.
enum Outcome {
    /// All passed, and so many were run.
    Passed(usize),
    /// At least one failed, or its process came to no good end.
    Failed,
    /// Nothing was shown, and why.
    NotRun(String),
}

/// What a defence's absence came to.
#[derive(PartialEq)]
enum Verdict {
    Noticed,
    NotNoticed,
    NotShown(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noticed => f.write_str("noticed"),
            Self::NotNoticed => f.write_str("NOT NOTICED"),
            Self::NotShown(why) => write!(f, "NOT SHOWN, {why}"),
        }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut list = list::list();
    let says = |defence: &Defence, word: &str| defence.attack.contains(word) || defence.test.file.contains(word);
    list.retain(|defence| words.is_empty() || words.iter().any(|word| says(defence, word)));
    if list.is_empty() {
        println!("No row of the table of attacks says that, and no test is there.");
        return ExitCode::FAILURE;
    }
    // Pages take minutes to build. Tests in the browser come last, and of them last those that pages are changed for.
    list.sort_by_key(|defence| defence.test.suite().is_none().then(|| pages::change(defence)));
    let copy = Copy::of(&list::root());

    println!("As it is");
    if !all_pass(&copy, &list) {
        println!("Tests that fail as it is show nothing.");
        return ExitCode::FAILURE;
    }
    println!("\nWithout each defence");
    let mut open = Vec::new();
    let mut number = 0;
    for same in groups(&list) {
        // What is taken away in the same way for several rows is taken away once.
        let before = copy.edit(&same[0].edits);
        for defence in same {
            number += 1;
            print!("{number:>4}/{} {}, without {}: ", list.len(), short(&defence.attack), defence.without);
            io::stdout().flush().unwrap();
            let begun = Instant::now();
            let verdict = match &before {
                Ok(_) => judge(&copy, &defence.test, number),
                Err(why) => Verdict::NotShown(why.clone()),
            };
            println!("{verdict} ({} s)", begun.elapsed().as_secs());
            if verdict != Verdict::Noticed {
                open.push(defence);
            }
        }
        copy.restore(before.unwrap_or_default());
    }
    println!("\n{} of {} noticed by their tests", list.len() - open.len(), list.len());
    for Defence { attack, without, test, .. } in &open {
        println!("  not: {attack}, without {without} ({}: {})", test.file, test.name);
    }
    if open.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs every test of the list with nothing taken away, suite by suite.
fn all_pass(copy: &Copy, list: &[Defence]) -> bool {
    let mut suites: BTreeMap<String, Vec<&Test>> = BTreeMap::new();
    for defence in list {
        let name = match defence.test.suite() {
            Some(suite) => [&[suite.package], suite.target].concat().join(" "),
            None => "the browser's".to_owned(),
        };
        suites.entry(name).or_default().push(&defence.test);
    }
    let mut good = true;
    for (name, tests) in suites {
        print!("  {name}: ");
        io::stdout().flush().unwrap();
        let begun = Instant::now();
        let log = copy.log(&format!("as it is, {}", name.replace('/', " ")));
        let outcome = tried(copy, &tests, &log);
        let seconds = begun.elapsed().as_secs();
        match &outcome {
            Outcome::Passed(count) => println!("{count} passed ({seconds} s)"),
            Outcome::Failed => println!("FAILED ({seconds} s), see {}", log.display()),
            Outcome::NotRun(why) => println!("NOT RUN ({seconds} s), {why}, see {}", log.display()),
        }
        good &= matches!(outcome, Outcome::Passed(_));
    }
    good
}

/// Tests of one suite.
fn tried(copy: &Copy, tests: &[&Test], log: &Path) -> Outcome {
    match tests[0].suite() {
        Some(suite) => suite::run(copy, suite, tests, log),
        None => pages::run(copy, tests, log),
    }
}

/// Defences with the same edits together, in the order of the first of them.
fn groups(list: &[Defence]) -> Vec<Vec<&Defence>> {
    let mut groups: Vec<Vec<&Defence>> = Vec::new();
    for defence in list {
        let is_like =
            |other: &Defence| other.edits == defence.edits && other.test.suite().is_some() == defence.test.suite().is_some();
        match groups.iter_mut().find(|group| is_like(group[0])) {
            Some(group) => group.push(defence),
            None => groups.push(vec![defence]),
        }
    }
    groups
}

/// Runs a test without its defence.
fn judge(copy: &Copy, test: &Test, number: usize) -> Verdict {
    let log = copy.log(&format!("{number:03}"));
    match tried(copy, &[test], &log) {
        Outcome::Passed(_) => Verdict::NotNoticed,
        Outcome::Failed => Verdict::Noticed,
        Outcome::NotRun(why) => Verdict::NotShown(format!("{why}, see {}", log.display())),
    }
}

/// The beginning of a row, for a line that also says what became of it.
fn short(attack: &str) -> String {
    const LENGTH: usize = 60;
    if attack.chars().count() <= LENGTH { attack.to_owned() } else { attack.chars().take(LENGTH - 1).chain(['…']).collect() }
}
