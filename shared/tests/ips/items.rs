//! What single resources become, one point each.

use std::collections::BTreeSet;

use halligan_shared::ips::{Class, Criticality, Entry, Kind, Mark, Source, Standing};
use serde_json::json;

use crate::parts::{detail, document, entries, items, listed, loinc, read, section};

#[test]
fn allergies_stand_by_criticality() {
    let allergy = |name: &str, criticality: &str, status: &str, severity: &str| {
        json!({"resourceType": "AllergyIntolerance", "code": {"text": name}, "criticality": criticality,
            "clinicalStatus": {"coding": [{"code": status}]},
            "reaction": [{"manifestation": [{"text": "Hives"}], "severity": severity}]})
    };
    let section = listed(
        "48765-2",
        Kind::Allergies,
        &[
            allergy("low", "low", "active", "mild"),
            allergy("over", "high", "resolved", "severe"),
            allergy("silent", "", "active", "mild"),
            allergy("unable", "unable-to-assess", "active", "mild"),
            allergy("severe", "", "active", "severe"),
            allergy("high", "high", "active", "severe"),
        ],
    );
    let items = items(&section);
    assert_eq!(items.iter().map(|i| i.title.as_str()).collect::<Vec<_>>(), ["high", "severe", "unable", "silent", "low", "over"]);
    assert_eq!(items[0].mark, Some(Mark::Criticality(Criticality::High)));
    assert_eq!(detail(items[0], "Reaction"), "Hives (severe)");
    assert_eq!(items[5].standing, Standing::Past);
}

#[test]
fn high_alert_medicines_are_marked_with_their_source() {
    let atc = "http://www.whocc.no/atc";
    let rxnorm = "http://www.nlm.nih.gov/research/umls/rxnorm";
    let table = [
        (atc, "B01AF02", "x", Some((Class::Anticoagulant, Source::Atc))),
        (atc, "B01AC04", "x", Some((Class::Antiplatelet, Source::Atc))),
        (atc, "A10AE04", "x", Some((Class::GlucoseLowering, Source::Atc))),
        (atc, "L04AD02", "x", Some((Class::Immunosuppressant, Source::Atc))),
        (rxnorm, "11289", "x", Some((Class::Anticoagulant, Source::RxNorm))),
        ("http://snomed.info/sct", "387461009", "x", Some((Class::Antiarrhythmic, Source::SnomedCt))),
        ("", "", "ELIQUIS 5mg", Some((Class::Anticoagulant, Source::Name))),
        ("", "", "Enoxaparina sódica", Some((Class::Anticoagulant, Source::Name))),
        ("", "", "Tofacitinib", Some((Class::Immunosuppressant, Source::Name))),
        ("", "", "Imatinib", Some((Class::CancerMedicine, Source::Name))),
        ("", "", "Oxycodone/naloxone", Some((Class::Opioid, Source::Name))),
        ("", "", "Apomorphine", None),
        (atc, "A10BA02", "metformin", None),
        (atc, "L02BG03", "anastrozole", None),
        (rxnorm, "112890", "x", None),
    ];
    for (system, code, name, expected) in table {
        let coding = if system.is_empty() { json!([]) } else { json!([{"system": system, "code": code}]) };
        let medicine = json!({"resourceType": "MedicationStatement", "status": "active", "medicationCodeableConcept": {"text": name, "coding": coding}});
        let section = listed("10160-0", Kind::Medications, &[medicine]);
        let mark = items(&section)[0].mark;
        let found = mark.map(|mark| match mark {
            Mark::HighAlert(high_alert) => (high_alert.class, high_alert.source),
            Mark::Criticality(_) => panic!("{name}"),
        });
        assert_eq!(found, expected, "{name} {code}");
    }
}

