//! An event of the log: canonical JSON (RFC 8785) with its place in the chain and the digest of the one before.
//!
//! digest(n) = SHA-256(canonical({sequence, at, kind, actor, facts, previous: digest(n-1)})), digest(0) = 32 zeros

use halligan_shared::{audit::Kind, bytes::Bytes, id::RequestId, member::AgencyId, statement};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::notice::id_in;

/// What happened, before it has a place in the chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// What.
    pub kind: Kind,
    /// Who; absent for what the portal does itself.
    pub actor: Option<AgencyId>,
    /// The rest: ids, statements, assertions. Never a secret.
    pub facts: Value,
}

impl Event {
    /// An act of a member.
    pub fn by(actor: &AgencyId, kind: Kind, facts: Value) -> Self {
        Self { kind, actor: Some(actor.clone()), facts }
    }

    /// An act of the portal itself.
    pub const fn of_portal(kind: Kind, facts: Value) -> Self {
        Self { kind, actor: None, facts }
    }
}

/// The end of the chain: how many events, and the digest of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last event's place, 0 for an empty log.
    pub sequence: u64,
    /// Its digest.
    pub digest: Bytes<32>,
}

/// An event in its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Its place, from 1.
    pub sequence: u64,
    /// When, RFC 3339, UTC.
    pub at: String,
    /// What.
    pub kind: String,
    /// Who.
    pub actor: Option<String>,
    /// The rest.
    pub facts: Value,
    /// The digest of the event before, hexadecimal.
    pub previous: String,
}

/// Deepest nesting of an event's facts. Ours reach 7; what goes past this somebody else put there, and a page that holds it
/// would go past the 128 levels at which browsers' `serde_json` stops.
const FACTS_DEPTH: usize = 64;

impl Link {
    /// Reads an event as it is stored. `None`: it is not one, or not one that a page could show.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|link: &Self| is_shallow(&link.facts, FACTS_DEPTH))
    }
}

/// The request that a notice is about, or whose review. Not [`request_of`]: that somebody was told is no step of a request, and a review
/// that is being signed does not change by it.
pub fn told_of(facts: &Value) -> Option<&str> {
    let about = facts.get("notice").and_then(|_| facts.get("about"))?.as_str()?;
    Some(id_in(about))
}

/// The request that facts name, by themselves or by the statement in them.
pub fn request_of(facts: &Value) -> Option<&str> {
    facts.get("request").or_else(|| facts.pointer("/statement/request")).and_then(Value::as_str)
}

/// The record that facts name.
pub fn record_of(facts: &Value) -> Option<&str> {
    facts.get("record").and_then(Value::as_str)
}

/// An event about a request, as the log keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// About which request.
    pub request: RequestId,
    /// When.
    pub at: OffsetDateTime,
    /// What.
    pub kind: String,
    /// Who.
    pub actor: Option<String>,
    /// The canonical text.
    pub text: String,
}

/// The grant that facts name.
pub fn grant_of(facts: &Value) -> Option<&str> {
    facts.get("grant").and_then(Value::as_str)
}

/// Whether a value is nested at most so deep.
fn is_shallow(value: &Value, most: usize) -> bool {
    let inner = |value| most > 0 && is_shallow(value, most - 1);
    match value {
        Value::Array(list) => list.iter().all(inner),
        Value::Object(members) => members.values().all(inner),
        _ => true,
    }
}

/// Why the chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chain is broken at event {sequence}: {what}")]
pub struct Broken {
    /// The first event that does not fit.
    pub sequence: u64,
    /// How.
    pub what: &'static str,
}

impl Head {
    /// Before the first event.
    pub const START: Self = Self { sequence: 0, digest: Bytes([0; 32]) };

    /// Puts an event behind this head: its canonical text, and the head it makes.
    pub fn append(self, event: &Event, at: OffsetDateTime) -> Result<(String, Self), statement::NotCanonical> {
        let sequence = self.sequence + 1;
        let link = Link {
            sequence,
            at: at.format(&Rfc3339).map_err(|_| statement::NotCanonical)?,
            kind: event.kind.word().to_owned(),
            actor: event.actor.as_ref().map(ToString::to_string),
            facts: event.facts.clone(),
            previous: self.digest.to_hex(),
        };
        Ok((statement::canonical(&link)?, Self { sequence, digest: statement::digest(&link)? }))
    }

