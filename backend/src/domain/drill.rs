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
