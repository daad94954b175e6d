//! Proposals: one admin signs what another has to sign as well, the very same and in time. What each is about, and what comes of it, stands
//! in a file of its own.

use halligan_shared::statement;
use serde::Serialize;
use time::OffsetDateTime;

use super::{Fault, Portal, Signed, decide, instant};
use crate::{
    domain::member::Actor,
    store::{NewProposal, Unit},
};

/// Why an admin proposes something, as it may be kept; what is said where nothing is typed.
pub(super) fn reason(text: &str, missing: &'static str) -> Result<String, Fault> {
    let reason = decide::reason(text)?;
    if reason.is_empty() { Err(Fault::Invalid(missing)) } else { Ok(reason) }
}

impl Portal {
    /// Begins the filing of a proposal that an admin signed and another may confirm until `until`, unless that is over.
    pub(super) async fn begin_proposal<'a, S: Serialize>(
        &self,
        actor: Actor<'_>,
        signed: &'a Signed<S>,
        until: &str,
    ) -> Result<(Unit, OffsetDateTime, NewProposal<'a, S>), Fault> {
        let who = actor.signed_in().ok_or(Fault::NotSignedIn)?;
        let words = statement::canonical(&signed.statement).map_err(|_| Fault::Internal)?;
        let new = NewProposal { statement: &signed.statement, words, until: instant(until)? };
        let (unit, now) = self.begin(actor).await?;
        let unit = self.passkey_used(unit, &signed.passkey, &who.member, now).await?;
        if now >= new.until {
            return Err(Fault::CeremonyOver);
        }
        Ok((unit, now, new))
    }
}
