//! What would fail in an emergency, looked at before there is one.

use serde::{Deserialize, Serialize};

/// What a look at everything came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Checks {
    /// Each check, in the order in which one depends on another.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Check {
    /// Its name for programs. It stays the same from version to version.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// How it is.
    #[serde(rename = "verdict")]
    pub grade: Grade,
    /// What was found.
    pub found: String,
    /// What to do; empty where nothing is to be done.
    pub advice: String,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It would work.
    Fine,
    /// It would fail.
    Fails,
    /// It is not known which: it was not looked at, or what was found does not say.
    Unknown,
}

impl Checks {
    /// How all of it is: what fails counts before what is not known.
    pub fn grade(&self) -> Grade {
        let any = |grade| self.checks.iter().any(|check| check.grade == grade);
        match () {
            () if any(Grade::Fails) => Grade::Fails,
            () if any(Grade::Unknown) => Grade::Unknown,
            () => Grade::Fine,
        }
    }

    /// The checks of a grade, by their ids.
    pub fn ids(&self, grade: Grade) -> Vec<&str> {
        self.checks.iter().filter(|check| check.grade == grade).map(|check| check.id.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_as_good_as_the_worst_of_it() {
        let grades = [Grade::Fine, Grade::Unknown, Grade::Fails];
        for graded in [&grades[..0], &grades[..1], &grades[..2], &grades, &grades[1..], &grades[2..], &grades[1..2]] {
            let check = |grade: &Grade| Check {
                id: format!("{grade:?}"),
                name: String::new(),
                grade: *grade,
                found: String::new(),
                advice: String::new(),
            };
            let checks = Checks { checks: graded.iter().map(check).collect() };
            assert_eq!(checks.grade(), graded.last().copied().unwrap_or(Grade::Fine), "{graded:?}");
            for grade in grades {
                let ids: &[&str] = if graded.contains(&grade) { &[&format!("{grade:?}")] } else { &[] };
                assert_eq!(checks.ids(grade), ids);
            }
        }
    }
}