#[test]
fn medicines_are_found_contained_and_beside_and_named_by_ingredients() {
    let resources = [
        json!({"resourceType": "MedicationRequest", "status": "active", "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Ramipril"}}],
            "medicationReference": {"reference": "#m"},
            "dosageInstruction": [{"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet", "code": "1"}}],
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "when": ["MORN"]}}, "asNeededBoolean": true, "route": {"text": "oral"}}]}),
        json!({"resourceType": "MedicationStatement", "status": "completed", "medicationReference": {"reference": "Medication/warf"}}),
        json!({"resourceType": "MedicationStatement", "medicationReference": {"reference": "Medication/none", "display": "Insulin, somebody's"}}),
        json!({"resourceType": "Medication", "id": "warf", "ingredient": [{"itemCodeableConcept": {"text": "Warfarin"}}, {"itemCodeableConcept": {"text": "Sugar"}}]}),
    ];
    let parts = json!([{"code": loinc("10160-0"), "entry": [{"reference": "urn:uuid:0"}, {"reference": "urn:uuid:1"}, {"reference": "urn:uuid:2"}]}]);
    let summary = read(&document(&parts, &resources));
    let items = items(section(&summary, Kind::Medications));
    let titles: Vec<_> = items.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["Insulin, somebody's", "Ramipril", "Warfarin + Sugar"]);
    assert_eq!(detail(items[1], "Dose"), "1 tablet, 2× per day, in the morning, as needed, oral");
    assert_eq!(detail(items[0], "Medicine"), "its details are not in the document");
    // Warfarin is marked, but over: it is not one of the medicines at the top.
    assert!(items[2].mark.is_some());
    let top: Vec<_> = summary.high_alert_medicines().map(|(item, _)| item.title.as_str()).collect();
    assert_eq!(top, ["Insulin, somebody's"]);
}

#[test]
fn panels_show_their_parts_and_circles_end() {
    let panel = json!({"resourceType": "Observation", "code": {"text": "Panel"}, "hasMember": [{"reference": "urn:uuid:1"}, {"reference": "urn:uuid:0"}, {"reference": "urn:uuid:9"}]});
    let part = json!({"resourceType": "Observation", "code": {"text": "Part"}, "valueString": "good", "hasMember": [{"reference": "urn:uuid:0"}],
        "component": [{"code": {"text": "Systolic"}, "valueInteger": 120, "interpretation": [{"text": "high"}]}]});
    let parts = json!([{"code": loinc("30954-2"), "entry": [{"reference": "urn:uuid:0"}]}]);
    let summary = read(&document(&parts, &[panel, part]));
    let item = items(section(&summary, Kind::Results))[0];
    assert_eq!(detail(item, "Part"), "good");
    assert_eq!(detail(item, "Systolic"), "120 (high)");
    assert!(item.details.iter().any(|detail| detail.text == "not contained in the document"));
    assert!(item.details.len() <= 40);
}

#[test]
fn what_cannot_be_read_stands_beside_the_rest() {
    let resources = [
        json!({"resourceType": "AllergyIntolerance", "criticality": "high"}),
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Nuts"}, "criticality": 5, "reaction": "many"}),
        json!({"resourceType": "<b>Nonsense</b>"}),
    ];
    let parts = json!([{"code": loinc("48765-2"), "entry": [
        {"reference": "urn:uuid:0"}, {"reference": "urn:uuid:1"}, {"reference": "urn:uuid:2"}, {"reference": "AllergyIntolerance/7"}, {"display": "Bees"}, {}
    ]}]);
    let summary = read(&document(&parts, &resources));
    let entries = entries(section(&summary, Kind::Allergies));
    let Entry::Item(nuts) = &entries[0] else { panic!("the readable one comes first") };
    assert_eq!(nuts.title, "Nuts");
    assert_eq!(nuts.unread, ["reaction", "criticality"]);
    let rest: Vec<_> =
        entries[1..].iter().map(|entry| if let Entry::Unreadable { what } = entry { what.as_str() } else { "" }).collect();
    assert_eq!(
        rest,
        [
            "An AllergyIntolerance that does not say what it is about.",
            "A part of the record of a kind that is not known here.",
            "An AllergyIntolerance: listed here, but not contained in the document.",
            "Bees: listed here, but not contained in the document.",
            "An entry: listed here, but not contained in the document.",
        ]
    );
}

