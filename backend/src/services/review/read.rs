//! What a privacy officer is shown: which reviews there are, and everything that is known of one. Reading changes nothing.

use std::collections::HashMap;

use halligan_shared::{
    bytes::Bytes,
    id::RequestId,
    wire::{self, EXTRACT_MAX, SignatureState},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Link,
        member::SignedIn,
        request::State,
        review::{NotReviewed, Review},
    },
    store::AuditLine,
};

/// How many closed reviews a list has.
const CLOSED: u32 = 50;

impl Portal {
    /// The reviews that this privacy officer may close, and the last that were closed. What they took part in is not shown to them.
    pub async fn reviews(&self, who: &SignedIn) -> Result<wire::ReviewList, Fault> {
        let (now, took_part) = (self.now(), self.store().took_part_in(&who.member).await?);
        let is_open_to = |review: &Review| !took_part.contains(&review.request) && self.may_review(&who.member, review).is_allowed;
        let line = |review: Review| line(review, who, now);
        Ok(wire::ReviewList {
            open: self.store().open_reviews().await?.into_iter().filter(is_open_to).map(line).collect(),
            closed: self.store().closed_reviews(CLOSED).await?.into_iter().map(line).collect(),
        })
    }

    /// How many are overdue.
    pub async fn reviews_overdue(&self) -> Result<wire::ReviewsOverdue, Fault> {
        Ok(wire::ReviewsOverdue { overdue: self.store().count_overdue_reviews(self.now()).await? })
    }

    /// Everything that is known of what is reviewed. Nobody is shown the review of what they took part in, until it is closed.
    pub async fn review_view(&self, who: &SignedIn, id: RequestId) -> Result<wire::ReviewView, Fault> {
        let (store, now) = (self.store(), self.now());
        let review = store.review(id).await?.ok_or(Fault::NotFound)?;
        let is_allowed = self.may_review(&who.member, &review).is_allowed;
        match review.may_be_reviewed_by(&who.member, &store.took_part(id).await?, is_allowed) {
            Ok(()) | Err(NotReviewed::Closed(_)) => {}
            Err(refused) => return Err(refused.into()),
        }
        let request = store.request(id).await?.ok_or(Fault::NotFound)?;
        let (events, all) = store.events_of(id, EXTRACT_MAX / 2).await?;
        let left_out = all.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
        let kinds: HashMap<_, _> = store.documents(request.sealing).await?.into_iter().map(|row| (row.id, row.kind)).collect();
        // What is signed is the last of what is shown, whatever comes into the log meanwhile.
        let last_event = events.last().and_then(|line| Bytes::from_hex(line.digest.as_deref()?)).ok_or(Fault::Internal)?;
        let documents = store.documents_sent(id).await?.into_iter().map(|row| wire::ReviewDocument {
            document: row.document,
            kind: kinds.get(&row.document).copied(),
            at: text(row.first_at),
            times: row.times,
        });
        let openings = store.openings(id).await?.into_iter().map(|row| wire::ReviewOpening {
            opened_at: text(row.opened_at),
            wiped_at: row.wiped_at.map(text),
            is_missing: row.is_missing,
        });
        let said = store.said_of(id).await?.into_iter();
        let is_over = request.is_over(now) && !store.is_receipt_owed(id).await?;
        let state = request.state.at(now);
        let (ending, ending_reason) = match &state {
            State::Released { grant, .. } => (grant.ending_at(now), grant.reason.clone()),
            _ => (None, None),
        };
        Ok(wire::ReviewView {
            statement: request.statement,
            decisions: said.map(|row| wire::ReviewDecision { by: row.by.into(), statement: row.statement }).collect(),
            opened_alone: store.opened_alone(id).await?,
            outcome: state.outcome().word().to_owned(),
            is_over,
            ending,
            ending_reason,
            openings: openings.collect(),
            documents: documents.collect(),
            extract: self.extract(events).await?,
            left_out,
            last_event,
            review: line(review, who, now),
        })
    }

    /// The digest of the last event about a request.
    pub(super) async fn last_event_of(&self, id: RequestId) -> Result<Bytes<32>, Fault> {
        self.store().last_event_of(id).await?.and_then(|hex| Bytes::from_hex(&hex)).ok_or(Fault::Internal)
    }

    /// Events in their own words, each with how its signature stands.
    async fn extract(&self, events: Vec<AuditLine>) -> Result<Vec<wire::ExtractLine>, Fault> {
        let mut lines = Vec::new();
        for AuditLine { sequence, text, digest } in events {
            let (text, digest) = (text.unwrap_or_default(), digest.unwrap_or_default());
            let link = Link::read(&text);
            let signature = match &link {
                Some(link) => self.signature_of(&link.facts).await?,
                None => None,
            };
            let (kind, actor, at) = match link {
                Some(Link { kind, actor, at, .. }) => (kind, actor, at),
                None => (wire::AuditLine::UNREADABLE.to_owned(), None, String::new()),
            };
            let fits = Bytes::<32>(Sha256::digest(text.as_bytes()).into()).to_hex() == digest;
            lines.push(wire::ExtractLine { sequence, kind, actor, at, text, digest, fits, signature });
        }
        Ok(lines)
    }

    /// How the signature stands that an event's facts hold; `None`: they hold none.
    async fn signature_of(&self, facts: &Value) -> Result<Option<SignatureState>, Fault> {
        let (Some(statement), Some(assertion)) = (facts.get("statement"), facts.get("assertion")) else { return Ok(None) };
        let id = facts.get("passkey").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let passkey = match id {
            Some(id) => self.store().passkey(id).await?,
            None => None,
        };
        let Some(row) = passkey else { return Ok(Some(SignatureState::PasskeyGone)) };
        // Whose passkey it is counts as well: another member's signs nothing in this one's name.
        let signer = statement.get("member").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let holds = signer == Some(row.member) && self.0.passkeys.has_signed(&row.passkey, statement, assertion);
        Ok(Some(if holds { SignatureState::Holds } else { SignatureState::Fails }))
    }
}

fn line(review: Review, who: &SignedIn, now: OffsetDateTime) -> wire::ReviewLine {
    let overdue = review.is_overdue(now);
    let own = review.owner.as_ref().is_some_and(|owner| owner.id == who.member.id);
    let Review { request, reason, by, statement, door, opened_at, due_at, owner, closed, .. } = review;
    wire::ReviewLine {
        request,
        reason,
        by: by.into(),
        incident: statement.justification.incident().to_owned(),
        drill: statement.drill,
        door,
        opened_at: text(opened_at),
        due_at: text(due_at),
        overdue,
        owner: owner.map(Into::into),
        own,
        closed: closed.map(|closed| wire::ReviewClosed {
            by: closed.by.into(),
            at: text(closed.at),
            finding: closed.finding,
            note: closed.note,
        }),
    }
}
