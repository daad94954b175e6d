//! Why a responder asks: severity, coded reason, incident, free text. One set of rules, for the form and for the
//! backend, so that what the form lets through is never refused later.

use serde::{Deserialize, Serialize};

use crate::shown;

/// How much time there is. Orders the dispatcher's queue, most pressing first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Life in danger now.
    LifeThreatening,
    /// Needed within minutes.
    Urgent,
    /// Everything else.
    Other,
}

impl Severity {
    /// Every severity, most pressing first.
    pub const ALL: [Self; 3] = [Self::LifeThreatening, Self::Urgent, Self::Other];

    /// What buttons and cards say.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LifeThreatening => "Life-threatening",
            Self::Urgent => "Urgent",
            Self::Other => "Other",
        }
    }
}

/// The coded reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The patient cannot speak for themselves.
    CannotSpeak,
    /// Immediate threat to life.
    ThreatToLife,
    /// Confirming who the patient is.
    ConfirmIdentity,
    /// Something else, said in the free text.
    Other,
}

impl Reason {
    /// Every reason, in the order of the form.
    pub const ALL: [Self; 4] = [Self::CannotSpeak, Self::ThreatToLife, Self::ConfirmIdentity, Self::Other];

    /// What buttons and cards say.
    pub const fn label(self) -> &'static str {
        match self {
            Self::CannotSpeak => "Patient cannot speak for themselves",
            Self::ThreatToLife => "Immediate threat to life",
            Self::ConfirmIdentity => "Confirming identity",
            Self::Other => "Other reason",
        }
    }
}

/// Longest incident or ticket number, in characters. Also fits an STS session tag (256).
pub const INCIDENT_MAX: usize = 64;
/// Longest free text, in characters: a few sentences on a dispatcher's card.
pub const TEXT_MAX: usize = 1000;
/// Fewest words of a free text for the reason "other": below that it says nothing to the dispatcher.
pub const TEXT_MIN_WORDS: usize = 3;
/// Fewest letters of it.
pub const TEXT_MIN_LETTERS: usize = 12;

/// What is wrong with a justification, a sentence for the field it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JustificationFault {
    /// No incident number.
    #[error("Enter the ticket or incident number.")]
    IncidentMissing,
    /// Characters that no dispatch system issues and STS tags do not take.
    #[error("An incident number has at most 64 letters, digits, spaces or the characters . : / = + - @ _")]
    IncidentMalformed,
    /// Reason "other" without words.
    #[error("Say in a sentence why you need the record.")]
    TextMissing,
    /// Words that say nothing.
    #[error("Say a little more: at least three words that tell the dispatcher why.")]
    TextTooThin,
    /// Too many words.
    #[error("Keep the text under 1,000 characters.")]
    TextTooLong,
}

impl JustificationFault {
    /// Whether the incident field is to be mended (else the free text).
    pub const fn is_incident(self) -> bool {
        matches!(self, Self::IncidentMissing | Self::IncidentMalformed)
    }
}

/// What the form holds, not yet checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// How much time there is.
    pub severity: Severity,
    /// The coded reason.
    pub reason: Reason,
    /// Ticket or incident number, as typed.
    #[cfg_attr(feature = "openapi", schemars(extend("pattern" = r"^\s*[A-Za-z0-9_.:/=+@-]([A-Za-z0-9 _.:/=+@-]{0,62}[A-Za-z0-9_.:/=+@-])?\s*$")))]
    pub incident: String,
    /// Free text, as typed.
    #[cfg_attr(feature = "openapi", schemars(length(max = TEXT_MAX)))]
    pub text: String,
}

/// A justification that holds: what the responder signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(try_from = "Draft", into = "Draft")]
pub struct Justification(Draft);

impl Justification {
    /// Checks a form against the rules above. The text becomes one line, in which nothing steers how it is seen: on the card that
    /// a dispatcher decides by it could pass for words of the portal.
    ///
    /// # Errors
    /// The first field at fault.
    pub fn check(draft: &Draft) -> Result<Self, JustificationFault> {
        Self::try_from(Draft { text: shown::one_line(&draft.text), ..draft.clone() })
    }

