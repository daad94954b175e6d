//! International Patient Summaries: what is one, and what a responder sees of it.
//!
//! [`check`] names the first fault of a file; [`Summary::read`] turns a file into a view model in the order in which a
//! responder needs it. Both are bounded in time and memory whatever the file holds.
//!
//! Knows no screen, clock, network or storage. Guarantees:
//! - A document either faults cleanly or is read; no input panics.
//! - A resource that cannot be read stands as unreadable beside the rest and hides nothing.
//! - "None", "unknown", "not asked", "withheld" and "missing" stay five different things.
//! - Every string is plain text: bounded, without markup, control characters or direction overrides.
//!
//! The document is read from one JSON tree by name, not into a struct for each resource: one wrong type in one element
//! then costs that element and not the resource, and the module stays small in the browser. Types that hold
//! what a record says have no `Debug`, so that no log line can print a patient.

mod absence;
mod age;
mod clinical;
mod document;
mod fault;
mod high_alert;
mod item;
mod medication;
mod node;
mod observation;
mod person;
mod photo;
mod scan;
mod section;
mod sections;
mod text;
mod value;

pub use age::Age;
pub use fault::Fault;
pub use high_alert::{Class, HighAlert, Source};
pub use item::{Criticality, Detail, Entry, Item, Mark, Standing};
pub use person::{BirthDate, Patient, Provenance};
pub use photo::{Format, Photo};
pub use scan::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_VALUES};
pub use section::{Kind, Presence, Section};
pub use text::{clean, narrative};

use document::Document;
use node::Ledger;

/// Whether the file is an International Patient Summary that can be enrolled; the first fault if not.
pub fn check(file: &[u8]) -> Result<(), Fault> {
    let root = document::parse(file)?;
    Document::open(&root, &Ledger::new()).map(drop)
}

/// What a responder sees of a summary.
#[derive(Clone, PartialEq)]
pub struct Summary {
    /// Who it is about.
    pub patient: Patient,
    /// Where it comes from, and from when.
    pub provenance: Provenance,
    /// Every section, in the order on the page. Each kind that the guide names is there, missing ones too; sections that
    /// it does not name follow, in the record's order.
    pub sections: Vec<Section>,
    /// Whether something was left out because the summary is too long to show. The page must say so.
    pub is_cut: bool,
}

impl Summary {
    /// Reads a file, or names its first fault.
    pub fn read(file: &[u8]) -> Result<Self, Fault> {
        let root = document::parse(file)?;
        let ledger = Ledger::new();
        let document = Document::open(&root, &ledger)?;
        let patient = Patient::read(document.patient);
        let provenance = Provenance::read(&document);
        // What could not be read of the head has no item to be noted at.
        ledger.take_unread();
        let sections = sections::read(&document);
        Ok(Self { patient, provenance, sections, is_cut: ledger.is_cut() })
    }

    /// The section of a kind that the guide names.
    pub fn section(&self, kind: Kind) -> Option<&Section> {
        self.sections.iter().find(|section| section.kind == kind)
    }

    /// The medicines to be shown near the top: recognised as high-alert, and taken as far as the record says. That there
    /// are none proves nothing (see [`HighAlert`]).
    pub fn high_alert_medicines(&self) -> impl Iterator<Item = (&Item, HighAlert)> {
        let entries = match self.section(Kind::Medications).map(|section| &section.presence) {
            Some(Presence::Listed(entries)) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().filter_map(|entry| match entry {
            Entry::Item(item) if item.standing == Standing::Current => match item.mark {
                Some(Mark::HighAlert(high_alert)) => Some((item, high_alert)),
                _ => None,
            },
            _ => None,
        })
    }
}
