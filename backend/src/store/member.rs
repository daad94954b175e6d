//! Members and their passkeys.

use halligan_shared::{
    assignment::Assignment,
    id::{MemberId, PasskeyId},
    member::{AgencyId, Role},
};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, instant, json, maybe_instant, millis, parsed, to_json, unsigned};
use crate::{domain::member::Member, passkeys::StoredPasskey};

/// The columns of a member, in SQL, for [`member_of`]: of the table with this name, with a prefix where more than one member is selected.
macro_rules! member_columns {
    ($table:literal) => {
        member_columns!($table, "")
    };
    ($table:literal, $prefix:literal) => {
        concat!(
            $table,
            ".id as ",
            $prefix,
            "id, ",
            $table,
            ".agency_id as ",
            $prefix,
            "agency_id, ",
            $table,
            ".display_name as ",
            $prefix,
            "display_name, ",
            $table,
            ".roles as ",
            $prefix,
            "roles, ",
            $table,
            ".assignment as ",
            $prefix,
            "assignment"
        )
    };
}
pub(super) use member_columns;

/// A passkey with what the store knows about it.
#[derive(Debug, Clone)]
pub struct PasskeyRow {
    /// The id.
    pub id: PasskeyId,
    /// Whose.
    pub member: MemberId,
    /// The passkey.
    pub passkey: StoredPasskey,
    /// What the member calls it.
    pub name: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Last use.
    pub last_used_at: Option<OffsetDateTime>,
}

/// A member in a list.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// The member.
    pub member: Member,
    /// How many passkeys.
    pub passkeys: u32,
    /// Last sign-in.
    pub last_sign_in_at: Option<OffsetDateTime>,
    /// At how many browsers the member is signed in.
    pub sessions: u32,
    /// Whether the member is kept out.
    pub suspended: bool,
}

impl Store {
    /// A member by id.
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        let row = sqlx::query(concat!("select ", member_columns!("member"), " from member where id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| member_of(&row, "")).transpose()
    }

    /// A member by agency id.
    pub async fn member_by_agency_id(&self, id: &AgencyId) -> Result<Option<Member>, StoreError> {
        let row = sqlx::query(concat!("select ", member_columns!("member"), " from member where agency_id = $1"))
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| member_of(&row, "")).transpose()
    }

    /// All members, by agency id.
    pub async fn members(&self, now: OffsetDateTime) -> Result<Vec<MemberRow>, StoreError> {
        let rows = sqlx::query(
            concat!("select ", member_columns!("m"), ", m.last_sign_in_at, case when m.suspended_at is null then 0 else 1 end as suspended, (select count(*) from passkey p where p.member_id = m.id) as passkeys, (select count(*) from http_session h join stay s on s.id = h.sign_in_id where s.member_id = m.id and h.expires_at > $1) as sessions from member m order by m.agency_id"),
        )
        .bind(millis(now))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MemberRow {
                    member: member_of(row, "")?,
                    passkeys: unsigned(row, "passkeys")?,
                    last_sign_in_at: maybe_instant(row, "last_sign_in_at")?,
                    sessions: unsigned(row, "sessions")?,
                    suspended: row.try_get::<i64, _>("suspended")? == 1,
                })
            })
            .collect()
    }

    /// A member's passkeys, oldest first.
    pub async fn passkeys(&self, member: MemberId) -> Result<Vec<PasskeyRow>, StoreError> {
        let rows = sqlx::query("select * from passkey where member_id = $1 order by created_at, id")
            .bind(member.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(passkey_of).collect()
    }

    /// A passkey.
    pub async fn passkey(&self, id: PasskeyId) -> Result<Option<PasskeyRow>, StoreError> {
        let row = sqlx::query("select * from passkey where id = $1").bind(id.to_string()).fetch_optional(&self.pool).await?;
        row.as_ref().map(passkey_of).transpose()
    }

    /// A passkey by its credential id.
    pub async fn passkey_by_credential(&self, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
        let row =
            sqlx::query("select * from passkey where credential_id = $1").bind(credential_id).fetch_optional(&self.pool).await?;
        row.as_ref().map(passkey_of).transpose()
    }
}

impl Unit {
    /// A member as they stand: nothing changes them before the unit is over.
    pub async fn member(&mut self, id: MemberId) -> Result<Option<Member>, StoreError> {
        let row = sqlx::query(concat!("select ", member_columns!("member"), " from member where id = $1"))
            .bind(id.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| member_of(&row, "")).transpose()
    }

    /// Adds a member; `false` when the agency id is taken.
    pub async fn add_member(&mut self, member: &Member, now: OffsetDateTime) -> Result<bool, StoreError> {
        let done = sqlx::query("insert into member (id, agency_id, display_name, roles, created_at, assignment) values ($1, $2, $3, $4, $5, $6) on conflict (agency_id) do nothing")
            .bind(member.id.to_string())
            .bind(member.agency_id.as_str())
            .bind(member.display_name.as_str())
            .bind(to_json(&member.roles)?)
            .bind(millis(now))
            .bind(to_json(&member.assignment)?)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Adds a passkey; `false` when its credential id is known already.
    pub async fn add_passkey(&mut self, row: &PasskeyRow) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into passkey (id, member_id, credential_id, credential, name, created_at) values ($1, $2, $3, $4, $5, $6) on conflict (credential_id) do nothing",
        )
        .bind(row.id.to_string())
        .bind(row.member.to_string())
        .bind(row.passkey.credential_id())
        .bind(to_json(&row.passkey)?)
        .bind(row.name.as_str())
        .bind(millis(row.created_at))
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// A passkey as it stands now: nothing can move it on before the unit is over.
    pub async fn passkey(&mut self, id: PasskeyId) -> Result<Option<StoredPasskey>, StoreError> {
        let row =
            sqlx::query("select credential from passkey where id = $1").bind(id.to_string()).fetch_optional(&mut *self.tx).await?;
        row.map(|row| json(&row, "credential")).transpose()
    }

