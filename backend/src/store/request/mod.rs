//! Access requests. Each change of state is one statement that names the state and the time it must still find.

mod read;

use halligan_shared::{
    door::Door,
    id::{DrillId, MemberId, RecordId, RequestId, SealingId, SignInId},
    incident::IncidentNumber,
    justification::Justification,
    outcome::Outcome,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{StoreError, Unit, millis, parsed, to_json};

/// A request just signed.
pub struct NewRequest<'a> {
    /// The id.
    pub id: RequestId,
    /// Who asks.
    pub member: MemberId,
    /// In which stay.
    pub sign_in: SignInId,
    /// Which record.
    pub record: RecordId,
    /// Which version of it.
    pub sealing: SealingId,
    /// The page's key for retries.
    pub idempotency_key: Uuid,
    /// Why.
    pub justification: &'a Justification,
    /// The canonical statement.
    pub statement: &'a str,
    /// Its digest, hexadecimal.
    pub statement_digest: &'a str,
    /// The passkey's signature over it.
    pub assertion: &'a Value,
    /// Until when it waits.
    pub until: OffsetDateTime,
    /// The drill in which it is made.
    pub drill: Option<DrillId>,
}

/// A door that opens a request.
pub struct DoorOpening {
    /// Which request.
    pub request: RequestId,
    /// Which door.
    pub door: Door,
    /// How long its record is readable, where that is less than the operator's limit.
    pub window: Option<Duration>,
    /// Until when it may be used.
    pub until: OffsetDateTime,
}

/// That the record of a request is not open and still may be, in SQL: it waits, or is approved.
macro_rules! not_open {
    () => {
        not_open!("")
    };
    ($table:literal) => {
        concat!($table, "state in ('pending', 'approved')")
    };
}
pub(super) use not_open;

/// That the sign-in is over in which a request was made, in SQL: its stay ended, or no browser has a session of it any more. Now is `$1`; of a
/// stay that began within the last minute, and in which no call came, the session may not be written down yet: a call is answered in half
/// of that (`http::routes`).
macro_rules! sign_in_over {
    ($table:literal) => {
        concat!(
            "not exists (select 1 from stay s where s.id = ",
            $table,
            ".sign_in_id and (s.unheard_at is not null and s.since > $1 - 60000 \
              or exists (select 1 from http_session h where h.sign_in_id = s.id and h.member_id = s.member_id)))"
        )
    };
}
pub(super) use sign_in_over;

/// How long a request waits again at least.
const SEEN: Duration = Duration::MINUTE;

