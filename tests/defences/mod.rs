//! Which test fails when which defence is gone: `list.toml`, under the rows of the attacks in `docs/THREATS.md`.
//!
//! `make defences` takes each defence away in turn (`run.rs`). The tests here, a part of `make test`, see that table, list,
//! sources and tests still fit each other.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

/// A row of the table of attacks.
pub(crate) struct Row {
    /// What an attacker tries.
    pub(crate) attack: String,
    /// Files and folders of its tests, from the root of the repository.
    pub(crate) places: Vec<String>,
}

/// A defence that is taken away, and the test that has to fail then.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Defence {
    /// The row, by what an attacker tries.
    pub(crate) attack: String,
    /// What is taken away, in a few words.
    pub(crate) without: String,
    /// The test.
    pub(crate) test: Test,
    /// How it is taken away: all of these together.
    pub(crate) edits: Vec<Edit>,
}

/// A test: a function of Rust, or a title of Playwright's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Test {
    pub(crate) file: String,
    pub(crate) name: String,
}

/// What stands in a file exactly once, and what takes its place.
#[derive(PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    pub(crate) file: String,
    pub(crate) stands: String,
    pub(crate) instead: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    defence: Vec<Defence>,
}

impl Edit {
    /// The text with the edit done. `None`: what is to be replaced does not stand there, or more than once.
    pub(crate) fn done(&self, text: &str) -> Option<String> {
        let (before, after) = text.split_once(&self.stands)?;
        (!after.contains(&self.stands)).then(|| [before, &self.instead, after].concat())
    }
}

/// Tests that are built into one program.
pub(crate) struct Suite {
    /// Where its tests stand.
    place: &'static str,
    /// The folder of its package.
    pub(crate) package: &'static str,
    /// How cargo calls it.
    pub(crate) target: &'static [&'static str],
}

const SUITES: [Suite; 14] = [
    Suite { place: "tests/attacks/", package: "tests", target: &["--test", "integration"] },
    Suite { place: "tests/path/", package: "tests", target: &["--test", "integration"] },
    Suite { place: "tests/fuzz/", package: "tests", target: &["--test", "fuzz"] },
    Suite { place: "backend/src/cli/", package: "backend", target: &["--bin", "halligan"] },
    Suite { place: "backend/src/", package: "backend", target: &["--lib"] },
    Suite { place: "backend/tests/authority.rs", package: "backend", target: &["--test", "authority"] },
    Suite { place: "backend/tests/policy.rs", package: "backend", target: &["--test", "policy"] },
    Suite { place: "shared/src/", package: "shared", target: &["--lib"] },
    Suite { place: "shared/tests/ips/", package: "shared", target: &["--test", "ips"] },
    Suite { place: "shared/tests/wycheproof.rs", package: "shared", target: &["--test", "wycheproof"] },
    Suite { place: "shared/aead/tests/", package: "shared/aead", target: &["--test", "wycheproof"] },
    Suite { place: "authority/tests/authority/", package: "authority", target: &["--test", "authority"] },
    Suite { place: "authority/src/", package: "authority", target: &["--lib"] },
    Suite { place: "authority/tests/infra/", package: "authority", target: &["--test", "infra"] },
];
/// Where the tests are that run in the browser.
const PAGES: &str = "playwright/specs/";

