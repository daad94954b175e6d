//! A request as its responder's pages see it.

use halligan_shared::{member::Role, wire};

use super::{Fault, Portal, seconds_until, text};
use crate::domain::{
    member::SignedIn,
    request::{AccessRequest, State},
};

impl Portal {
    /// The view of one request, as of now.
    pub async fn request_view(&self, who: &SignedIn, request: AccessRequest) -> Result<wire::RequestView, Fault> {
        let now = self.now();
        let here = request.sign_in == who.sign_in;
        let sealing = self.store().sealing(request.sealing).await?.ok_or(Fault::NotFound)?;
        let point = wire::SealingPoint { version: sealing.version, point: sealing.point.ok_or(Fault::NotFound)? };
        let doors = match &request.state {
            State::Pending { approvals, .. } => {
                Some(self.doors(&request, approvals, &self.store().on_duty(Role::Dispatcher, now).await?, now))
            }
            _ => None,
        };
        let state = match request.state.at(now) {
            State::Pending { until, .. } => {
                let doors = doors.ok_or(Fault::Internal)?;
                wire::RequestState::Pending { seconds_left: seconds_until(until, now), doors }
            }
            State::Approved { opened, until } => {
                wire::RequestState::Approved { seconds_left: seconds_until(until, now), opened: opened.into(), sealing: point }
            }
            State::Denied { by, reason } => wire::RequestState::Denied { by: by.into(), reason },
            State::Cancelled => wire::RequestState::Cancelled,
            State::Expired => wire::RequestState::Expired,
            State::Lapsed => wire::RequestState::Lapsed,
            State::Released { opened, grant } => {
                let state = match grant.ending_at(now) {
                    None => wire::GrantState::Active { seconds_left: seconds_until(grant.ends_at, now) },
                    Some(ending) => wire::GrantState::Ended { ending, reason: grant.reason },
                };
                wire::RequestState::Released {
                    opened: opened.into(),
                    grant: wire::GrantView { id: grant.id, state },
                    sealing: point,
                }
            }
        };
        Ok(wire::RequestView {
            id: request.id,
            record: request.record,
            here,
            drill: request.statement.drill,
            justification: request.justification,
            asked_at: text(request.asked_at),
            state,
            readiness: self.readiness().await?,
        })
    }
}
