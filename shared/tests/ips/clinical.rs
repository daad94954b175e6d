//! What of each resource that needs no file of its own is shown: every element, in the order of the page.

use halligan_shared::ips::{Item, Kind, Standing};
use serde_json::{Value, json};

use crate::parts::{items, listed};

/// One resource of everything that its reader reads, alone in its section.
fn shown(code: &str, kind: Kind, resource: Value) -> Item {
    items(&listed(code, kind, &[resource]))[0].clone()
}

/// Title and details, a line each.
fn lines(item: &Item) -> Vec<String> {
    let details = item.details.iter().map(|detail| format!("{}: {}", detail.label, detail.text));
    std::iter::once(item.title.clone()).chain(details).collect()
}

#[test]
fn an_allergy_says_whether_it_is_active_and_how_certain() {
    let allergy = shown(
        "48765-2",
        Kind::Allergies,
        json!({"resourceType": "AllergyIntolerance", "code": {"text": "Penicillin"}, "criticality": "high", "type": "allergy",
            "clinicalStatus": {"coding": [{"code": "active", "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"}]},
            "verificationStatus": {"text": "so the family says", "coding": [{"code": "unconfirmed"}]},
            "category": ["medication", "food"], "onsetDateTime": "2001", "lastOccurrence": "2019-04",
            "reaction": [{"description": "short of breath", "severity": "severe", "substance": {"text": "Amoxicillin"}}],
            "note": [{"text": "asks before each dose"}]}),
    );
    assert_eq!(
        lines(&allergy),
        [
            "Penicillin",
            "Reaction: short of breath (severe)",
            "Substance: Amoxicillin",
            "Status: active",
            "Certainty: so the family says",
            "Type: allergy",
            "Category: medication, food",
            "Since: 2001",
            "Last reaction: 2019-04",
            "Note: asks before each dose",
        ]
    );
}

#[test]
fn what_was_refuted_says_so() {
    let condition = shown(
        "11450-4",
        Kind::Problems,
        json!({"resourceType": "Condition", "code": {"text": "Epilepsy"}, "severity": {"text": "moderate"}, "bodySite": [{"text": "left arm"}],
            "clinicalStatus": {"coding": [{"code": "active"}]}, "verificationStatus": {"coding": [{"code": "refuted"}]},
            "onsetString": "in childhood", "abatementDateTime": "2014"}),
    );
    assert_eq!(condition.standing, Standing::Void);
    assert_eq!(
        lines(&condition),
        [
            "Epilepsy",
            "Status: active",
            "Certainty: refuted",
            "Severity: moderate",
            "Where: left arm",
            "Since: in childhood",
            "Until: 2014"
        ]
    );
}

#[test]
fn a_directive_says_what_it_denies_or_permits() {
    for (rule, words) in [("deny", "denied measures"), ("permit", "permitted measures"), ("other", "other")] {
        let consent = shown(
            "42348-3",
            Kind::AdvanceDirectives,
            json!({"resourceType": "Consent", "status": "active", "category": [{"text": "Do not resuscitate"}], "dateTime": "2024-02-03",
                "provision": {"type": rule, "code": [{"text": "Intubation"}], "period": {"start": "2024"}},
                "sourceAttachment": {"title": "Signed form"}, "performer": [{"display": "The patient"}]}),
        );
        assert_eq!(
            lines(&consent),
            [
                "Intubation".to_owned(),
                "Kind: Do not resuscitate".to_owned(),
                format!("Recorded under: {words}"),
                "When: since 2024".to_owned(),
                "Signed: 2024-02-03".to_owned(),
                "Status: active".to_owned(),
                "Document: Signed form".to_owned(),
                "By: The patient".to_owned(),
            ]
        );
    }
}

#[test]
fn a_device_that_is_only_named_says_that_the_rest_is_missing() {
    let device = json!({"resourceType": "DeviceUseStatement", "status": "active", "device": {"reference": "Device/none", "display": "Pacemaker"}});
    assert_eq!(lines(&shown("46264-8", Kind::Devices, device)), ["Pacemaker", "Device: its details are not in the document"]);
}

#[test]
fn what_has_no_reader_of_its_own_is_named_by_what_it_says() {
    let plan = |description: Value| {
        shown(
            "18776-5",
            Kind::PlanOfCare,
            json!({"resourceType": "Goal", "description": description, "category": [{"text": "Safety"}], "status": "active",
                "note": [{"text": "weekly"}]}),
        )
    };
    let concept = json!({"text": "Walk without help"});
    assert_eq!(lines(&plan(concept)), ["Walk without help", "Status: active", "Note: weekly"]);
    assert_eq!(lines(&plan(json!("Eat well"))), ["Eat well", "Status: active", "Note: weekly"]);
    assert_eq!(lines(&plan(json!(null))), ["Safety", "Status: active", "Note: weekly"]);
}
