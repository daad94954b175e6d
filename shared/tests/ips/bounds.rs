//! A record that is too much.

use halligan_shared::ips::{Entry, Kind, Presence};
use serde_json::json;

use crate::parts::{document, items, listed, loinc, read};

#[test]
fn a_hostile_record_stays_small() {
    let long = "x".repeat(100_000);
    let allergies: Vec<_> = (0..1_500).map(|n| json!({"resourceType": "AllergyIntolerance", "code": {"text": format!("{n}")}, "criticality": if n == 900 { "high" } else { "low" }})).collect();
    let section = listed("48765-2", Kind::Allergies, &allergies);
    assert_eq!(items(&section)[0].title, "900");
    assert_eq!((items(&section).len(), section.left_out), (200, 1_300));

    let condition = json!({"resourceType": "Condition", "code": {"text": long}, "note": [{"text": long}]});
    assert!(items(&listed("11450-4", Kind::Problems, &[condition]))[0].title.chars().count() <= 1_001);

    // Parts that point at each other by the thousand, and every one of them long.
    let links: Vec<_> = (0..500).map(|n| json!({"reference": format!("urn:uuid:{n}")})).collect();
    let web: Vec<_> = (0..500).map(|_| json!({"resourceType": "Observation", "code": {"text": "z".repeat(2_000)}, "hasMember": links[..40], "valueString": "y".repeat(2_000)})).collect();
    let parts: Vec<_> = (0..90).map(|_| json!({"title": "t", "entry": links})).collect();
    let summary = read(&document(&json!(parts), &web));
    assert!(summary.is_cut);
    let shown: usize = summary
        .sections
        .iter()
        .flat_map(|section| match &section.presence {
            Presence::Listed(entries) => entries.as_slice(),
            _ => &[],
        })
        .map(|entry| match entry {
            Entry::Item(item) => item.title.len() + item.details.iter().map(|detail| detail.text.len()).sum::<usize>(),
            Entry::Unreadable { what } => what.len(),
        })
        .sum();
    assert!(shown < 3 << 20, "{shown}");
}

#[test]
fn of_a_section_without_an_end_the_first_thousand_entries_are_read() {
    const READ: usize = 1_000;
    let highest = |at: usize| {
        let allergies: Vec<_> = (1..=at + 1).map(|n| json!({"resourceType": "AllergyIntolerance", "code": {"text": format!("{n}")}, "criticality": if n == at { "high" } else { "low" }})).collect();
        items(&listed("48765-2", Kind::Allergies, &allergies))[0].title.clone()
    };
    assert_eq!(highest(READ), "1000");
    assert_eq!(highest(READ + 1), "1");
}

#[test]
fn a_summary_is_cut_where_its_texts_alone_are_too_long() {
    let long = "x".repeat(1_000);
    let conditions: Vec<_> =
        (0..200).map(|_| json!({"resourceType": "Condition", "code": {"text": long}, "note": [{"text": long}]})).collect();
    let entries: Vec<_> = (0..200).map(|n| json!({"reference": format!("urn:uuid:{n}")})).collect();
    let part = |code: &str| json!({"code": loinc(code), "entry": entries});
    assert!(!read(&document(&json!([part("11450-4"), part("11348-0")]), &conditions)).is_cut);
    assert!(read(&document(&json!([part("11450-4"), part("11348-0"), part("10160-0")]), &conditions)).is_cut);
}

#[test]
fn what_cannot_be_read_is_named_once_each_and_not_without_end() {
    let allergy = json!({"resourceType": "AllergyIntolerance", "code": {"text": "Latex"},
        "reaction": [{"severity": 7}, {"severity": 7}]});
    assert_eq!(items(&listed("48765-2", Kind::Allergies, &[allergy]))[0].unread, ["severity"]);
    let hostile = json!({"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}, "criticality": 7, "type": 7, "category": 7,
        "onsetDateTime": 7, "note": 7, "clinicalStatus": 7, "verificationStatus": 7, "recordedDate": 7, "lastOccurrence": 7,
        "reaction": [{"manifestation": 7, "severity": 7, "substance": 7, "description": 7, "onset": 7, "exposureRoute": 7, "note": 7}]});
    assert_eq!(items(&listed("48765-2", Kind::Allergies, &[hostile]))[0].unread.len(), 8);
}

#[test]
fn an_item_has_forty_details_at_most() {
    let parts: Vec<_> = (0..60).map(|n| json!({"code": {"text": format!("part {n}")}, "valueString": "x"})).collect();
    let observation = json!({"resourceType": "Observation", "status": "final", "code": {"text": "panel"}, "component": parts});
    assert_eq!(items(&listed("30954-2", Kind::Results, &[observation]))[0].details.len(), 40);
    let activities: Vec<_> = (0..60).map(|n| json!({"detail": {"description": format!("step {n}")}})).collect();
    let plan = json!({"resourceType": "CarePlan", "title": "plan", "activity": activities});
    assert_eq!(items(&listed("18776-5", Kind::PlanOfCare, &[plan]))[0].details.len(), 40);
}

#[test]
fn nothing_is_said_of_members_that_are_null() {
    let allergy = json!({"resourceType": "AllergyIntolerance", "code": {"text": "Latex"}, "criticality": null, "clinicalStatus": null, "note": null});
    assert_eq!(items(&listed("48765-2", Kind::Allergies, &[allergy]))[0].unread, [""; 0]);
}
