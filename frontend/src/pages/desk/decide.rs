//! The dispatcher's word: asked for, checked against the card, signed, sent.

use halligan_shared::{
    id::RequestId,
    statement::{self, AccessStatement, Verdict},
    wire::{DecideBody, MemberView, PrepareDecision},
};

use crate::{
    api::{client::Refusal, desk},
    pages::signing::{SignFault, sign},
};

/// Signs and sends this word on the request that the card shows. Nothing else can be signed by it: the statement has to say the
/// same, and its digest has to be that of what the card was drawn from.
pub(super) async fn decide(asked: &AccessStatement, by: &MemberView, verdict: Verdict, reason: &str) -> Result<(), SignFault> {
    let request = asked.request;
    let prepared = desk::prepare(request, &PrepareDecision { verdict, reason: reason.to_owned() }).await?;
    let statement = &prepared.statement;
    let says_this = statement.request == request
        && statement::digest(asked).ok() == Some(statement.request_digest)
        && statement.verdict == verdict
        && statement.reason == reason;
    let credential = sign(&prepared.ceremony, statement, by, says_this).await?;
    Ok(desk::decide(request, &DecideBody { ceremony: prepared.ceremony.ceremony, credential }).await?)
}

/// What became of a request that is not on the desk any more.
pub(super) async fn what_became_of(request: RequestId) -> String {
    match desk::may_decide(request).await {
        Err(Refusal::Problem(problem)) => problem.detail,
        Ok(()) | Err(Refusal::Offline | Refusal::Unreadable) => "It has left the desk.".to_owned(),
    }
}
