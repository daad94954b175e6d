//! Grants: the first release makes one, and exactly one thing ends it. One whose only opening came to nothing is taken back, which
//! ends nothing: the next release goes on under its id. Openings: each owes a wipe receipt of its own, unless it is taken back.

use halligan_shared::{
    bytes::Bytes,
    grant::Ending,
    id::{GrantId, MemberId, RequestId, SignInId},
    outcome::Outcome,
};
use sqlx::Row as _;
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, lockdown::not_locked_down, millis, parsed};

/// A grant that a release makes.
pub struct NewGrant {
    /// The id; a request whose grant was taken back keeps that one's.
    pub id: GrantId,
    /// The approved request.
    pub request: RequestId,
    /// The stay that asked.
    pub sign_in: SignInId,
    /// When the window closes.
    pub ends_at: OffsetDateTime,
}

/// A grant whose window is open in the store's eyes.
pub struct OpenGrant {
    /// The id.
    pub id: GrantId,
    /// Its request.
    pub request: RequestId,
}

/// An opening whose wipe receipt has not come.
pub struct Unwiped {
    /// The grant.
    pub grant: GrantId,
    /// Its request.
    pub request: RequestId,
    /// The commitment that names the opening, hexadecimal.
    pub wipe_commitment: String,
}

/// Openings whose receipt is owed by a grant that had ended by `$2`.
pub(super) const MISSED_RECEIPTS: &str = "update opening set missed_at = $1 where wiped_at is null and missed_at is null and \
    exists (select 1 from access_grant g where g.id = grant_id and g.ended_at <= $2) \
    returning grant_id, wipe_commitment, (select request_id from access_grant g where g.id = grant_id) as request_id";

impl Store {
    /// Grants whose window is open now.
    pub async fn open_windows(&self, now: OffsetDateTime) -> Result<Vec<GrantId>, StoreError> {
        let rows = sqlx::query("select id from access_grant where ending is null and ends_at > $1")
            .bind(millis(now))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }
}

