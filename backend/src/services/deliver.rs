//! Sends what stands in the outbox: to devices, and to the webhook.
//!
//! At least once, by one backend at a time, and again more slowly each time for as long as it is worth knowing.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use futures_util::{StreamExt as _, stream::FuturesUnordered};
use halligan_shared::audit::Kind;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::{Fault, Portal, text};
use crate::{
    domain::audit::Event,
    outside::{Line, Subscription, Webhook},
    store::{Channel, Claimed, DeliveryRow, Part, Target},
};

/// How much is sent side by side. Each is claimed when its turn has come.
const AT_ONCE: usize = 64;
/// How long to wait for who is being told before looking what else is due.
const LOOK: std::time::Duration = std::time::Duration::from_millis(250);
/// First pause after a failure; each further one is twice as long.
const PAUSE: Duration = Duration::seconds(2);
/// Longest pause.
const PAUSE_MAX: Duration = Duration::minutes(5);
/// Most seconds that a push service is asked to keep something (RFC 8030, section 5.2).
const KEPT_MAX: i64 = 86_400;

/// How often a device may be refused for good before it is one no more.
const REFUSED_MAX: u32 = 5;

/// What became of a call.
enum Sent {
    /// It was taken.
    Taken,
    /// It was not, and may be later.
    NotNow,
    /// It was not tried: its push service is left alone until then.
    Later(OffsetDateTime),
    /// There was nothing to tell any more.
    Over,
    /// The device is gone, says its push service.
    Gone,
    /// It never will be: it is no address that is called, or no device.
    Never,
}

impl Portal {
    /// Sends everything that is due on a channel, and what comes due meanwhile: nobody waits for who does not answer. How much of it was
    /// taken.
    pub async fn deliver(&self, channel: Channel) -> Result<usize, Fault> {
        // Before anything is claimed: what is claimed and not sent is tried and failed.
        let line = &self.line()?;
        let mut taken = 0;
        let mut sending = FuturesUnordered::new();
        loop {
            while sending.len() < AT_ONCE
                && let Some(claimed) = self.store().claim_delivery(channel, self.now()).await?
            {
                sending.push(self.send_claimed(line, claimed));
            }
            // Nothing of the store is held while something is sent: it is written here, one after the other.
            match tokio::time::timeout(LOOK, sending.next()).await {
                Ok(None) => return Ok(taken),
                Ok(Some((Ok(delivery), sent))) => {
                    taken += usize::from(matches!(sent, Sent::Taken));
                    self.keep_sent(&delivery, sent).await?;
                }
                Ok(Some((Err(id), _))) => self.lost_unread(&id, channel).await?,
                // Whoever is sent something is slow; others may be due.
                Err(_) => {}
            }
        }
    }

    /// What became of it; the id of what cannot be read.
    async fn send_claimed(&self, line: &Line, Claimed { id, row }: Claimed) -> (Result<Box<DeliveryRow>, String>, Sent) {
        match row {
            Ok(delivery) => {
                let sent = self.send(line, &delivery).await;
                (Ok(delivery), sent)
            }
            Err(error) => {
                tracing::error!(delivery = id, %error, "a notice cannot be read");
                (Err(id), Sent::Never)
            }
        }
    }

    async fn send(&self, line: &Line, delivery: &DeliveryRow) -> Sent {
        let now = self.now();
        if delivery.part == Part::Nothing {
            return Sent::Over;
        }
        if now >= delivery.until {
            return Sent::Never;
        }
        match &delivery.device {
            Some(device) => self.push(line, delivery, device, now).await,
            None => match &self.settings().outside.webhook {
                Some(webhook) => call(line, webhook, delivery, now).await,
                // The operator took it away.
                None => Sent::Never,
            },
        }
    }

    async fn push(&self, line: &Line, delivery: &DeliveryRow, device: &Target, now: OffsetDateTime) -> Sent {
        let outside = &self.settings().outside;
        let Some(key) = &outside.push else { return Sent::Never };
        // Judged once more: the operator may allow less than when the device was added.
        let Some(address) = outside.services.address(&device.endpoint) else { return Sent::Never };
        let Ok(subscription) = Subscription::read(&device.p256dh, &device.auth) else { return Sent::Never };
        let notice = &delivery.notice;
        let is_ending = delivery.part == Part::End;
        let text = match (notice.ending(), is_ending) {
            (Some(ending), true) => ending,
            (Some(ending), false) => format!("{} {ending}", notice.text()),
            (None, _) => notice.text(),
        };
        let message = json!({
            "tag": notice.id, "title": notice.title(), "body": text, "url": notice.page(), "closed": is_ending,
        });
        let Ok(body) = subscription.seal(message.to_string().as_bytes()) else { return Sent::Never };
        let kept = (delivery.until - now).whole_seconds().clamp(0, KEPT_MAX);
        let headers = [
            (header::AUTHORIZATION, key.authorization(&address, &outside.contact, now).to_string()),
            (header::CONTENT_ENCODING, "aes128gcm".to_owned()),
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (HeaderName::from_static("ttl"), kept.to_string()),
            (HeaderName::from_static("urgency"), if is_ending { "normal" } else { "high" }.to_owned()),
            // What the push service still keeps of this notice is replaced (RFC 8030, section 5.4: at most 32 characters).
            (HeaderName::from_static("topic"), notice.id.as_uuid().simple().to_string()),
        ];
        let mut all = HeaderMap::new();
        for (name, value) in headers {
            let Ok(value) = HeaderValue::from_str(&value) else { return Sent::Never };
            all.insert(name, value);
        }
        let place = match self.0.push_services.place(&address.origin().ascii_serialization(), now) {
            Ok(place) => place,
            Err(until) => return Sent::Later(until),
        };
        let answer = line.post(&address, all, body).await;
        let is_well = answer.as_ref().is_ok_and(|status| !status.is_server_error() && *status != StatusCode::TOO_MANY_REQUESTS);
        place.answered(is_well, self.now());
        match answer {
            Ok(status) if status.is_success() => Sent::Taken,
            Ok(StatusCode::NOT_FOUND | StatusCode::GONE) => Sent::Gone,
            Ok(status) if is_refused_for_good(status) && delivery.attempts >= REFUSED_MAX => Sent::Gone,
            Ok(status) => {
                tracing::warn!(device = %device.id, status = status.as_u16(), "a push service did not take a notice");
                Sent::NotNow
            }
            Err(error) => {
                tracing::warn!(device = %device.id, %error, "a push service could not be told");
                Sent::NotNow
            }
        }
    }

