//! Drills: the same path on made-up patients. What came of one is read from what the log has of its requests.

use std::collections::BTreeMap;

use halligan_shared::{
    audit::Kind,
    door::Door,
    id::{DrillId, RequestId},
    justification::Severity,
    member::AgencyId,
    statement::{BulkApprovalStatement, Verdict},
};
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

use super::{audit::EventRow, member::Member};

/// A drill.
#[derive(Debug, Clone, PartialEq)]
pub struct Drill {
    /// The id.
    pub id: DrillId,
    /// What it is called.
    pub name: String,
    /// Who began it.
    pub begun_by: Member,
    /// When.
    pub begun_at: OffsetDateTime,
    /// When it ends by itself, or ended.
    pub ends_at: OffsetDateTime,
    /// Who ended it before that.
    pub ended_by: Option<Member>,
}

/// A drill that runs, for somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakesPart {
    /// Which.
    pub drill: DrillId,
    /// What it is called.
    pub name: String,
    /// When it ends by itself.
    pub until: OffsetDateTime,
}

/// One request of a drill, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub by: AgencyId,
    /// When.
    pub asked_at: OffsetDateTime,
    /// How much time there was said to be.
    pub severity: Severity,
    /// Who said what of it, and how long after it was asked.
    pub answers: Vec<(String, String, Duration)>,
    /// The last door that opened it, and how long after it was asked.
    pub opened: Option<(Door, Duration)>,
    /// How long until its record was released to the page.
    pub released: Option<Duration>,
    /// How long until its window was over.
    pub ended: Option<Duration>,
    /// How long until the page said that it had wiped the record.
    pub wiped: Option<Duration>,
}

/// What this reads of an event.
#[derive(Deserialize)]
struct Told {
    facts: Facts,
}

#[derive(Deserialize, Default)]
struct Facts {
    #[serde(default)]
    statement: Statement,
    door: Option<Door>,
    #[serde(default)]
    window_taken_back: bool,
}

#[derive(Deserialize, Default)]
struct Statement {
    kind: Option<String>,
    verdict: Option<String>,
    justification: Option<Justification>,
}

#[derive(Deserialize)]
struct Justification {
    severity: Severity,
}

