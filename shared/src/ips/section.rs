//! The sections of a summary, in the order in which a responder needs them, and what each one says of itself.
//!
//! Guarantees that "none", "unknown", "not asked", "withheld" and "missing" are five different things with five
//! different sentences, so that an empty place on the page is never read as a clean bill of health.

use super::item::Entry;

/// What a section is about. The order of the variants is the order on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[expect(missing_docs, reason = "each is the IPS guide's own section of that name")]
pub enum Kind {
    Alerts,
    Allergies,
    Devices,
    AdvanceDirectives,
    Problems,
    Medications,
    Procedures,
    Results,
    Immunizations,
    VitalSigns,
    PastProblems,
    FunctionalStatus,
    Pregnancy,
    SocialHistory,
    PlanOfCare,
    PatientStory,
    /// A section that the guide does not name.
    Other,
}

/// Kind, LOINC code of the section (IPS guide 2.0.1, Composition), title, and the words of "no known …".
const TABLE: &[(Kind, &str, &str, &str)] = &[
    (Kind::Alerts, "104605-1", "Alerts", "alerts"),
    (Kind::Allergies, "48765-2", "Allergies and intolerances", "allergies or intolerances"),
    (Kind::Devices, "46264-8", "Implants and devices", "implants or devices"),
    (Kind::AdvanceDirectives, "42348-3", "Advance directives", "advance directives"),
    (Kind::Problems, "11450-4", "Problems", "current problems"),
    (Kind::Medications, "10160-0", "Medications", "medications"),
    (Kind::Procedures, "47519-4", "Procedures", "procedures"),
    (Kind::Results, "30954-2", "Results", "results"),
    (Kind::Immunizations, "11369-6", "Immunizations", "immunizations"),
    (Kind::VitalSigns, "8716-3", "Vital signs", "vital signs"),
    (Kind::PastProblems, "11348-0", "Past problems", "past problems"),
    (Kind::FunctionalStatus, "47420-5", "Functional status", "functional status"),
    (Kind::Pregnancy, "10162-6", "Pregnancy", "pregnancies"),
    (Kind::SocialHistory, "29762-2", "Social history", "social history"),
    (Kind::PlanOfCare, "18776-5", "Plan of care", "plans of care"),
    (Kind::PatientStory, "81338-6", "Patient story", "the patient's own story"),
];

impl Kind {
    /// Every kind that the guide names, in the order on the page.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    pub(super) fn of_loinc(code: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// The heading on the page.
    pub fn title(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("Other", |row| row.2)
    }

    fn noun(self) -> &'static str {
        TABLE.iter().find(|row| row.0 == self).map_or("this", |row| row.3)
    }

    /// Whether the guide requires the section, so that its absence is a defect of the summary.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Allergies | Self::Problems | Self::Medications)
    }
}

/// What a section says of itself.
#[derive(Clone, PartialEq)]
pub enum Presence {
    /// It lists something: at least one entry, in the order on the page.
    Listed(Vec<Entry>),
    /// It has text only: see [`Section::narrative`].
    Narrated,
    /// The author states that nothing of the kind is known.
    KnownNone,
    /// The author has no information.
    Unknown,
    /// Nobody asked.
    NotAsked,
    /// It was deliberately left out.
    Withheld,
    /// The summary has no such section.
    Missing,
}

impl Presence {
    /// How much caution it asks for: of two sections about one thing, the more cautious is believed.
    pub(super) fn caution(&self) -> u8 {
        match self {
            Self::Missing => 0,
            Self::KnownNone => 1,
            Self::NotAsked => 2,
            Self::Unknown => 3,
            Self::Withheld => 4,
            Self::Narrated => 5,
            Self::Listed(_) => 6,
        }
    }
}

/// One section of the page.
#[derive(Clone, PartialEq)]
pub struct Section {
    /// What it is about.
    pub kind: Kind,
    /// The heading: the kind's own, or the record's for a section that the guide does not name.
    pub title: String,
    /// What it says of itself.
    pub presence: Presence,
    /// Its text, where no entry of it could be read. Plain text with line breaks.
    pub narrative: Option<String>,
    /// How many entries are not shown because there are too many.
    pub left_out: usize,
}

impl Section {
    /// The plain sentence to show in place of a list; for a list, how long it is.
    pub fn sentence(&self) -> String {
        let noun = if self.kind == Kind::Other { self.title.as_str() } else { self.kind.noun() };
        match &self.presence {
            Presence::Listed(entries) if self.left_out > 0 => {
                format!("{} entries, and {} more that are not shown.", entries.len(), self.left_out)
            }
            Presence::Listed(entries) if entries.len() == 1 => "1 entry.".to_owned(),
            Presence::Listed(entries) => format!("{} entries.", entries.len()),
            Presence::Narrated => "Written as text only.".to_owned(),
            Presence::KnownNone => format!("None: the author states that no {noun} are known."),
            Presence::Unknown => format!("Unknown: the author has no information about {noun}."),
            Presence::NotAsked => format!("Not asked: nobody asked about {noun}."),
            Presence::Withheld => format!("Withheld: information about {noun} was deliberately left out of this summary."),
            Presence::Missing if self.kind.is_required() => {
                format!("Missing: this summary lacks its section about {noun}. That does not mean there are none.")
            }
            Presence::Missing => {
                format!("No section: this summary says nothing about {noun}. That does not mean there are none.")
            }
        }
    }
}