    /// What is wrong with each field of a form, to be said of all of them at once; nothing of one that [`check`](Self::check) takes.
    pub fn faults(draft: &Draft) -> Vec<JustificationFault> {
        let faults = [check_incident(draft.incident.trim()), check_text(&shown::one_line(&draft.text), draft.reason)];
        faults.into_iter().filter_map(Result::err).collect()
    }

    /// How much time there is.
    pub const fn severity(&self) -> Severity {
        self.0.severity
    }

    /// The coded reason.
    pub const fn reason(&self) -> Reason {
        self.0.reason
    }

    /// Ticket or incident number.
    pub fn incident(&self) -> &str {
        &self.0.incident
    }

    /// Free text, empty when none was needed.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl TryFrom<Draft> for Justification {
    type Error = JustificationFault;

    /// As it was signed.
    fn try_from(draft: Draft) -> Result<Self, JustificationFault> {
        let incident = draft.incident.trim().to_owned();
        let text = draft.text.trim().to_owned();
        check_incident(&incident)?;
        check_text(&text, draft.reason)?;
        Ok(Self(Draft { incident, text, ..draft }))
    }
}

impl From<Justification> for Draft {
    fn from(justification: Justification) -> Self {
        justification.0
    }
}

pub(crate) fn check_incident(incident: &str) -> Result<(), JustificationFault> {
    // The characters of STS tag values (API model sts/2011-06-15), without letters that merely look alike.
    let allowed = |c: char| c.is_ascii_alphanumeric() || " _.:/=+-@".contains(c);
    if incident.is_empty() {
        Err(JustificationFault::IncidentMissing)
    } else if incident.chars().count() > INCIDENT_MAX || !incident.chars().all(allowed) {
        Err(JustificationFault::IncidentMalformed)
    } else {
        Ok(())
    }
}

