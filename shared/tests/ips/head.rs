//! Who the summary is about, and who says so.

use base64::{Engine as _, engine::general_purpose::STANDARD};
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
fn a_picture_is_as_large_as_its_frame_says_and_no_larger_than_is_shown() {
    let photo = |bytes: &[u8]| read(&patient(|p| p["photo"] = json!([{"data": STANDARD.encode(bytes)}]))).patient.photo;
    // Start of image, then segments up to the start of frame: 8 bits, height and width.
    let jpeg = |before: &[u8], height: u16, width: u16| {
        let frame = [&[0xff, 0xc0, 0, 17, 8][..], &height.to_be_bytes(), &width.to_be_bytes(), &[3, 1, 0x22, 0]].concat();
        photo(&[&[0xff, 0xd8][..], before, &frame].concat())
    };
    let is_shown = |photo: Photo| matches!(photo, Photo::Shown { .. });
    assert!(is_shown(jpeg(&[], 16, 16)));
    assert!(is_shown(jpeg(&[0xff, 0xe0, 0, 4, 1, 2], 16, 16)), "behind another segment");
    let two = [0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xe1, 0, 3, 1];
    assert!(is_shown(jpeg(&two, 16, 16)), "behind two");
    assert!(!is_shown(jpeg(&two[..10], 16, 16)), "the second is cut short");
    assert!(is_shown(jpeg(&[0xff, 0xff], 16, 16)), "behind bytes that only fill");
    assert!(is_shown(jpeg(&[&[0xff, 0xe1, 1, 2][..], &[0; 256]].concat(), 16, 16)), "behind a segment longer than a byte counts");
    // Tables whose bytes would be a frame of 65535 by 65535.
    for table in [0xc4, 0xc8, 0xcc] {
        assert!(is_shown(jpeg(&[0xff, table, 0, 10, 8, 0xff, 0xff, 0xff, 0xff, 0, 0, 0], 16, 16)), "{table:x}");
    }
    for (height, width) in [(16, 9_000), (9_000, 16)] {
        assert!(!is_shown(jpeg(&[], height, width)));
    }
    assert!(!is_shown(photo(&[0xff, 0xd8, 0xff, 0xe0])), "cut short");
    let png = |bytes: usize| {
        let head = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &16_u32.to_be_bytes(), &16_u32.to_be_bytes()].concat();
        photo(&[head.clone(), vec![0; bytes - head.len()]].concat())
    };
    // Half a mebibyte, as text and a little more: 4 characters for 3 bytes, and 1,024 for line ends.
    let longest = (512 * 1024 / 3 * 4 + 1024) / 4 * 3;
    assert!(is_shown(png(longest)));
    assert!(!is_shown(png(longest + 3)));
}

#[test]
fn an_author_may_be_an_organisation_or_a_device() {
    let mut document = document(&json!([]), &[]);
    document["entry"][0]["resource"]["author"] =
        json!([{"reference": "urn:uuid:o", "display": "shown"}, {"reference": "urn:uuid:d", "display": "shown"}]);
    document["entry"].as_array_mut().unwrap().extend([
        json!({"fullUrl": "urn:uuid:o", "resource": {"resourceType": "Organization", "name": "Drill Clinic"}}),
        json!({"fullUrl": "urn:uuid:d", "resource": {"resourceType": "Device", "deviceName": [{"name": "Drill Monitor"}]}}),
    ]);
    assert_eq!(read(&document).provenance.authors, ["Drill Clinic", "Drill Monitor"]);
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
