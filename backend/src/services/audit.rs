//! Reading the evidence, and walking its chain.

use halligan_shared::wire;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{Fault, Portal};
use crate::{
    domain::audit::{Broken, Head, Link},
    store::{AuditFilter, AuditRow, Store},
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
        let (last, digest) = store.audit_head().await?;
        let mut head = Head::START;
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
                match head.follow(&row.text, &row.digest) {
                    Ok((link, next)) if is_found_by(&row, &link) => head = next,
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

/// Whether an event is looked up by what it says: the columns are not part of its digest.
fn is_found_by(row: &AuditRow, link: &Link) -> bool {
    let at = OffsetDateTime::parse(&link.at, &Rfc3339).map(|at| at.unix_timestamp_nanos() / 1_000_000);
    row.kind == link.kind && row.actor == link.actor && at == Ok(i128::from(row.at))
}

impl Portal {
    /// A page of the log, newest first.
    pub async fn audit(&self, filter: AuditFilter) -> Result<wire::AuditPage, Fault> {
        let limit = filter.limit.clamp(1, 200);
        let rows = self.store().audit_events(&AuditFilter { limit, ..filter }).await?;
        let next_before = rows.last().filter(|_| rows.len() == limit as usize).map(|(sequence, ..)| *sequence);
        let events = rows
            .into_iter()
            .map(|(sequence, text, digest)| {
                let link: Link = serde_json::from_str(&text).map_err(|_| Fault::Internal)?;
                Ok(wire::AuditLine { sequence, at: link.at, kind: link.kind, actor: link.actor, facts: link.facts, digest })
            })
            .collect::<Result<_, Fault>>()?;
        let chain_holds = matches!(ChainState::of(self.store()).await?, ChainState::Holds { .. });
        Ok(wire::AuditPage { events, next_before, chain_holds })
    }
}