#[test]
fn devices_directives_alerts_and_vaccinations_are_read() {
    let device = [
        json!({"resourceType": "DeviceUseStatement", "status": "active", "device": {"reference": "Device/d"}, "bodySite": {"text": "Chest"}, "timingDateTime": "2019"}),
        json!({"resourceType": "Device", "id": "d", "type": {"text": "Pacemaker"}, "manufacturer": "Drill"}),
    ];
    let parts = json!([{"code": loinc("46264-8"), "entry": [{"reference": "urn:uuid:0"}]}]);
    let summary = read(&document(&parts, &device));
    let item = items(section(&summary, Kind::Devices))[0];
    assert_eq!(
        (item.title.as_str(), detail(item, "Where"), detail(item, "Maker"), detail(item, "When")),
        ("Pacemaker", "Chest", "Drill", "2019")
    );

    let consent = json!({"resourceType": "Consent", "status": "active", "category": [{"coding": [{"code": "dnr", "display": "Do Not Resuscitate"}]}],
        "provision": {"type": "deny", "code": [{"text": "Not for resuscitation"}]}});
    let section = listed("42348-3", Kind::AdvanceDirectives, &[consent]);
    assert_eq!(items(&section)[0].title, "Not for resuscitation");
    assert_eq!(detail(items(&section)[0], "Kind"), "Do Not Resuscitate");
    assert_eq!(detail(items(&section)[0], "Recorded under"), "denied measures");

    let flag = json!({"resourceType": "Flag", "status": "inactive", "code": {"text": "Difficult airway"}});
    assert_eq!(items(&listed("104605-1", Kind::Alerts, &[flag]))[0].standing, Standing::Past);
    let vaccination = json!({"resourceType": "Immunization", "status": "not-done", "vaccineCode": {"text": "Tetanus"}, "statusReason": {"text": "ill"}});
    let section = listed("11369-6", Kind::Immunizations, &[vaccination]);
    assert_eq!(items(&section)[0].standing, Standing::Void);
    assert_eq!(detail(items(&section)[0], "Reason"), "ill");
}

#[test]
fn the_language_of_concepts_is_text_then_display_then_code() {
    let coding = json!([{"system": "http://loinc.org", "code": "1-8"}, {"display": "Shown"}]);
    for (code, expected) in [
        (json!({"text": "Said", "coding": coding}), "Said"),
        (json!({"coding": coding}), "Shown"),
        (json!({"coding": [coding[0]]}), "1-8 (LOINC code)"),
    ] {
        let condition = json!({"resourceType": "Condition", "code": code});
        assert_eq!(items(&listed("11450-4", Kind::Problems, &[condition]))[0].title, expected);
    }
}

#[test]
fn an_address_is_never_taken_for_another() {
    let section = json!([{"code": loinc("11450-4"), "entry": [{"reference": "https://elsewhere.example/Condition/7"}]}]);
    let condition = |name: &str| json!({"resourceType": "Condition", "id": "7", "code": {"text": name}});
    let summary = read(&document(&section, &[condition("Of this document")]));
    let problems = entries(self::section(&summary, Kind::Problems));
    assert!(matches!(problems, [Entry::Unreadable { .. }]), "the same type and id of another server is another thing");

    let section = json!([{"code": loinc("11450-4"), "entry": [{"reference": "Condition/7"}]}]);
    let summary = read(&document(&section, &[condition("Of this document")]));
    assert_eq!(items(self::section(&summary, Kind::Problems))[0].title, "Of this document");
    let summary = read(&document(&section, &[condition("One"), condition("The other")]));
    let problems = entries(self::section(&summary, Kind::Problems));
    assert!(matches!(problems, [Entry::Unreadable { .. }]), "of two that share a name neither is chosen");
}

