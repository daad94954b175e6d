//! What a section says of itself.

use halligan_shared::ips::{Kind, Presence, Standing};
use serde_json::{Value, json};

use crate::parts::{document, items, listed, loinc, read, section};

#[test]
fn nothing_listed_has_five_meanings() {
    let allergies = |part: Value| {
        let mut part = part;
        part["code"] = loinc("48765-2");
        section(&read(&document(&json!([part]), &[])), Kind::Allergies).clone()
    };
    let reason = |code: &str| {
        allergies(
            json!({"emptyReason": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/list-empty-reason", "code": code}]}}),
        )
    };
    let missing = section(&read(&document(&json!([]), &[])), Kind::Allergies).clone();
    let all = [reason("nilknown"), reason("unavailable"), reason("notasked"), reason("withheld"), missing];
    let expected = [Presence::KnownNone, Presence::Unknown, Presence::NotAsked, Presence::Withheld, Presence::Missing];
    for (section, expected) in all.iter().zip(&expected) {
        assert!(section.presence == *expected, "{}", section.sentence());
        assert_eq!(all.iter().filter(|other| other.sentence() == section.sentence()).count(), 1);
    }
    assert!(reason("closed").presence == Presence::Unknown);
    assert!(allergies(json!({"emptyReason": {"text": "nilknown"}})).presence == Presence::Unknown);
    assert!(allergies(json!({})).presence == Presence::Unknown);

    let told = allergies(json!({"text": {"div": "<div>Bee <b>stings</b></div>"}}));
    assert!(told.presence == Presence::Narrated);
    assert_eq!(told.narrative.as_deref(), Some("Bee stings"));
}

#[test]
fn none_is_concluded_only_from_codes_that_mean_all_of_it() {
    let ips = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips";
    let snomed = "http://snomed.info/sct";
    let allergy = |system: &str, code: &str| json!({"resourceType": "AllergyIntolerance", "code": {"coding": [{"system": system, "code": code, "display": code}]}});
    let presence = |resources: &[Value]| listed("48765-2", Kind::Allergies, resources).presence;
    assert!(presence(&[allergy(ips, "no-known-allergies")]) == Presence::KnownNone);
    assert!(presence(&[allergy(snomed, "716186003")]) == Presence::KnownNone);
    assert!(presence(&[allergy(ips, "no-allergy-info")]) == Presence::Unknown);
    let device = json!({"resourceType": "Device", "type": {"coding": [{"system": ips, "code": "no-known-devices"}]}});
    assert!(listed("46264-8", Kind::Devices, &[device]).presence == Presence::KnownNone);

    let food = listed("48765-2", Kind::Allergies, &[allergy(snomed, "429625007")]);
    assert_eq!(items(&food)[0].standing, Standing::StatedAbsent);
    // A code of another kind, one in no system, one refuted, and one beside a real allergy conclude nothing.
    let refuted = {
        let mut refuted = allergy(ips, "no-known-allergies");
        refuted["verificationStatus"] = json!({"coding": [{"code": "refuted"}]});
        refuted
    };
    let mixed = [allergy(ips, "no-known-allergies"), json!({"resourceType": "AllergyIntolerance", "code": {"text": "Nuts"}})];
    for resources in [&[allergy(ips, "no-known-problems")][..], &[allergy("x", "no-known-allergies")], &[refuted], &mixed] {
        assert!(matches!(presence(resources), Presence::Listed(_)));
    }
    assert_eq!(items(&listed("48765-2", Kind::Allergies, &mixed))[0].title, "Nuts");
}

#[test]
fn every_kind_is_there_in_order_and_unnamed_sections_follow() {
    let part = json!([{"title": "Family\u{202e} tree", "text": {"div": "<div>Two brothers</div>"}}]);
    let summary = read(&document(&part, &[]));
    let kinds: Vec<_> = summary.sections.iter().map(|section| section.kind).collect();
    assert_eq!(kinds, Kind::all().chain([Kind::Other]).collect::<Vec<_>>());
    assert!(kinds.is_sorted());
    assert_eq!(kinds[..4], [Kind::Alerts, Kind::Allergies, Kind::Devices, Kind::AdvanceDirectives]);
    assert_eq!(summary.sections.last().unwrap().title, "Family tree");
    for kind in [Kind::Problems, Kind::Allergies, Kind::Medications] {
        assert!(section(&summary, kind).presence == Presence::Missing);
        assert!(section(&summary, kind).sentence().starts_with("Missing"));
    }
}

#[test]
fn the_heading_and_the_sentence_of_a_missing_section_name_what_is_missing() {
    let own = json!([{"title": "Family tree", "emptyReason": {"coding": [{"code": "notasked"}]}}]);
    let summary = read(&document(&own, &[]));
    let says = |kind: Kind| (section(&summary, kind).title.as_str(), section(&summary, kind).sentence());
    let means = "That does not mean there are none.";
    for (kind, title, sentence) in [
        (Kind::Allergies, "Allergies and intolerances", "Missing: this summary lacks its section about allergies or intolerances."),
        (Kind::Immunizations, "Immunizations", "No section: this summary says nothing about immunizations."),
        (Kind::PatientStory, "Patient story", "No section: this summary says nothing about the patient's own story."),
    ] {
        assert_eq!(says(kind), (title, format!("{sentence} {means}")));
    }
    assert_eq!(says(Kind::Other), ("Family tree", "Not asked: nobody asked about Family tree.".to_owned()));
}

#[test]
fn a_list_says_how_long_it_is_and_how_much_is_not_shown() {
    let says = |count: usize| {
        let resources: Vec<_> =
            (0..count).map(|n| json!({"resourceType": "Condition", "code": {"text": format!("{n}")}})).collect();
        listed("11450-4", Kind::Problems, &resources).sentence()
    };
    assert_eq!(says(1), "1 entry.");
    assert_eq!(says(2), "2 entries.");
    assert_eq!(says(200), "200 entries.");
    assert_eq!(says(201), "200 entries, and 1 more that are not shown.");
}

#[test]
fn subsections_and_double_sections_are_joined() {
    let resources = [
        json!({"resourceType": "Condition", "code": {"text": "One"}}),
        json!({"resourceType": "Condition", "code": {"text": "Two"}}),
    ];
    let parts = json!([
        {"code": loinc("11450-4"), "section": [{"title": "Heart", "entry": [{"reference": "urn:uuid:0"}]}]},
        {"code": loinc("11450-4"), "entry": [{"reference": "urn:uuid:1"}, {"reference": "urn:uuid:1"}]},
    ]);
    let summary = read(&document(&parts, &resources));
    let titles: Vec<_> = items(section(&summary, Kind::Problems)).iter().map(|item| item.title.as_str()).collect();
    assert_eq!(titles, ["One", "Two"]);
}

#[test]
fn of_two_sections_about_one_thing_the_more_cautious_is_believed() {
    let none = json!({"resourceType": "AllergyIntolerance", "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]}});
    let reason = |code: &str| json!({"code": loinc("48765-2"), "emptyReason": {"coding": [{"code": code}]}});
    let said = json!({"code": loinc("48765-2"), "entry": [{"reference": "urn:uuid:0"}]});
    for (parts, expected) in [
        (json!([said, reason("withheld")]), Presence::Withheld),
        (json!([said, reason("nilknown")]), Presence::KnownNone),
        (json!([reason("nilknown"), reason("unavailable")]), Presence::Unknown),
    ] {
        assert!(section(&read(&document(&parts, std::slice::from_ref(&none))), Kind::Allergies).presence == expected);
    }
}

#[test]
fn a_record_of_too_many_sections_says_that_it_is_cut() {
    let parts: Vec<_> = (0..101).map(|n| json!({"title": format!("{n}")})).collect();
    assert!(!read(&document(&json!(parts[..100]), &[])).is_cut);
    assert!(read(&document(&json!(parts), &[])).is_cut);
}
