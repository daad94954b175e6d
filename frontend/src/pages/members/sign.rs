//! An admin's word about a member's passkeys: asked for, checked against what the page shows, signed, sent.

use halligan_shared::{
    statement::ReenrolmentStatement,
    wire::{MemberView, PrepareReenrolment, PreparedReenrolment, SignedReenrolment},
};
use leptos::{
    prelude::*,
    task::{spawn_local, tick},
};

use super::Roll;
use crate::{
    api::reenrolment,
    browser::page,
    components::Said,
    pages::signing::{SignFault, sign},
};

/// Does something that takes a passkey, and says what became of it.
pub(super) fn act(
    roll: Roll,
    busy: RwSignal<bool>,
    name: String,
    work: impl Future<Output = Result<(), SignFault>> + 'static,
    done: &'static str,
    focus: String,
) {
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    roll.said.set(None);
    spawn_local(async move {
        let said = match work.await {
            Ok(()) => Said::Done(format!("{name} {done}")),
            Err(SignFault::Refused(refusal)) => Said::refused(&name, &refusal),
            Err(fault) => Said::Failed(format!("{name}: {fault}")),
        };
        roll.said.set(Some(said));
        roll.load().await;
        let _ = busy.try_set(false);
        tick().await;
        if page::is_focus_lost() {
            page::focus(&focus);
        }
    });
}

/// Proposes to replace the passkeys of the member that the page shows.
pub(super) async fn propose(by: &MemberView, subject: &MemberView, reason: &str) -> Result<(), SignFault> {
    let asked = PrepareReenrolment { reason: reason.to_owned() };
    let PreparedReenrolment { statement, ceremony } = reenrolment::prepare(subject.id, &asked).await?;
    let says_this =
        (statement.subject, &statement.subject_agency_id) == (subject.id, &subject.agency_id) && statement.reason == reason;
    let credential = sign(&ceremony, &statement, by, says_this).await?;
    Ok(reenrolment::propose(&SignedReenrolment { ceremony: ceremony.ceremony, credential }).await?)
}

/// Confirms exactly the proposal that the page shows, of whom it shows.
pub(super) async fn confirm(by: &MemberView, shown: &ReenrolmentStatement) -> Result<(), SignFault> {
    let PreparedReenrolment { statement, ceremony } = reenrolment::prepare_confirmation(shown.reenrolment).await?;
    let credential = sign(&ceremony, &statement, by, statement == *shown).await?;
    Ok(reenrolment::confirm(shown.reenrolment, &SignedReenrolment { ceremony: ceremony.ceremony, credential }).await?)
}
