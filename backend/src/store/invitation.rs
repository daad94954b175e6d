//! Invitations that nobody has used. The store knows the digest of a link's token, and an id that says nothing of it.

use halligan_shared::{
    assignment::Assignment,
    id::{InvitationId, MemberId},
    member::{AgencyId, DisplayName, Role},
};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit, instant, json,
    member::{member_columns, member_of},
    millis, parsed, to_json,
};
use crate::domain::member::Member;

/// An invitation that has not been used.
#[derive(Debug, Clone)]
pub struct InvitationRow {
    /// The id.
    pub id: InvitationId,
    /// The agency's id.
    pub agency_id: AgencyId,
    /// The name.
    pub display_name: DisplayName,
    /// The roles.
    pub roles: Vec<Role>,
    /// Where they work.
    pub assignment: Assignment,
    /// Until when.
    pub expires_at: OffsetDateTime,
    /// Who invited; absent for the operator.
    pub invited_by: Option<MemberId>,
}

impl Store {
    /// An invitation that can still be used.
    pub async fn invitation(&self, token_digest: &str, now: OffsetDateTime) -> Result<Option<InvitationRow>, StoreError> {
        let row = sqlx::query("select * from invitation where token_digest = $1 and expires_at > $2")
            .bind(token_digest)
            .bind(millis(now))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(invitation_of).transpose()
    }

    /// All that can still be used, and who invited; the one that ends first before the others.
    pub async fn invitations(&self, now: OffsetDateTime) -> Result<Vec<(InvitationRow, Option<Member>)>, StoreError> {
        let rows = sqlx::query(concat!(
            "select i.id, i.agency_id, i.display_name, i.roles, i.assignment, i.expires_at, i.invited_by, ",
            member_columns!("m", "m_"),
            " from invitation i left join member m on m.id = i.invited_by where i.expires_at > $1 order by i.expires_at, i.id"
        ))
        .bind(millis(now))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                let invitation = invitation_of(row)?;
                let by = invitation.invited_by.map(|_| member_of(row, "m_")).transpose()?;
                Ok((invitation, by))
            })
            .collect()
    }
}

impl Unit {
    /// Keeps an invitation, in place of an unused one for the same agency id. Whether there was one.
    pub async fn add_invitation(
        &mut self,
        token_digest: &str,
        invitation: &InvitationRow,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        sqlx::query("delete from invitation where expires_at <= $1").bind(millis(now)).execute(&mut *self.tx).await?;
        let replaced = sqlx::query("delete from invitation where agency_id = $1")
            .bind(invitation.agency_id.as_str())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query(
            "insert into invitation (token_digest, agency_id, display_name, roles, expires_at, invited_by, assignment, id) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(token_digest)
        .bind(invitation.agency_id.as_str())
        .bind(invitation.display_name.as_str())
        .bind(to_json(&invitation.roles)?)
        .bind(millis(invitation.expires_at))
        .bind(invitation.invited_by.map(|member| member.to_string()))
        .bind(to_json(&invitation.assignment)?)
        .bind(invitation.id.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(replaced.rows_affected() > 0)
    }

    /// Takes an invitation out, for good: of any number at once, one gets it.
    pub async fn take_invitation(&mut self, token_digest: &str, now: OffsetDateTime) -> Result<Option<InvitationRow>, StoreError> {
        let row = sqlx::query("delete from invitation where token_digest = $1 and expires_at > $2 returning *")
            .bind(token_digest)
            .bind(millis(now))
            .fetch_optional(&mut *self.tx)
            .await?;
        row.as_ref().map(invitation_of).transpose()
    }

    /// Deletes one, for good. Whom it was for; `None`: it is used or over.
    pub async fn withdraw_invitation(&mut self, id: InvitationId, now: OffsetDateTime) -> Result<Option<AgencyId>, StoreError> {
        let row = sqlx::query("delete from invitation where id = $1 and expires_at > $2 returning agency_id")
            .bind(id.to_string())
            .bind(millis(now))
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| parsed(&row, "agency_id")).transpose()
    }

    /// Deletes the unused invitations of a member, for good. Whom they were for.
    pub async fn withdraw_invitations(&mut self, by: MemberId, now: OffsetDateTime) -> Result<Vec<AgencyId>, StoreError> {
        let rows = sqlx::query("delete from invitation where invited_by = $1 and expires_at > $2 returning agency_id")
            .bind(by.to_string())
            .bind(millis(now))
            .fetch_all(&mut *self.tx)
            .await?;
        let mut withdrawn: Vec<AgencyId> = rows.iter().map(|row| parsed(row, "agency_id")).collect::<Result<_, _>>()?;
        withdrawn.sort_unstable();
        Ok(withdrawn)
    }
}

fn invitation_of(row: &AnyRow) -> Result<InvitationRow, StoreError> {
    let unreadable = StoreError::Unreadable("invited_by");
    Ok(InvitationRow {
        id: parsed(row, "id")?,
        agency_id: parsed(row, "agency_id")?,
        display_name: parsed(row, "display_name")?,
        roles: json(row, "roles")?,
        assignment: json(row, "assignment")?,
        expires_at: instant(row, "expires_at")?,
        invited_by: row.try_get::<Option<String>, _>("invited_by")?.map(|id| id.parse()).transpose().map_err(|_| unreadable)?,
    })
}
