//! What a summary says when it lists nothing: codes for "none" and "no information", and reasons of empty sections.
//!
//! Guarantees that "none" is only ever concluded from a code whose meaning is "none of all this": a code for "no known
//! food allergy" says nothing of penicillin and stays an item of its own.

use super::node::Node;
use super::section::{Kind, Presence};

/// The IPS guide's codes (<http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips>).
const IPS: &[(&str, Kind, Absence)] = &[
    ("no-known-allergies", Kind::Allergies, Absence::None),
    ("no-known-medication-allergies", Kind::Allergies, Absence::NoneOfThese),
    ("no-known-environmental-allergies", Kind::Allergies, Absence::NoneOfThese),
    ("no-known-food-allergies", Kind::Allergies, Absence::NoneOfThese),
    ("no-allergy-info", Kind::Allergies, Absence::NoInformation),
    ("no-known-devices", Kind::Devices, Absence::None),
    ("no-device-info", Kind::Devices, Absence::NoInformation),
    ("no-known-problems", Kind::Problems, Absence::None),
    ("no-problem-info", Kind::Problems, Absence::NoInformation),
    ("no-known-medications", Kind::Medications, Absence::None),
    ("no-medication-info", Kind::Medications, Absence::NoInformation),
    ("no-known-procedures", Kind::Procedures, Absence::None),
    ("no-procedure-info", Kind::Procedures, Absence::NoInformation),
    ("no-known-immunizations", Kind::Immunizations, Absence::None),
    ("no-immunization-info", Kind::Immunizations, Absence::NoInformation),
];

/// The SNOMED CT codes that the IPS guide allows for the same (its value set absent-or-unknown-snomed-uv-ips).
const SNOMED: &[(&str, Kind, Absence)] = &[
    ("716186003", Kind::Allergies, Absence::None),
    ("409137002", Kind::Allergies, Absence::NoneOfThese),
    ("428607008", Kind::Allergies, Absence::NoneOfThese),
    ("429625007", Kind::Allergies, Absence::NoneOfThese),
    ("787483001", Kind::Devices, Absence::None),
    ("160245001", Kind::Problems, Absence::None),
    ("787481004", Kind::Medications, Absence::None),
    ("787480003", Kind::Procedures, Absence::None),
    ("787482006", Kind::Immunizations, Absence::None),
];

/// What a code states instead of naming something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Absence {
    /// None is known, of the whole kind.
    None,
    /// None is known of one part of the kind.
    NoneOfThese,
    /// There is no information.
    NoInformation,
}

/// The kind of section and the absence that a concept states, if it states one.
pub(super) fn of(concept: Node<'_>) -> Option<(Kind, Absence)> {
    concept.each("coding").find_map(|coding| {
        let table = match coding.raw("system") {
            Some("http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips") => IPS,
            Some("http://snomed.info/sct") => SNOMED,
            _ => return None,
        };
        let code = coding.raw("code")?;
        table.iter().find(|row| row.0 == code).map(|row| (row.1, row.2))
    })
}

/// What a section without entries says by its `emptyReason`
/// (<http://terminology.hl7.org/CodeSystem/list-empty-reason>). Reasons in no known code mean that nothing is known.
pub(super) fn of_section(section: Node<'_>) -> Option<Presence> {
    let reason = section.object("emptyReason")?;
    let code = reason
        .each("coding")
        .filter(|coding| matches!(coding.raw("system"), None | Some("http://terminology.hl7.org/CodeSystem/list-empty-reason")))
        .find_map(|coding| coding.raw("code"));
    Some(match code {
        Some("nilknown") => Presence::KnownNone,
        Some("notasked") => Presence::NotAsked,
        Some("withheld") => Presence::Withheld,
        _ => Presence::Unknown,
    })
}
