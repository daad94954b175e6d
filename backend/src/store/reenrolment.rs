//! Re-enrolments: a member's passkeys are to be replaced. Each step is one statement whose WHERE names what it must still find.

use halligan_shared::{
    id::{MemberId, ReenrolmentId},
    member::AgencyId,
    statement::ReenrolmentStatement,
};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{
    NewProposal, Store, StoreError, Unit, instant, json, maybe_instant,
    member::{member_columns, member_of},
    millis, parsed,
};
use crate::domain::member::Member;

/// A re-enrolment under way.
pub struct ReenrolmentRow {
    /// What the proposer signed.
    pub statement: ReenrolmentStatement,
    /// Whose passkeys.
    pub subject: Member,
    /// Who proposed it.
    pub by: Member,
    /// Until when it may be confirmed.
    pub until: OffsetDateTime,
    /// That it is.
    pub confirmed: Option<ConfirmedBy>,
    /// Until when the last link that was handed out can be used.
    pub token_until: Option<OffsetDateTime>,
}

/// A confirmation.
pub struct ConfirmedBy {
    /// Who confirmed it.
    pub by: Member,
    /// From when the link may be handed out.
    pub ready: OffsetDateTime,
    /// Until when it can be used at all.
    pub ends: OffsetDateTime,
}

/// That a re-enrolment is under way at `$1`, in SQL.
macro_rules! under_way {
    () => {
        "stopped_at is null and done_at is null and ((confirmed_by is null and until_at > $1) or (confirmed_by is not null and ends_at > $1))"
    };
}

/// That a re-enrolment is over at `$1` and its member, who was told of it, was not told that, in SQL.
macro_rules! untold_end {
    () => {
        concat!(
            "id in (select about from notice where topic = 'reenrolment' and closed_at is null) and not (",
            $crate::store::reenrolment::under_way!(),
            ")"
        )
    };
}
pub(super) use {under_way, untold_end};

/// What is under way, and what of it is asked for.
macro_rules! rows {
    ($which:literal) => {
        concat!(
            "select r.statement, r.until_at, r.confirmed_by, r.ready_at, r.ends_at, r.token_until_at, ",
            member_columns!("s", "s_"),
            ", ",
            member_columns!("b", "b_"),
            ", ",
            member_columns!("c", "c_"),
            " from reenrolment r join member s on s.id = r.member_id join member b on b.id = r.proposed_by left join member c on c.id = r.confirmed_by where ",
            under_way!(),
            $which,
            " order by r.proposed_at, r.id"
        )
    };
}

impl Store {
    /// Everything under way, the oldest first.
    pub async fn reenrolments(&self, now: OffsetDateTime) -> Result<Vec<ReenrolmentRow>, StoreError> {
        let rows = sqlx::query(rows!("")).bind(millis(now)).fetch_all(&self.pool).await?;
        rows.iter().map(row_of).collect()
    }

    /// One of them.
    pub async fn reenrolment(&self, id: ReenrolmentId, now: OffsetDateTime) -> Result<Option<ReenrolmentRow>, StoreError> {
        let row = sqlx::query(rows!(" and r.id = $2")).bind(millis(now)).bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(row_of).transpose()
    }

