//! A parsed document: its frame checked, its resources findable by the ways in which FHIR lets one point at another.
//!
//! Knows nothing of what the resources mean. Guarantees one Composition (of an International Patient Summary) and one
//! Patient with a name and a birth date, or the reasons why not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fault::{BUNDLE_TYPES, Fault, RESOURCE_TYPES, word};
use super::node::{Ledger, Node};
use super::scan;

/// LOINC code of a patient summary document (IPS guide, Composition.type).
const PATIENT_SUMMARY: &str = "60591-5";

/// The bytes as a JSON tree, within the bounds of [`scan`].
pub(super) fn parse(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_str(scan::text(bytes)?).map_err(|error| Fault::NotJson { line: error.line(), column: error.column() })
}

/// A document whose frame has been checked.
pub(super) struct Document<'a> {
    /// The Bundle itself.
    pub(super) bundle: Node<'a>,
    /// The first entry.
    pub(super) composition: Node<'a>,
    /// The one Patient.
    pub(super) patient: Node<'a>,
    /// By (type, id), and by ("", full URL). The first of two with one name wins.
    index: BTreeMap<(&'a str, &'a str), Option<Node<'a>>>,
}

impl<'a> Document<'a> {
    /// Checks the frame and finds the first fault.
    pub(super) fn open(root: &'a Value, ledger: &'a Ledger) -> Result<Self, Fault> {
        let bundle = Node { value: root, ledger };
        let kind = bundle.raw("resourceType");
        if kind != Some("Bundle") {
            return Err(Fault::NotABundle { found: word(RESOURCE_TYPES, kind) });
        }
        let kind = bundle.raw("type");
        if kind != Some("document") {
            return Err(Fault::NotADocument { found: word(BUNDLE_TYPES, kind) });
        }
        let first = bundle.each("entry").next().ok_or(Fault::NoEntries)?;
        let composition = first.object("resource").ok_or(Fault::NoComposition { found: None })?;
        if resource_type(composition) != "Composition" {
            return Err(Fault::NoComposition { found: word(RESOURCE_TYPES, composition.raw("resourceType")) });
        }
        if !has_code(composition, "type", PATIENT_SUMMARY) {
            return Err(Fault::NotAPatientSummary);
        }
        let mut patients =
            bundle.each("entry").filter_map(|entry| entry.object("resource")).filter(|r| resource_type(*r) == "Patient");
        let patient = patients.next().ok_or(Fault::NoPatient)?;
        let others = patients.count();
        if others > 0 {
            return Err(Fault::SeveralPatients { count: others + 1 });
        }
        check_patient(patient)?;
        // What had the wrong type in the frame belongs to no item.
        ledger.take_unread();
        Ok(Self { bundle, composition, patient, index: index(bundle) })
    }

    /// The resource that `reference` (an absolute URL, a URN, `Type/id`, or `#id` within `owner`) points at.
    pub(super) fn resolve(&self, reference: &str, owner: Node<'a>) -> Option<Node<'a>> {
        if let Some(id) = reference.strip_prefix('#') {
            return owner.each("contained").find(|contained| contained.raw("id") == Some(id));
        }
        let reference = reference.split_once("/_history/").map_or(reference, |(reference, _)| reference);
        // A whole address is that address and no other: the same type and id of another server is another thing.
        let key = if reference.contains(':') { ("", reference) } else { reference.split_once('/')? };
        self.index.get(&key).copied().flatten()
    }

    /// The resource that the Reference at `name` points at.
    pub(super) fn follow(&self, node: Node<'a>, name: &'static str, owner: Node<'a>) -> Option<Node<'a>> {
        self.resolve(node.object(name)?.raw("reference")?, owner)
    }
}

/// The type of a resource; empty if it does not say.
pub(super) fn resource_type(resource: Node<'_>) -> &str {
    resource.value.get("resourceType").and_then(Value::as_str).unwrap_or_default()
}

/// Whether the concept at `name` has the LOINC code `code`. A coding without a system counts: the field leaves no doubt.
fn has_code(node: Node<'_>, name: &'static str, code: &str) -> bool {
    node.object(name).is_some_and(|concept| concept.each("coding").any(|coding| loinc(coding) == Some(code)))
}

/// The code of a LOINC coding.
pub(super) fn loinc(coding: Node<'_>) -> Option<&str> {
    matches!(coding.raw("system"), None | Some("http://loinc.org")).then(|| coding.raw("code"))?
}

/// A name and a birth date, each present or with its reason for being absent.
fn check_patient(patient: Node<'_>) -> Result<(), Fault> {
    let named = patient.each("name").any(|name| {
        name.text("text").or_else(|| name.text("family")).or_else(|| name.texts("given").pop()).is_some()
            || name.absent_reason().is_some()
            || name.object("_text").is_some_and(|text| text.absent_reason().is_some())
            || name.object("_family").is_some_and(|family| family.absent_reason().is_some())
    });
    if !named {
        return Err(Fault::NoName);
    }
    let absent = || patient.object("_birthDate").is_some_and(|birth_date| birth_date.absent_reason().is_some());
    if patient.text("birthDate").is_none() && !absent() {
        return Err(Fault::NoBirthDate);
    }
    Ok(())
}

/// Resources by address (under no type), and by type and id. What two resources share points at neither.
fn index(bundle: Node<'_>) -> BTreeMap<(&str, &str), Option<Node<'_>>> {
    let mut index = BTreeMap::new();
    for entry in bundle.each("entry") {
        let Some(resource) = entry.object("resource") else { continue };
        let kind = resource_type(resource);
        if let Some(id) = resource.raw("id") {
            put(&mut index, (kind, id), resource);
        }
        if let Some(url) = entry.raw("fullUrl") {
            put(&mut index, ("", url), resource);
            let id = url.rsplit(['/', ':']).next().unwrap_or_default();
            put(&mut index, (kind, id), resource);
        }
    }
    index
}

fn put<'a>(index: &mut BTreeMap<(&'a str, &'a str), Option<Node<'a>>>, key: (&'a str, &'a str), resource: Node<'a>) {
    let place = index.entry(key).or_insert(Some(resource));
    if place.is_some_and(|there| !std::ptr::eq(there.value, resource.value)) {
        *place = None;
    }
}
