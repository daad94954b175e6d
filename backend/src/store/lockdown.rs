//! The lockdown: proposals, the one row that says how the portal stands, and where the authority stands with sessions.

use halligan_shared::{
    grant::Ending,
    id::{MemberId, ProposalId},
    statement::{LockdownAct, LockdownStatement},
};
use sqlx::{AssertSqlSafe, Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{
    NewProposal, OpenGrant, Store, StoreError, Unit, instant, json, maybe_instant,
    member::{member_columns, member_of},
    millis, parsed, unsigned,
};
use crate::domain::member::Member;

/// A proposal that may be confirmed.
pub struct ProposalRow {
    /// What the proposer signed.
    pub statement: LockdownStatement,
    /// Who proposed it.
    pub by: Member,
    /// Until when.
    pub until: OffsetDateTime,
}

/// That records open, in SQL, for every statement that asks: without the row that says so they do not.
macro_rules! not_locked_down {
    () => {
        "exists (select 1 from lockdown where one = 1 and begun_by is null)"
    };
}
pub(super) use not_locked_down;

/// That an act on a lockdown fits how the portal stands, in SQL: of the columns or numbers with the act and the lockdown.
macro_rules! fits {
    ($act:literal, $lockdown:literal) => {
        concat!(
            "((",
            $act,
            " = 'begin' and ",
            not_locked_down!(),
            ") or (",
            $act,
            " = 'lift' and exists (select 1 from lockdown l join lockdown_proposal b on b.id = l.begun_by where b.lockdown_id = ",
            $lockdown,
            ")))"
        )
    };
}

/// A lockdown in force.
pub struct LockdownRow {
    /// What both admins signed.
    pub statement: LockdownStatement,
    /// Who proposed it.
    pub by: Member,
    /// Who confirmed it.
    pub confirmed_by: Member,
    /// When: it began.
    pub since: OffsetDateTime,
}

/// Where the authority stands with sessions of the decrypter role: it is to refuse all of them, or those from before the last lockdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenyRow {
    /// What it is told: to refuse all of them, or the older ones.
    pub told: DenyDue,
    /// Since when it does as it should now.
    pub since: Option<OffsetDateTime>,
    /// Why it could not be told yet.
    pub failure: Option<String>,
}

/// What is to be told to the authority now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenyDue {
    /// To refuse every session: the portal is locked down by this proposal.
    All(ProposalId),
    /// To refuse sessions issued before this, and no longer any others.
    Older(OffsetDateTime),
    /// To refuse none: those issued before this have run out.
    Nothing(OffsetDateTime),
}

impl DenyDue {
    /// `begun_by` and `deny_before` of the row that asks for this, as [`STANDS`] compares them.
    fn stands(self) -> (String, i64) {
        match self {
            Self::All(proposal) => (proposal.to_string(), NONE),
            Self::Older(before) | Self::Nothing(before) => (String::new(), millis(before)),
        }
    }
}

/// What became of a proposal that was confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// The portal is locked down.
    Begun,
    /// It no longer is.
    Lifted {
        /// When the lockdown had begun.
        begun: OffsetDateTime,
    },
}