/// Each request of these events, in the order in which they were asked. An event that does not read tells nothing.
pub fn walked(events: &[EventRow]) -> Vec<Walked> {
    let mut walked = BTreeMap::<RequestId, Walked>::new();
    let mut order = Vec::new();
    for event in events {
        let Facts { statement, door, window_taken_back } =
            serde_json::from_str::<Told>(&event.text).map(|told| told.facts).unwrap_or_default();
        let kind = Kind::of(&event.kind);
        if kind == Some(Kind::RequestFiled) {
            let Some((by, justification)) = event.actor.as_deref().and_then(|by| by.parse().ok()).zip(statement.justification)
            else {
                continue;
            };
            let Justification { severity } = justification;
            let first = Walked {
                request: event.request,
                by,
                asked_at: event.at,
                severity,
                answers: Vec::new(),
                opened: None,
                released: None,
                ended: None,
                wiped: None,
            };
            order.push(event.request);
            walked.insert(event.request, first);
            continue;
        }
        let Some(step) = walked.get_mut(&event.request) else { continue };
        let after = event.at - step.asked_at;
        match kind {
            Some(Kind::RequestDecided) => {
                // One signature over several approves each of them, and says no word of its own.
                let is_bulk = statement.kind.as_deref() == Some(BulkApprovalStatement::KIND);
                let Some(verdict) = statement.verdict.or_else(|| is_bulk.then(|| Verdict::Approve.word().to_owned())) else {
                    continue;
                };
                step.answers.push((event.actor.clone().unwrap_or_default(), verdict, after));
            }
            Some(Kind::RequestOpened) => step.opened = door.map(|door| (door, after)),
            // Its door holds no more.
            Some(Kind::RequestWaitsAgain) => step.opened = None,
            Some(Kind::RecordOpened) => step.released = Some(after),
            // The log has an opening before it is tried, and afterwards that nothing came of it.
            Some(Kind::RecordNotOpened) if window_taken_back => step.released = None,
            Some(Kind::GrantEnded) => step.ended = Some(after),
            Some(Kind::RecordWiped) => step.wiped = Some(after),
            _ => {}
        }
    }
    order.iter().filter_map(|request| walked.remove(request)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Events of one request, a second after the other; the first has it filed.
    fn of(request: RequestId, rest: &[(Kind, Value)]) -> Vec<EventRow> {
        let filed = (Kind::RequestFiled, json!({ "statement": { "justification": { "severity": "urgent" } } }));
        [filed]
            .iter()
            .chain(rest)
            .enumerate()
            .map(|(place, (kind, facts))| EventRow {
                request,
                at: OffsetDateTime::UNIX_EPOCH + Duration::seconds(i64::try_from(place).unwrap()),
                kind: kind.word().to_owned(),
                actor: Some(if *kind == Kind::RequestFiled { "EMS-1" } else { "DSP-1" }.to_owned()),
                text: json!({ "facts": facts }).to_string(),
            })
            .collect()
    }

    fn one(rest: &[(Kind, Value)]) -> Walked {
        walked(&of(RequestId::fresh(), rest)).remove(0)
    }

    #[test]
    fn each_step_is_so_long_after_the_request() {
        let step = one(&[
            (Kind::RequestDecided, json!({ "statement": { "kind": "halligan/v1/decision", "verdict": "deny" } })),
            (Kind::RequestDecided, json!({ "statement": { "kind": BulkApprovalStatement::KIND } })),
            (Kind::RequestOpened, json!({ "door": "dispatcher" })),
            (Kind::RecordOpened, json!({})),
            (Kind::GrantEnded, json!({})),
            (Kind::RecordWiped, json!({})),
        ]);
        let said = |verdict: &str, after| ("DSP-1".to_owned(), verdict.to_owned(), Duration::seconds(after));
        assert_eq!((step.by.as_str(), step.severity, step.asked_at), ("EMS-1", Severity::Urgent, OffsetDateTime::UNIX_EPOCH));
        assert_eq!(step.answers, [said("deny", 1), said("approve", 2)]);
        assert_eq!(step.opened, Some((Door::Dispatcher, Duration::seconds(3))));
        assert_eq!((step.released, step.ended, step.wiped), ([4, 5, 6].map(|after| Some(Duration::seconds(after)))).into());
    }

    #[test]
    fn what_was_taken_back_did_not_come_to_that() {
        let opened = (Kind::RequestOpened, json!({ "door": "override" }));
        assert_eq!(one(&[opened, (Kind::RequestWaitsAgain, json!({}))]).opened, None);
        let failed = |taken_back| {
            let not_opened = (Kind::RecordNotOpened, json!({ "window_taken_back": taken_back }));
            one(&[(Kind::RecordOpened, json!({})), not_opened]).released
        };
        assert_eq!([true, false].map(failed), [None, Some(Duration::seconds(1))], "a reload that fails closes nothing");
        // A word that is none is none.
        assert_eq!(one(&[(Kind::RequestDecided, json!({ "statement": { "kind": "halligan/v1/decision" } }))]).answers, []);
    }

    #[test]
    fn requests_are_told_apart_in_the_order_in_which_they_were_asked() {
        let [first, second, unread] = std::array::from_fn(|_| RequestId::fresh());
        let mut events = of(second, &[(Kind::RecordOpened, json!({}))]);
        events.extend(of(first, &[]));
        events.extend(of(unread, &[]).into_iter().map(|event| EventRow { text: "{".into(), ..event }));
        let steps = walked(&events);
        assert_eq!(steps.iter().map(|step| step.request).collect::<Vec<_>>(), [second, first]);
        assert_eq!(steps[1].released, None);
    }
}
