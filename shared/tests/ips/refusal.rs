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
    // Inside of the document itself, which is one level.
    let deep = (1..MAX_DEPTH).fold(json!(1), |inner, _| json!([inner]));
    let mut document = document(&json!([]), &[]);
    document["x"] = deep.clone();
    assert_eq!(fault(&document), None);
    document["x"] = json!([deep]);
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

#[test]
fn what_is_at_a_bound_is_read_and_what_is_past_it_is_not() {
    // As long as it may be, in white space around nothing that is a document.
    let longest = format!("[]{}", " ".repeat(MAX_BYTES - 2));
    assert_eq!(check(longest.as_bytes()), Err(Fault::NotABundle { found: None }));
    let entries = |count: usize| format!(r#"{{"entry": [{}]}}"#, vec!["1"; count].join(","));
    assert_eq!(check(entries(MAX_ENTRIES).as_bytes()), Err(Fault::NotABundle { found: None }));
    assert_eq!(check(entries(MAX_ENTRIES + 1).as_bytes()), Err(Fault::TooManyEntries));
    // Each of these is a list in the list: one value for the text, one for each bracket, one for each comma.
    let values = |lists: usize| format!("[[{}]]", vec!["[]"; lists].join(","));
    assert_eq!(check(values(MAX_ENTRIES).as_bytes()), Err(Fault::NotABundle { found: None }), "deep lists are values");
    let flat = |commas: usize| format!("[0{}]", ",0".repeat(commas));
    assert_eq!(check(flat(MAX_VALUES - 2).as_bytes()), Err(Fault::NotABundle { found: None }));
    assert_eq!(check(flat(MAX_VALUES - 1).as_bytes()), Err(Fault::TooManyValues));
}

#[test]
fn brackets_in_strings_are_text_whatever_is_escaped_before_them() {
    let deep = "[".repeat(MAX_DEPTH + 1);
    let not_a_bundle = Err(Fault::NotABundle { found: None });
    assert_eq!(check(json!({"a": format!("\"{deep}")}).to_string().as_bytes()), not_a_bundle, "behind a quotation mark");
    assert_eq!(check(json!({"a": format!("\\{deep}")}).to_string().as_bytes()), not_a_bundle, "behind a backslash");
    let behind = format!(r#"["\\", {deep}"#);
    assert_eq!(check(behind.as_bytes()), Err(Fault::TooDeep), "a string that ends behind an escaped backslash has ended");
}