impl Store {
    /// The lockdown in force.
    pub async fn lockdown(&self) -> Result<Option<LockdownRow>, StoreError> {
        let row = sqlx::query(
            concat!("select p.statement, p.confirmed_at, ", member_columns!("m", "by_"), ", ", member_columns!("c", "c_"), " from lockdown l join lockdown_proposal p on p.id = l.begun_by join member m on m.id = p.proposed_by join member c on c.id = p.confirmed_by"),
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(LockdownRow {
                statement: json(&row, "statement")?,
                by: member_of(&row, "by_")?,
                confirmed_by: member_of(&row, "c_")?,
                since: instant(&row, "confirmed_at")?,
            })
        })
        .transpose()
    }

    /// Whether nothing opens. By the same words as a release is judged: without the row nothing does.
    pub async fn is_locked_down(&self) -> Result<bool, StoreError> {
        let row = sqlx::query(concat!("select 1 where ", not_locked_down!())).fetch_optional(&self.pool).await?;
        Ok(row.is_none())
    }

    /// Proposals that may be confirmed, the oldest first.
    pub async fn proposals(&self, now: OffsetDateTime) -> Result<Vec<ProposalRow>, StoreError> {
        let rows = sqlx::query(PROPOSALS_OF_NOW).bind(millis(now)).bind(String::new()).fetch_all(&self.pool).await?;
        rows.iter().map(proposal_of).collect()
    }

    /// One of them.
    pub async fn proposal(&self, id: ProposalId, now: OffsetDateTime) -> Result<Option<ProposalRow>, StoreError> {
        let row = sqlx::query(PROPOSALS_OF_NOW).bind(millis(now)).bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(proposal_of).transpose()
    }

    /// Where the authority stands with sessions; `None`: it is to refuse none.
    pub async fn deny(&self) -> Result<Option<DenyRow>, StoreError> {
        let row = sqlx::query(
            "select begun_by, deny_before, deny_since, deny_failure from lockdown where one = 1 and (begun_by is not null or deny_before is not null)",
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            let told = match row.try_get::<Option<String>, _>("begun_by")? {
                Some(_) => DenyDue::All(parsed(&row, "begun_by")?),
                None => DenyDue::Older(instant(&row, "deny_before")?),
            };
            Ok(DenyRow { told, since: maybe_instant(&row, "deny_since")?, failure: row.try_get("deny_failure")? })
        })
        .transpose()
    }

    /// Goes up with everything that [`Store::lockdown`], [`Store::proposals`] and [`Store::deny`] tell, but for what time alone does.
    pub async fn lockdown_revision(&self) -> Result<u64, StoreError> {
        let row = sqlx::query("select revision from lockdown where one = 1").fetch_optional(&self.pool).await?;
        row.map_or(Ok(0), |row| unsigned(&row, "revision"))
    }

    /// What is to be told to the authority now, if anything; of any number of backends one gets it, and nobody before `next`.
    /// Sessions issued before `outlived` have run out by themselves.
    pub async fn take_deny_due(
        &self,
        now: OffsetDateTime,
        next: OffsetDateTime,
        outlived: OffsetDateTime,
    ) -> Result<Option<DenyDue>, StoreError> {
        let row = sqlx::query(
            "update lockdown set deny_next_at = $1 where one = 1 and (deny_next_at is null or deny_next_at <= $2 or deny_next_at > $1) \
             and ((deny_since is null and (begun_by is not null or deny_before is not null)) or (begun_by is null and deny_before <= $3)) \
             returning deny_before, begun_by",
        )
        .bind(millis(next))
        .bind(millis(now))
        .bind(millis(outlived))
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(if row.try_get::<Option<String>, _>("begun_by")?.is_some() {
            DenyDue::All(parsed(&row, "begun_by")?)
        } else {
            let before = instant(&row, "deny_before")?;
            if before <= outlived { DenyDue::Nothing(before) } else { DenyDue::Older(before) }
        }))
    }
}

impl Unit {
    /// Files a proposal in place of an earlier one of the same admin. `false`: the portal is locked down already, or no longer by
    /// the lockdown that it is about.
    pub async fn propose_lockdown(
        &mut self,
        proposal: &NewProposal<'_, LockdownStatement>,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let NewProposal { statement, words, until } = proposal;
        sqlx::query("update lockdown_proposal set until_at = $1 where proposed_by = $2 and confirmed_at is null and until_at > $1")
            .bind(millis(now))
            .bind(statement.member.to_string())
            .execute(&mut *self.tx)
            .await?;
        let done = sqlx::query(
            concat!(
            "insert into lockdown_proposal (id, lockdown_id, act, statement, proposed_by, proposed_at, until_at) select $1, $2, $3, $4, $5, $6, $7 where ",
            fits!("$3", "$2")
        ))
        .bind(statement.proposal.to_string())
        .bind(statement.lockdown.to_string())
        .bind(statement.act.word())
        .bind(words)
        .bind(statement.member.to_string())
        .bind(millis(now))
        .bind(millis(*until))
        .execute(&mut *self.tx)
        .await?;
        self.revised_by(&done).await
    }

