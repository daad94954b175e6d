//! Readers of the resources that need no file of their own.
//!
//! Each takes a draft of its resource and gives it a title, a standing and details; it reads only elements that FHIR
//! R4 defines for that resource.

use super::absence;
use super::document::resource_type;
use super::item::{Criticality, Draft, Mark, Standing};
use super::node::Node;
use super::value::{choice, code_of, concept, concept_of, concepts_of, date_of, join, period, texts_in};

/// <http://hl7.org/fhir/R4/allergyintolerance.html>
pub(super) fn allergy(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    stand(draft);
    let mut severe = false;
    for reaction in node.each("reaction") {
        let severity = reaction.text("severity");
        severe |= severity.as_deref() == Some("severe");
        let what = concepts_of(reaction, "manifestation").or_else(|| reaction.text("description"));
        let what = match (what, severity) {
            (Some(what), Some(severity)) => Some(format!("{what} ({severity})")),
            (what, severity) => what.or(severity),
        };
        draft.put("Reaction", what);
        draft.put("Substance", concept_of(reaction, "substance"));
    }
    draft.mark = Some(Mark::Criticality(match node.raw("criticality") {
        Some("high") => Criticality::High,
        Some("low") => Criticality::Low,
        Some("unable-to-assess") => Criticality::UnableToAssess,
        _ if severe => Criticality::SevereReaction,
        _ => Criticality::NotStated,
    }));
    put_standing(draft);
    draft.put("Type", node.text("type"));
    draft.put("Category", join(&mut node.texts("category").into_iter(), ", "));
    draft.put("Since", choice(node, "onset"));
    draft.put("Last reaction", date_of(node, "lastOccurrence"));
    draft.put_notes();
}

/// <http://hl7.org/fhir/R4/condition.html>
pub(super) fn condition(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    stand(draft);
    put_standing(draft);
    draft.put("Severity", concept_of(node, "severity"));
    draft.put("Where", concepts_of(node, "bodySite"));
    draft.put("Since", choice(node, "onset"));
    draft.put("Until", choice(node, "abatement"));
    draft.put_notes();
}

/// Allergies and conditions have two statuses: what happens now, and whether it is true at all. The second is decisive.
fn stand(draft: &mut Draft<'_>) {
    let verification = Standing::of(code_of(draft.node, "verificationStatus"), Standing::Current);
    let clinical = Standing::of(code_of(draft.node, "clinicalStatus"), Standing::Past);
    draft.standing = verification.max(clinical);
    if draft.standing == Standing::Current && draft.node.object("code").and_then(absence::of).is_some() {
        draft.standing = Standing::StatedAbsent;
    }
}

fn put_standing(draft: &mut Draft<'_>) {
    for (label, name) in [("Status", "clinicalStatus"), ("Certainty", "verificationStatus")] {
        let node = draft.node;
        let words = concept_of(node, name).map(|words| match code_of(node, name) {
            // FHIR's own codes are plain words, and shorter than what "code (system)" would give.
            Some(code) if words.starts_with(code) => code.to_owned(),
            _ => words,
        });
        draft.put(label, words.and_then(|words| node.admit(&words)));
    }
}

/// <http://hl7.org/fhir/R4/procedure.html>
pub(super) fn procedure(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    state_absence(draft, node.object("code"));
    draft.put("When", choice(node, "performed"));
    draft.put("Where", concepts_of(node, "bodySite"));
    draft.put("Reason", concepts_of(node, "reasonCode"));
    draft.put("Outcome", concept_of(node, "outcome"));
    draft.put("Complication", concepts_of(node, "complication"));
    draft.put_status("Status", "status", "completed");
    draft.put_notes();
}

/// <http://hl7.org/fhir/R4/immunization.html>
pub(super) fn immunization(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("vaccineCode");
    state_absence(draft, node.object("vaccineCode"));
    draft.put("When", choice(node, "occurrence"));
    for protocol in node.each("protocolApplied") {
        draft.put("Against", concepts_of(protocol, "targetDisease"));
        draft.put("Dose", choice(protocol, "doseNumber"));
    }
    draft.put("Lot", node.text("lotNumber"));
    draft.put_status("Status", "status", "completed");
    draft.put("Reason", concept_of(node, "statusReason"));
    draft.put_notes();
}

/// <http://hl7.org/fhir/R4/flag.html>
pub(super) fn flag(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    draft.put("Category", concepts_of(node, "category"));
    draft.put("When", node.object("period").and_then(period));
    draft.put_status("Status", "status", "active");
}

