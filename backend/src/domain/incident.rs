//! Which of two words about an incident counts. Computer-aided dispatch (CAD) delivers out of order, and what was sent once may come
//! again, by whomever: only a later word changes anything.

use halligan_shared::{assignment::CallSign, audit::Kind, wire::StatusText};
use time::OffsetDateTime;

/// An incident as CAD told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Whether it goes on.
    pub is_open: bool,
    /// Where it stands, in CAD's words.
    pub statuses: Vec<StatusText>,
    /// The units that are on it, sorted, each once.
    pub units: Vec<CallSign>,
    /// When that was so, by CAD's clock, to the millisecond.
    pub updated_at: OffsetDateTime,
}

/// What becomes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is what is held already.
    Same,
    /// It is no later than what is held, which stays.
    Earlier,
    /// It takes the place of what was held, which is worth an event or not.
    Taken(Option<Kind>),
}

impl Told {
    /// What becomes of this word where another one is held.
    ///
    /// Of two words of the same instant only a closing counts: whichever comes first, the incident is closed in the end, and no
    /// repetition of the other opens it again.
    pub fn after(&self, held: Option<&Self>) -> Outcome {
        let Some(held) = held else { return Outcome::Taken(self.is_open.then_some(Kind::IncidentOpened)) };
        let closes = held.is_open && !self.is_open;
        if self == held {
            Outcome::Same
        } else if self.updated_at < held.updated_at || self.updated_at == held.updated_at && !closes {
            Outcome::Earlier
        } else if closes {
            Outcome::Taken(Some(Kind::IncidentClosed))
        } else if self.is_open && !held.is_open {
            Outcome::Taken(Some(Kind::IncidentOpened))
        } else {
            Outcome::Taken((self.is_open && self.units != held.units).then_some(Kind::IncidentChanged))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(second: i64, is_open: bool, units: &[&str]) -> Told {
        let units = units.iter().map(|unit| unit.parse().unwrap()).collect();
        let status = if is_open { "Active" } else { "Closed" };
        let statuses = vec![status.to_owned().try_into().unwrap()];
        Told { is_open, statuses, units, updated_at: OffsetDateTime::from_unix_timestamp(second).unwrap() }
    }

    #[test]
    fn only_a_later_word_counts_and_of_one_instant_only_a_closing() {
        let (open, closed) = (told(10, true, &["M12"]), told(10, false, &["M12"]));
        let taken = |kind| Outcome::Taken(Some(kind));
        for (held, word, becomes) in [
            (None, told(1, true, &[]), taken(Kind::IncidentOpened)),
            (None, told(1, false, &[]), Outcome::Taken(None)),
            (Some(&open), open.clone(), Outcome::Same),
            (Some(&open), told(9, true, &["E4"]), Outcome::Earlier),
            (Some(&open), told(9, false, &["M12"]), Outcome::Earlier),
            (Some(&open), told(10, true, &["E4"]), Outcome::Earlier),
            (Some(&open), closed.clone(), taken(Kind::IncidentClosed)),
            (Some(&open), told(11, true, &["M12"]), Outcome::Taken(None)),
            (Some(&open), told(11, true, &["E4"]), taken(Kind::IncidentChanged)),
            (Some(&open), told(11, false, &["E4"]), taken(Kind::IncidentClosed)),
            (Some(&closed), open.clone(), Outcome::Earlier),
            (Some(&closed), told(9, true, &["M12"]), Outcome::Earlier),
            (Some(&closed), told(11, true, &["M12"]), taken(Kind::IncidentOpened)),
            (Some(&closed), told(11, false, &["E4"]), Outcome::Taken(None)),
        ] {
            assert_eq!(word.after(held), becomes, "{word:?} after {held:?}");
        }
    }
}
