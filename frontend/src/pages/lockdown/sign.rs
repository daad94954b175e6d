//! An admin's word about the lockdown: asked for, checked against what the page shows, signed, sent.

use halligan_shared::{
    id::LockdownId,
    statement::{LockdownAct, LockdownStatement},
    wire::{MemberView, PrepareLockdown, PreparedLockdown, SignedLockdown},
};

use crate::{
    api::{ceremony::Mismatch, lockdown},
    browser::page,
    pages::signing::{SignFault, sign},
};

/// Proposes to begin a lockdown, or to lift the one that the page shows.
pub(super) async fn propose(by: &MemberView, lifted: Option<LockdownId>, reason: &str) -> Result<(), SignFault> {
    let act = if lifted.is_some() { LockdownAct::Lift } else { LockdownAct::Begin };
    let prepared = lockdown::prepare(&PrepareLockdown { act, reason: reason.to_owned() }).await?;
    let statement = &prepared.statement;
    let says_this = statement.kind == LockdownStatement::KIND
        && statement.act == act
        && lifted.is_none_or(|lifted| lifted == statement.lockdown)
        && statement.reason == reason
        && (statement.member, &statement.agency_id) == (by.id, &by.agency_id)
        && Some(&statement.origin) == page::origin().as_ref();
    if !says_this {
        return Err(Mismatch.into());
    }
    Ok(lockdown::propose(&signed(&prepared).await?).await?)
}

/// Confirms exactly the proposal that the page shows.
pub(super) async fn confirm(shown: &LockdownStatement) -> Result<(), SignFault> {
    let prepared = lockdown::prepare_confirmation(shown.proposal).await?;
    if prepared.statement != *shown || Some(&shown.origin) != page::origin().as_ref() {
        return Err(Mismatch.into());
    }
    Ok(lockdown::confirm(shown.proposal, &signed(&prepared).await?).await?)
}

async fn signed(prepared: &PreparedLockdown) -> Result<SignedLockdown, SignFault> {
    let credential = sign(&prepared.ceremony, &prepared.statement).await?;
    Ok(SignedLockdown { ceremony: prepared.ceremony.ceremony, credential })
}