impl Unit {
    /// Withdraws a member's open requests of other stays for this record: only the stay that asked could open them.
    pub async fn supersede_requests(
        &mut self,
        member: MemberId,
        record: RecordId,
        here: SignInId,
        now: OffsetDateTime,
    ) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(concat!(
            "update access_request set state = $5 where member_id = $1 and record_id = $2 and sign_in_id <> $3 \
             and until_at > $4 and ",
            not_open!(),
            " returning id"
        ))
        .bind(member.to_string())
        .bind(record.to_string())
        .bind(here.to_string())
        .bind(millis(now))
        .bind(Outcome::Cancelled.word())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// What a member asked in one stay was asked in another one of theirs from here on, if the same passkey began both: what somebody else
    /// asked with another passkey, which may have been stolen, ends with that one's stays. Nor does what was asked in a sign-in that is over.
    /// Which requests.
    pub async fn hand_over_requests(
        &mut self,
        member: MemberId,
        (from, to): (SignInId, SignInId),
        now: OffsetDateTime,
    ) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(concat!(
            "update access_request set sign_in_id = $4 where member_id = $2 and sign_in_id = $3 and exists \
             (select 1 from stay a join stay b on b.passkey_id = a.passkey_id and b.member_id = a.member_id where a.id = $3 and b.id = $4 and a.member_id = $2) \
             and not ",
            sign_in_over!("access_request"),
            " returning id"
        ))
        .bind(millis(now))
        .bind(member.to_string())
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Withdraws the open requests of a stay, or of all stays of a member: nobody could open them any more.
    pub async fn cancel_requests_of(
        &mut self,
        member: MemberId,
        sign_in: Option<SignInId>,
        now: OffsetDateTime,
    ) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(concat!(
            "update access_request set state = $4 where member_id = $1 and ($2 = '' or sign_in_id = $2) and until_at > $3 and ",
            not_open!(),
            " returning id"
        ))
        .bind(member.to_string())
        .bind(sign_in.map(|id| id.to_string()).unwrap_or_default())
        .bind(millis(now))
        .bind(Outcome::Cancelled.word())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Withdraws the open requests whose sign-in is over, by time alone: nobody could open them any more. Which ones.
    ///
    /// Sessions and stays that ran out are gone by then, and none comes back (see `Store::sweep_sessions`): of a session that is there
    /// nothing is withdrawn, whatever its row says of time.
    pub async fn cancel_requests_left(&mut self, now: OffsetDateTime) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(concat!(
            "update access_request set state = $2 where until_at > $1 and ",
            not_open!(),
            " and ",
            sign_in_over!("access_request"),
            " returning id"
        ))
        .bind(millis(now))
        .bind(Outcome::Cancelled.word())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Files a request. `false`: the key was used before, or the member has an open request for this record.
    pub async fn file_request(&mut self, request: &NewRequest<'_>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(concat!(
            "insert into access_request (id, member_id, sign_in_id, record_id, sealing_id, idempotency_key, justification, severity, statement, statement_digest, assertion, asked_at, state, until_at, waits_until, incident, drill_id) \
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $16, $13, $13, $14, $15 \
             where not exists (select 1 from access_request where member_id = $2 and record_id = $4 and until_at > $12 and ",
            not_open!(),
            ") on conflict (member_id, idempotency_key) do nothing"
        ))
        .bind(request.id.to_string())
        .bind(request.member.to_string())
        .bind(request.sign_in.to_string())
        .bind(request.record.to_string())
        .bind(request.sealing.to_string())
        .bind(request.idempotency_key.to_string())
        .bind(to_json(request.justification)?)
        .bind(request.justification.severity() as i64)
        .bind(request.statement)
        .bind(request.statement_digest)
        .bind(to_json(request.assertion)?)
        .bind(millis(now))
        .bind(millis(request.until))
        // As incidents are numbered, without regard to case.
        .bind(request.justification.incident().to_ascii_uppercase())
        .bind(request.drill.map(|drill| drill.to_string()))
        .bind(Outcome::Pending.word())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Opens a request that waits, through one door. `false`: it does not wait any more.
    pub async fn open_request(&mut self, opening: &DoorOpening, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("update access_request set state = $6, door = $1, until_at = $2, window_most = $3 where id = $4 and state = $7 and until_at > $5")
            .bind(opening.door.word())
            .bind(millis(opening.until))
            .bind(opening.window.map(milliseconds))
            .bind(opening.request.to_string())
            .bind(millis(now))
            .bind(Outcome::Approved.word())
            .bind(Outcome::Pending.word())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps what the responder signed to open a request alone.
    pub async fn keep_override(&mut self, request: RequestId, statement: &str, assertion: &Value) -> Result<(), StoreError> {
        sqlx::query("update access_request set override_statement = $1, override_assertion = $2 where id = $3")
            .bind(statement)
            .bind(to_json(assertion)?)
            .bind(request.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Requests of an incident whose record is not open: those that wait, and those that may be opened.
    pub async fn requests_of_incident(
        &mut self,
        incident: &IncidentNumber,
        now: OffsetDateTime,
    ) -> Result<Vec<RequestId>, StoreError> {
        let rows = sqlx::query(concat!(
            "select id from access_request where incident = $1 and until_at > $2 and ",
            not_open!(),
            " order by asked_at"
        ))
        .bind(incident.as_str())
        .bind(millis(now))
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Requests whose record is not open: those that wait, and those that may be opened.
    pub async fn requests_not_open(&mut self, now: OffsetDateTime) -> Result<Vec<RequestId>, StoreError> {
        let rows =
            sqlx::query(concat!("select id from access_request where until_at > $1 and ", not_open!(), " order by asked_at"))
                .bind(millis(now))
                .fetch_all(&mut *self.tx)
                .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Has a request wait again whose record was not opened: what opened it holds no more. `false`: it was not open through this door.
    ///
    /// It waits for as long as it would have, and a minute at least: somebody has to see it.
    pub async fn shut_door(&mut self, request: RequestId, door: Door, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("update access_request set state = $5, door = null, window_most = null, until_at = case when waits_until > $3 then waits_until else $3 end where id = $1 and state = $6 and door = $2 and until_at > $4")
            .bind(request.to_string())
            .bind(door.word())
            .bind(millis(now + SEEN))
            .bind(millis(now))
            .bind(Outcome::Pending.word())
            .bind(Outcome::Approved.word())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Withdraws a request that waits or is approved. `false`: it is past that.
    pub async fn cancel_request(&mut self, request: RequestId, member: MemberId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(concat!(
            "update access_request set state = $4 where id = $1 and member_id = $2 and until_at > $3 and ",
            not_open!()
        ))
        .bind(request.to_string())
        .bind(member.to_string())
        .bind(millis(now))
        .bind(Outcome::Cancelled.word())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes down what has run out: pending requests expire, approvals lapse. Ids and what they became.
    pub async fn expire_requests(&mut self, now: OffsetDateTime) -> Result<Vec<(RequestId, Outcome)>, StoreError> {
        let mut over = Vec::new();
        for (was, became) in [(Outcome::Pending, Outcome::Expired), (Outcome::Approved, Outcome::Lapsed)] {
            let rows = sqlx::query("update access_request set state = $1 where state = $2 and until_at <= $3 returning id")
                .bind(became.word())
                .bind(was.word())
                .bind(millis(now))
                .fetch_all(&mut *self.tx)
                .await?;
            for row in rows {
                over.push((parsed(&row, "id")?, became));
            }
        }
        Ok(over)
    }
}

fn milliseconds(span: Duration) -> i64 {
    i64::try_from(span.whole_milliseconds()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_open_waits_or_is_approved() {
        let [pending, approved] = [Outcome::Pending, Outcome::Approved].map(Outcome::word);
        assert_eq!(not_open!("q."), format!("q.state in ('{pending}', '{approved}')"));
    }
}
