//! Reviews: why what was opened is looked at afterwards, and what is found.

use serde::{Deserialize, Serialize};

use crate::wire::NOTE_MIN;

/// Why an opened request is reviewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewReason {
    /// The responder opened it alone.
    Override,
    /// Dispatch had denied the same member the same record before.
    AfterDenial,
    /// It was drawn at random.
    Sample,
}

impl ReviewReason {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Override, Self::AfterDenial, Self::Sample];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Override => "override",
            Self::AfterDenial => "after_denial",
            Self::Sample => "sample",
        }
    }
}

/// What a review finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// There was good reason to open it.
    Justified,
    /// There was none.
    NotJustified,
    /// It cannot be told.
    Unclear,
}

impl Finding {
    /// Every finding, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::Justified, Self::NotJustified, Self::Unclear];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Justified => "justified",
            Self::NotJustified => "not_justified",
            Self::Unclear => "unclear",
        }
    }

    /// Whether a note says enough for it: somebody has to act on what was not justified, or cannot be told.
    pub fn is_explained_by(self, note: &str) -> bool {
        self == Self::Justified || note.chars().filter(|c| c.is_alphanumeric()).count() >= NOTE_MIN
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        assert!(ReviewReason::ALL.into_iter().all(|reason| json!(reason) == reason.word()));
        assert!(Finding::ALL.into_iter().all(|finding| json!(finding) == finding.word()));
    }

    #[test]
    fn what_somebody_has_to_act_on_needs_a_note_that_says_something() {
        let (short, enough) = ("n ".repeat(NOTE_MIN - 1), "n ".repeat(NOTE_MIN));
        for finding in Finding::ALL {
            let needs_none = finding == Finding::Justified;
            assert_eq!(finding.is_explained_by(&short), needs_none, "{finding:?}");
            assert_eq!(finding.is_explained_by(" .!\u{200b}".repeat(NOTE_MIN).as_str()), needs_none, "{finding:?}");
            assert!(finding.is_explained_by(&enough), "{finding:?}");
        }
    }
}
