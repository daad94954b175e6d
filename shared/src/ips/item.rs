//! One line of a section: what a resource says, in words, with what decides its place on the page.
//!
//! Knows which reader belongs to which resource type, and nothing of sections. Guarantees that a resource that cannot
//! be read becomes a line that says so, beside the rest.

use std::borrow::Cow;

use super::clinical;
use super::document::{Document, resource_type};
use super::fault::{RESOURCE_TYPES, word};
use super::high_alert::HighAlert;
use super::medication;
use super::node::Node;
use super::observation;
use super::value::{absent_words, concept, texts_in};

/// Most details of one item.
pub(super) const MAX_DETAILS: usize = 40;

/// A line of a section.
#[derive(Clone, PartialEq)]
pub enum Entry {
    /// A resource that could be read.
    Item(Item),
    /// One that could not.
    Unreadable {
        /// What stands there, as far as that can be said, and what is wrong with it: one sentence.
        what: String,
    },
}

/// A resource in words.
#[derive(Clone, PartialEq)]
pub struct Item {
    /// The allergen, problem, medicine, device, …
    pub title: String,
    /// Whether it holds now.
    pub standing: Standing,
    /// What makes it stand out.
    pub mark: Option<Mark>,
    /// The rest, in the order to show.
    pub details: Vec<Detail>,
    /// Names of FHIR elements that have the wrong type and so are not shown. Not empty: say that the item is incomplete.
    pub unread: Vec<&'static str>,
}

/// A detail of an item.
#[derive(Clone, PartialEq)]
pub struct Detail {
    /// What it is, such as "Reaction". Of a panel's members, their own name.
    pub label: Cow<'static, str>,
    /// What the record says.
    pub text: String,
}

/// Whether an item holds now. In the order on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It holds, or nothing says otherwise.
    Current,
    /// It states that something is *not* there ("no known food allergy").
    StatedAbsent,
    /// It is over: resolved, stopped, in remission, completed.
    Past,
    /// It does not hold: refuted, not done, not taken, rejected, entered in error. To be shown struck out.
    Void,
}

impl Standing {
    /// Of a status code of any resource. `completed` means "over" for what lasts (a medicine) and "happened" for what does not (a vaccination).
    pub(super) fn of(status: Option<&str>, completed: Self) -> Self {
        match status.unwrap_or_default() {
            "entered-in-error" | "refuted" | "not-done" | "not-taken" | "cancelled" | "rejected" => Self::Void,
            "inactive" | "resolved" | "remission" | "stopped" | "ended" | "revoked" => Self::Past,
            "completed" => completed,
            _ => Self::Current,
        }
    }
}

/// What makes an item stand out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// How dangerous an allergy is. Every allergy has one.
    Criticality(Criticality),
    /// A medicine that harms quickly when overlooked.
    HighAlert(HighAlert),
}

/// How dangerous an allergy is. In the order on the page.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Criticality {
    /// FHIR `high`.
    High,
    /// Not stated, but a reaction was severe.
    SevereReaction,
    /// FHIR `unable-to-assess`.
    UnableToAssess,
    /// Not stated.
    NotStated,
    /// FHIR `low`.
    Low,
}

impl Criticality {
    /// The words to show.
    pub fn words(self) -> &'static str {
        match self {
            Self::High => "High criticality",
            Self::SevereReaction => "Severe reaction, criticality not stated",
            Self::UnableToAssess => "Criticality cannot be assessed",
            Self::NotStated => "Criticality not stated",
            Self::Low => "Low criticality",
        }
    }
}

impl Entry {
    /// Where it belongs within its section; equals stay in the record's order. What could not be read stands after what
    /// holds now and before what is over.
    pub(super) fn rank(&self) -> (Standing, u8) {
        match self {
            Self::Unreadable { .. } => (Standing::Current, u8::MAX),
            Self::Item(item) => (
                item.standing,
                match item.mark {
                    Some(Mark::Criticality(criticality)) => criticality as u8,
                    Some(Mark::HighAlert(_)) => 0,
                    None => 1,
                },
            ),
        }
    }
}

