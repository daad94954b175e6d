//! Devices that are told by push.

use halligan_shared::id::{MemberId, PushDeviceId};
use sqlx::{Row as _, any::AnyRow};
use time::OffsetDateTime;

use super::{Store, StoreError, Unit, instant, maybe_instant, millis, parsed, unsigned};

/// A device, with what one is told by. The address and the keys are for nobody's eyes: no log has them.
pub struct PushDeviceRow {
    /// The id.
    pub id: PushDeviceId,
    /// Whose.
    pub member: MemberId,
    /// What its member knows it by.
    pub name: String,
    /// Which browser it is, as `http::browser` knows it.
    pub browser: Option<String>,
    /// Its address at its push service.
    pub endpoint: String,
    /// Its public key, base64url.
    pub p256dh: String,
    /// Its secret, base64url.
    pub auth: String,
    /// Since when.
    pub made_at: OffsetDateTime,
    /// When its push service last took something.
    pub last_ok_at: Option<OffsetDateTime>,
    /// Since when it takes nothing.
    pub failing_since: Option<OffsetDateTime>,
}

/// A device that is told no more.
pub struct GoneDevice {
    /// Which.
    pub id: PushDeviceId,
    /// Whose it was.
    pub member: MemberId,
    /// What its member knew it by.
    pub name: String,
}

impl Store {
    /// Whether a browser is one of a member's devices.
    pub async fn is_told_at(&self, member: MemberId, browser: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 from push_device where member_id = $1 and browser = $2")
            .bind(member.to_string())
            .bind(browser)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Whether a browser is a device of anybody, or of anybody but this member.
    pub async fn is_told_of_others_at(&self, browser: &str, but_of: Option<MemberId>) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 from push_device where browser = $1 and ($2 is null or member_id <> $2)")
            .bind(browser)
            .bind(but_of.map(|member| member.to_string()))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// A member's devices, oldest first.
    pub async fn push_devices(&self, member: MemberId) -> Result<Vec<PushDeviceRow>, StoreError> {
        let rows = sqlx::query("select * from push_device where member_id = $1 order by made_at, id")
            .bind(member.to_string())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(device_of).collect()
    }

    /// How many devices could not be told since then or longer, of those that something waits for.
    pub async fn push_devices_failing(&self, since: OffsetDateTime) -> Result<u32, StoreError> {
        let row = sqlx::query("select count(*) as failing from push_device p where p.failing_since <= $1 and exists (select 1 from delivery d where d.device_id = p.id and d.state = 'waiting')")
            .bind(millis(since))
            .fetch_one(&self.pool)
            .await?;
        unsigned(&row, "failing")
    }
}

impl Unit {
    /// Keeps a device, if the member has fewer than `most`. A browser that another member used before is theirs no more. Whose it was
    /// before, and as which device; `None`: it was not kept.
    pub async fn keep_push_device(&mut self, device: &PushDeviceRow, most: u32) -> Result<Option<Vec<GoneDevice>>, StoreError> {
        let rows = sqlx::query("delete from push_device where endpoint = $1 returning member_id, id, name")
            .bind(&device.endpoint)
            .fetch_all(&mut *self.tx)
            .await?;
        let before = rows.iter().map(gone).collect::<Result<Vec<_>, _>>()?;
        let done = sqlx::query("insert into push_device (id, member_id, endpoint, p256dh, auth, made_at, name, browser) select $1, $2, $3, $4, $5, $6, $8, $9 where (select count(*) from push_device where member_id = $2) < $7")
            .bind(device.id.to_string())
            .bind(device.member.to_string())
            .bind(&device.endpoint)
            .bind(&device.p256dh)
            .bind(&device.auth)
            .bind(millis(device.made_at))
            .bind(i64::from(most))
            .bind(&device.name)
            .bind(&device.browser)
            .execute(&mut *self.tx)
            .await?;
        Ok(Some(before).filter(|_| done.rows_affected() == 1))
    }

    /// Forgets a device of a member, with what it was still to be told. `false`: it is not theirs.
    pub async fn forget_push_device(&mut self, member: MemberId, device: PushDeviceId) -> Result<bool, StoreError> {
        let done = sqlx::query("delete from push_device where id = $1 and member_id = $2")
            .bind(device.to_string())
            .bind(member.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets the devices at a browser, but those of one member. Whose they were, and which.
    pub async fn forget_push_devices_at(&mut self, browser: &str, but_of: Option<MemberId>) -> Result<Vec<GoneDevice>, StoreError> {
        let rows = sqlx::query(
            "delete from push_device where browser = $1 and ($2 is null or member_id <> $2) returning member_id, id, name",
        )
        .bind(browser)
        .bind(but_of.map(|member| member.to_string()))
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(gone).collect()
    }

    /// Forgets every device of a member. How many there were.
    pub async fn forget_push_devices(&mut self, member: MemberId) -> Result<u64, StoreError> {
        let done =
            sqlx::query("delete from push_device where member_id = $1").bind(member.to_string()).execute(&mut *self.tx).await?;
        Ok(done.rows_affected())
    }
}

fn gone(row: &AnyRow) -> Result<GoneDevice, StoreError> {
    Ok(GoneDevice { id: parsed(row, "id")?, member: parsed(row, "member_id")?, name: row.try_get("name")? })
}

fn device_of(row: &AnyRow) -> Result<PushDeviceRow, StoreError> {
    Ok(PushDeviceRow {
        id: parsed(row, "id")?,
        member: parsed(row, "member_id")?,
        name: row.try_get("name")?,
        browser: row.try_get("browser")?,
        endpoint: row.try_get("endpoint")?,
        p256dh: row.try_get("p256dh")?,
        auth: row.try_get("auth")?,
        made_at: instant(row, "made_at")?,
        last_ok_at: maybe_instant(row, "last_ok_at")?,
        failing_since: maybe_instant(row, "failing_since")?,
    })
}
