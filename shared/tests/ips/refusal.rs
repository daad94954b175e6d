//! What is refused, and the sentence that says why.

use halligan_shared::ips::{BirthDate, Fault, MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_VALUES, Summary, check};
use serde_json::{Value, json};

use crate::parts::{document, fault, loinc, patient, read};

#[test]
fn the_first_fault_of_bytes_is_named() {
    let deep = format!("{}{}", "[".repeat(MAX_DEPTH + 1), "]".repeat(MAX_DEPTH + 1));
    let table: [(&[u8], Fault); 11] = [
        (&vec![b' '; MAX_BYTES + 1], Fault::TooLarge { bytes: MAX_BYTES + 1 }),
        (b"{\"a\": \"\xff\"}", Fault::NotUtf8 { at: 7 }),
        (b" \n<Bundle/>", Fault::Xml),
        ("\u{feff}<?xml?>".as_bytes(), Fault::Xml),
        (deep.as_bytes(), Fault::TooDeep),
        (b"{\n  \"a\": nope\n}", Fault::NotJson { line: 2, column: 9 }),
        (b"", Fault::NotJson { line: 1, column: 0 }),
        (b"[]", Fault::NotABundle { found: None }),
        (b"{\"resourceType\": \"Patient\"}", Fault::NotABundle { found: Some("Patient") }),
        (b"{\"resourceType\": \"Bundle\", \"type\": \"searchset\"}", Fault::NotADocument { found: Some("searchset") }),
        (b"{\"resourceType\": \"Bundle\", \"type\": \"document\", \"entry\": []}", Fault::NoEntries),
    ];
    for (bytes, expected) in table {
        assert_eq!(check(bytes), Err(expected));
        assert_eq!(Summary::read(bytes).err(), Some(expected));
    }
}

#[test]
fn a_million_entries_are_refused_before_they_are_parsed() {
    let file = format!(r#"{{"resourceType": "Bundle", "type": "document", "entry": [{}{{}}]}}"#, "{},".repeat(1_000_000));
    assert_eq!(check(file.as_bytes()), Err(Fault::TooManyEntries));
    assert!(Fault::TooManyEntries.to_string().contains(&MAX_ENTRIES.to_string()));
    let values = format!("[{}0]", "0,".repeat(MAX_VALUES));
    assert_eq!(check(values.as_bytes()), Err(Fault::TooManyValues));
    // Brackets and commas in strings are text.
    let text = json!({"resourceType": "Bundle", "x": ["[{,".repeat(MAX_VALUES)]});
    assert_eq!(fault(&text), Some(Fault::NotADocument { found: None }));
}

#[test]
fn nesting_up_to_the_bound_is_read() {
    let deep = (0..MAX_DEPTH - 2).fold(json!(1), |inner, _| json!([inner]));
    let mut document = document(&json!([]), &[]);
    document["x"] = deep.clone();
    assert_eq!(fault(&document), None);
    document["x"] = json!([[deep]]);
    assert_eq!(fault(&document), Some(Fault::TooDeep));
}

#[test]
fn the_first_fault_of_the_frame_is_named() {
    let good = document(&json!([]), &[]);
    assert_eq!(fault(&good), None);

    let mut no_composition = good.clone();
    no_composition["entry"].as_array_mut().unwrap().reverse();
    assert_eq!(fault(&no_composition), Some(Fault::NoComposition { found: Some("Patient") }));

    let mut other = good.clone();
    other["entry"][0]["resource"]["type"] = loinc("34133-9");
    assert_eq!(fault(&other), Some(Fault::NotAPatientSummary));

    let mut nobody = good.clone();
    nobody["entry"].as_array_mut().unwrap().pop();
    assert_eq!(fault(&nobody), Some(Fault::NoPatient));

    let two = document(&json!([]), &[json!({"resourceType": "Patient"})]);
    assert_eq!(fault(&two), Some(Fault::SeveralPatients { count: 2 }));

    assert_eq!(fault(&patient(|p| p["name"] = json!([{"use": "usual"}]))), Some(Fault::NoName));
    assert_eq!(fault(&patient(|p| p["birthDate"] = Value::Null)), Some(Fault::NoBirthDate));
    let reason =
        json!({"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]});
    let absent = patient(|p| {
        p["birthDate"] = Value::Null;
        p["_birthDate"] = reason.clone();
        p["name"] = json!([reason.clone()]);
    });
    let summary = read(&absent);
    assert!(summary.patient.birth_date == BirthDate::Absent("withheld by the source"));
    assert_eq!(summary.patient.names, ["Name withheld by the source"]);
    for member in ["_text", "_family"] {
        let mut name = json!({});
        name[member] = reason.clone();
        assert_eq!(fault(&patient(|p| p["name"] = json!([name]))), None, "{member}");
    }
}

#[test]
fn a_fault_never_repeats_the_document() {
    let hostile = "<script>alert(1)</script>";
    for document in [
        json!({"resourceType": hostile}),
        json!({"resourceType": "Bundle", "type": hostile}),
        json!({"resourceType": "Bundle", "type": "document", "entry": [{"resource": {"resourceType": hostile}}]}),
    ] {
        let fault = fault(&document).unwrap();
        assert!(!fault.to_string().contains("script"), "{fault}");
    }
}
