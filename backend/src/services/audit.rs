//! Reading the evidence, and walking its chain.

use std::collections::HashMap;

use halligan_shared::wire;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Fault, Portal};
use crate::{
    domain::audit::{Broken, Head, Link, grant_of, request_of},
    store::{AuditFilter, AuditLine, AuditRow, Store},
};

/// How the chain stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainState {
    /// Every event names the one before it, and the head names the last.
    Holds {
        /// How many events.
        events: u64,
        /// The digest of the last, hexadecimal.
        digest: String,
    },
    /// It does not.
    Broken(Broken),
}

impl ChainState {
    /// Walks the whole chain of a store.
    pub async fn of(store: &Store) -> Result<Self, Fault> {
        let Some((last, digest)) = store.audit_head().await? else {
            return Ok(Self::Broken(Broken { sequence: 0, what: "the head of the chain is not readable" }));
        };
        let (mut head, mut grants) = (Head::START, HashMap::new());
        loop {
            let events = store.audit_chain(head.sequence).await?;
            if events.is_empty() {
                break;
            }
            for row in events {
                // Events past the head that was read were written while we walked.
                if head.sequence == last {
                    break;
                }
                let Some(row) = row else {
                    return Ok(Self::Broken(Broken { sequence: head.sequence + 1, what: "it is not readable" }));
                };
                match head.follow(&row.text, &row.digest) {
                    Ok((link, next)) if is_found_by(&row, &link, &mut grants) => head = next,
                    Ok((link, _)) => {
                        return Ok(Self::Broken(Broken { sequence: link.sequence, what: "it would not be found by what it says" }));
                    }
                    Err(broken) => return Ok(Self::Broken(broken)),
                }
            }
            if head.sequence == last {
                break;
            }
        }
        if store.audit_has_strays().await? {
            return Ok(Self::Broken(Broken { sequence: last + 1, what: "an event stands outside the chain" }));
        }
        if head.sequence == last && head.digest.to_hex() == digest {
            Ok(Self::Holds { events: last, digest })
        } else {
            Ok(Self::Broken(Broken { sequence: head.sequence + 1, what: "events are missing at the end" }))
        }
    }
}

/// Whether an event is looked up by what it says: the columns are not part of its digest. `grants` has the request of each grant that was
/// named with one before.
fn is_found_by(row: &AuditRow, link: &Link, grants: &mut HashMap<String, String>) -> bool {
    let at = OffsetDateTime::parse(&link.at, &Rfc3339).map(|at| at.unix_timestamp_nanos() / 1_000_000);
    let (request, grant) = (request_of(&link.facts), grant_of(&link.facts));
    if let (Some(request), Some(grant)) = (request, grant) {
        grants.insert(grant.to_owned(), request.to_owned());
    }
    let request = request.or_else(|| grants.get(grant?).map(String::as_str));
    (row.sequence, &row.kind, &row.actor, row.request.as_deref()) == (link.sequence, &link.kind, &link.actor, request)
        && at == Ok(i128::from(row.at))
}

/// An event for the auditor's page. One that somebody made unreadable keeps its place there and says so: it must not hide the rest.
fn shown(row: AuditLine) -> wire::AuditLine {
    let AuditLine { sequence, text, digest } = row;
    let digest = digest.unwrap_or_default();
    match text.as_deref().and_then(Link::read) {
        Some(link) => wire::AuditLine { sequence, at: link.at, kind: link.kind, actor: link.actor, facts: link.facts, digest },
        None => wire::AuditLine {
            sequence,
            at: String::new(),
            kind: wire::AuditLine::UNREADABLE.to_owned(),
            actor: None,
            facts: serde_json::Value::Null,
            digest,
        },
    }
}

impl Portal {
    /// A page of the log, newest first.
    pub async fn audit(&self, filter: AuditFilter) -> Result<wire::AuditPage, Fault> {
        let limit = filter.limit.clamp(1, 200);
        let rows = self.store().audit_events(&AuditFilter { limit, ..filter }).await?;
        let next_before = rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.sequence);
        let events = rows.into_iter().map(shown).collect();
        let chain_holds = matches!(ChainState::of(self.store()).await?, ChainState::Holds { .. });
        Ok(wire::AuditPage { events, next_before, chain_holds })
    }
}
