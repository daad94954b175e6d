//! The outbox: what is to be told where, written together with what it tells.
//!
//! A row is claimed by one backend at a time, for as long as a call can take. Whoever dies with it loses the claim, and it is sent again:
//! at least once. What a device shows is one row: while a notice is sent, its end waits in the same row, and cannot overtake it.

use halligan_shared::{
    id::{MemberId, NoticeId, PushDeviceId},
    notice::Topic,
};
use sqlx::{Row as _, any::AnyRow};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{Store, StoreError, Unit, instant, maybe_instant, millis, notice::notice_of, parsed, unsigned};
use crate::domain::notice::Notice;

/// How long a claim holds: longer than a call may take.
const CLAIM: Duration = Duration::seconds(30);
/// How long the end of a notice is worth telling.
const ENDING: Duration = Duration::hours(1);

/// A way to the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// To a device.
    Push,
    /// To the agency's other system.
    Webhook,
}

impl Channel {
    /// The word used in the store and in the log.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::Webhook => "webhook",
        }
    }
}

/// Something claimed. What cannot be read holds nothing else up.
pub struct Claimed {
    /// Its id in the store.
    pub id: String,
    /// The row, if it can be read.
    pub row: Result<Box<DeliveryRow>, StoreError>,
}

/// What of a notice is to be told to somebody who may know a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// That it was made.
    Making,
    /// How it ended, to who was told that it was made.
    End,
    /// That it was made and how it ended, in one: it ended before anybody was told.
    Both,
    /// Nothing any more: a request that nobody waits for.
    Nothing,
}

/// Something to be sent, claimed.
pub struct DeliveryRow {
    /// The id, the same in every try.
    pub id: Uuid,
    /// What is told, as it stands now.
    pub notice: Notice,
    /// What of it; to a device that is by how the notice stands and by what the device was told.
    pub part: Part,
    /// The device, with its member.
    pub device: Option<Target>,
    /// The try that this is.
    pub attempts: u32,
    /// Until when it is worth sending.
    pub until: OffsetDateTime,
}

/// A device, as one is told by it.
pub struct Target {
    /// The id.
    pub id: PushDeviceId,
    /// Whose.
    pub member: MemberId,
    /// Its address.
    pub endpoint: String,
    /// Its public key.
    pub p256dh: String,
    /// Its secret.
    pub auth: String,
}

impl Store {
    /// Claims what is due next: nobody else sends it meanwhile. What was tried least comes before what was tried more, and of those a request
    /// that waits for an answer before all that nobody waits for, and what is over last.
    pub async fn claim_delivery(&self, channel: Channel, now: OffsetDateTime) -> Result<Option<Claimed>, StoreError> {
        loop {
            let row = sqlx::query("update delivery set claimed_until = $1, attempts = attempts + 1 where claimed_until <= $2 and id in (select id from delivery where state = 'waiting' and channel = $3 and next_at <= $2 and claimed_until <= $2 order by attempts, (select case when n.closed_at is not null then 2 when n.topic = $4 then 0 else 1 end from notice n where n.id = delivery.notice_id), next_at, id limit 1) returning id")
                .bind(millis(now + CLAIM))
                .bind(millis(now))
                .bind(channel.word())
                .bind(Topic::RequestWaits.word())
                .fetch_optional(&self.pool)
                .await?;
            let Some(row) = row else { return Ok(None) };
            let id: String = row.try_get("id")?;
            let row = sqlx::query("select n.*, d.id as delivery, d.event, d.told, d.attempts, d.until_at as worth_until, p.id as device, p.member_id as device_member, p.endpoint, p.p256dh, p.auth from delivery d join notice n on n.id = d.notice_id left join push_device p on p.id = d.device_id where d.id = $1")
                .bind(&id)
                .fetch_optional(&self.pool)
                .await?;
            // Gone with its device, if it is.
            if let Some(row) = row {
                return Ok(Some(Claimed { row: delivery_of(&row).map(Box::new), id }));
            }
        }
    }

