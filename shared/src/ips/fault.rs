//! The first fault of a document that is not an International Patient Summary.
//!
//! Knows nothing of the document's content: a fault carries numbers and words of the FHIR vocabulary only, so
//! that it can be shown, logged and sent without reflecting what a hostile file says.

use std::fmt;

use super::scan::{MAX_BYTES, MAX_DEPTH, MAX_ENTRIES, MAX_VALUES};

/// Why a file was refused: one sentence for the person who dropped it, with what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file is longer than [`MAX_BYTES`].
    TooLarge {
        /// Length in bytes.
        bytes: usize,
    },
    /// The bytes are not UTF-8.
    NotUtf8 {
        /// Offset in bytes of the first bad byte, from 0.
        at: usize,
    },
    /// The file begins like XML.
    Xml,
    /// Objects and arrays are nested more than [`MAX_DEPTH`] deep.
    TooDeep,
    /// A list at the top of the document is longer than [`MAX_ENTRIES`].
    TooManyEntries,
    /// The document holds more than [`MAX_VALUES`] values.
    TooManyValues,
    /// The text is not JSON.
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1 (0: the line break before).
        column: usize,
    },
    /// JSON, but not a FHIR Bundle.
    NotABundle {
        /// The resource type it has instead, if that is a word of FHIR.
        found: Option<&'static str>,
    },
    /// A Bundle, but not a document.
    NotADocument {
        /// The Bundle type it has instead, if that is a word of FHIR.
        found: Option<&'static str>,
    },
    /// A document without entries.
    NoEntries,
    /// A document that does not begin with its Composition.
    NoComposition {
        /// What the first entry is instead, if that is a word of FHIR.
        found: Option<&'static str>,
    },
    /// A document of another kind: its Composition is not LOINC 60591-5.
    NotAPatientSummary,
    /// No Patient among the entries.
    NoPatient,
    /// More than one Patient among the entries.
    SeveralPatients {
        /// How many.
        count: usize,
    },
    /// The Patient has no name, and no reason why not.
    NoName,
    /// The Patient has no birth date, and no reason why not.
    NoBirthDate,
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TooLarge { bytes } => write!(
                f,
                "The file has {bytes} bytes, and a summary may have {MAX_BYTES}. Export it without scans and images, \
                 and add those as attachments."
            ),
            Self::NotUtf8 { at } => {
                write!(f, "The file is not UTF-8 text: byte {at} does not belong there. Export the summary as FHIR JSON in UTF-8.")
            }
            Self::Xml => f.write_str("The file is XML. Export the summary as FHIR JSON."),
            Self::TooDeep => write!(
                f,
                "The file is nested more than {MAX_DEPTH} levels deep, which no patient summary is. Export it again \
                 from its source."
            ),
            Self::TooManyEntries => write!(
                f,
                "The file lists more than {MAX_ENTRIES} entries. A summary is shorter: export the summary, not the \
                 whole record."
            ),
            Self::TooManyValues => write!(
                f,
                "The file holds more than {MAX_VALUES} values. A summary is shorter: export the summary, not the \
                 whole record."
            ),
            Self::NotJson { line, column } => write!(
                f,
                "The file is not JSON: it breaks at line {line}, column {column}. Export it again from its source; it \
                 may have been cut short."
            ),
            Self::NotABundle { found: Some(found) } => {
                write!(f, "The file is a FHIR {found}, not a Bundle. Export the whole patient summary as a document.")
            }
            Self::NotABundle { found: None } => {
                f.write_str("The file is JSON, but not a FHIR Bundle. Export the patient summary as FHIR R4 JSON.")
            }
            Self::NotADocument { found: Some(found) } => write!(
                f,
                "The Bundle is a {found}, not a document. Ask the source for the summary itself (in FHIR: \
                 Patient/$summary), not for a search."
            ),
            Self::NotADocument { found: None } => {
                f.write_str("The Bundle does not say that it is a document. Export the patient summary as a document.")
            }
            Self::NoEntries => f.write_str("The document is empty: it has no entries. Export it again from its source."),
            Self::NoComposition { found: Some(found) } => write!(
                f,
                "The document begins with a {found}, where its Composition must be. Export it again as a patient summary."
            ),
            Self::NoComposition { found: None } => {
                f.write_str("The document does not begin with a Composition. Export it again as a patient summary.")
            }
            Self::NotAPatientSummary => f.write_str(
                "The document is of another kind, not a patient summary (LOINC 60591-5). Export the International \
                 Patient Summary.",
            ),
            Self::NoPatient => f.write_str("The document has no Patient. Export it again with the patient included."),
            Self::SeveralPatients { count } => {
                write!(f, "The document has {count} Patients, and a summary is about one. Export one summary for each.")
            }
            Self::NoName => f.write_str(
                "The Patient has no name, and the document does not say why. Complete the name at the source, or state \
                 there that it is unknown.",
            ),
            Self::NoBirthDate => f.write_str(
                "The Patient has no birth date, and the document does not say why. Complete it at the source, or state \
                 there that it is unknown.",
            ),
        }
    }
}

/// The word itself out of the vocabulary, so that no text of the document can pass through a fault.
pub(super) fn word(vocabulary: &'static [&'static str], found: Option<&str>) -> Option<&'static str> {
    vocabulary.iter().copied().find(|word| Some(*word) == found)
}

/// Bundle types of FHIR R4 (<http://hl7.org/fhir/R4/valueset-bundle-type.html>).
pub(super) const BUNDLE_TYPES: &[&str] = &[
    "document",
    "message",
    "transaction",
    "transaction-response",
    "batch",
    "batch-response",
    "history",
    "searchset",
    "collection",
];

/// Resource types of FHIR R4 that people export by mistake, or that turn up in summaries.
pub(super) const RESOURCE_TYPES: &[&str] = &[
    "AllergyIntolerance",
    "Binary",
    "Bundle",
    "CapabilityStatement",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "Composition",
    "Condition",
    "Consent",
    "Coverage",
    "Device",
    "DeviceUseStatement",
    "DiagnosticReport",
    "DocumentManifest",
    "DocumentReference",
    "Encounter",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "Group",
    "ImagingStudy",
    "Immunization",
    "ImmunizationRecommendation",
    "List",
    "Location",
    "Media",
    "Medication",
    "MedicationAdministration",
    "MedicationDispense",
    "MedicationRequest",
    "MedicationStatement",
    "NutritionOrder",
    "Observation",
    "OperationOutcome",
    "Organization",
    "Parameters",
    "Patient",
    "Practitioner",
    "PractitionerRole",
    "Procedure",
    "Provenance",
    "Questionnaire",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RiskAssessment",
    "ServiceRequest",
    "Specimen",
];
