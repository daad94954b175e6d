//! Stays: a member at a browser, from the sign-in until it ends. What stands here is what counts; a cookie session only names it.

use halligan_shared::id::{MemberId, PasskeyId, SignInId};
use sqlx::Row as _;
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit,
    member::{member_columns, member_of},
    millis, parsed, signed,
};
use crate::domain::member::{Member, SignedIn};

/// Which stays of a member.
#[derive(Debug, Clone, Copy)]
pub enum Stays {
    /// One.
    One(SignInId),
    /// Those that a passkey began.
    BegunBy(PasskeyId),
    /// All.
    All,
}

impl Store {
    /// The member of a stay that stands, if they are not kept out, and whether their browser has yet to call in it.
    pub async fn member_at(&self, member: MemberId, stay: SignInId) -> Result<Option<(Member, bool)>, StoreError> {
        let row = sqlx::query(concat!(
            "select case when s.unheard_at is null then 0 else 1 end as unheard, ",
            member_columns!("m"),
            " from member m join stay s on s.member_id = m.id where m.id = $1 and s.id = $2 and m.suspended_at is null"
        ))
        .bind(member.to_string())
        .bind(stay.to_string())
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((member_of(&row, "")?, row.try_get::<i64, _>("unheard")? == 1))).transpose()
    }

    /// Whether a stay began at a browser which has not called in its session.
    pub async fn is_unheard_at(&self, browser: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("select id from stay where unheard_at = $1 limit 1").bind(browser).fetch_optional(&self.pool).await?;
        Ok(row.is_some())
    }

    /// Notes that a call came in the session of a stay.
    pub async fn heard(&self, stay: SignInId) -> Result<(), StoreError> {
        sqlx::query("update stay set unheard_at = null where id = $1").bind(stay.to_string()).execute(&self.pool).await?;
        Ok(())
    }
}

impl Unit {
    /// Whether a stay stands and its member is not kept out: inside a unit nothing can end it before the unit is over.
    pub async fn stands(&mut self, who: &SignedIn) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select s.id from stay s join member m on m.id = s.member_id where s.id = $1 and m.id = $2 and m.suspended_at is null",
        )
        .bind(who.sign_in.to_string())
        .bind(who.member.id.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.is_some())
    }

    /// The stays that began at a browser which has not called in their sessions, but for one; and whose they are.
    pub async fn unheard_stays(&mut self, browser: &str, but: Option<SignInId>) -> Result<Vec<(MemberId, SignInId)>, StoreError> {
        let rows = sqlx::query("select id, member_id from stay where unheard_at = $1 and id <> $2 order by since, id")
            .bind(browser)
            .bind(but.map(|stay| stay.to_string()).unwrap_or_default())
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(|row| Ok((parsed(row, "member_id")?, parsed(row, "id")?))).collect()
    }

    /// Whether a sign-in counts that was begun when the log had come so far.
    pub async fn may_sign_in(&mut self, member: MemberId, begun_at: u64) -> Result<bool, StoreError> {
        let row = sqlx::query("select id from member where id = $1 and suspended_at is null and sign_ins_after <= $2")
            .bind(member.to_string())
            .bind(signed(begun_at)?)
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.is_some())
    }

    /// From here on no sign-in of a member counts that was begun before this unit.
    pub async fn end_sign_ins_under_way(&mut self, member: MemberId) -> Result<(), StoreError> {
        sqlx::query("update member set sign_ins_after = $1 where id = $2")
            .bind(signed(self.head.sequence)?)
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Begins a stay; `browser`: where, if somebody signed in there before and it may not hear of this.
    pub async fn begin_stay(
        &mut self,
        member: MemberId,
        stay: SignInId,
        passkey: PasskeyId,
        browser: Option<&str>,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query("update member set last_sign_in_at = $1 where id = $2")
            .bind(millis(now))
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("insert into stay (id, member_id, passkey_id, unheard_at, since) values ($1, $2, $3, $4, $5)")
            .bind(stay.to_string())
            .bind(member.to_string())
            .bind(passkey.to_string())
            .bind(browser)
            .bind(millis(now))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends stays of a member, and the cookie sessions with them. Which ones ended.
    pub async fn end_stays(&mut self, member: MemberId, stays: Stays) -> Result<Vec<SignInId>, StoreError> {
        let (stay, passkey) = match stays {
            Stays::One(stay) => (stay.to_string(), String::new()),
            Stays::BegunBy(passkey) => (String::new(), passkey.to_string()),
            Stays::All => (String::new(), String::new()),
        };
        let ended = sqlx::query(
            "delete from stay where member_id = $1 and ($2 = '' or id = $2) and ($3 = '' or passkey_id = $3) returning id",
        )
        .bind(member.to_string())
        .bind(stay)
        .bind(passkey)
        .fetch_all(&mut *self.tx)
        .await?;
        sqlx::query("delete from http_session where member_id = $1 and not exists (select 1 from stay s where s.id = sign_in_id)")
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        // Signing out of one takes nothing back. All of them, or a passkey's, are ended because somebody else may have had them.
        if !matches!(stays, Stays::One(_)) {
            self.withdraw_proposals(member).await?;
            self.withdraw_reenrolments(member).await?;
        }
        ended.iter().map(|row| parsed(row, "id")).collect()
    }
}
