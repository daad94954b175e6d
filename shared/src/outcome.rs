//! What becomes of a request, in a word: the state in which it stands, without what only that state knows.

/// The word of a state (docs/ARCHITECTURE.md, Lifecycles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Waits for a door to open.
    Pending,
    /// May be opened.
    Approved,
    /// Refused, or taken back.
    Denied,
    /// Withdrawn.
    Cancelled,
    /// Nobody answered in time.
    Expired,
    /// Opened.
    Released,
    /// Approved and never opened in time.
    Lapsed,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Approved, Self::Denied, Self::Cancelled, Self::Expired, Self::Released, Self::Lapsed];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Released => "released",
            Self::Lapsed => "lapsed",
        }
    }

    /// The one with this word.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::RequestState;

    #[test]
    fn words_are_those_of_the_wire() {
        for one in Outcome::ALL {
            assert_eq!(Outcome::of(one.word()), Some(one));
            // Most states say more than their word, which is all that is looked at here.
            let read = serde_json::from_value::<RequestState>(json!({ "state": one.word() }));
            assert!(read.err().is_none_or(|error| error.to_string().starts_with("missing field")), "{one:?}");
        }
        assert_eq!(Outcome::of("open"), None);
    }
}