    /// The one of a member.
    pub async fn reenrolment_of(&self, member: MemberId, now: OffsetDateTime) -> Result<Option<ReenrolmentRow>, StoreError> {
        let row =
            sqlx::query(rows!(" and s.id = $2")).bind(millis(now)).bind(member.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(row_of).transpose()
    }

    /// The one whose last link has this token, while that can be used.
    pub async fn reenrolment_by_token(
        &self,
        token_digest: &str,
        now: OffsetDateTime,
    ) -> Result<Option<ReenrolmentRow>, StoreError> {
        let row = sqlx::query(rows!(" and r.token_digest = $2 and r.token_until_at > $1"))
            .bind(millis(now))
            .bind(token_digest)
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(row_of).transpose()
    }
}

impl Unit {
    /// Files a proposal, in place of an unconfirmed one of the same admin about the same member. `false`: another is under way.
    pub async fn propose_reenrolment(
        &mut self,
        new: &NewProposal<'_, ReenrolmentStatement>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let NewProposal { statement, words, until } = new;
        sqlx::query("update reenrolment set stopped_at = $1 where member_id = $2 and proposed_by = $3 and confirmed_by is null and stopped_at is null")
            .bind(millis(now))
            .bind(statement.subject.to_string())
            .bind(statement.member.to_string())
            .execute(&mut *self.tx)
            .await?;
        let done = sqlx::query(concat!(
            "insert into reenrolment (id, member_id, statement, proposed_by, proposed_at, until_at) select $2, $3, $4, $5, $1, $6 \
             where not exists (select 1 from reenrolment where member_id = $3 and ",
            under_way!(),
            ")"
        ))
        .bind(millis(now))
        .bind(statement.reenrolment.to_string())
        .bind(statement.subject.to_string())
        .bind(words)
        .bind(statement.member.to_string())
        .bind(millis(*until))
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Confirms one, by an admin who neither proposed it nor is the member, in time. `false`: one of these is not so.
    pub async fn confirm_reenrolment(
        &mut self,
        id: ReenrolmentId,
        by: MemberId,
        now: OffsetDateTime,
        ready: OffsetDateTime,
        ends: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update reenrolment set confirmed_by = $2, ready_at = $3, ends_at = $4 where id = $5 and confirmed_by is null and stopped_at is null \
             and until_at > $1 and proposed_by <> $2 and member_id <> $2",
        )
        .bind(millis(now))
        .bind(by.to_string())
        .bind(millis(ready))
        .bind(millis(ends))
        .bind(id.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps the digest of the link that is handed out to one of the two admins, in place of an earlier one. `false`: it is too early,
    /// too late, or not theirs.
    pub async fn hand_out_reenrolment(
        &mut self,
        id: ReenrolmentId,
        by: MemberId,
        token_digest: &str,
        until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update reenrolment set token_digest = $2, token_until_at = $3 where id = $4 and (proposed_by = $5 or confirmed_by = $5) \
             and ready_at <= $1 and ends_at > $1 and stopped_at is null and done_at is null",
        )
        .bind(millis(now))
        .bind(token_digest)
        .bind(millis(until))
        .bind(id.to_string())
        .bind(by.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses a link, for good: of any number at once, one does. Which re-enrolment, and whose.
    pub async fn take_reenrolment(
        &mut self,
        token_digest: &str,
        now: OffsetDateTime,
    ) -> Result<Option<(ReenrolmentId, MemberId)>, StoreError> {
        let row = sqlx::query(
            "update reenrolment set done_at = $1 where token_digest = $2 and token_until_at > $1 and ends_at > $1 and stopped_at is null \
             and done_at is null returning id, member_id",
        )
        .bind(millis(now))
        .bind(token_digest)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| Ok((parsed(&row, "id")?, parsed(&row, "member_id")?))).transpose()
    }

    /// Re-enrolments that a member was told of and that are over without anybody's having said so to them, and whether they were stopped.
    pub async fn untold_ends(&mut self, now: OffsetDateTime) -> Result<Vec<(ReenrolmentId, bool)>, StoreError> {
        let rows = sqlx::query(concat!(
            "select id, case when stopped_at is null then 0 else 1 end as stopped from reenrolment where ",
            untold_end!()
        ))
        .bind(millis(now))
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| Ok((parsed(row, "id")?, row.try_get::<i64, _>("stopped")? == 1))).collect()
    }

    /// Stops one that is under way. `false`: it is not, any more.
    pub async fn stop_reenrolment(&mut self, id: ReenrolmentId, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query(concat!("update reenrolment set stopped_at = $1 where id = $2 and ", under_way!()))
            .bind(millis(now))
            .bind(id.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Stops everything under way that an admin proposed or confirmed: their word counts no more. Whose passkeys stay, by agency id.
    pub async fn stop_reenrolments_by(&mut self, admin: MemberId, now: OffsetDateTime) -> Result<Vec<AgencyId>, StoreError> {
        let rows = sqlx::query(concat!(
            "update reenrolment set stopped_at = $1 where (proposed_by = $2 or confirmed_by = $2) and ",
            under_way!(),
            " returning (select m.agency_id from member m where m.id = member_id) as agency_id"
        ))
        .bind(millis(now))
        .bind(admin.to_string())
        .fetch_all(&mut *self.tx)
        .await?;
        let mut stopped: Vec<AgencyId> = rows.iter().map(|row| parsed(row, "agency_id")).collect::<Result<_, _>>()?;
        stopped.sort_unstable();
        Ok(stopped)
    }

    /// Takes back what a member proposed and nobody confirmed yet.
    pub(super) async fn withdraw_reenrolments(&mut self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("update reenrolment set until_at = 0 where proposed_by = $1 and confirmed_by is null")
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

fn row_of(row: &AnyRow) -> Result<ReenrolmentRow, StoreError> {
    let confirmed = match row.try_get::<Option<String>, _>("confirmed_by")? {
        Some(_) => {
            Some(ConfirmedBy { by: member_of(row, "c_")?, ready: instant(row, "ready_at")?, ends: instant(row, "ends_at")? })
        }
        None => None,
    };
    Ok(ReenrolmentRow {
        statement: json(row, "statement")?,
        subject: member_of(row, "s_")?,
        by: member_of(row, "b_")?,
        until: instant(row, "until_at")?,
        confirmed,
        token_until: maybe_instant(row, "token_until_at")?,
    })
}
