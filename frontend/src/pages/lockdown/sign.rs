//! An admin's word about the lockdown: asked for, checked against what the page shows, signed, sent.

use halligan_shared::{
    id::LockdownId,
    statement::{LockdownAct, LockdownStatement},
    wire::{MemberView, PrepareLockdown, PreparedLockdown, SignedLockdown},
};

use crate::{
    api::lockdown,
    pages::signing::{SignFault, sign},
};

/// Proposes to begin a lockdown, or to lift the one that the page shows.
pub(super) async fn propose(by: &MemberView, lifted: Option<LockdownId>, reason: &str) -> Result<(), SignFault> {
    let act = if lifted.is_some() { LockdownAct::Lift } else { LockdownAct::Begin };
    let PreparedLockdown { statement, ceremony } = lockdown::prepare(&PrepareLockdown { act, reason: reason.to_owned() }).await?;
    let says_this = statement.act == act && lifted.is_none_or(|lifted| lifted == statement.lockdown) && statement.reason == reason;
    let credential = sign(&ceremony, &statement, by, says_this).await?;
    Ok(lockdown::propose(&SignedLockdown { ceremony: ceremony.ceremony, credential }).await?)
}

/// Confirms exactly the proposal that the page shows, of whom it shows.
pub(super) async fn confirm(by: &MemberView, shown: &LockdownStatement) -> Result<(), SignFault> {
    let PreparedLockdown { statement, ceremony } = lockdown::prepare_confirmation(shown.proposal).await?;
    let credential = sign(&ceremony, &statement, by, statement == *shown).await?;
    Ok(lockdown::confirm(shown.proposal, &SignedLockdown { ceremony: ceremony.ceremony, credential }).await?)
}
