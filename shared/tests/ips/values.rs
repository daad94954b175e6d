//! Values of every type that an author may choose, as text.

use halligan_shared::ips::Kind;
use serde_json::{Value, json};

use crate::parts::{detail, items, listed};

/// How often a medicine is taken, as its line says it.
fn taken(repeat: &Value) -> String {
    let resource = json!({"resourceType": "MedicationStatement", "medicationCodeableConcept": {"text": "Metformin"},
        "dosage": [{"timing": {"repeat": repeat}}]});
    detail(items(&listed("10160-0", Kind::Medications, &[resource]))[0], "Dose").to_owned()
}

#[test]
fn a_code_without_words_names_its_system() {
    for (system, words) in [
        ("http://loinc.org", "LOINC code"),
        ("http://snomed.info/sct", "SNOMED CT code"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm code"),
        ("http://www.whocc.no/atc", "ATC code"),
        ("http://hl7.org/fhir/sid/cvx", "CVX code"),
        ("http://hl7.org/fhir/sid/icd-10", "ICD-10 code"),
        ("http://hl7.org/fhir/sid/icd-11", "ICD-11 code"),
        ("http://agency.example/codes", "code"),
    ] {
        let resource = json!({"resourceType": "Condition", "code": {"coding": [{"system": system, "code": "E11"}]}});
        assert_eq!(items(&listed("11450-4", Kind::Problems, &[resource]))[0].title, format!("E11 ({words})"));
    }
}

#[test]
fn values_of_every_type_are_text() {
    let table = [
        ("valueQuantity", json!({"value": 7.5, "comparator": "<", "unit": "mmol/L"}), "< 7.5 mmol/L"),
        (
            "valueCodeableConcept",
            json!({"coding": [{"code": "10828004", "system": "http://snomed.info/sct"}]}),
            "10828004 (SNOMED CT code)",
        ),
        ("valueString", json!("clear"), "clear"),
        // Text is no date, whatever letters are in it.
        ("valueString", json!("To be seen on Tuesday"), "To be seen on Tuesday"),
        ("valueQuantity", json!({"value": 7, "code": "1"}), "7"),
        ("valueQuantity", json!({"value": 7, "code": "mg"}), "7 mg"),
        ("valueCoding", json!({"display": "positive", "code": "10828004"}), "positive"),
        ("valueTiming", json!({"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}), "2× per day"),
        ("valueReference", json!({"display": "Ward 7"}), "Ward 7"),
        ("valueAttachment", json!({"title": "curve.pdf"}), "an attachment, not shown here"),
        ("valueBoolean", json!(true), "yes"),
        ("valueInteger", json!(3), "3"),
        ("valueRange", json!({"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "g"}}), "1 g to 2 g"),
        ("valueRatio", json!({"numerator": {"value": 1}, "denominator": {"value": 128}}), "1 : 128"),
        ("valuePeriod", json!({"start": "2015-03"}), "since 2015-03"),
        ("valueDateTime", json!("2015-10-10T09:15:00+01:00"), "2015-10-10 09:15 +01:00"),
        ("valueTime", json!("09:15:00"), "09:15:00"),
        ("valueSampledData", json!({"data": "1 2 3"}), "a recorded curve, not shown here"),
        ("dataAbsentReason", json!({"coding": [{"code": "masked"}]}), "no value: withheld by the source"),
    ];
    for (name, value, expected) in table {
        let mut result = json!({"resourceType": "Observation", "code": {"text": "Test"}, "status": "final"});
        result[name] = value;
        let section = listed("30954-2", Kind::Results, &[result]);
        assert_eq!(detail(items(&section)[0], "Value"), expected, "{name}");
    }
    for (name, value, expected) in [
        ("onsetDateTime", json!("2015"), "2015"),
        ("onsetAge", json!({"value": 12, "unit": "years"}), "12 years"),
        ("onsetPeriod", json!({"start": "2001", "end": "2002"}), "2001 to 2002"),
        ("onsetString", json!("in childhood"), "in childhood"),
    ] {
        let mut condition = json!({"resourceType": "Condition", "code": {"text": "Test"}});
        condition[name] = value;
        assert_eq!(detail(items(&listed("11450-4", Kind::Problems, &[condition]))[0], "Since"), expected);
    }
}

/// Whoever was not asked is not the same as whoever did not answer.
#[test]
fn each_reason_for_no_value_has_its_own_words() {
    let reasons = [
        ("masked", "withheld by the source"),
        ("not-asked", "not asked"),
        ("asked-declined", "asked, and not answered"),
        ("not-applicable", "does not apply"),
        ("not-performed", "not performed"),
        ("error", "lost through an error at the source"),
        ("asked-unknown", "unknown to the source"),
    ];
    for (code, words) in reasons {
        let result = json!({"resourceType": "Observation", "code": {"text": "Test"}, "status": "final",
            "dataAbsentReason": {"coding": [{"code": code}]}});
        let section = listed("30954-2", Kind::Results, &[result]);
        assert_eq!(detail(items(&section)[0], "Value"), format!("no value: {words}"), "{code}");
    }
}

#[test]
fn how_often_is_said_in_each_unit_and_for_each_moment_of_the_day() {
    let units = [("s", "second"), ("min", "minute"), ("h", "hour"), ("d", "day"), ("wk", "week"), ("mo", "month"), ("a", "year")];
    for (code, unit) in units {
        assert_eq!(taken(&json!({"frequency": 1, "period": 1, "periodUnit": code})), format!("1× per {unit}"));
        assert_eq!(taken(&json!({"frequency": 3, "period": 2, "periodUnit": code})), format!("3× in 2 {unit}s"));
    }
    for (code, words) in [
        ("MORN", "in the morning"),
        ("NOON", "at noon"),
        ("AFT", "in the afternoon"),
        ("EVE", "in the evening"),
        ("NIGHT", "at night"),
        ("HS", "at bedtime"),
        ("WAKE", "on waking"),
        ("AC", "before meals"),
        ("C", "with meals"),
        ("PC", "after meals"),
        ("PHS", "PHS"),
    ] {
        assert_eq!(taken(&json!({"when": [code]})), words);
    }
}
