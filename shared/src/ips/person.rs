//! Who the summary is about, and who says so.

use super::age::Age;
use super::document::{Document, resource_type};
use super::node::Node;
use super::photo::{self, Photo};
use super::value::{absent_words, choice, concept_of, concepts_of, date_of, join, texts_in};

/// Most names, identifiers, contacts or authors shown.
const MAX_PEOPLE: usize = 10;

/// The patient, as the head of the page shows them.
#[derive(Clone, PartialEq)]
pub struct Patient {
    /// Current names first; former ones say so. At least one.
    pub names: Vec<String>,
    /// When they were born.
    pub birth_date: BirthDate,
    /// Administrative gender in words; says so if it is not stated.
    pub sex: String,
    /// Identifiers with what issued them, as far as the record says.
    pub identifiers: Vec<String>,
    /// The photograph.
    pub photo: Photo,
    /// If the record says that they have died: when, or "yes".
    pub deceased: Option<String>,
    /// People to call, with relationship and number.
    pub contacts: Vec<String>,
    /// Languages they speak.
    pub languages: Option<String>,
}

/// A birth date, or why there is none.
#[derive(Clone, PartialEq)]
pub enum BirthDate {
    /// As written: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Given(String),
    /// The words to show instead.
    Absent(&'static str),
}

impl Patient {
    /// Age on `today` (year, month, day), if the birth date tells.
    pub fn age(&self, today: (u16, u8, u8)) -> Option<Age> {
        match &self.birth_date {
            BirthDate::Given(date) => Age::on(date, today),
            BirthDate::Absent(_) => None,
        }
    }

    pub(super) fn read(patient: Node<'_>) -> Self {
        let former = |name: &Node<'_>| matches!(name.raw("use"), Some("old" | "maiden"));
        let current = patient.each("name").filter(|name| !former(name)).filter_map(human_name);
        let old = patient.each("name").filter(former).filter_map(human_name).map(|name| format!("{name} (former name)"));
        let mut names: Vec<_> = current.chain(old).take(MAX_PEOPLE).collect();
        if names.is_empty() {
            let reason = patient.each("name").find_map(absent_name);
            names.push(format!("Name {}", absent_words(reason.unwrap_or_default())));
        }
        Self {
            names,
            birth_date: patient.text("birthDate").map_or_else(
                || {
                    let reason = patient.object("_birthDate").and_then(Node::absent_reason);
                    BirthDate::Absent(absent_words(reason.unwrap_or_default()))
                },
                BirthDate::Given,
            ),
            sex: match patient.raw("gender") {
                Some("other") => "other than female or male".to_owned(),
                Some("unknown") => "unknown to the source".to_owned(),
                Some(_) => patient.text("gender").unwrap_or_default(),
                None => "not stated".to_owned(),
            },
            identifiers: patient.each("identifier").filter_map(identifier).take(MAX_PEOPLE).collect(),
            photo: photo::read(patient),
            deceased: choice(patient, "deceased").filter(|deceased| deceased != "no"),
            contacts: patient.each("contact").filter_map(contact).take(MAX_PEOPLE).collect(),
            languages: join(&mut patient.each("communication").filter_map(|c| concept_of(c, "language")), ", "),
        }
    }
}

/// Where the summary comes from; always visible on the page.
#[derive(Clone, PartialEq)]
pub struct Provenance {
    /// The document's own title.
    pub title: Option<String>,
    /// When it was written, as written.
    pub date: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Who keeps it.
    pub custodian: Option<String>,
    /// The language it is written in (BCP 47).
    pub language: Option<String>,
}

impl Provenance {
    pub(super) fn read(document: &Document<'_>) -> Self {
        let composition = document.composition;
        let date = date_of(composition, "date").or_else(|| date_of(document.bundle, "timestamp"));
        let party = |reference| party(document, reference, 2);
        let authors: Vec<_> = composition.each("author").filter_map(party).take(MAX_PEOPLE).collect();
        Self {
            title: composition.text("title"),
            date: date.unwrap_or_else(|| "not dated".to_owned()),
            authors: if authors.is_empty() { vec!["not named".to_owned()] } else { authors },
            custodian: composition.object("custodian").and_then(party),
            language: composition.text("language").or_else(|| document.bundle.text("language")),
        }
    }
}

/// The name of whoever a reference points at; a role is named by its person and organisation.
fn party(document: &Document<'_>, reference: Node<'_>, steps: u8) -> Option<String> {
    let display = reference.text("display");
    let found = reference.raw("reference").and_then(|target| document.resolve(target, document.composition));
    let Some((found, steps)) = found.zip(steps.checked_sub(1)) else { return display };
    let name = match resource_type(found) {
        "Organization" => found.text("name"),
        "Device" => texts_in(found, "deviceName", "name"),
        "PractitionerRole" => {
            let parts = ["practitioner", "organization"].into_iter().filter_map(|name| party(document, found.object(name)?, steps));
            join(&mut parts.chain(concepts_of(found, "code")), ", ")
        }
        _ => found.each("name").find_map(human_name),
    };
    name.or(display)
}

/// <http://hl7.org/fhir/R4/datatypes.html#HumanName>
fn human_name(name: Node<'_>) -> Option<String> {
    name.text("text").or_else(|| {
        let mut parts = name.texts("prefix");
        parts.extend(name.texts("given"));
        parts.extend(name.text("family"));
        parts.extend(name.texts("suffix"));
        join(&mut parts.into_iter(), " ")
    })
}

fn absent_name(name: Node<'_>) -> Option<&str> {
    let beside = |member| name.object(member).and_then(Node::absent_reason);
    name.absent_reason().or_else(|| beside("_text")).or_else(|| beside("_family"))
}

fn identifier(identifier: Node<'_>) -> Option<String> {
    let value = identifier.text("value")?;
    let label = concept_of(identifier, "type")
        .or_else(|| identifier.object("assigner").and_then(|assigner| assigner.text("display")))
        .or_else(|| identifier.text("system"));
    Some(match label {
        Some(label) => format!("{label}: {value}"),
        None => value,
    })
}

fn contact(contact: Node<'_>) -> Option<String> {
    let relationship = concepts_of(contact, "relationship");
    let numbers = contact
        .each("telecom")
        .filter(|telecom| matches!(telecom.raw("system"), None | Some("phone" | "sms")))
        .filter_map(|telecom| telecom.text("value"));
    let name = contact.object("name").and_then(human_name);
    join(&mut name.into_iter().chain(relationship).chain(numbers), ", ")
}
