//! Whether records open at all: whether the portal is locked down, and what it knows of the authority from asking it; who is told,
//! and what the log says.

use halligan_shared::{audit::Kind, wire};
use serde_json::json;

use super::{Fault, Portal};
use crate::{
    aws::{AuthorityFault, Change, Purpose, Turn},
    domain::audit::Event,
};

impl Portal {
    /// What keeps every record closed, as every member is told.
    pub async fn readiness(&self) -> Result<wire::Readiness, Fault> {
        let trouble = self.authority().trouble();
        let key_service = wire::KeyService {
            trouble: trouble.map(|(what, _)| what),
            seconds: trouble.map_or(0.0, |(_, lasting)| lasting.as_secs_f64()),
        };
        Ok(wire::Readiness { locked_down: self.store().is_locked_down().await?, key_service })
    }

    /// Asks the authority whether it is there, if nobody has asked it for a while: whoever begins a request is told before they need
    /// it, and a rest ends without somebody's having to wait for that. It counts as a release does: what it finds out is told to those who
    /// want one.
    pub async fn look_at_authority(&self) {
        if !self.authority().is_due() {
            return;
        }
        // Resting, or somebody else is finding out.
        let Ok(turn) = self.authority().turn(Purpose::Release) else { return };
        let answered = self.authority().answers().await;
        if let Err(fault) = &answered {
            tracing::warn!(%fault, "the key service does not answer as it should");
        }
        self.heard(turn, &answered).await;
    }

    /// Keeps what a turn came to. Where that changes what is known, the log says so, and the pages that show whether records can be opened
    /// are woken: of sealings they say nothing.
    pub(super) async fn heard<T>(&self, turn: Turn<'_>, asked: &Result<T, AuthorityFault>) {
        let (fault, purpose) = (asked.as_ref().err(), turn.purpose());
        let Some(change) = turn.over(fault) else { return };
        let event = match change {
            Change::Failing(trouble) => {
                Event::of_portal(Kind::KeysFailing, json!({ "purpose": purpose, "trouble": trouble, "failure": fault.map(told) }))
            }
            Change::Answering => Event::of_portal(Kind::KeysAnswering, json!({ "purpose": purpose })),
        };
        // Whether or not it can be written down, those who wait are told.
        if let Err(error) = self.note(event).await {
            tracing::error!(%error, "what the key service came to could not be written down");
        }
        if purpose == Purpose::Release {
            self.changed();
        }
    }

    async fn note(&self, event: Event) -> Result<(), Fault> {
        let (mut unit, now) = self.begin_of_portal().await?;
        unit.record(&event, now).await?;
        Ok(unit.commit().await?)
    }
}

/// What the log says of a failure: nothing of an answer but what has a form no secret has (see `aws::fault`).
pub(super) fn told(fault: &AuthorityFault) -> serde_json::Value {
    json!({
        "trouble": fault.trouble(), "call": fault.call(), "code": fault.code(), "authority_request": fault.request(),
        "seconds_ahead": fault.ahead().map(time::Duration::whole_seconds),
    })
}
