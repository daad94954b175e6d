//! FHIR data types as text: concepts, quantities, periods, timings, and the choices (`value[x]`) among them.
//!
//! Knows no resource. Guarantees that dates are shown as they were written, moved to no other time zone, and that no number is converted
//! to another unit. A number is what the nearest double says of it: zeros at the end of its decimals are not shown, and of more than 17
//! digits those behind them are lost. A number past what a double holds makes the whole file unreadable, as other broken JSON does.

use serde_json::Value;

use super::node::Node;

/// The words of a `CodeableConcept`: its text, else the display of its first coding that has one, else a bare code
/// with the name of its system.
#[inline(never)]
pub(super) fn concept(node: Node<'_>) -> Option<String> {
    node.text("text")
        .or_else(|| node.each("coding").find_map(|coding| coding.text("display")))
        .or_else(|| node.each("coding").find_map(coding_text))
}

/// The words of a `Coding`.
fn coding_text(coding: Node<'_>) -> Option<String> {
    let code = coding.text("display");
    code.or_else(|| Some(format!("{} ({})", coding.text("code")?, system_name(coding.raw("system")))))
}

/// What people call a code system.
fn system_name(system: Option<&str>) -> &'static str {
    match system.unwrap_or_default() {
        "http://loinc.org" => "LOINC code",
        "http://snomed.info/sct" => "SNOMED CT code",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RxNorm code",
        "http://www.whocc.no/atc" => "ATC code",
        "http://hl7.org/fhir/sid/cvx" => "CVX code",
        "http://hl7.org/fhir/sid/icd-10" | "http://hl7.org/fhir/sid/icd-10-cm" => "ICD-10 code",
        "http://hl7.org/fhir/sid/icd-11" | "http://id.who.int/icd/release/11/mms" => "ICD-11 code",
        _ => "code",
    }
}

/// The member `name`, a concept, as text.
#[inline(never)]
pub(super) fn concept_of(node: Node<'_>, name: &'static str) -> Option<String> {
    node.object(name).and_then(concept)
}

/// The member `name`, one concept or a list of them, as text.
#[inline(never)]
pub(super) fn concepts_of(node: Node<'_>, name: &'static str) -> Option<String> {
    join(&mut node.each(name).filter_map(concept), ", ")
}

/// The first code of a concept, for comparing with FHIR's own words.
#[inline(never)]
pub(super) fn code_of<'a>(node: Node<'a>, name: &'static str) -> Option<&'a str> {
    node.object(name)?.each("coding").find_map(|coding| coding.raw("code"))
}

/// The texts with `between` between them; `None` if there are none.
#[inline(never)]
pub(super) fn join(texts: &mut dyn Iterator<Item = String>, between: &str) -> Option<String> {
    let mut joined = texts.next()?;
    // No list in a record that is read on a screen at the roadside has use for more.
    for text in texts.take(19) {
        joined.push_str(between);
        joined.push_str(&text);
    }
    Some(joined)
}

/// The member `name` of the objects in `list`, joined.
#[inline(never)]
pub(super) fn texts_in(node: Node<'_>, list: &'static str, name: &'static str) -> Option<String> {
    join(&mut node.each(list).filter_map(|element| element.text(name)), " / ")
}

