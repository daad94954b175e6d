//! Sign-in, sessions, sign-out.

use halligan_shared::{
    grant::Ending,
    id::{CeremonyId, MemberId, SignInId},
    wire,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::{Fault, Portal};
use crate::{
    domain::{
        audit::Event,
        member::{Member, SignedIn},
    },
    passkeys::{PasskeyFault, SignInState},
};

const PURPOSE: &str = "sign_in";

/// What a session holds: who, which stay, since when (Unix seconds).
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Stay {
    /// Who.
    pub member: MemberId,
    /// Which stay.
    pub sign_in: SignInId,
    /// Since when, in seconds since 1970.
    pub since: i64,
}

impl Portal {
    /// Begins a sign-in. The browser offers the passkeys it has; no list is sent, so nothing tells a stranger which
    /// agency ids exist.
    pub async fn start_sign_in(&self) -> Result<wire::Ceremony, Fault> {
        let (options, state) = self.0.passkeys.start_sign_in()?;
        self.ceremony(PURPOSE, None, options, state).await
    }

    /// Ends a sign-in. Every failure looks alike from outside; the log knows more.
    pub async fn finish_sign_in(&self, ceremony: CeremonyId, credential: &Value) -> Result<Stay, Fault> {
        let state: SignInState = self.take(ceremony, PURPOSE, None).await.map_err(alike)?;
        let (claimed, credential_id) = self.0.passkeys.identify(credential).map_err(|_| Fault::SignInFailed)?;
        let row = self.store().passkey_by_credential(&credential_id).await?.filter(|row| row.member == claimed);
        let (Some(mut row), Some(member)) = (row, self.store().member(claimed).await?) else {
            return Err(Fault::SignInFailed);
        };
        if let Err(fault) = self.0.passkeys.finish_sign_in(credential, state, &mut row.passkey, &member.roles) {
            return Err(alike(self.passkey_refused(&fault, Some(&member)).await));
        }
        let now = self.now();
        let mut unit = self.store().begin().await?;
        unit.passkey_used(&row, now).await?;
        unit.member_signed_in(member.id, now).await?;
        let stay = Stay { member: member.id, sign_in: SignInId::fresh(), since: now.unix_timestamp() };
        unit.record(&Event::by(&member.agency_id, "sign_in.done", json!({ "sign_in": stay.sign_in, "passkey": row.id })), now)
            .await?;
        unit.commit().await?;
        Ok(stay)
    }

    /// Who is behind a session now. `None`: nobody any more, or too long.
    pub async fn signed_in(&self, stay: Stay) -> Result<Option<SignedIn>, Fault> {
        let since = OffsetDateTime::from_unix_timestamp(stay.since).map_err(|_| Fault::Internal)?;
        if self.now() >= since + self.settings().limits.session {
            return Ok(None);
        }
        let member = self.store().member(stay.member).await?;
        Ok(member.map(|member| SignedIn { member, sign_in: stay.sign_in, since }))
    }

    /// What the pages must know of a session.
    pub fn session_view(&self, who: &SignedIn) -> wire::Session {
        let limits = &self.settings().limits;
        let seconds = |span: time::Duration| u32::try_from(span.whole_seconds().max(0)).unwrap_or(u32::MAX);
        wire::Session {
            member: who.member.clone().into(),
            agency: self.settings().agency.clone(),
            origin: self.settings().origin_text(),
            limits: wire::SessionLimits {
                idle: seconds(limits.idle),
                left: seconds(who.since + limits.session - self.now()),
                hidden: seconds(limits.hidden),
                window: seconds(limits.window),
            },
        }
    }

    /// Ends one stay, and with it every window it has open.
    pub async fn sign_out(&self, who: &SignedIn) -> Result<(), Fault> {
        self.end_stay(who, Some(who.sign_in), "sign_out.done").await
    }

    /// Ends every stay of the member.
    pub async fn sign_out_everywhere(&self, who: &SignedIn) -> Result<(), Fault> {
        self.end_stay(who, None, "sign_out.everywhere").await
    }

    async fn end_stay(&self, who: &SignedIn, sign_in: Option<SignInId>, kind: &'static str) -> Result<(), Fault> {
        let grants = self.store().open_grants_of(who.member.id, sign_in).await?;
        let now = self.now();
        let mut unit = self.store().begin().await?;
        for grant in &grants {
            if unit.end_grant(grant.id, Ending::LoggedOff, now).await? {
                unit.record(
                    &Event::by(&who.member.agency_id, "grant.ended", json!({ "grant": grant.id, "ending": Ending::LoggedOff })),
                    now,
                )
                .await?;
            }
        }
        if sign_in.is_none() {
            unit.end_sessions(who.member.id).await?;
        }
        unit.record(&Event::by(&who.member.agency_id, kind, json!({ "sign_in": who.sign_in })), now).await?;
        unit.commit().await?;
        for grant in &grants {
            self.authority().close_window(grant.id);
        }
        self.changed();
        Ok(())
    }

    /// Writes a refused passkey into the log and gives back the fault to answer with.
    pub(super) async fn passkey_refused(&self, fault: &PasskeyFault, member: Option<&Member>) -> Fault {
        let kind = match fault {
            PasskeyFault::Counter => "passkey.counter_went_back",
            PasskeyFault::NotDeviceBound => "passkey.not_device_bound",
            PasskeyFault::Refused | PasskeyFault::Internal => "passkey.refused",
        };
        let event = Event { kind, actor: member.map(|member| member.agency_id.clone()), facts: json!({}) };
        let written = async {
            let mut unit = self.store().begin().await?;
            unit.record(&event, self.now()).await?;
            unit.commit().await
        };
        match written.await {
            Ok(()) => match fault {
                PasskeyFault::NotDeviceBound => Fault::Passkey(PasskeyFault::NotDeviceBound),
                PasskeyFault::Counter => Fault::Passkey(PasskeyFault::Counter),
                PasskeyFault::Internal => Fault::Internal,
                PasskeyFault::Refused => Fault::Passkey(PasskeyFault::Refused),
            },
            Err(error) => error.into(),
        }
    }
}

/// Folds every failure that a stranger could learn from into one.
fn alike(fault: Fault) -> Fault {
    match fault {
        Fault::CeremonyOver | Fault::Passkey(_) | Fault::NotFound => Fault::SignInFailed,
        other => other,
    }
}
