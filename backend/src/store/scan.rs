//! Bracelets that responders looked up of late, and the alarms about them.

use halligan_shared::{id::MemberId, member::AgencyId, reference::ReferenceDigest};
use time::OffsetDateTime;

use super::{
    Store, StoreError, Unit, instant, maybe_instant,
    member::{member_columns, member_of},
    millis,
    record::hex,
    unsigned,
};
use crate::domain::{member::Member, scan::Alarm};

/// An alarm, with whom it is about.
pub struct AlarmRow {
    /// Who.
    pub by: Member,
    /// Since when.
    pub raised_at: OffsetDateTime,
    /// How many bracelets.
    pub bracelets: u32,
    /// Who signed them out since the last of these, and when.
    pub signed_out: Option<(Member, OffsetDateTime)>,
}

impl Store {
    /// The alarms that stand, the oldest first.
    pub async fn scan_alarms(&self) -> Result<Vec<AlarmRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            member_columns!("m"),
            ", a.raised_at, a.bracelets, a.signed_out_at, ",
            member_columns!("o", "out_"),
            " from scan_alarm a join member m on m.id = a.member_id left join member o on o.id = a.signed_out_by order by a.raised_at limit 200"
        ))
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(AlarmRow {
                    by: member_of(row, "")?,
                    raised_at: instant(row, "raised_at")?,
                    bracelets: unsigned(row, "bracelets")?,
                    signed_out: maybe_instant(row, "signed_out_at")?
                        .map(|at| Ok::<_, StoreError>((member_of(row, "out_")?, at)))
                        .transpose()?,
                })
            })
            .collect()
    }

    /// Forgets the bracelets that no longer count.
    pub async fn sweep_scans(&self, before: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("delete from scan where at <= $1").bind(millis(before)).execute(&self.pool).await?;
        Ok(())
    }
}

impl Unit {
    /// Notes that a member looked a bracelet up. `false`: for the first time since `since`.
    pub async fn scanned(
        &mut self,
        member: MemberId,
        reference: &ReferenceDigest,
        since: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        let known = sqlx::query("select 1 from scan where member_id = $1 and reference_digest = $2 and at > $3")
            .bind(member.to_string())
            .bind(hex(reference))
            .bind(millis(since))
            .fetch_optional(&mut *self.tx)
            .await?;
        sqlx::query(
            "insert into scan (member_id, reference_digest, at) values ($1, $2, $3) on conflict (member_id, reference_digest) do update set at = excluded.at",
        )
        .bind(member.to_string())
        .bind(hex(reference))
        .bind(millis(now))
        .execute(&mut *self.tx)
        .await?;
        Ok(known.is_some())
    }

    /// How many bracelets a member looked up since then.
    pub async fn scans(&mut self, member: MemberId, since: OffsetDateTime) -> Result<u32, StoreError> {
        let row = sqlx::query("select count(*) as scans from scan where member_id = $1 and at > $2")
            .bind(member.to_string())
            .bind(millis(since))
            .fetch_one(&mut *self.tx)
            .await?;
        unsigned(&row, "scans")
    }

    /// The alarm about a member.
    pub async fn scan_alarm(&mut self, member: MemberId) -> Result<Option<Alarm>, StoreError> {
        let row = sqlx::query("select bracelets, last_at from scan_alarm where member_id = $1")
            .bind(member.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| Ok(Alarm { bracelets: unsigned(&row, "bracelets")?, last_at: instant(&row, "last_at")? })).transpose()
    }

    /// Raises the alarm about a member, or notes how far it has come.
    pub async fn keep_scan_alarm(&mut self, member: MemberId, alarm: Alarm) -> Result<(), StoreError> {
        sqlx::query(
            "insert into scan_alarm (member_id, raised_at, bracelets, last_at) values ($1, $2, $3, $2) on conflict (member_id) do update set bracelets = excluded.bracelets, last_at = excluded.last_at, signed_out_by = null, signed_out_at = null",
        )
        .bind(member.to_string())
        .bind(millis(alarm.last_at))
        .bind(i64::from(alarm.bracelets))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Notes on the alarm about a member, if there is one, who signed them out.
    pub async fn signed_out_in_alarm(&mut self, member: MemberId, by: &AgencyId, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update scan_alarm set signed_out_by = (select id from member where agency_id = $1), signed_out_at = $2 where member_id = $3")
            .bind(by.as_str())
            .bind(millis(now))
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends the alarm about so many bracelets of a member, and forgets what raised it; `false`: there is none about so many,
    /// and the unit is to be dropped.
    pub async fn end_scan_alarm(&mut self, member: MemberId, bracelets: u32) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from scan_alarm where member_id = $1 and bracelets = $2")
            .bind(member.to_string())
            .bind(i64::from(bracelets))
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("delete from scan where member_id = $1").bind(member.to_string()).execute(&mut *self.tx).await?;
        Ok(done.rows_affected() == 1)
    }
}
