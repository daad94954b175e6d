//! Dispatchers' words on requests: one a dispatcher and request, the last one.

use halligan_shared::{
    id::{MemberId, RecordId, RequestId},
    outcome::Outcome,
    statement::Verdict,
};
use serde_json::Value;
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, millis, request::not_open, to_json};

/// A dispatcher's signed word.
pub struct Decided<'a> {
    /// Which request.
    pub request: RequestId,
    /// The word.
    pub verdict: Verdict,
    /// Why not.
    pub reason: &'a str,
    /// Who.
    pub by: MemberId,
    /// The canonical statement.
    pub statement: &'a str,
    /// The passkey's signature over it.
    pub assertion: &'a Value,
}

impl Store {
    /// Whether a member was denied a record since then.
    pub async fn was_denied(&self, member: MemberId, record: RecordId, since: OffsetDateTime) -> Result<bool, StoreError> {
        let row = sqlx::query(WAS_DENIED)
            .bind(member.to_string())
            .bind(record.to_string())
            .bind(millis(since))
            .bind(Outcome::Denied.word())
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }
}

impl Unit {
    /// Keeps a word, over what this dispatcher said of the request before. `false`: the request does not take it any more, or it is the
    /// dispatcher's own.
    pub async fn decide(&mut self, decided: &Decided<'_>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let state = match decided.verdict {
            Verdict::Approve | Verdict::Deny => Outcome::Pending,
            Verdict::TakeBack => Outcome::Approved,
        };
        let done = sqlx::query(
            "insert into decision (request_id, member_id, verdict, reason, statement, assertion, decided_at, counts) \
             select id, $1, $2, $3, $4, $5, $6, 1 from access_request where id = $7 and state = $8 and until_at > $6 and member_id <> $1 \
             on conflict (request_id, member_id) do update set verdict = excluded.verdict, reason = excluded.reason, \
             statement = excluded.statement, assertion = excluded.assertion, decided_at = excluded.decided_at, counts = 1 \
             where decision.counts = 0 or decision.verdict <> excluded.verdict",
        )
        .bind(decided.by.to_string())
        .bind(decided.verdict.word())
        .bind(decided.reason)
        .bind(decided.statement)
        .bind(to_json(decided.assertion)?)
        .bind(millis(now))
        .bind(decided.request.to_string())
        .bind(state.word())
        .execute(&mut *self.tx)
        .await?;
        self.has_decided(decided.request, decided.by).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Pending, or approved and not opened -> Denied. `false`: it is past that.
    pub async fn deny_request(&mut self, request: RequestId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(concat!(
            "update access_request set state = $3, door = null where id = $1 and until_at > $2 and ",
            not_open!()
        ))
        .bind(request.to_string())
        .bind(millis(now))
        .bind(Outcome::Denied.word())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// No approval of a member counts any more for what is not open yet.
    pub async fn discount_approvals(&mut self, member: MemberId, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query(concat!(
            "update decision set counts = 0 where member_id = $1 and verdict = 'approve' and counts = 1 \
             and request_id in (select id from access_request where until_at > $2 and ",
            not_open!(),
            ")"
        ))
        .bind(member.to_string())
        .bind(millis(now))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

/// Denied, taken back, or ended while it was open.
const WAS_DENIED: &str = "select q.id from access_request q left join decision d on d.request_id = q.id and d.verdict <> 'approve' left join access_grant g on g.request_id = q.id where q.member_id = $1 and q.record_id = $2 and (q.state = $4 and d.decided_at > $3 or g.ending = 'revoked' and g.ended_at > $3) limit 1";
