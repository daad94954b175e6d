//! From the Composition's sections to the sections of the page.
//!
//! Guarantees one section of each kind that the guide names, in its order, and an honest presence for each: "none" only
//! where every entry says so.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;

use super::absence::{self, Absence};
use super::document::{Document, loinc, resource_type};
use super::item::{self, Entry, Standing};
use super::node::Node;
use super::section::{Kind, Presence, Section};
use super::value::concept_of;

/// Most sections of the record that are looked at, subsections included. The guide names sixteen.
const MAX_SECTIONS: usize = 100;
/// How deep subsections are followed.
const MAX_STEPS: usize = 4;
/// Most entries of a section that are read. The marked and the current ones among them are shown first.
const MAX_READ: usize = 1_000;
/// Most entries of a section that are shown.
const MAX_SHOWN: usize = 200;

/// All sections of the page.
pub(super) fn read(document: &Document<'_>) -> Vec<Section> {
    let mut found = Vec::new();
    gather(document.composition, None, MAX_STEPS, &mut found);
    let mut sections: Vec<_> = Kind::all()
        .map(|kind| {
            let parts: Vec<_> = found.iter().filter(|part| part.0 == kind).map(|part| part.1).collect();
            section(document, kind, kind.title().to_owned(), &parts)
        })
        .collect();
    for (_, part) in found.iter().filter(|part| part.0 == Kind::Other) {
        let title = part.text("title").or_else(|| concept_of(*part, "code"));
        sections.push(section(document, Kind::Other, title.unwrap_or_else(|| "Untitled section".to_owned()), &[*part]));
    }
    sections
}

/// Sections and subsections with their kinds. A subsection whose code is not known belongs to its parent's kind.
fn gather<'a>(node: Node<'a>, parent: Option<Kind>, steps: usize, found: &mut Vec<(Kind, Node<'a>)>) {
    for part in node.each("section") {
        let Some(steps) = steps.checked_sub(1).filter(|_| found.len() < MAX_SECTIONS) else {
            node.ledger.cut();
            return;
        };
        let code = part.object("code");
        let named = code.and_then(|code| code.each("coding").find_map(|coding| Kind::of_loinc(loinc(coding)?)));
        let kind = named.or(parent).unwrap_or(Kind::Other);
        // A section that only holds subsections says nothing itself.
        if part.each("section").next().is_none() || part.each("entry").next().is_some() {
            found.push((kind, part));
        }
        gather(part, Some(kind), steps, found);
    }
}

/// One section of the page from the parts of the record that are about it.
fn section(document: &Document<'_>, kind: Kind, title: String, parts: &[Node<'_>]) -> Section {
    let mut entries = Vec::new();
    let mut stated = Vec::new();
    let mut count = 0;
    // Of the same type as the document's index, so that the browser's module holds the map once.
    let mut seen = BTreeMap::new();
    for part in parts {
        for reference in part.each("entry") {
            let target = reference.raw("reference").unwrap_or_default();
            match seen.entry(("", target)) {
                Place::Occupied(_) if !target.is_empty() => continue,
                Place::Occupied(_) => {}
                Place::Vacant(place) => drop(place.insert(reference)),
            }
            count += 1;
            if count > MAX_READ {
                continue;
            }
            let entry = match document.resolve(target, document.composition) {
                Some(resource) => {
                    stated.extend(statement(document, resource, kind));
                    item::read(document, resource)
                }
                None => item::dangling(reference),
            };
            // Behind its equals, so that these stay in the record's order.
            entries.insert(entries.partition_point(|other: &Entry| other.rank() <= entry.rank()), entry);
        }
    }
    let readable = entries.iter().any(|entry| matches!(entry, Entry::Item(_)));
    let narrative = if readable { None } else { parts.iter().find_map(|part| part.narrative()) };
    let mut left_out = 0;
    let presence = if entries.is_empty() {
        empty(parts, narrative.is_some())
    } else if stated.len() == count && entries.iter().all(is_statement) && !document.bundle.ledger.is_cut() {
        // Every entry says that there is nothing, or nothing known: that is what the section says, unless another part
        // about the same thing has a reason to be more cautious.
        let said = if stated.contains(&Absence::NoInformation) { Presence::Unknown } else { Presence::KnownNone };
        let reasons = parts.iter().filter_map(|part| absence::of_section(*part));
        reasons.chain([said]).max_by_key(Presence::caution).unwrap_or(Presence::Unknown)
    } else {
        entries.truncate(MAX_SHOWN);
        left_out = count - entries.len();
        Presence::Listed(entries)
    };
    Section { kind, title, presence, narrative, left_out }
}

/// What a section without entries says. Of several parts the most cautious is believed.
fn empty(parts: &[Node<'_>], narrated: bool) -> Presence {
    parts
        .iter()
        .map(|part| absence::of_section(*part).unwrap_or(if narrated { Presence::Narrated } else { Presence::Unknown }))
        .max_by_key(Presence::caution)
        .unwrap_or(Presence::Missing)
}

/// The absence that a resource states of the whole of `kind`, if it states one.
fn statement<'a>(document: &Document<'a>, resource: Node<'a>, kind: Kind) -> Option<Absence> {
    let concept = match resource_type(resource) {
        "DeviceUseStatement" => document.follow(resource, "device", resource)?.object("type"),
        "Device" => resource.object("type"),
        "Immunization" => resource.object("vaccineCode"),
        "MedicationStatement" | "MedicationRequest" => resource
            .object("medicationCodeableConcept")
            .or_else(|| document.follow(resource, "medicationReference", resource)?.object("code")),
        _ => resource.object("code"),
    };
    absence::of(concept?).filter(|(of, absence)| *of == kind && *absence != Absence::NoneOfThese).map(|found| found.1)
}

/// Whether the statement still holds: one that was refuted or entered in error states nothing.
fn is_statement(entry: &Entry) -> bool {
    matches!(entry, Entry::Item(item) if item.standing == Standing::StatedAbsent && item.unread.is_empty())
}
