//! Medicines: what is taken, how, and whether it is one that must not be overlooked.

use super::clinical::state_absence;
use super::document::resource_type;
use super::high_alert;
use super::item::{Draft, Mark, Standing};
use super::node::Node;
use super::value::{choice, concept, concept_of, concepts_of, date_of, join, period, quantity, timing};

/// `MedicationStatement`, `MedicationRequest` and their kin (<http://hl7.org/fhir/R4/medicationstatement.html>).
pub(super) fn read(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.standing = Standing::of(node.raw("status"), Standing::Past);
    draft.title_by("medicationCodeableConcept");
    let mut concepts: Vec<_> = node.object("medicationCodeableConcept").into_iter().collect();
    if let Some(reference) = node.object("medicationReference") {
        let found = draft.document.follow(node, "medicationReference", node);
        if let Some(medicine) = found.filter(|found| resource_type(*found) == "Medication") {
            concepts.extend(medicine.object("code"));
            concepts.extend(medicine.each("ingredient").filter_map(|ingredient| ingredient.object("itemCodeableConcept")));
            draft.title = name(medicine);
            draft.put("Form", concept_of(medicine, "form"));
        }
        if draft.title.is_none() {
            draft.title = reference.text("display");
            draft.put("Medicine", Some("its details are not in the document".to_owned()));
        }
    }
    state_absence(draft, concepts.first().copied());
    let words = draft.title.as_deref().unwrap_or_default();
    draft.mark = high_alert::recognise(&concepts, words).map(Mark::HighAlert);
    for list in ["dosage", "dosageInstruction"] {
        for dosage in node.each(list) {
            draft.put("Dose", dosage_text(dosage));
        }
    }
    draft.put("When", choice(node, "effective").or_else(|| date_of(node, "authoredOn")));
    draft.put_status("Status", "status", "active");
    draft.put("Reason", concepts_of(node, "reasonCode"));
    draft.put_notes();
}

/// The medicine's code, else its ingredients.
fn name(medicine: Node<'_>) -> Option<String> {
    concept_of(medicine, "code").or_else(|| {
        let ingredients = medicine.each("ingredient").filter_map(|ingredient| ingredient.object("itemCodeableConcept"));
        join(&mut ingredients.filter_map(concept), " + ")
    })
}

/// The author's own words, else the parts (<http://hl7.org/fhir/R4/dosage.html>).
fn dosage_text(dosage: Node<'_>) -> Option<String> {
    if let Some(words) = dosage.text("text").or_else(|| dosage.text("patientInstruction")) {
        return Some(words);
    }
    let dose = dosage.each("doseAndRate").find_map(|dose| choice(dose, "dose"));
    let as_needed = match dosage.choice("asNeeded") {
        Some(("CodeableConcept", reason)) => concept(reason).map(|reason| format!("as needed for {reason}")),
        Some(_) => dosage.flag("asNeededBoolean").filter(|needed| *needed).map(|_| "as needed".to_owned()),
        None => None,
    };
    let parts = [
        dose,
        dosage.object("timing").and_then(timing),
        as_needed,
        concept_of(dosage, "route"),
        concept_of(dosage, "site"),
        dosage.object("maxDosePerAdministration").and_then(quantity).map(|most| format!("at most {most} at once")),
        dosage.object("boundsPeriod").and_then(period),
    ];
    join(&mut parts.into_iter().flatten(), ", ")
}