    async fn keep_sent(&self, delivery: &DeliveryRow, sent: Sent) -> Result<(), Fault> {
        let now = self.now();
        let has_changed = match sent {
            Sent::Taken => self.store().delivered(delivery, now).await?,
            Sent::NotNow => self.store().not_delivered(delivery, now + pause(delivery.attempts), now).await?,
            Sent::Later(until) => return Ok(self.store().put_back(delivery, until).await?),
            Sent::Over => return Ok(self.store().drop_delivery(delivery).await?),
            Sent::Gone | Sent::Never => return self.lost(delivery, matches!(sent, Sent::Gone)).await,
        };
        // The desk shows which ways work: nobody is woken for what was told as usual.
        if has_changed {
            self.changed();
        }
        Ok(())
    }

    /// Gives a way up, for this notice or for good, and says so in the log.
    async fn lost(&self, delivery: &DeliveryRow, is_gone: bool) -> Result<(), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.give_up(&delivery.id.to_string()).await? {
            return Ok(());
        }
        let channel = if delivery.device.is_some() { Channel::Push } else { Channel::Webhook };
        let device = delivery.device.as_ref();
        if let Some(device) = device.filter(|_| is_gone) {
            unit.forget_push_device(device.member, device.id).await?;
        }
        let facts = json!({
            "notice": delivery.notice.id, "about": delivery.notice.about, "channel": channel.word(),
            "device": device.map(|device| device.id), "removed": is_gone,
        });
        unit.record(&Event::of_portal(Kind::NoticeLost, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Gives up what cannot be read, and says so in the log: of what it told nobody can say.
    async fn lost_unread(&self, delivery: &str, channel: Channel) -> Result<(), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        if !unit.give_up(delivery).await? {
            return Ok(());
        }
        let facts = json!({ "delivery": delivery, "channel": channel.word(), "unreadable": true });
        unit.record(&Event::of_portal(Kind::NoticeLost, facts), now).await?;
        self.commit(unit, Vec::new()).await
    }
}

/// Tells the webhook: by Standard Webhooks, under an id that is the same in every try.
async fn call(line: &Line, webhook: &Webhook, delivery: &DeliveryRow, now: OffsetDateTime) -> Sent {
    let notice = &delivery.notice;
    let closed = notice.closed.as_ref().filter(|_| delivery.part == Part::End);
    let (kind, at) = closed.map_or(("notice.made", notice.made_at), |closed| ("notice.closed", closed.at));
    let body = json!({
        "type": kind,
        "timestamp": text(at),
        "data": {
            "notice": notice.id, "topic": notice.topic, "about": notice.about, "title": notice.title(), "text": notice.text(),
            "severity": notice.facts.severity, "drill": notice.facts.drill, "made_at": text(notice.made_at),
            "closed": closed.map(|closed| json!({ "how": closed.how, "by": closed.by, "at": text(closed.at) })),
        },
    });
    let body = body.to_string().into_bytes();
    let headers = webhook.headers(&delivery.id.to_string(), &body, now);
    match line.post(webhook.url(), headers, body).await {
        Ok(status) if status.is_success() => Sent::Taken,
        Ok(status) => {
            tracing::warn!(status = status.as_u16(), "the webhook did not take a notice");
            Sent::NotNow
        }
        Err(error) => {
            tracing::warn!(%error, "the webhook could not be told");
            Sent::NotNow
        }
    }
}

/// Whether a push service says by a status that it will not take this from anybody, now or later. What it says of the portal (its key, its
/// hurry) is nothing against a device.
fn is_refused_for_good(status: StatusCode) -> bool {
    let of_the_portal =
        [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_MANY_REQUESTS];
    status.is_client_error() && !of_the_portal.contains(&status)
}

/// How long to wait after so many tries.
fn pause(attempts: u32) -> Duration {
    (PAUSE * (1_i32 << attempts.clamp(1, 16).saturating_sub(1))).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_have_an_end() {
        let pauses = [1, 2, 3, 8, 9, 40, u32::MAX].map(|attempts| pause(attempts).whole_seconds());
        assert_eq!(pauses, [2, 4, 8, 256, 300, 300, 300]);
    }
}