    /// Notes that something was taken. Whether the way failed until now. A device that was told of a notice which ended meanwhile is told of its end next.
    pub async fn delivered(&self, delivery: &DeliveryRow, now: OffsetDateTime) -> Result<bool, StoreError> {
        sqlx::query("update delivery set told = $1, attempts = 0, claimed_until = 0, next_at = $2, until_at = case when $1 = 1 then $4 else until_at end, state = case when channel = 'push' and $1 = 1 and exists (select 1 from notice n where n.id = delivery.notice_id and n.closed_at is not null) then 'waiting' else 'done' end where id = $3")
            .bind(if delivery.part == Part::Making { 1_i64 } else { 2 })
            .bind(millis(now))
            .bind(delivery.id.to_string())
            .bind(millis(now + ENDING))
            .execute(&self.pool)
            .await?;
        let device = delivery.device.as_ref().map(|device| device.id);
        self.channel_answered(device, now).await
    }

    /// Gives back what was claimed and not tried.
    pub async fn put_back(&self, delivery: &DeliveryRow, again: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update delivery set claimed_until = 0, attempts = attempts - 1, next_at = $1 where id = $2 and attempts > 0")
            .bind(millis(again))
            .bind(delivery.id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that there is nothing to be told any more.
    pub async fn drop_delivery(&self, delivery: &DeliveryRow) -> Result<(), StoreError> {
        sqlx::query("update delivery set state = 'done', claimed_until = 0 where id = $1")
            .bind(delivery.id.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Notes that something was not taken, and when it is tried again. Whether the way did not fail until now.
    pub async fn not_delivered(
        &self,
        delivery: &DeliveryRow,
        again: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, StoreError> {
        sqlx::query("update delivery set claimed_until = 0, next_at = $1 where id = $2")
            .bind(millis(again))
            .bind(delivery.id.to_string())
            .execute(&self.pool)
            .await?;
        let failed = match &delivery.device {
            Some(_) => "update push_device set failing_since = $2 where id = $1 and failing_since is null",
            None => "update webhook set failing_since = $2 where $1 is null and failing_since is null",
        };
        let device = delivery.device.as_ref().map(|device| device.id.to_string());
        let done = sqlx::query(failed).bind(device).bind(millis(now)).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Forgets what was sent, or given up, of notices that ended before then. Until a notice ended it is kept who was told of it: they
    /// are told of its end.
    pub async fn sweep_deliveries(&self, before: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("delete from delivery where state in ('done', 'lost') and exists (select 1 from notice n where n.id = delivery.notice_id and n.closed_at <= $1)")
            .bind(millis(before))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    async fn channel_answered(&self, device: Option<PushDeviceId>, now: OffsetDateTime) -> Result<bool, StoreError> {
        let (failed, answers) = match device {
            Some(_) => (
                "update push_device set failing_since = null where id = $1 and failing_since is not null",
                "update push_device set last_ok_at = $2 where id = $1",
            ),
            None => (
                "update webhook set failing_since = null where $1 is null and failing_since is not null",
                "update webhook set last_ok_at = $2 where $1 is null",
            ),
        };
        let device = device.map(|device| device.to_string());
        let done = sqlx::query(failed).bind(device.clone()).execute(&self.pool).await?;
        sqlx::query(answers).bind(device).bind(millis(now)).execute(&self.pool).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Since when the webhook does not answer.
    pub async fn webhook_failing_since(&self) -> Result<Option<OffsetDateTime>, StoreError> {
        let row = sqlx::query("select failing_since from webhook where one = 1").fetch_optional(&self.pool).await?;
        row.map_or(Ok(None), |row| maybe_instant(&row, "failing_since"))
    }
}

impl Unit {
    /// Has every device of a member told of a notice. How many there are.
    pub async fn tell_devices(&mut self, notice: &Notice, member: MemberId) -> Result<u32, StoreError> {
        let rows = sqlx::query("select id from push_device where member_id = $1")
            .bind(member.to_string())
            .fetch_all(&mut *self.tx)
            .await?;
        for row in &rows {
            self.put_into_outbox(notice, (Channel::Push, Some(parsed(row, "id")?)), "made", notice.made_at, notice.until).await?;
        }
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }

    /// Has the webhook told of a notice.
    pub async fn tell_webhook(&mut self, notice: &Notice) -> Result<(), StoreError> {
        self.put_into_outbox(notice, (Channel::Webhook, None), "made", notice.made_at, notice.made_at + Duration::days(1)).await
    }

    async fn put_into_outbox(
        &mut self,
        notice: &Notice,
        (channel, device): (Channel, Option<PushDeviceId>),
        event: &str,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into delivery (id, notice_id, channel, device_id, event, state, next_at, until_at) values ($1, $2, $3, $4, $5, 'waiting', $6, $7)")
            .bind(Uuid::now_v7().to_string())
            .bind(notice.id.to_string())
            .bind(channel.word())
            .bind(device.map(|device| device.to_string()))
            .bind(event)
            .bind(millis(now))
            .bind(millis(until))
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Has everybody told that a notice ended who was told that it was made. Who was not told yet that a request waits, and is not being
    /// told just now, never is; of everything else they are told that it was and how it ended, for as long as it was worth telling.
    pub async fn end_deliveries(&mut self, notice: NoticeId, now: OffsetDateTime) -> Result<(), StoreError> {
        sqlx::query("update delivery set state = 'done' where notice_id = $1 and channel = 'push' and state = 'waiting' and told = 0 and claimed_until <= $2 and exists (select 1 from notice n where n.id = delivery.notice_id and n.topic = $3)")
            .bind(notice.to_string())
            .bind(millis(now))
            .bind(Topic::RequestWaits.word())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("update delivery set next_at = $1, state = 'waiting', until_at = case when told = 1 then $2 else until_at end where notice_id = $3 and channel = 'push' and (told = 1 or state = 'waiting')")
            .bind(millis(now))
            .bind(millis(now + ENDING))
            .bind(notice.to_string())
            .execute(&mut *self.tx)
            .await?;
        let told = sqlx::query("select 1 from delivery where notice_id = $1 and channel = 'webhook' and event = 'made'")
            .bind(notice.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        if told.is_some() {
            sqlx::query("insert into delivery (id, notice_id, channel, event, state, next_at, until_at) values ($1, $2, 'webhook', 'closed', 'waiting', $3, $4)")
                .bind(Uuid::now_v7().to_string())
                .bind(notice.to_string())
                .bind(millis(now))
                .bind(millis(now + Duration::days(1)))
                .execute(&mut *self.tx)
                .await?;
        }
        Ok(())
    }

    /// Gives something up. `false`: somebody else did.
    pub async fn give_up(&mut self, delivery: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("update delivery set state = 'lost' where id = $1 and state = 'waiting'")
            .bind(delivery)
            .execute(&mut *self.tx)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

fn delivery_of(row: &AnyRow) -> Result<DeliveryRow, StoreError> {
    let notice = notice_of(row)?;
    let device = match row.try_get::<Option<String>, _>("device")? {
        None => None,
        Some(_) => Some(Target {
            id: parsed(row, "device")?,
            member: parsed(row, "device_member")?,
            endpoint: row.try_get("endpoint")?,
            p256dh: row.try_get("p256dh")?,
            auth: row.try_get("auth")?,
        }),
    };
    let event: String = row.try_get("event")?;
    let told: u32 = unsigned(row, "told")?;
    let part = match (&device, &notice.closed) {
        (None, _) if event == "closed" => Part::End,
        (None, _) | (_, None) => Part::Making,
        (_, Some(_)) if told > 0 => Part::End,
        _ if notice.topic == Topic::RequestWaits => Part::Nothing,
        _ => Part::Both,
    };
    Ok(DeliveryRow {
        id: parsed(row, "delivery")?,
        part,
        notice,
        device,
        attempts: unsigned(row, "attempts")?,
        until: instant(row, "worth_until")?,
    })
}