    /// Confirms a proposal, by another admin, in time, while its proposer is not kept out and the lockdown is as it was proposed
    /// for; and makes it so. `None`: one of these is not so.
    pub async fn confirm_lockdown(
        &mut self,
        statement: &LockdownStatement,
        by: MemberId,
        now: OffsetDateTime,
    ) -> Result<Option<Confirmed>, StoreError> {
        let begun = match statement.act {
            LockdownAct::Begin => None,
            LockdownAct::Lift => self.begun().await?,
        };
        let done = sqlx::query(
            concat!(
            "update lockdown_proposal set confirmed_by = $1, confirmed_at = $2 where id = $3 and confirmed_at is null and until_at > $2 \
             and proposed_by <> $1 and exists (select 1 from member m where m.id = proposed_by and m.suspended_at is null) and ",
            fits!("act", "lockdown_proposal.lockdown_id")
        ))
        .bind(by.to_string())
        .bind(millis(now))
        .bind(statement.proposal.to_string())
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(None);
        }
        let begun_by = match statement.act {
            LockdownAct::Begin => Some(statement.proposal.to_string()),
            LockdownAct::Lift => None,
        };
        // From here on the authority is to be told, at once, whatever it was told before.
        sqlx::query("update lockdown set begun_by = $1, deny_before = null, deny_since = null, deny_failure = null, deny_next_at = null where one = 1")
            .bind(begun_by)
            .execute(&mut *self.tx)
            .await?;
        self.revise_lockdown().await?;
        Ok(Some(begun.map_or(Confirmed::Begun, |begun| Confirmed::Lifted { begun })))
    }

    /// When the lockdown in force began.
    async fn begun(&mut self) -> Result<Option<OffsetDateTime>, StoreError> {
        let begun = "select p.confirmed_at from lockdown l join lockdown_proposal p on p.id = l.begun_by where l.one = 1";
        let row = sqlx::query(begun).fetch_optional(&mut *self.tx).await?;
        row.map(|row| instant(&row, "confirmed_at")).transpose()
    }

    /// Ends every open grant.
    pub async fn end_every_grant(&mut self, now: OffsetDateTime) -> Result<Vec<OpenGrant>, StoreError> {
        let rows = sqlx::query(
            "update access_grant set ended_at = $1, ending = $2 where ending is null and ends_at > $1 returning id, request_id",
        )
        .bind(millis(now))
        .bind(Ending::LockedDown.word())
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| Ok(OpenGrant { id: parsed(row, "id")?, request: parsed(row, "request_id")? })).collect()
    }

    /// With the lockdown lifted, the authority is to refuse sessions issued before `before` and no others.
    pub async fn want_older_denied(&mut self, before: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update lockdown set deny_before = $1 where one = 1 and begun_by is null")
            .bind(millis(before))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Notes that the authority did as it was told: refuses sessions, or none any more. `false`: by now it is to do something else, or
    /// another backend noted it.
    pub async fn deny_is_told(&mut self, told: DenyDue, now: OffsetDateTime) -> Result<bool, StoreError> {
        let (begun_by, before) = told.stands();
        let done = match told {
            DenyDue::All(_) | DenyDue::Older(_) => {
                let put = format!("update lockdown set deny_since = $3, deny_failure = null where {STANDS} and deny_since is null");
                sqlx::query(AssertSqlSafe(put)).bind(begun_by).bind(before).bind(millis(now)).execute(&mut *self.tx).await?
            }
            DenyDue::Nothing(_) => {
                let removed =
                    format!("update lockdown set deny_before = null, deny_since = null, deny_failure = null where {STANDS}");
                sqlx::query(AssertSqlSafe(removed)).bind(begun_by).bind(before).execute(&mut *self.tx).await?
            }
        };
        self.revised_by(&done).await
    }

    /// Notes why the authority could not be told. Whether that is new: the log has each kind of failure once.
    pub async fn deny_failed(&mut self, told: DenyDue, why: &str) -> Result<bool, StoreError> {
        let (begun_by, before) = told.stands();
        let failed =
            format!("update lockdown set deny_failure = $3 where {STANDS} and (deny_failure is null or deny_failure <> $3)");
        let done = sqlx::query(AssertSqlSafe(failed)).bind(begun_by).bind(before).bind(why).execute(&mut *self.tx).await?;
        self.revised_by(&done).await
    }

    /// Has the authority told once more, at once, what it did as it was told at `since`, and does no longer. `false`: it was told
    /// something since, or is to be.
    pub async fn deny_is_gone(&mut self, told: DenyDue, since: OffsetDateTime) -> Result<bool, StoreError> {
        let (begun_by, before) = told.stands();
        let gone = format!("update lockdown set deny_since = null, deny_next_at = null where {STANDS} and deny_since = $3");
        let done = sqlx::query(AssertSqlSafe(gone)).bind(begun_by).bind(before).bind(millis(since)).execute(&mut *self.tx).await?;
        self.revised_by(&done).await
    }

    /// Has the authority told once more, at once, if it is to do something else by now than `told`: that may have taken the place of
    /// what was said since. Whether that is so.
    pub async fn deny_again(&mut self, told: DenyDue) -> Result<bool, StoreError> {
        let (begun_by, before) = told.stands();
        // Where nothing is to be refused any more, what was put late is to be taken away: as what has outlived its sessions.
        let left = match told {
            DenyDue::All(_) | DenyDue::Older(_) => Some(0_i64),
            DenyDue::Nothing(_) => None,
        };
        let again = format!(
            "update lockdown set deny_since = null, deny_next_at = null, \
             deny_before = case when begun_by is null and deny_before is null then $3 else deny_before end \
             where one = 1 and not ({STANDS}) and (begun_by is not null or deny_before is not null or $3 is not null)"
        );
        let done = sqlx::query(AssertSqlSafe(again)).bind(begun_by).bind(before).bind(left).execute(&mut *self.tx).await?;
        self.revised_by(&done).await
    }

    /// Whether it changed anything. What changed nothing wakes nobody.
    async fn revised_by(&mut self, done: &sqlx::any::AnyQueryResult) -> Result<bool, StoreError> {
        let is_new = done.rows_affected() == 1;
        if is_new {
            self.revise_lockdown().await?;
        }
        Ok(is_new)
    }

    /// Takes back what a member proposed and nobody confirmed yet.
    pub(super) async fn withdraw_proposals(&mut self, member: MemberId) -> Result<(), StoreError> {
        let done = sqlx::query(
            "update lockdown_proposal set until_at = 0 where proposed_by = $1 and confirmed_at is null and until_at > 0",
        )
        .bind(member.to_string())
        .execute(&mut *self.tx)
        .await?;
        self.revised_by(&done).await.map(drop)
    }

    async fn revise_lockdown(&mut self) -> Result<(), StoreError> {
        sqlx::query("update lockdown set revision = revision + 1 where one = 1").execute(&mut *self.tx).await?;
        Ok(())
    }
}

/// Whether what was to be told to the authority is still what is to be told; by [`DenyDue::stands`].
const STANDS: &str = "one = 1 and coalesce(begun_by, '') = $1 and coalesce(deny_before, -1) = $2";
/// No `deny_before`, as [`STANDS`] has it.
const NONE: i64 = -1;

/// Only those that fit how the portal stands.
const PROPOSALS_OF_NOW: &str = concat!(
    "select p.statement, p.until_at, ",
    member_columns!("m"),
    " from lockdown_proposal p join member m on m.id = p.proposed_by \
    where p.confirmed_at is null and p.until_at > $1 and m.suspended_at is null and ($2 = '' or p.id = $2) and ",
    fits!("p.act", "p.lockdown_id"),
    " order by p.proposed_at, p.id"
);

fn proposal_of(row: &AnyRow) -> Result<ProposalRow, StoreError> {
    Ok(ProposalRow { statement: json(row, "statement")?, by: member_of(row, "")?, until: instant(row, "until_at")? })
}
