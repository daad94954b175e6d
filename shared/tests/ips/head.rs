//! Who the summary is about, and who says so.

use halligan_shared::ips::{Age, Format, Photo};
use serde_json::{Value, json};

use crate::parts::{document, patient, read};

#[test]
fn the_age_follows_from_partial_dates() {
    let today = (2026, 11, 24);
    for (birth_date, expected) in [
        ("1980-11-24", "46 years"),
        ("1980-11-25", "45 years"),
        ("1980", "45 or 46 years"),
        ("1980-11", "45 or 46 years"),
        ("1980-12", "45 years"),
        ("2026-11-20", "under 1 month"),
        ("2026-10-24", "1 month"),
        ("2024-11-25", "23 months"),
        ("2024-11-24", "2 years"),
        ("2026", "under 1 year"),
    ] {
        assert_eq!(Age::on(birth_date, today).map(|age| age.to_string()).as_deref(), Some(expected), "{birth_date}");
    }
    for nonsense in
        ["", "80", "1980-13", "1980-1-1", "1980-01-32", "+980", "2026-11-25", "2027", "1800", "1980-01-01-01", "1980-01-01T00:00"]
    {
        assert_eq!(Age::on(nonsense, today), None, "{nonsense}");
    }
}

#[test]
fn only_small_inline_pictures_are_shown() {
    // Signature, then IHDR with width and height; the shortest JPEG with a start of frame.
    let png = |side: &str| format!("iVBORw0KGgoAAAANSUhEUg{side}");
    let photo = |attachment: Value| read(&patient(|p| p["photo"] = json!([attachment]))).patient.photo;
    // 16 by 16.
    assert!(matches!(photo(json!({"data": png("AAABAAAAAQ")})), Photo::Shown { format: Format::Png, .. }));
    // 65536 wide.
    assert!(matches!(photo(json!({"data": png("ABAAAAAAAQ")})), Photo::NotShown { .. }));
    assert!(matches!(photo(json!({"data": "/9j/wAARCAAQABADASIA"})), Photo::Shown { format: Format::Jpeg, .. }));
    for refused in [
        json!({"url": "https://example.com/face.png"}),
        json!({"data": "PHN2Zz48L3N2Zz4="}),
        json!({"data": "not base64"}),
        json!({"data": "/9j/"}),
        json!({"data": "A".repeat(1_000_000)}),
    ] {
        assert!(matches!(photo(refused), Photo::NotShown { .. }));
    }
    assert!(read(&document(&json!([]), &[])).patient.photo == Photo::None);
}

#[test]
fn the_head_says_who_and_who_says_so() {
    let mut document = patient(|p| {
        p["name"] = json!([{"use": "maiden", "family": "Before"}, {"given": ["Ann", null, "B."], "family": "Drillmann"}]);
        p["gender"] = json!("female");
        p["identifier"] = json!([{"type": {"text": "Number"}, "value": "1"}, {"value": "2"}]);
        p["deceasedBoolean"] = json!(false);
        p["contact"] = json!([{"name": {"text": "Otto"}, "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "o@example.com"}]}]);
    });
    document["entry"][0]["resource"]["author"] = json!([{"reference": "urn:uuid:role"}, {"display": "Somebody"}]);
    document["entry"].as_array_mut().unwrap().extend([
        json!({"fullUrl": "urn:uuid:role", "resource": {"resourceType": "PractitionerRole", "practitioner": {"reference": "Practitioner/d"}}}),
        json!({"fullUrl": "https://example.com/Practitioner/d", "resource": {"resourceType": "Practitioner", "name": [{"prefix": ["Dr."], "family": "Drill"}]}}),
    ]);
    let summary = read(&document);
    assert_eq!(summary.patient.names, ["Ann B. Drillmann", "Before (former name)"]);
    assert_eq!(summary.patient.sex, "female");
    assert_eq!(summary.patient.identifiers, ["Number: 1", "2"]);
    assert_eq!(summary.patient.deceased, None);
    assert_eq!(summary.patient.contacts, ["Otto, 1"]);
    assert_eq!(summary.provenance.authors, ["Dr. Drill", "Somebody"]);
    assert_eq!(summary.provenance.date, "2026-01-02");
}