/// A choice (`value[x]`, `onset[x]`, …) as text, whatever type its author chose.
#[inline(never)]
pub(super) fn choice(node: Node<'_>, stem: &'static str) -> Option<String> {
    let (kind, value) = node.choice(stem)?;
    let read = match value.value {
        Value::String(text) if matches!(kind, "DateTime" | "Date" | "Instant") => date(value, text),
        Value::String(text) => value.admit(text),
        Value::Bool(yes) => Some(if *yes { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(_) => match kind {
            "CodeableConcept" => concept(value),
            "Coding" => coding_text(value),
            "Period" => period(value),
            "Range" => range(value),
            "Ratio" => ratio(value),
            "Timing" => timing(value),
            "Reference" => value.text("display"),
            "SampledData" => Some("a recorded curve, not shown here".to_owned()),
            "Attachment" => Some("an attachment, not shown here".to_owned()),
            _ => quantity(value),
        },
        Value::Null | Value::Array(_) => None,
    };
    node.unread(stem, read)
}

/// The member `name`, a date or a moment, as text.
pub(super) fn date_of(node: Node<'_>, name: &'static str) -> Option<String> {
    node.raw(name).and_then(|raw| date(node, raw))
}

/// `2015-10-10T09:15:00+01:00` as `2015-10-10 09:15 +01:00`; dates, partial dates and anything else as they stand.
#[inline(never)]
fn date(node: Node<'_>, raw: &str) -> Option<String> {
    let moment = raw.split_once('T').and_then(|(day, time)| {
        let minutes = time.get(..5)?;
        let zone = time.find(['+', '-', 'Z']).and_then(|at| time.get(at..)).unwrap_or_default();
        let zone = if zone == "Z" { "UTC" } else { zone };
        Some(format!("{day} {minutes} {zone}"))
    });
    node.admit(moment.as_deref().unwrap_or(raw))
}

/// `< 7.5 mmol/L`.
#[inline(never)]
pub(super) fn quantity(node: Node<'_>) -> Option<String> {
    let number = node.number("value")?;
    // "1" is UCUM for "no unit".
    let unit = node.text("unit").or_else(|| node.text("code").filter(|code| code != "1"));
    join(&mut [node.text("comparator"), Some(number), unit].into_iter().flatten(), " ")
}

fn range(node: Node<'_>) -> Option<String> {
    match (node.object("low").and_then(quantity), node.object("high").and_then(quantity)) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("at least {low}")),
        (None, Some(high)) => Some(format!("at most {high}")),
        (None, None) => None,
    }
}

fn ratio(node: Node<'_>) -> Option<String> {
    let numerator = node.object("numerator").and_then(quantity)?;
    let denominator = node.object("denominator").and_then(quantity)?;
    Some(format!("{numerator} : {denominator}"))
}

/// `2015-03 to 2016`, `since 2015-03`, `until 2016`.
#[inline(never)]
pub(super) fn period(node: Node<'_>) -> Option<String> {
    match (date_of(node, "start"), date_of(node, "end")) {
        (Some(start), Some(end)) => Some(format!("{start} to {end}")),
        (Some(start), None) => Some(format!("since {start}")),
        (None, Some(end)) => Some(format!("until {end}")),
        (None, None) => None,
    }
}

/// `2× a day, in the morning`.
pub(super) fn timing(node: Node<'_>) -> Option<String> {
    if let Some(words) = concept_of(node, "code") {
        return Some(words);
    }
    let repeat = node.object("repeat")?;
    let often = repeat.number("period").and_then(|period| {
        let times = repeat.number("frequency").unwrap_or_else(|| "1".to_owned());
        let unit = match repeat.raw("periodUnit")? {
            "s" => "second",
            "min" => "minute",
            "h" => "hour",
            "d" => "day",
            "wk" => "week",
            "mo" => "month",
            "a" => "year",
            _ => return None,
        };
        Some(if period == "1" { format!("{times}× per {unit}") } else { format!("{times}× in {period} {unit}s") })
    });
    let mut parts: Vec<_> = often.into_iter().collect();
    parts.extend(repeat.texts("when").into_iter().map(|code| when(&code).map_or(code, str::to_owned)));
    parts.extend(repeat.texts("timeOfDay"));
    parts.extend(choice(repeat, "bounds"));
    join(&mut parts.into_iter(), ", ")
}

/// Moments of the day (<http://hl7.org/fhir/R4/valueset-event-timing.html>), the common ones.
fn when(code: &str) -> Option<&'static str> {
    Some(match code {
        "MORN" => "in the morning",
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "EVE" => "in the evening",
        "NIGHT" => "at night",
        "HS" => "at bedtime",
        "WAKE" => "on waking",
        "AC" => "before meals",
        "C" => "with meals",
        "PC" => "after meals",
        _ => return None,
    })
}

/// What the reason for an absent value means (<http://terminology.hl7.org/CodeSystem/data-absent-reason>).
pub(super) fn absent_words(reason: &str) -> &'static str {
    match reason {
        "masked" => "withheld by the source",
        "not-asked" => "not asked",
        "asked-declined" => "asked, and not answered",
        "not-applicable" => "does not apply",
        "not-performed" => "not performed",
        "error" => "lost through an error at the source",
        _ => "unknown to the source",
    }
}