/// An item in the making.
pub(super) struct Draft<'a> {
    pub(super) document: &'a Document<'a>,
    pub(super) node: Node<'a>,
    pub(super) title: Option<String>,
    pub(super) standing: Standing,
    pub(super) mark: Option<Mark>,
    pub(super) details: Vec<Detail>,
}

impl Draft<'_> {
    /// Adds a detail, if there is one.
    #[inline(never)]
    pub(super) fn put(&mut self, label: &'static str, text: Option<String>) {
        if let Some(text) = text {
            self.put_named(Cow::Borrowed(label), text);
        }
    }

    /// Adds a detail under a name of the record's own.
    #[inline(never)]
    pub(super) fn put_named(&mut self, label: Cow<'static, str>, text: String) {
        if self.details.len() < MAX_DETAILS {
            self.details.push(Detail { label, text });
        }
    }

    /// Adds the code at `name` as a detail, unless it is the one that goes without saying.
    #[inline(never)]
    pub(super) fn put_status(&mut self, label: &'static str, name: &'static str, usual: &str) {
        let status = self.node.raw(name).filter(|status| *status != usual);
        self.put(label, status.and_then(|status| self.node.admit(status)));
    }

    /// Adds the notes of the resource.
    pub(super) fn put_notes(&mut self) {
        self.put("Note", texts_in(self.node, "note", "text"));
    }

    /// Titles the item by the concept at `name`, or by the reason why it is absent.
    #[inline(never)]
    pub(super) fn title_by(&mut self, name: &'static str) {
        if let Some(node) = self.node.object(name) {
            self.title =
                concept(node).or_else(|| node.absent_reason().map(|reason| format!("Not named: {}", absent_words(reason))));
        }
    }
}

/// Reads the resource that a section's entry points at.
pub(super) fn read<'a>(document: &'a Document<'a>, resource: Node<'a>) -> Entry {
    let mut draft = Draft {
        document,
        node: resource,
        title: None,
        standing: Standing::of(resource.raw("status"), Standing::Current),
        mark: None,
        details: Vec::new(),
    };
    let kind = resource_type(resource);
    match kind {
        "AllergyIntolerance" => clinical::allergy(&mut draft),
        "Condition" => clinical::condition(&mut draft),
        "Procedure" => clinical::procedure(&mut draft),
        "Immunization" => clinical::immunization(&mut draft),
        "Flag" => clinical::flag(&mut draft),
        "Consent" => clinical::consent(&mut draft),
        "DeviceUseStatement" => clinical::device_use(&mut draft),
        "Device" => clinical::device(&mut draft, resource),
        "MedicationStatement" | "MedicationRequest" | "MedicationAdministration" | "MedicationDispense" => {
            medication::read(&mut draft);
        }
        "Observation" => observation::read(&mut draft),
        "DiagnosticReport" => observation::report(&mut draft),
        _ => clinical::other(&mut draft),
    }
    let unread = resource.ledger.take_unread();
    match draft.title {
        Some(title) => Entry::Item(Item { title, standing: draft.standing, mark: draft.mark, details: draft.details, unread }),
        None => Entry::Unreadable {
            what: match word(RESOURCE_TYPES, Some(kind)) {
                Some(kind) => format!("{} that does not say what it is about.", with_article(kind)),
                None => "A part of the record of a kind that is not known here.".to_owned(),
            },
        },
    }
}

/// The line for an entry that points at nothing in the document.
pub(super) fn dangling(reference: Node<'_>) -> Entry {
    let target = reference.raw("reference").unwrap_or_default();
    let kind = target.rsplit('/').nth(1).or_else(|| reference.raw("type"));
    let what = reference.text("display");
    let what = what.unwrap_or_else(|| match word(RESOURCE_TYPES, kind) {
        Some(kind) => with_article(kind),
        None => "An entry".to_owned(),
    });
    reference.ledger.take_unread();
    Entry::Unreadable { what: format!("{what}: listed here, but not contained in the document.") }
}

fn with_article(kind: &str) -> String {
    let article = if kind.starts_with(['A', 'E', 'I', 'O']) { "An" } else { "A" };
    format!("{article} {kind}")
}