    /// Checks that a stored event is the next one of the chain, in exactly these bytes.
    pub fn follow(self, text: &str, digest: &str) -> Result<(Link, Self), Broken> {
        let sequence = self.sequence + 1;
        let broken = |what| Broken { sequence, what };
        let link = Link::read(text).ok_or_else(|| broken("it is not readable"))?;
        if link.sequence != sequence {
            return Err(broken("an event is missing or out of place"));
        }
        if link.previous != self.digest.to_hex() {
            return Err(broken("it does not name the event before it"));
        }
        if statement::canonical(&link).ok().as_deref() != Some(text) {
            return Err(broken("it is not in canonical form"));
        }
        let own = statement::digest(&link).map_err(|_| broken("it is not readable"))?;
        if own.to_hex() != digest {
            return Err(broken("its digest does not fit its words"));
        }
        Ok((link, Self { sequence, digest: own }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn nested(levels: usize) -> Value {
        (0..levels).fold(json!(1), |inner, level| if level % 2 == 0 { json!([inner]) } else { json!({ "in": inner }) })
    }

    /// The texts and digests of three events, one behind the other.
    fn chain() -> Vec<(String, String)> {
        let mut head = Head::START;
        let mut append = |reason: &str| {
            let event = Event::by(&"EMS-1".parse().unwrap(), Kind::RequestFiled, json!({ "reason": reason }));
            let (text, next) = head.append(&event, OffsetDateTime::UNIX_EPOCH).unwrap();
            head = next;
            (text, next.digest.to_hex())
        };
        ["first", "second", "third"].map(&mut append).into()
    }

    /// The head behind all of them, or the first that does not fit.
    fn followed(events: &[(String, String)]) -> Result<u64, Broken> {
        let follow = |head: Head, (text, digest): &(String, String)| head.follow(text, digest).map(|(_, next)| next);
        events.iter().try_fold(Head::START, follow).map(|head| head.sequence)
    }

    #[test]
    fn what_is_appended_can_be_followed() {
        assert_eq!(followed(&chain()), Ok(3));
    }

    #[test]
    fn a_chain_is_broken_where_an_event_was_changed_taken_out_or_written_otherwise() {
        let fault_of = |change: fn(&mut Vec<(String, String)>)| {
            let mut events = chain();
            change(&mut events);
            let Broken { sequence, what } = followed(&events).unwrap_err();
            (sequence, what)
        };
        assert_eq!(fault_of(|events| events[1].0 = "{".to_owned()), (2, "it is not readable"));
        assert_eq!(fault_of(|events| drop(events.remove(1))), (2, "an event is missing or out of place"));
        assert_eq!(fault_of(|events| events.swap(0, 1)), (1, "an event is missing or out of place"));
        assert_eq!(
            fault_of(|events| {
                let other = Event::by(&"EMS-2".parse().unwrap(), Kind::RequestFiled, json!({}));
                let (text, head) = Head::START.append(&other, OffsetDateTime::UNIX_EPOCH).unwrap();
                events[0] = (text, head.digest.to_hex());
            }),
            (2, "it does not name the event before it")
        );
        assert_eq!(fault_of(|events| events[2].0.push(' ')), (3, "it is not in canonical form"));
        assert_eq!(
            fault_of(|events| events[2].0 = events[2].0.replace("third", "thirty")),
            (3, "its digest does not fit its words")
        );
    }

    #[test]
    fn facts_are_read_as_deep_as_a_page_can_show_them() {
        let link = |facts| {
            let event = Event::by(&"EMS-1".parse().unwrap(), Kind::RequestFiled, facts);
            let (text, _) = Head::START.append(&event, OffsetDateTime::UNIX_EPOCH).unwrap();
            Link::read(&text)
        };
        let read = link(nested(FACTS_DEPTH)).unwrap();
        assert_eq!((read.actor.as_deref(), read.at.as_str()), (Some("EMS-1"), "1970-01-01T00:00:00Z"));
        assert_eq!(link(nested(FACTS_DEPTH + 1)), None);
        assert_eq!(link(json!([1, nested(FACTS_DEPTH)])), None);
    }
}