impl Unit {
    /// Grants of one stay, or of a member, that have not ended.
    pub async fn open_grants_of(&mut self, member: MemberId, sign_in: Option<SignInId>) -> Result<Vec<OpenGrant>, StoreError> {
        let rows = sqlx::query(
            "select g.id, g.request_id from access_grant g join access_request q on q.id = g.request_id where g.ending is null and q.member_id = $1 and ($2 = '' or q.sign_in_id = $2)",
        )
        .bind(member.to_string())
        .bind(sign_in.map(|id| id.to_string()).unwrap_or_default())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| Ok(OpenGrant { id: parsed(row, "id")?, request: parsed(row, "request_id")? })).collect()
    }

    /// Approved -> Released, and the grant with it, unless the portal is locked down: of any number of releases at once, one makes it.
    pub async fn release_request(&mut self, grant: &NewGrant, now: OffsetDateTime) -> Result<Option<GrantId>, StoreError> {
        let done = sqlx::query(concat!(
            "update access_request set state = $4 where id = $1 and ",
            not_locked_down!(),
            " and state = $5 and door is not null and until_at > $2 and sign_in_id = $3"
        ))
        .bind(grant.request.to_string())
        .bind(millis(now))
        .bind(grant.sign_in.to_string())
        .bind(Outcome::Released.word())
        .bind(Outcome::Approved.word())
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(None);
        }
        let row = sqlx::query("insert into access_grant (id, request_id, started_at, ends_at) values ($1, $2, $3, $4) on conflict (request_id) do update set started_at = excluded.started_at, ends_at = excluded.ends_at, ending = null where access_grant.ending = 'taken_back' returning id")
            .bind(grant.id.to_string())
            .bind(grant.request.to_string())
            .bind(millis(now))
            .bind(millis(grant.ends_at))
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| parsed(&row, "id")).transpose()
    }

    /// Notes that a page opens the record, and what its wipe receipt will have to fit. `false`: another opening owes the same.
    pub async fn add_opening(&mut self, grant: GrantId, commitment: &Bytes<32>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("insert into opening (wipe_commitment, grant_id, opened_at) values ($1, $2, $3) on conflict (wipe_commitment) do nothing")
            .bind(commitment.to_hex())
            .bind(grant.to_string())
            .bind(millis(now))
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes back an opening that nothing came of. If its grant lives and has no other, the grant is taken back as well: its request is
    /// approved again, and gets back the time that passed. Says whether that is so.
    ///
    /// The grant's row stays, as `taken_back`, which is neither open nor an ending: a dispatcher who saw it on the desk can still
    /// say that it is to end (see [`Unit::revoke`]), and the next opening goes on under its id.
    pub async fn take_back(&mut self, grant: GrantId, commitment: &Bytes<32>, now: OffsetDateTime) -> Result<bool, StoreError> {
        sqlx::query("delete from opening where wipe_commitment = $1 and grant_id = $2 and wiped_at is null and missed_at is null")
            .bind(commitment.to_hex())
            .bind(grant.to_string())
            .execute(&mut *self.tx)
            .await?;
        let taken_back = sqlx::query("update access_grant set ending = 'taken_back' where id = $1 and ending is null and not exists (select 1 from opening where grant_id = $1) returning request_id, started_at")
            .bind(grant.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        let Some(row) = taken_back else { return Ok(false) };
        sqlx::query("update access_request set state = $3, until_at = until_at + $1 where id = $2 and state = $4")
            .bind(millis(now) - row.try_get::<i64, _>("started_at")?)
            .bind(row.try_get::<String, _>("request_id")?)
            .bind(Outcome::Approved.word())
            .bind(Outcome::Released.word())
            .execute(&mut *self.tx)
            .await?;
        Ok(true)
    }

    /// Whether the window is still open; inside a unit nothing can end it before the unit is over. In a lockdown none is, also not one
    /// that had run out by another clock when the lockdown ended all others.
    pub async fn is_open(&mut self, grant: GrantId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let row = sqlx::query(concat!(
            "select id from access_grant where id = $1 and ending is null and ends_at > $2 and ",
            not_locked_down!()
        ))
        .bind(grant.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.is_some())
    }

    /// Ends a grant, and keeps what a dispatcher said of it. `false`: something else ended it first.
    pub async fn end_grant(
        &mut self,
        grant: GrantId,
        ending: Ending,
        reason: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query("update access_grant set ended_at = $1, ending = $2, reason = $3 where id = $4 and ending is null")
            .bind(millis(now))
            .bind(ending.word())
            .bind(reason)
            .bind(grant.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a grant by a dispatcher's word: an open window, or one that was taken back, and then the approval that stands behind it.
    /// `false`: there is neither any more. After `true` nothing opens under that approval, whatever else happened and in
    /// whichever order.
    pub async fn revoke(&mut self, grant: GrantId, reason: Option<&str>, now: OffsetDateTime) -> Result<bool, StoreError> {
        if self.is_open(grant, now).await? {
            return self.end_grant(grant, Ending::Revoked, reason, now).await;
        }
        let done = sqlx::query("update access_request set state = $3 where state = $4 and until_at > $1 and id = (select request_id from access_grant where id = $2 and ending = 'taken_back')")
            .bind(millis(now))
            .bind(grant.to_string())
            .bind(Outcome::Released.word())
            .bind(Outcome::Approved.word())
            .execute(&mut *self.tx)
            .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query("update access_grant set ended_at = $1, ending = $2, reason = $3 where id = $4")
            .bind(millis(now))
            .bind(Ending::Revoked.word())
            .bind(reason)
            .bind(grant.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(true)
    }

    /// Notes a wipe receipt that fits an opening of this grant. `false`: it fits none, or has come already.
    pub async fn wiped(&mut self, grant: GrantId, commitment: &Bytes<32>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done =
            sqlx::query("update opening set wiped_at = $1 where grant_id = $2 and wipe_commitment = $3 and wiped_at is null")
                .bind(millis(now))
                .bind(grant.to_string())
                .bind(commitment.to_hex())
                .execute(&mut *self.tx)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends every grant whose window is over.
    pub async fn expire_grants(&mut self, now: OffsetDateTime) -> Result<Vec<OpenGrant>, StoreError> {
        let rows = sqlx::query("update access_grant set ended_at = $1, ending = 'expired' where ending is null and ends_at <= $1 returning id, request_id")
            .bind(millis(now))
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(|row| Ok(OpenGrant { id: parsed(row, "id")?, request: parsed(row, "request_id")? })).collect()
    }

    /// Notes, once for each, the openings whose receipt is owed since before `owed`: their grant had ended by then.
    pub async fn missed_receipts(&mut self, owed: OffsetDateTime, now: OffsetDateTime) -> Result<Vec<Unwiped>, StoreError> {
        let rows = sqlx::query(MISSED_RECEIPTS).bind(millis(now)).bind(millis(owed)).fetch_all(&mut *self.tx).await?;
        rows.iter()
            .map(|row| {
                Ok(Unwiped {
                    grant: parsed(row, "grant_id")?,
                    request: parsed(row, "request_id")?,
                    wipe_commitment: row.try_get("wipe_commitment")?,
                })
            })
            .collect()
    }
}
