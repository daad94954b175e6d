//! What the report of a drill says beyond its rows: the steps and their times, and the same as a file for a spreadsheet.

use crate::{
    door::Door,
    wire::{DrillReport, DrilledRequest},
};

/// A step, and how many seconds after the request it was taken.
pub type Step = (&'static str, fn(&DrilledRequest) -> Option<f64>);

/// The steps, in the order in which they are taken.
pub const STEPS: [Step; 5] = [
    ("First answer", |line| line.answers.first().map(|said| said.seconds)),
    ("Door opened", |line| line.opened),
    ("Record released", |line| line.released),
    ("Window over", |line| line.ended),
    ("Wiped", |line| line.wiped),
];

/// The middle one of times in order; of an even number the mean of the two in the middle.
pub fn median(times: &[f64]) -> Option<f64> {
    let middle = times.len() / 2;
    let upper = *times.get(middle)?;
    if times.len() % 2 == 1 { Some(upper) } else { times.get(middle - 1).map(|lower| f64::midpoint(*lower, upper)) }
}

/// To a tenth: the portal's clock tells milliseconds, people do not.
pub fn seconds(seconds: f64) -> String {
    format!("{seconds:.1}")
}

/// Who said what, and when.
pub fn answers(line: &DrilledRequest) -> String {
    let words =
        line.answers.iter().map(|said| format!("{} {} after {} s", said.by, said.verdict.replace('_', " "), seconds(said.seconds)));
    words.collect::<Vec<_>>().join("; ")
}

/// How many of these went another way than a dispatcher's yes.
pub fn tally(requests: &[DrilledRequest]) -> String {
    let count = |is: fn(&DrilledRequest) -> bool| requests.iter().filter(|line| is(line)).count();
    let denied = count(|line| line.answers.iter().any(|said| said.verdict == "deny"));
    let alone = count(|line| line.door == Some(Door::Override));
    let [expired, lapsed] = [count(|line| line.outcome == "expired"), count(|line| line.outcome == "lapsed")];
    format!(
        "Denied: {denied}. Opened alone: {alone}. Decided by nobody in time: {expired}. Approved and not opened in time: {lapsed}."
    )
}

/// What a door is called in the report.
pub const fn door(door: Door) -> &'static str {
    match door {
        Door::Dispatcher => "Dispatcher",
        Door::Policy => "Standing rule",
        Door::Override => "Alone",
    }
}

/// The requests as comma-separated values (RFC 4180), a line each.
pub fn csv(report: &DrillReport) -> String {
    let mut head = vec!["request", "agency_id", "name", "asked_at", "severity", "answers", "door"];
    head.extend(STEPS.map(|(name, _)| name));
    head.push("outcome");
    let mut lines = vec![head.into_iter().map(cell).collect::<Vec<_>>().join(",")];
    for line in &report.requests {
        let mut cells = vec![
            line.request.to_string(),
            line.by.agency_id.to_string(),
            line.by.display_name.to_string(),
            line.asked_at.clone(),
            line.severity.label().to_owned(),
            answers(line),
            line.door.map(door).unwrap_or_default().to_owned(),
        ];
        cells.extend(STEPS.map(|(_, time)| time(line).map(seconds).unwrap_or_default()));
        cells.push(line.outcome.clone());
        lines.push(cells.iter().map(|text| cell(text)).collect::<Vec<_>>().join(","));
    }
    lines.join("\r\n")
}

/// Quoted, and never a formula: a spreadsheet would run what a name begins with `=`.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::id::{MemberId, RequestId};

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        for (times, middle) in [(&[][..], None), (&[3.0], Some(3.0)), (&[1.0, 2.0], Some(1.5)), (&[1.0, 2.0, 9.0], Some(2.0))] {
            assert_eq!(median(times), middle);
        }
    }

    #[test]
    fn what_went_another_way_is_counted_by_what_became_of_it() {
        let line = |verdict: Option<&str>, door, outcome: &str| {
            let answers = verdict.map(|verdict| json!({ "by": "DSP-1", "verdict": verdict, "seconds": 1.0 }));
            let by = json!({ "id": MemberId::fresh(), "agency_id": "EMS-1", "display_name": "Ada Drill", "roles": [], "assignment": {} });
            let line = json!({
                "request": RequestId::fresh(), "by": by, "asked_at": "2026-01-01T00:00:00Z", "severity": "urgent",
                "answers": answers.into_iter().collect::<Vec<_>>(), "door": door, "outcome": outcome,
            });
            serde_json::from_value::<DrilledRequest>(line).unwrap()
        };
        let lines = [
            line(Some("approve"), Some(Door::Dispatcher), "released"),
            line(Some("deny"), None, "denied"),
            line(None, Some(Door::Override), "released"),
            line(Some("deny"), Some(Door::Override), "released"),
            line(None, None, "expired"),
            line(Some("approve"), Some(Door::Dispatcher), "lapsed"),
        ];
        assert_eq!(tally(&lines), "Denied: 2. Opened alone: 2. Decided by nobody in time: 1. Approved and not opened in time: 1.");
    }

    #[test]
    fn a_cell_is_quoted_and_never_a_formula() {
        for (text, written) in
            [("a", "\"a\""), ("a\"b,c", "\"a\"\"b,c\""), ("=1+1", "\"'=1+1\""), ("@x", "\"'@x\""), ("-1", "\"'-1\""), ("", "\"\"")]
        {
            assert_eq!(cell(text), written);
        }
    }
}
