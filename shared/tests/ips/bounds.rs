//! A record that is too much.

use halligan_shared::ips::{Entry, Kind, Presence};
use serde_json::json;

use crate::parts::{document, items, listed, read};

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
