//! Whole documents: the drill patients of this repository, and summaries nobody here wrote, where they are present.

use std::fs;
use std::path::{Path, PathBuf};

use halligan_shared::ips::{BirthDate, Class, Entry, Fault, Kind, Photo, Presence, Standing, Summary, check};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &Path) -> Summary {
    let file = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(check(&file), Ok(()));
    Summary::read(&file).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn drill(name: &str) -> Summary {
    read(&repository().join("drill").join(name))
}

fn presence(summary: &Summary, kind: Kind) -> &Presence {
    &summary.section(kind).expect("every kind is there").presence
}

/// Titles of a list; everything in it must be readable and complete.
fn titles(summary: &Summary, kind: Kind) -> Vec<&str> {
    let Presence::Listed(entries) = presence(summary, kind) else { return Vec::new() };
    entries
        .iter()
        .map(|entry| match entry {
            Entry::Item(item) if item.unread.is_empty() => item.title.as_str(),
            Entry::Item(item) => panic!("{}: {:?}", item.title, item.unread),
            Entry::Unreadable { what } => panic!("{what}"),
        })
        .collect()
}

fn nothing_is_unreadable(summary: &Summary) {
    for kind in Kind::all() {
        titles(summary, kind);
    }
    assert!(!summary.is_cut);
}

#[test]
fn anna_has_everything() {
    let anna = drill("anna-drillmann.json");
    nothing_is_unreadable(&anna);
    assert!(Kind::all().all(|kind| *presence(&anna, kind) != Presence::Missing));
    assert!(matches!(anna.patient.photo, Photo::Shown { .. }));
    assert_eq!(anna.patient.age((2026, 11, 24)).map(|age| age.to_string()).as_deref(), Some("68 years"));
    assert_eq!(titles(&anna, Kind::Allergies), ["Penicillin", "Ibuprofen and other NSAIDs", "Latex", "Cat dander"]);
    assert_eq!(titles(&anna, Kind::AdvanceDirectives), ["Not for resuscitation"]);
    assert_eq!(titles(&anna, Kind::Devices), ["Cardiac pacemaker", "Total hip replacement prosthesis"]);
    let classes: Vec<_> = anna.high_alert_medicines().map(|(_, high_alert)| high_alert.class).collect();
    assert_eq!(classes, [Class::Anticoagulant, Class::GlucoseLowering, Class::Opioid]);
    assert!(*presence(&anna, Kind::PatientStory) == Presence::Narrated);
}

#[test]
fn bertil_has_nothing_known_everywhere() {
    let bertil = drill("bertil-drillmann.json");
    for kind in Kind::all() {
        assert!(*presence(&bertil, kind) == Presence::KnownNone, "{kind:?}");
    }
    assert_eq!(bertil.patient.age((2026, 11, 24)).map(|age| age.to_string()).as_deref(), Some("34 or 35 years"));
}

#[test]
fn chidi_mixes_what_is_not_known() {
    let chidi = drill("chidi-drillmann.json");
    nothing_is_unreadable(&chidi);
    for (kind, expected) in [
        (Kind::Problems, Presence::Withheld),
        (Kind::Medications, Presence::Unknown),
        (Kind::Devices, Presence::NotAsked),
        (Kind::Procedures, Presence::KnownNone),
        (Kind::Immunizations, Presence::Unknown),
        (Kind::VitalSigns, Presence::Missing),
        (Kind::SocialHistory, Presence::Narrated),
    ] {
        assert!(*presence(&chidi, kind) == expected, "{kind:?}");
    }
    assert_eq!(titles(&chidi, Kind::Allergies), ["No known food allergies"]);
    assert!(chidi.patient.birth_date == BirthDate::Absent("unknown to the source"));
    assert!(matches!(chidi.patient.photo, Photo::NotShown { .. }));
}

#[test]
fn summaries_nobody_here_wrote_are_read() {
    let samples = repository().join("../shared/ips-samples");
    if !samples.is_dir() {
        println!("The folder of samples is not beside this repository: the drill patients were read instead.");
        for name in ["anna-drillmann.json", "bertil-drillmann.json", "chidi-drillmann.json"] {
            nothing_is_unreadable(&drill(name));
        }
        return;
    }
    let sample = |name: &str| {
        let summary = read(&samples.join(name));
        nothing_is_unreadable(&summary);
        summary
    };
    let required = [Kind::Allergies, Kind::Problems, Kind::Medications];

    let none = sample("Bundle-aups-noknownx.json");
    assert!(required.iter().all(|kind| *presence(&none, *kind) == Presence::KnownNone));
    assert_eq!(none.provenance.authors, ["Palmer BURDETT, Douglas Radiology, 253917 (code)"]);

    let empty = sample("Bundle-aups-section-emptyreason.json");
    assert!(required.iter().all(|kind| *presence(&empty, *kind) == Presence::Unknown));
    assert!(*presence(&empty, Kind::Immunizations) == Presence::Unknown);
    assert!(*presence(&empty, Kind::Results) == Presence::Missing);
    assert!(empty.patient.birth_date == BirthDate::Absent("unknown to the source"));

    let directive = sample("DE_no_info_with_Advance_Directive.json");
    assert!(required.iter().all(|kind| *presence(&directive, *kind) == Presence::Unknown));
    assert_eq!(titles(&directive, Kind::AdvanceDirectives), ["Not for resuscitation"]);

    let guide = sample("IPS_IG-bundle-01.json");
    assert_eq!(titles(&guide, Kind::Problems), ["Menopausal flushing (finding)"]);
    assert_eq!(titles(&guide, Kind::Medications).len(), 2);
    assert_eq!(titles(&guide, Kind::Allergies).len(), 2);
    assert_eq!(titles(&guide, Kind::Results).len(), 3);
    assert!(*presence(&guide, Kind::PlanOfCare) == Presence::Narrated);
    let Presence::Listed(allergies) = presence(&guide, Kind::Allergies) else { panic!("allergies") };
    assert!(matches!(allergies.as_slice(), [Entry::Item(a), Entry::Item(b)]
        if a.standing == Standing::Current && b.standing == Standing::StatedAbsent));
    assert_eq!(guide.high_alert_medicines().count(), 0);

    let minimal = sample("IPS_IG_bundle-minimal.json");
    assert!(required.iter().all(|kind| titles(&minimal, *kind).len() == 1));

    let no_info = sample("IPS_IG_bundle-no-info-required-sections.json");
    assert!(required.iter().all(|kind| *presence(&no_info, *kind) == Presence::Unknown));
    assert_eq!(titles(&no_info, Kind::Immunizations).len(), 2);

    let seattle = sample("US_Washington_GDHP.json");
    assert!(*presence(&seattle, Kind::Allergies) == Presence::Unknown);
    assert_eq!(titles(&seattle, Kind::Problems).len(), 3);
    assert_eq!(titles(&seattle, Kind::Immunizations).len(), 16);
    assert_eq!(titles(&seattle, Kind::SocialHistory), ["Tobacco smoking status"]);

    let searchset = fs::read(samples.join("not-a-document-searchset.json")).expect("the searchset is there");
    assert_eq!(check(&searchset), Err(Fault::NotADocument { found: Some("searchset") }));
}