impl Test {
    /// The suite that it belongs to; `None`: it runs in the browser.
    pub(crate) fn suite(&self) -> Option<&'static Suite> {
        let suite = SUITES.iter().find(|suite| self.file.starts_with(suite.place));
        assert!(suite.is_some() != self.file.starts_with(PAGES), "no suite has {}", self.file);
        suite
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The list.
pub(crate) fn list() -> Vec<Defence> {
    let text = read("tests/defences/list.toml");
    toml::from_str::<List>(&text).unwrap_or_else(|error| panic!("tests/defences/list.toml: {error}")).defence
}

/// The rows of the table of attacks.
pub(crate) fn rows() -> Vec<Row> {
    let threats = read("docs/THREATS.md");
    let section = threats.split("\n## ").find(|section| section.starts_with("Attacks\n")).unwrap();
    let lines = section.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    // The first one names the columns.
    lines.skip(1).map(row).collect()
}

fn row(line: &str) -> Row {
    let [attack, _, tests] = *line.split(" | ").collect::<Vec<_>>() else { panic!("not three columns: {line}") };
    // Every second piece stands between backticks.
    let places = tests.split('`').skip(1).step_by(2).map(|place| {
        let is_elsewhere = root().join(place).exists();
        if is_elsewhere { place.to_owned() } else { format!("tests/{place}") }
    });
    Row { attack: attack.to_owned(), places: places.collect() }
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_defences_and_every_defence_its_row() {
        let (rows, list) = (rows(), list());
        for row in &rows {
            assert!(list.iter().any(|defence| defence.attack == row.attack), "nothing is taken away for: {}", row.attack);
        }
        for defence in &list {
            assert!(rows.iter().any(|row| row.attack == defence.attack), "no row of the table: {}", defence.attack);
        }
    }

    #[test]
    fn what_is_taken_away_stands_where_the_list_says_and_once() {
        for Defence { attack, edits, .. } in list() {
            assert!(!edits.is_empty(), "{attack}");
            for edit in edits {
                assert!(edit.stands != edit.instead, "{attack}: nothing changes in {}", edit.file);
                let stands = read(&edit.file).matches(&edit.stands).count();
                assert_eq!(stands, 1, "{attack}: how often this stands in {}:\n{}", edit.file, edit.stands);
            }
        }
    }

    #[test]
    fn every_test_stands_where_the_table_says() {
        let rows = rows();
        for Defence { attack, test, .. } in list() {
            let places = &rows.iter().find(|row| row.attack == attack).unwrap().places;
            assert!(places.iter().any(|place| test.file.starts_with(place)), "{attack}: the table does not name {}", test.file);
            let stem = Path::new(&test.file).file_stem().unwrap().to_str().unwrap();
            let is_there = match test.suite() {
                None => titles(&read(&test.file)).any(|title| may_be(title, &test.name)),
                Some(suite) if suite.target.contains(&"fuzz") => {
                    read("tests/fuzz/main.rs").contains(&format!("    {}: {stem}::", test.name))
                }
                Some(_) => read(&test.file).contains(&format!("fn {}(", test.name)),
            };
            assert!(is_there, "{attack}: {} has no test {}", test.file, test.name);
        }
    }

    #[test]
    fn every_place_that_the_table_names_holds_a_test_of_the_list() {
        let list = list();
        for row in rows() {
            for place in row.places {
                let is_there = list.iter().any(|defence| defence.attack == row.attack && defence.test.file.starts_with(&place));
                assert!(is_there, "{}: no entry of the list is noticed in {place}", row.attack);
            }
        }
    }

    /// `make defences` names a test to its program by its name alone, and looks for that name in what the program says.
    #[test]
    fn every_name_is_that_of_one_test_of_its_program() {
        for Defence { attack, test, .. } in list() {
            let Some(suite) = test.suite().filter(|suite| !suite.target.contains(&"fuzz")) else { continue };
            let program = SUITES.iter().filter(|other| (other.package, other.target) == (suite.package, suite.target));
            let sources: Vec<_> = program.flat_map(|suite| sources(&root().join(suite.place))).collect();
            let count = sources.iter().flat_map(|source| names(source)).filter(|name| *name == test.name).count();
            assert_eq!(count, 1, "{attack}: tests that are called {}", test.name);
        }
    }

    #[test]
    fn a_title_is_taken_whole() {
        assert!(may_be("a record is erased", "a record is erased"));
        assert!(!may_be("a record", "a record is erased") && !may_be("is erased", "a record is erased"));
        let title = "nothing is left in ${where} after ${what}, ever";
        assert!(may_be(title, "nothing is left in any process after the end, ever"));
        for name in [
            "nothing is left in any process, ever",
            "nothing is left in it after the end",
            "here nothing is left in it after x, ever",
        ] {
            assert!(!may_be(title, name), "{name}");
        }
        assert!(!may_be("${a}aba", "ab") && !may_be("ab${a}ba", "aba"), "no letter is counted twice");
    }

    /// The titles of a specification.
    fn titles(specification: &str) -> impl Iterator<Item = &str> {
        specification.lines().filter_map(|line| {
            let title = line.trim_start().strip_prefix("test(")?;
            let quote = title.chars().next()?;
            title.split(quote).nth(1)
        })
    }

    /// Whether a title, in which `${…}` stands for anything, can be this one.
    fn may_be(title: &str, name: &str) -> bool {
        let Some((first, rest)) = title.split_once("${") else { return title == name };
        let mut pieces: Vec<_> = rest.split("${").map(|piece| piece.split_once('}').unwrap().1).collect();
        let last = pieces.pop().unwrap();
        let between = name.strip_prefix(first).and_then(|name| name.strip_suffix(last));
        between.is_some_and(|between| pieces.iter().try_fold(between, |rest, piece| Some(rest.split_once(piece)?.1)).is_some())
    }

    /// The names of the tests of Rust in a file.
    fn names(source: &str) -> Vec<&str> {
        let mut names = Vec::new();
        let mut is_test = false;
        for line in source.lines().map(str::trim_start) {
            if let Some((_, function)) = line.split_once("fn ").filter(|_| is_test && !line.starts_with("#[")) {
                names.extend(function.split('(').next());
                is_test = false;
            }
            is_test |= line.starts_with("#[test]") || line.starts_with("#[tokio::test");
        }
        names
    }

    fn sources(place: &Path) -> Vec<String> {
        if place.is_file() {
            return vec![fs::read_to_string(place).unwrap()];
        }
        let inside = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
        inside
            .filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "rs"))
            .flat_map(|path| sources(&path))
            .collect()
    }
}
