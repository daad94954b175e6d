//! Tiny documents, and what to look at in what comes of them.

use halligan_shared::ips::{Entry, Fault, Item, Kind, Presence, Section, Summary, check};
use serde_json::{Value, json};

pub fn loinc(code: &str) -> Value {
    json!({"coding": [{"system": "http://loinc.org", "code": code}]})
}

/// A document with these sections and these resources beside the Composition and the Patient.
pub fn document(sections: &Value, resources: &[Value]) -> Value {
    let mut entries = vec![
        json!({"fullUrl": "urn:uuid:c", "resource": {"resourceType": "Composition", "type": loinc("60591-5"), "date": "2026-01-02", "section": sections}}),
        json!({"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Drillmann"}], "birthDate": "1980-05-06"}}),
    ];
    entries.extend(
        resources.iter().enumerate().map(|(n, resource)| json!({"fullUrl": format!("urn:uuid:{n}"), "resource": resource})),
    );
    json!({"resourceType": "Bundle", "type": "document", "entry": entries})
}

pub fn read(document: &Value) -> Summary {
    Summary::read(document.to_string().as_bytes()).unwrap_or_else(|fault| panic!("{fault}"))
}

pub fn section(summary: &Summary, kind: Kind) -> &Section {
    summary.section(kind).unwrap_or_else(|| panic!("{kind:?}"))
}

/// The section of this LOINC code with all the resources as entries, in order.
pub fn listed(code: &str, kind: Kind, resources: &[Value]) -> Section {
    let entries: Vec<_> = (0..resources.len()).map(|n| json!({"reference": format!("urn:uuid:{n}")})).collect();
    section(&read(&document(&json!([{"code": loinc(code), "entry": entries}]), resources)), kind).clone()
}

pub fn entries(section: &Section) -> &[Entry] {
    match &section.presence {
        Presence::Listed(entries) => entries,
        _ => panic!("{}", section.sentence()),
    }
}

pub fn items(section: &Section) -> Vec<&Item> {
    entries(section)
        .iter()
        .map(|entry| match entry {
            Entry::Item(item) => item,
            Entry::Unreadable { what } => panic!("{what}"),
        })
        .collect()
}

pub fn detail<'a>(item: &'a Item, label: &str) -> &'a str {
    item.details.iter().find(|detail| detail.label == label).map_or("", |detail| &detail.text)
}

pub fn patient(change: impl FnOnce(&mut Value)) -> Value {
    let mut document = document(&json!([]), &[]);
    change(&mut document["entry"][1]["resource"]);
    document
}

pub fn fault(document: &Value) -> Option<Fault> {
    check(document.to_string().as_bytes()).err()
}
