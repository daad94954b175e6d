//! A member's devices that are told by push, and whether the ways to tell somebody work.

use halligan_shared::{audit::Kind, id::PushDeviceId, member::AgencyId, wire};
use serde_json::json;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::{Fault, Portal, text};
use crate::{
    domain::{
        audit::Event,
        member::{Actor, Member, SignedIn},
    },
    outside::Subscription,
    store::{GoneDevice, PushDeviceRow, Unit},
};

/// How long a way may be silent before somebody has to know: a restart on the other side takes less.
pub(super) const SILENT: Duration = Duration::minutes(1);

impl Portal {
    /// The member's devices, and the key by which a browser becomes one.
    pub async fn push_devices(&self, who: &SignedIn, browser: Option<&str>) -> Result<wire::PushDevices, Fault> {
        let key = self.settings().outside.push.as_ref().ok_or(NO_PUSH)?.public();
        let devices = self.store().push_devices(who.member.id).await?;
        let devices = devices.iter().map(|row| line(row, browser)).collect();
        Ok(wire::PushDevices { key, devices })
    }

    /// Has a browser told. One that was told before as somebody else's is this member's from now on: whoever knows its address holds it.
    /// `name` is what its member knows it by, and `browser` where a sign-out ends it.
    pub async fn add_push_device(
        &self,
        who: &SignedIn,
        body: wire::PushDeviceBody,
        name: String,
        browser: Option<String>,
    ) -> Result<(), Fault> {
        // Each sign-in makes a browser known, so that a sign-out can end what it is told.
        let browser = browser.ok_or(Fault::StaleSignIn)?;
        let outside = &self.settings().outside;
        outside.push.as_ref().ok_or(NO_PUSH)?;
        let wire::PushDeviceBody { endpoint, p256dh, auth } = body;
        if outside.services.address(&endpoint).is_none() {
            return Err(Fault::Invalid(
                "This browser's push service is none that your agency allows, so the portal does not call it. Use another browser, or ask your admin.",
            ));
        }
        if Subscription::read(&p256dh, &auth).is_err() {
            return Err(Fault::Invalid("The browser's keys for notices cannot be read. Reload the page and try again."));
        }
        let (mut unit, now) = self.begin(Actor::Fresh(who)).await?;
        let id = PushDeviceId::fresh();
        let row = PushDeviceRow {
            id,
            member: who.member.id,
            name,
            browser: Some(browser),
            endpoint,
            p256dh,
            auth,
            made_at: now,
            last_ok_at: None,
            failing_since: None,
        };
        let before = unit.keep_push_device(&row, wire::PUSH_DEVICES_MAX).await?;
        let before = before.ok_or(Fault::NotNow("Ten of your devices are told already. Remove one that you do not use."))?;
        let others = before.into_iter().filter(|gone| gone.member != who.member.id).collect();
        self.devices_gone(&mut unit, others, Some(&who.member), "taken over", now).await?;
        unit.record(&Event::by(&who.member.agency_id, Kind::NoticeDeviceAdded, json!({ "device": id })), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Tells a device no more.
    pub async fn remove_push_device(&self, who: &SignedIn, device: PushDeviceId) -> Result<(), Fault> {
        let (mut unit, now) = self.begin(Actor::Member(who)).await?;
        if !unit.forget_push_device(who.member.id, device).await? {
            return Err(Fault::NotFound);
        }
        unit.record(&Event::by(&who.member.agency_id, Kind::NoticeDeviceRemoved, json!({ "device": device })), now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// Tells none of a member's devices any more: a browser that its member signs out everywhere may be in other hands, and whoever lost a
    /// passkey may have had a device told. Not done where somebody else only signs the member out: that takes no way from them to hear
    /// what comes next, as that their passkeys are to be replaced.
    pub(super) async fn forget_devices(
        &self,
        unit: &mut Unit,
        member: &Member,
        actor: &AgencyId,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        if unit.forget_push_devices(member.id).await? > 0 {
            let facts = json!({ "member": member.agency_id, "all": true });
            unit.record(&Event::by(actor, Kind::NoticeDeviceRemoved, facts), now).await?;
        }
        Ok(())
    }

    /// A browser at which a member signed in is told of nobody else's notices any more.
    pub async fn leave_to(&self, who: &SignedIn, browser: &str) -> Result<(), Fault> {
        // Nearly every sign-in is one at a browser of one's own, and waits for nobody.
        if !self.store().is_told_of_others_at(browser, Some(who.member.id)).await? {
            return Ok(());
        }
        let (mut unit, now) = self.begin_of_portal().await?;
        let gone = unit.forget_push_devices_at(browser, Some(who.member.id)).await?;
        self.devices_gone(&mut unit, gone, Some(&who.member), "signed in", now).await?;
        self.commit(unit, Vec::new()).await
    }

    /// A browser at which a member signs out, or somebody whose session was over already, is told of nobody's notices any more.
    pub(super) async fn leave_browser(
        &self,
        unit: &mut Unit,
        who: Option<&Member>,
        browser: &str,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        let gone = unit.forget_push_devices_at(browser, None).await?;
        self.devices_gone(unit, gone, who, "signed out", now).await
    }

    /// What became of a browser that was told, and by whom: the log has it, and whoever did not do it themselves is told.
    async fn devices_gone(
        &self,
        unit: &mut Unit,
        gone: Vec<GoneDevice>,
        by: Option<&Member>,
        why: &'static str,
        now: OffsetDateTime,
    ) -> Result<(), Fault> {
        for device in gone {
            let former = unit.member(device.member).await?.ok_or(Fault::Internal)?;
            let facts = json!({ "device": device.id, "member": former.agency_id, "why": why });
            let actor = by.map(|by| by.agency_id.clone());
            unit.record(&Event { kind: Kind::NoticeDeviceRemoved, actor, facts }, now).await?;
            if by.is_none_or(|by| by.id != former.id) {
                self.tell_device_ended(unit, &device, by, now).await?;
            }
        }
        Ok(())
    }

    /// Whether the ways work by which the portal tells and is told.
    pub(super) async fn channels(&self) -> Result<wire::Channels, Fault> {
        let now = self.now();
        let silent = match &self.settings().outside.webhook {
            Some(_) => self.store().webhook_failing_since().await?.filter(|since| *since <= now - SILENT),
            None => None,
        };
        let dispatch = match &self.settings().cad {
            Some(_) => {
                let ago = self.store().feed_heard_ago(now).await?;
                Some(wire::DispatchHeard { at: ago.map(|ago| text(now - ago)) })
            }
            None => None,
        };
        let push_failing = self.store().push_devices_failing(now - SILENT).await?;
        Ok(wire::Channels { webhook_silent_since: silent.map(text), push_failing, dispatch })
    }
}

const NO_PUSH: Fault =
    Fault::NotNow("This portal tells no devices: it was started without a key for push services. Ask your admin.");

fn line(row: &PushDeviceRow, browser: Option<&str>) -> wire::PushDeviceLine {
    let service = Url::parse(&row.endpoint).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    wire::PushDeviceLine {
        id: row.id,
        name: row.name.clone(),
        here: browser.is_some() && row.browser.as_deref() == browser,
        service,
        made_at: text(row.made_at),
        last_ok_at: row.last_ok_at.map(text),
        failing: row.failing_since.is_some(),
    }
}
