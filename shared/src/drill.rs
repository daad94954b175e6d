//! What the report of a drill says beyond its rows: the steps and their times, and the same as a file for a spreadsheet.

use crate::{
    door::Door,
    member::Role,
    outcome::Outcome,
    wire::{DrillReport, DrilledRequest, MemberView},
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

/// What the banner says to a member with these roles, after the drill's name.
pub fn banner(roles: &[Role]) -> &'static str {
    if roles.contains(&Role::Responder) {
        "you are in a drill: only made-up records open."
    } else {
        "you take part. Requests without the mark Drill are real: decide them as always."
    }
}

/// Who said what, and when.
pub fn answers(line: &DrilledRequest) -> String {
    let words =
        line.answers.iter().map(|said| format!("{} {} after {} s", said.name, verdict(&said.verdict), seconds(said.seconds)));
    words.collect::<Vec<_>>().join("; ")
}

fn verdict(word: &str) -> &str {
    match word {
        "approve" => "approved",
        "deny" => "denied",
        "take_back" => "took it back",
        other => other,
    }
}

/// What became of a request, by the word of its state.
pub fn outcome(word: &str) -> &str {
    match Outcome::of(word) {
        Some(Outcome::Pending) => "Waits for an answer",
        Some(Outcome::Approved) => "May still be opened",
        Some(Outcome::Released) => "The record was opened",
        Some(Outcome::Denied) => "Denied, or taken back",
        Some(Outcome::Cancelled) => "Withdrawn",
        Some(Outcome::Expired) => "Nobody answered in time",
        Some(Outcome::Lapsed) => "Not opened in time",
        None => word,
    }
}

/// Dispatchers who stayed to the end, or are there still, and said no word.
pub fn silent(report: &DrillReport) -> Vec<String> {
    let spoke =
        |by: &MemberView| report.requests.iter().flat_map(|line| &line.answers).any(|said| said.by == by.agency_id.as_str());
    let stayed = report.drill.members.iter().filter(|line| !line.left).map(|line| &line.member);
    stayed.filter(|by| by.roles.contains(&Role::Dispatcher) && !spoke(by)).map(|by| by.display_name.to_string()).collect()
}

/// What nobody is left for outside of drills, of these who are not in one, once those who are chosen are; as a question.
pub fn nobody_outside(free: &[MemberView], is_chosen: impl Fn(&MemberView) -> bool) -> Option<&'static str> {
    let is_left = |role| free.iter().any(|by| by.roles.contains(&role) && !is_chosen(by));
    match (is_left(Role::Responder), is_left(Role::Dispatcher)) {
        (true, true) => None,
        (false, true) => {
            Some("No responder is left outside of drills: nobody could ask for a real patient's record without leaving this one.")
        }
        (true, false) => Some("No dispatcher is left outside of drills. Those who take part decide real requests as well."),
        (false, false) => Some(
            "Nobody who asks or decides is left outside of drills: a real patient's record opens only after somebody has left this one.",
        ),
    }
}

/// How many of these went another way than a dispatcher's yes.
pub fn tally(requests: &[DrilledRequest]) -> String {
    let count = |is: fn(&DrilledRequest) -> bool| requests.iter().filter(|line| is(line)).count();
    let became = |outcome: Outcome| requests.iter().filter(|line| line.outcome == outcome.word()).count();
    let denied = count(|line| line.answers.iter().any(|said| said.verdict == "deny"));
    let alone = count(|line| line.door == Some(Door::Override));
    let [expired, lapsed] = [Outcome::Expired, Outcome::Lapsed].map(became);
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
        cells.push(outcome(&line.outcome).to_owned());
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
            let answers =
                verdict.map(|verdict| json!({ "by": "DSP-1", "name": "Name of DSP-1", "verdict": verdict, "seconds": 1.0 }));
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
            line(Some("approve"), Some(Door::Dispatcher), "released"),
        ];
        assert_eq!(tally(&lines), "Denied: 2. Opened alone: 2. Decided by nobody in time: 1. Approved and not opened in time: 1.");
    }

    fn member(id: &str, name: &str, roles: &[&str]) -> serde_json::Value {
        json!({ "id": MemberId::fresh(), "agency_id": id, "display_name": name, "roles": roles, "assignment": {} })
    }

    #[test]
    fn the_banner_tells_a_dispatcher_that_what_is_unmarked_is_real() {
        assert!(banner(&[Role::Dispatcher]).contains("are real: decide them as always"));
        assert!(banner(&[Role::Dispatcher, Role::Responder]).contains("only made-up records open"));
    }

    #[test]
    fn a_report_names_people_and_says_what_they_did() {
        let dispatchers = ["DSP-1", "DSP-2", "DSP-3"].map(|id| member(id, &format!("Name of {id}"), &["dispatcher"]));
        let [one, two, three] = dispatchers;
        let report: DrillReport = serde_json::from_value(json!({
            "drill": {
                "id": crate::id::DrillId::fresh(), "name": "Night", "begun_by": one, "begun_at": "2026-01-01T00:00:00Z",
                "members": [{ "member": one, "left": false }, { "member": two, "left": true }, { "member": three, "left": false }],
            },
            "requests": [{
                "request": RequestId::fresh(), "by": member("EMS-1", "Ada Drill", &["responder"]), "asked_at": "2026-01-01T00:00:00Z",
                "severity": "urgent", "door": "policy", "outcome": "denied", "answers": [
                    { "by": "DSP-1", "name": "Name of DSP-1", "verdict": "approve", "seconds": 1.0 },
                    { "by": "DSP-1", "name": "Name of DSP-1", "verdict": "take_back", "seconds": 2.5 },
                    { "by": "DSP-9", "name": "Name of DSP-9", "verdict": "deny", "seconds": 3.0 },
                ],
            }],
        }))
        .unwrap();
        assert_eq!(
            answers(&report.requests[0]),
            "Name of DSP-1 approved after 1.0 s; Name of DSP-1 took it back after 2.5 s; Name of DSP-9 denied after 3.0 s"
        );
        assert_eq!(silent(&report), ["Name of DSP-3"], "who left answered elsewhere");
        let csv = csv(&report);
        assert!(csv.contains(",\"Standing rule\",") && csv.ends_with("\"Denied, or taken back\""), "{csv}");
        for word in Outcome::ALL.map(Outcome::word) {
            assert_ne!(outcome(word), word);
        }
    }

    #[test]
    fn it_is_asked_before_nobody_is_left_for_real_patients() {
        let free: Vec<MemberView> = [("EMS-1", "responder"), ("EMS-2", "responder"), ("DSP-1", "dispatcher")]
            .into_iter()
            .map(|(id, role)| serde_json::from_value(member(id, "Somebody", &[role])).unwrap())
            .collect();
        let asks = |chosen: &[&str]| nobody_outside(&free, |by| chosen.contains(&by.agency_id.as_str()));
        assert_eq!(asks(&["EMS-1"]), None);
        assert!(asks(&["EMS-1", "EMS-2"]).unwrap().starts_with("No responder"));
        assert!(asks(&["DSP-1"]).unwrap().starts_with("No dispatcher"));
        assert!(asks(&["EMS-1", "EMS-2", "DSP-1"]).unwrap().starts_with("Nobody who asks or decides"));
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