#[test]
fn every_mark_has_words_of_its_own() {
    let classes = [
        Class::Anticoagulant,
        Class::Antiplatelet,
        Class::GlucoseLowering,
        Class::Opioid,
        Class::Antiarrhythmic,
        Class::Immunosuppressant,
        Class::CancerMedicine,
    ];
    let criticalities =
        [Criticality::High, Criticality::SevereReaction, Criticality::UnableToAssess, Criticality::NotStated, Criticality::Low];
    let words: BTreeSet<_> = classes.map(Class::words).into_iter().chain(criticalities.map(Criticality::words)).collect();
    assert_eq!(words.len(), classes.len() + criticalities.len());
    assert!(words.iter().all(|words| words.len() > 5));
}

#[test]
fn a_status_is_told_where_it_does_not_go_without_saying() {
    let medicine = |status: &str| json!({"resourceType": "MedicationStatement", "status": status, "medicationCodeableConcept": {"text": "Ramipril"}});
    let section = listed("10160-0", Kind::Medications, &[medicine("active"), medicine("on-hold")]);
    let statuses: BTreeSet<_> = items(&section).into_iter().map(|item| detail(item, "Status").to_owned()).collect();
    assert_eq!(statuses, [String::new(), "on-hold".to_owned()].into());
}

#[test]
fn each_resource_is_read_by_a_reader_of_its_own() {
    let flag = json!({"resourceType": "Flag", "status": "active", "code": {"text": "Difficult airway"}, "category": [{"text": "Clinical"}]});
    let section = listed("104605-1", Kind::Alerts, &[flag]);
    assert_eq!((detail(items(&section)[0], "Category"), detail(items(&section)[0], "Status")), ("Clinical", ""));
    let device = json!({"resourceType": "Device", "type": {"text": "Pacemaker"}, "serialNumber": "17"});
    assert_eq!(detail(items(&listed("46264-8", Kind::Devices, &[device]))[0], "Serial number"), "17");
    let report =
        json!({"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "Blood count"}, "conclusion": "Anaemia"});
    assert_eq!(detail(items(&listed("30954-2", Kind::Results, &[report]))[0], "Conclusion"), "Anaemia");
}

#[test]
fn what_is_normal_stands_beside_a_result() {
    let end = |value: u32| json!({"value": value, "unit": "mmol/L"});
    for (range, expected) in [
        (json!([{"text": "under 5"}]), "under 5"),
        (json!([{"low": end(3), "high": end(5)}]), "3 mmol/L to 5 mmol/L"),
        (json!([{"low": end(3)}, {"high": end(9)}]), "at least 3 mmol/L / at most 9 mmol/L"),
        (json!([{}]), ""),
    ] {
        let result =
            json!({"resourceType": "Observation", "code": {"text": "Potassium"}, "valueString": "x", "referenceRange": range});
        assert_eq!(detail(items(&listed("30954-2", Kind::Results, &[result]))[0], "Normal"), expected);
    }
}

#[test]
fn as_needed_is_said_only_where_it_is_so() {
    for (needed, expected) in [(true, "oral, as needed"), (false, "oral")] {
        let medicine = json!({"resourceType": "MedicationStatement", "medicationCodeableConcept": {"text": "Ramipril"},
            "dosage": [{"asNeededBoolean": needed, "route": {"text": "oral"}}]});
        let section = listed("10160-0", Kind::Medications, &[medicine]);
        let dosage: BTreeSet<_> = detail(items(&section)[0], "Dose").split(", ").map(ToOwned::to_owned).collect();
        assert_eq!(dosage, expected.split(", ").map(ToOwned::to_owned).collect::<BTreeSet<_>>());
    }
}