    /// Notes that a passkey was used; its counter and flags move on.
    pub async fn passkey_used(&mut self, row: &PasskeyRow, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update passkey set credential = $1, last_used_at = $2 where id = $3")
            .bind(to_json(&row.passkey)?)
            .bind(millis(now))
            .bind(row.id.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Keeps a member out, or lets one in again; `false` when it is so already.
    pub async fn suspend_member(&mut self, member: MemberId, since: Option<OffsetDateTime>) -> Result<bool, StoreError> {
        let done = sqlx::query("update member set suspended_at = $1 where id = $2 and (suspended_at is null) <> ($1 is null)")
            .bind(since.map(millis))
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes where a member works.
    pub async fn assign_member(&mut self, member: MemberId, assignment: &Assignment) -> Result<(), StoreError> {
        sqlx::query("update member set assignment = $1 where id = $2")
            .bind(to_json(assignment)?)
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Changes a member's roles.
    pub async fn set_roles(&mut self, member: MemberId, roles: &[Role]) -> Result<(), StoreError> {
        sqlx::query("update member set roles = $1 where id = $2")
            .bind(to_json(&roles)?)
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Whether a member is kept out.
    pub async fn is_kept_out(&mut self, member: MemberId) -> Result<bool, StoreError> {
        let row = sqlx::query("select id from member where id = $1 and suspended_at is not null")
            .bind(member.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        Ok(row.is_some())
    }

    /// Whether an admin is left who is not kept out.
    pub async fn admits_an_admin(&mut self) -> Result<bool, StoreError> {
        Ok(!self.members_with(Role::Admin).await?.is_empty())
    }

    /// Names a passkey of this member; `false` when there is none.
    pub async fn name_passkey(&mut self, member: MemberId, passkey: PasskeyId, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("update passkey set name = $1 where id = $2 and member_id = $3")
            .bind(name)
            .bind(passkey.to_string())
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes every passkey of a member. Which ones. Whoever calls adds one in the same unit.
    pub async fn remove_passkeys(&mut self, member: MemberId) -> Result<Vec<PasskeyId>, StoreError> {
        let rows = sqlx::query("delete from passkey where member_id = $1 returning id")
            .bind(member.to_string())
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(|row| parsed(row, "id")).collect()
    }

    /// Removes a passkey of this member unless it is the last; `false` when nothing was removed.
    pub async fn remove_passkey(&mut self, member: MemberId, passkey: PasskeyId) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "delete from passkey where id = $1 and member_id = $2 and (select count(*) from passkey where member_id = $2) > 1",
        )
        .bind(passkey.to_string())
        .bind(member.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Everybody with a role who is not kept out.
    pub async fn members_with(&mut self, role: Role) -> Result<Vec<Member>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            member_columns!("m"),
            " from member m where m.suspended_at is null and m.roles like $1 order by m.agency_id"
        ))
        .bind(format!("%\"{}\"%", role.word()))
        .fetch_all(&mut *self.tx)
        .await?;
        let members = rows.iter().map(|row| member_of(row, "")).collect::<Result<Vec<_>, _>>()?;
        Ok(members.into_iter().filter(|member| member.is(role)).collect())
    }

    /// A member by agency id, unless they are kept out.
    pub async fn member_let_in(&mut self, id: &AgencyId) -> Result<Option<Member>, StoreError> {
        let row = sqlx::query(concat!(
            "select ",
            member_columns!("m"),
            " from member m where m.suspended_at is null and m.agency_id = $1"
        ))
        .bind(id.as_str())
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| member_of(&row, "")).transpose()
    }
}

/// A member out of columns that carry a prefix.
pub(super) fn member_of(row: &AnyRow, prefix: &str) -> Result<Member, StoreError> {
    let text = |column: &str| row.try_get::<String, _>(format!("{prefix}{column}").as_str());
    let unreadable = || StoreError::Unreadable("member");
    Ok(Member {
        id: text("id")?.parse().map_err(|_| unreadable())?,
        agency_id: text("agency_id")?.parse().map_err(|_| unreadable())?,
        display_name: text("display_name")?.parse().map_err(|_| unreadable())?,
        roles: serde_json::from_str(&text("roles")?).map_err(|_| unreadable())?,
        assignment: serde_json::from_str(&text("assignment")?).map_err(|_| unreadable())?,
    })
}

pub(super) fn passkey_of(row: &AnyRow) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        id: parsed(row, "id")?,
        member: parsed(row, "member_id")?,
        passkey: json(row, "credential")?,
        name: row.try_get("name")?,
        created_at: instant(row, "created_at")?,
        last_used_at: maybe_instant(row, "last_used_at")?,
    })
}
