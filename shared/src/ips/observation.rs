//! Results: observations with their values, components and members, and reports that gather them.
//!
//! Guarantees that members are followed a bounded number of steps, so that a panel that contains itself ends.

use super::document::resource_type;
use super::item::{Draft, MAX_DETAILS};
use super::node::Node;
use super::value::{absent_words, choice, concept_of, concepts_of, join, quantity};

/// How deep members of members are followed. Laboratories nest a panel in a report and a test in a panel.
const MAX_STEPS: usize = 3;

/// <http://hl7.org/fhir/R4/observation.html>
pub(super) fn read(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    draft.put("Value", value(node));
    put_parts(draft, node, MAX_STEPS);
    draft.put("Normal", normal(node));
    draft.put("When", choice(node, "effective"));
    draft.put("Where", concept_of(node, "bodySite"));
    draft.put_status("Status", "status", "final");
    draft.put_notes();
}

/// <http://hl7.org/fhir/R4/diagnosticreport.html>
pub(super) fn report(draft: &mut Draft<'_>) {
    let node = draft.node;
    draft.title_by("code");
    draft.put("Conclusion", node.text("conclusion").or_else(|| concepts_of(node, "conclusionCode")));
    put_linked(draft, node, "result", MAX_STEPS);
    draft.put("When", choice(node, "effective"));
    let attached = node.each("presentedForm").next();
    draft.put("Report", attached.map(|form| form.text("title").unwrap_or_else(|| "attached, not shown here".to_owned())));
    draft.put_status("Status", "status", "final");
}

/// The value with its interpretation, or the reason why there is none. Observations and components alike.
fn value(node: Node<'_>) -> Option<String> {
    let value = choice(node, "value");
    let interpretation = concepts_of(node, "interpretation");
    match (value, interpretation) {
        (Some(value), Some(interpretation)) => Some(format!("{value} ({interpretation})")),
        (value, interpretation) => value.or(interpretation).or_else(|| {
            let reason = node.object("dataAbsentReason")?;
            let code = reason.each("coding").find_map(|coding| coding.raw("code"));
            Some(format!("no value: {}", absent_words(code.unwrap_or_default())))
        }),
    }
}

fn normal(node: Node<'_>) -> Option<String> {
    let mut ranges = node.each("referenceRange").filter_map(|range| {
        range.text("text").or_else(|| {
            let [low, high] = ["low", "high"].map(|end| range.object(end).and_then(quantity));
            match (low, high) {
                (Some(low), Some(high)) => Some(format!("{low} to {high}")),
                (Some(low), None) => Some(format!("at least {low}")),
                (None, high) => high.map(|high| format!("at most {high}")),
            }
        })
    });
    join(&mut ranges, " / ")
}

/// Components and members, each under its own name.
fn put_parts<'a>(draft: &mut Draft<'a>, node: Node<'a>, steps: usize) {
    for component in node.each("component").take(MAX_DETAILS) {
        let name = concept_of(component, "code").unwrap_or_else(|| "Component".to_owned());
        if let Some(value) = value(component) {
            draft.put_named(name.into(), value);
        }
    }
    put_linked(draft, node, "hasMember", steps);
}

fn put_linked<'a>(draft: &mut Draft<'a>, node: Node<'a>, name: &'static str, steps: usize) {
    let Some(steps) = steps.checked_sub(1) else { return };
    for link in node.each(name).take(MAX_DETAILS) {
        if draft.details.len() >= MAX_DETAILS {
            return;
        }
        let reference = link.raw("reference").unwrap_or_default();
        let Some(part) = draft.document.resolve(reference, draft.node).filter(|r| resource_type(*r) == "Observation") else {
            let missing = link.text("display").unwrap_or_else(|| "Part".to_owned());
            draft.put_named(missing.into(), "not contained in the document".to_owned());
            continue;
        };
        let title = concept_of(part, "code").unwrap_or_else(|| "Part".to_owned());
        if let Some(value) = value(part) {
            draft.put_named(title.into(), value);
        }
        put_parts(draft, part, steps);
    }
}