/// <http://hl7.org/fhir/R4/consent.html>: what is consented to is in the provision; the category says what sort of
/// directive it is.
pub(super) fn consent(draft: &mut Draft<'_>) {
    let node = draft.node;
    let provision = node.object("provision");
    let category = concepts_of(node, "category");
    let code = provision.and_then(|provision| concepts_of(provision, "code"));
    draft.title = code.clone().or_else(|| category.clone()).or_else(|| concept_of(node, "scope"));
    draft.put("Kind", category.filter(|_| code.is_some()));
    if let Some(provision) = provision {
        // <http://hl7.org/fhir/R4/valueset-consent-provision-type.html>, in words that leave to the title what it says.
        draft.put(
            "Recorded under",
            provision.text("type").map(|rule| match rule.as_str() {
                "deny" => "denied measures".to_owned(),
                "permit" => "permitted measures".to_owned(),
                _ => rule,
            }),
        );
        draft.put("When", provision.object("period").and_then(period));
    }
    draft.put("Signed", date_of(node, "dateTime"));
    draft.put("Status", node.text("status"));
    let document = node.object("sourceAttachment");
    draft.put("Document", document.map(|a| a.text("title").unwrap_or_else(|| "attached, not shown here".to_owned())));
    draft.put("By", texts_in(node, "performer", "display"));
}

/// <http://hl7.org/fhir/R4/deviceusestatement.html>
pub(super) fn device_use(draft: &mut Draft<'_>) {
    let node = draft.node;
    let found = draft.document.follow(node, "device", node).filter(|found| resource_type(*found) == "Device");
    draft.title = node.object("device").and_then(|reference| reference.text("display"));
    draft.standing = Standing::of(node.raw("status"), Standing::Past);
    draft.put("Where", concept_of(node, "bodySite"));
    draft.put("When", choice(node, "timing"));
    draft.put_status("Status", "status", "active");
    draft.put("Reason", concepts_of(node, "reasonCode"));
    match found {
        Some(found) => device(draft, found),
        None => draft.put("Device", Some("its details are not in the document".to_owned())),
    }
    draft.put_notes();
}

/// <http://hl7.org/fhir/R4/device.html>
pub(super) fn device<'a>(draft: &mut Draft<'a>, device: Node<'a>) {
    let name = texts_in(device, "deviceName", "name");
    let kind = concept_of(device, "type");
    draft.title = kind.clone().or_else(|| name.clone()).or(draft.title.take());
    state_absence(draft, device.object("type"));
    draft.put("Name", name.filter(|_| kind.is_some()));
    draft.put("Maker", device.text("manufacturer"));
    draft.put("Model", device.text("modelNumber"));
    draft.put("Serial number", device.text("serialNumber"));
    draft.put("Lot", device.text("lotNumber"));
    draft.put("Safety", concepts_of(device, "safety"));
    draft.put("Note", texts_in(device, "note", "text"));
}

/// Anything else that a section may hold (`CarePlan`, `ClinicalImpression`, `Goal`, …): by the elements that FHIR
/// resources share.
pub(super) fn other(draft: &mut Draft<'_>) {
    let node = draft.node;
    let coded = ["code", "type", "vaccineCode"].into_iter().find_map(|name| {
        // `type` is a word in some resources and a concept in others.
        node.value.get(name).filter(|value| value.is_object()).and_then(|_| concept_of(node, name))
    });
    let described = ["title", "description", "summary"].into_iter().find_map(|name| {
        node.value.get(name).and_then(|value| match value {
            serde_json::Value::Object(_) => concept(Node { value, ..node }),
            _ => node.text(name),
        })
    });
    draft.title = coded.clone().or_else(|| described.clone()).or_else(|| concepts_of(node, "category"));
    draft.put("Description", described.filter(|_| coded.is_some()));
    draft.put("When", node.object("period").and_then(period).or_else(|| choice(node, "effective")));
    for activity in node.each("activity").filter_map(|activity| activity.object("detail")) {
        draft.put("Activity", activity.text("description").or_else(|| concept_of(activity, "code")));
    }
    draft.put("Status", node.text("status"));
    draft.put_notes();
}

/// "No known …" is a statement, not a thing.
pub(super) fn state_absence(draft: &mut Draft<'_>, concept: Option<Node<'_>>) {
    if draft.standing == Standing::Current && concept.and_then(absence::of).is_some() {
        draft.standing = Standing::StatedAbsent;
    }
}