fn check_text(text: &str, reason: Reason) -> Result<(), JustificationFault> {
    if text.is_empty() {
        return if reason == Reason::Other { Err(JustificationFault::TextMissing) } else { Ok(()) };
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count();
    if text.chars().count() > TEXT_MAX {
        Err(JustificationFault::TextTooLong)
    } else if reason == Reason::Other && (words < TEXT_MIN_WORDS || letters < TEXT_MIN_LETTERS) {
        Err(JustificationFault::TextTooThin)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(reason: Reason, incident: &str, text: &str) -> Draft {
        Draft { severity: Severity::Urgent, reason, incident: incident.into(), text: text.into() }
    }

    #[test]
    fn a_text_passes_for_nothing_but_a_text() {
        let typed = draft(Reason::Other, "I-1", "Found alone,\n\nConfirmed by \u{202e}supervisor");
        let checked = Justification::check(&typed).unwrap();
        assert_eq!(checked.text(), "Found alone, Confirmed by supervisor");
        // Nothing beside what is not seen says nothing.
        let unseen = draft(Reason::Other, "I-1", "\u{200b}\u{202e}\n");
        assert_eq!(Justification::check(&unseen).unwrap_err(), JustificationFault::TextMissing);
        // What was signed before reads as it was signed.
        assert_eq!(Draft::from(Justification::try_from(typed.clone()).unwrap()), typed);
    }

    #[test]
    fn other_needs_a_sentence_and_the_rest_do_not() {
        for thin in [".", "test", "x y z", "...... ..... .....", "aaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let fault = Justification::check(&draft(Reason::Other, "I-1", thin)).unwrap_err();
            assert_eq!(fault, JustificationFault::TextTooThin, "{thin}");
        }
        assert_eq!(Justification::check(&draft(Reason::Other, "I-1", "  ")).unwrap_err(), JustificationFault::TextMissing);
        assert!(Justification::check(&draft(Reason::Other, "I-1", "Found alone, confused, insulin pen in pocket")).is_ok());
        assert!(Justification::check(&draft(Reason::ThreatToLife, "I-1", "")).is_ok());
    }

    #[test]
    fn incident_is_bounded_and_plain() {
        assert_eq!(Justification::check(&draft(Reason::ThreatToLife, " ", "")).unwrap_err(), JustificationFault::IncidentMissing);
        for hostile in ["<b>", "a\nb", "é", &"9".repeat(65)] {
            let fault = Justification::check(&draft(Reason::ThreatToLife, hostile, "")).unwrap_err();
            assert_eq!(fault, JustificationFault::IncidentMalformed, "{hostile}");
        }
        assert_eq!(Justification::check(&draft(Reason::ThreatToLife, " 2026/11-24 ", "")).unwrap().incident(), "2026/11-24");
    }

    #[test]
    fn bounds_are_reached_and_not_passed() {
        let check = |incident: &str, text: &str| Justification::check(&draft(Reason::Other, incident, text));
        let sentence = |letters| format!("aa bb {}", "c".repeat(letters - 4));
        assert_eq!(
            check(&"9".repeat(INCIDENT_MAX), &sentence(TEXT_MIN_LETTERS)).map(|held| held.text().len()),
            Ok(TEXT_MIN_LETTERS + 2)
        );
        assert_eq!(check("1", &sentence(TEXT_MIN_LETTERS - 1)), Err(JustificationFault::TextTooThin));
        assert_eq!(check("1", &"c".repeat(TEXT_MIN_LETTERS + 1)), Err(JustificationFault::TextTooThin), "one word");
        let long = |letters| "a b ".to_owned() + &"c".repeat(letters - 4);
        assert!(check("1", &long(TEXT_MAX)).is_ok());
        assert_eq!(check("1", &long(TEXT_MAX + 1)), Err(JustificationFault::TextTooLong));
    }

    #[test]
    fn what_is_wrong_with_each_field_is_said_at_once() {
        let both = Justification::faults(&draft(Reason::Other, "<b>", "\u{3164}"));
        assert_eq!(both, [JustificationFault::IncidentMalformed, JustificationFault::TextMissing]);
        let [incident, text] = [("", "Found alone, confused"), ("I-1", "test")].map(|(incident, text)| {
            let faults = Justification::faults(&draft(Reason::Other, incident, text));
            assert!(Justification::check(&draft(Reason::Other, incident, text)).is_err());
            faults
        });
        assert_eq!((incident, text), (vec![JustificationFault::IncidentMissing], vec![JustificationFault::TextTooThin]));
        assert_eq!(Justification::faults(&draft(Reason::Other, " I-1 ", "Found alone, confused")), []);
    }

    #[test]
    fn what_stands_around_the_words_is_no_part_of_them() {
        let read = Justification::try_from(draft(Reason::Other, " I-1 ", " Found alone, confused\n")).unwrap();
        assert_eq!((read.incident(), read.text()), ("I-1", "Found alone, confused"));
    }

    #[test]
    fn no_two_answers_read_alike() {
        let severities: std::collections::BTreeSet<_> = Severity::ALL.iter().map(|severity| severity.label()).collect();
        let reasons: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.label()).collect();
        assert_eq!((severities.len(), reasons.len()), (Severity::ALL.len(), Reason::ALL.len()));
        assert!(!severities.contains("") && !reasons.contains(""));
    }

    #[test]
    fn a_fault_belongs_to_its_field() {
        use JustificationFault::{IncidentMalformed, IncidentMissing, TextMissing, TextTooLong, TextTooThin};
        assert!([IncidentMissing, IncidentMalformed].iter().all(|fault| fault.is_incident()));
        assert!([TextMissing, TextTooThin, TextTooLong].iter().all(|fault| !fault.is_incident()));
    }

    #[test]
    fn the_wire_cannot_carry_an_unchecked_one() {
        let json = serde_json::json!({"severity": "urgent", "reason": "other", "incident": "1", "text": "."});
        assert!(serde_json::from_value::<Justification>(json).is_err());
    }
}
