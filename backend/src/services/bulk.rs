//! One signature over several requests of one incident: many patients, and a desk that has no time for each. Every request is judged by
//! itself, and has a word, an event and a grant of its own.

use std::collections::HashSet;

use halligan_shared::{
    audit::Kind,
    id::RequestId,
    incident::IncidentNumber,
    statement::{self, BulkApprovalStatement, BulkRequest, Verdict},
    wire,
};
use serde_json::json;

use super::{Fault, Portal, decide::DECIDING, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, SignedIn},
        request::{AccessRequest, Refusal},
    },
    store::Decided,
};

const PURPOSE: &str = "bulk approval";

/// What became of the requests of a signed statement.
pub struct BulkDecided {
    /// Approved.
    pub approved: Vec<RequestId>,
    /// Decided, withdrawn or over meanwhile, and which of these.
    pub missed: Vec<(RequestId, Refusal)>,
}

impl Portal {
    /// Checks that this dispatcher may approve each of them, and hands out the statement to sign.
    pub async fn prepare_bulk(&self, who: &SignedIn, requests: &[RequestId]) -> Result<wire::PreparedBulk, Fault> {
        if requests.len() > BulkApprovalStatement::MOST || requests.iter().collect::<HashSet<_>>().len() != requests.len() {
            const { assert!(BulkApprovalStatement::MOST == 20, "the sentence says so") };
            return Err(Fault::Invalid("Choose at most 20 requests, each once."));
        }
        let mut incident = None;
        let mut listed = Vec::new();
        for id in requests {
            let request = self.decidable(who, *id, Verdict::Approve).await?;
            self.check_as_signed(&request).await?;
            // One signature is not to pass a patient off among people who are made up.
            let of = (incident_of(&request)?, request.statement.drill);
            if incident.get_or_insert_with(|| of.clone()) != &of {
                return Err(Fault::Invalid("These are not all of one incident, or not all of a drill. Decide the others apart."));
            }
            let digest = self.digest_of(*id).await?;
            listed.push(BulkRequest { request: *id, request_digest: digest });
        }
        let (incident, _) = incident.ok_or(Fault::Invalid("Choose at least one request."))?;
        let statement = BulkApprovalStatement {
            kind: BulkApprovalStatement::KIND.to_owned(),
            incident,
            requests: listed,
            member: who.member.id,
            agency_id: who.member.agency_id.clone(),
            origin: self.settings().origin_text(),
            decided_at: text(self.now()),
        };
        let (statement, ceremony) = self.start_signing(PURPOSE, &who.member, statement).await?;
        self.store().mark_deciding(requests, who.member.id, self.now() + DECIDING).await?;
        self.changed();
        Ok(wire::PreparedBulk { statement, ceremony })
    }

    /// Takes the signed statement and approves each request that still waits. Where none does, the refusal is the first one's.
    pub async fn approve_bulk(&self, who: &SignedIn, body: &wire::DecideBody) -> Result<BulkDecided, Fault> {
        let signed = self.finish_signing::<BulkApprovalStatement>(PURPOSE, who, body.ceremony, &body.credential).await?;
        let words = statement::canonical(&signed.statement).map_err(|_| Fault::Internal)?;
        let (unit, now) = self.begin(Actor::Member(who)).await?;
        let mut unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        let member = unit.member(who.member.id).await?.ok_or(Fault::NotSignedIn)?;
        let mut decided = BulkDecided { approved: Vec::new(), missed: Vec::new() };
        for BulkRequest { request: id, request_digest } in &signed.statement.requests {
            let request = unit.request(*id).await?.ok_or(Fault::NotFound)?;
            let ruling = match self.may_say(&member, &request, Verdict::Approve, now) {
                Ok(ruling) => ruling,
                Err(Fault::Refused(refusal)) => {
                    decided.missed.push((*id, refusal));
                    continue;
                }
                Err(other) => return Err(other),
            };
            if !request.is_the_one(request_digest) {
                unit.record(&Event::of_portal(Kind::RequestAltered, json!({ "request": id })), now).await?;
                decided.missed.push((*id, Refusal::Altered));
                continue;
            }
            let word = Decided {
                request: *id,
                verdict: Verdict::Approve,
                reason: "",
                by: member.id,
                statement: &words,
                assertion: &signed.assertion,
            };
            let facts = signed.facts_and([("request", json!(id)), ("policy", self.policy_facts(&ruling))]);
            self.say(&mut unit, &word, &Event::by(&member.agency_id, Kind::RequestDecided, facts), now).await?;
            decided.approved.push(*id);
        }
        if decided.approved.is_empty() {
            // Nothing was decided; that a request was altered stays in the log all the same.
            if decided.missed.iter().any(|(_, refusal)| *refusal == Refusal::Altered) {
                self.commit(unit, Vec::new()).await?;
            }
            let first = decided.missed.into_iter().next();
            return Err(first.map_or(Fault::Internal, |(_, refusal)| refusal.into()));
        }
        self.commit(unit, Vec::new()).await?;
        Ok(decided)
    }
}

/// The incident that a request names, as computer-aided dispatch would.
fn incident_of(request: &AccessRequest) -> Result<IncidentNumber, Fault> {
    request.justification.incident().parse().map_err(|_| Fault::Internal)
}
