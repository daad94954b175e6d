//! What things of a review are called.

use halligan_shared::{
    door::Door,
    grant::Ending,
    review::{Finding, ReviewReason},
    statement::Verdict,
    wire::SignatureState,
};

pub(super) const fn reason(reason: ReviewReason) -> &'static str {
    match reason {
        ReviewReason::Override => "Opened alone",
        ReviewReason::AfterDenial => "Opened after a denial",
        ReviewReason::Sample => "Drawn at random",
    }
}

pub(super) const fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::Justified => "Justified",
        Finding::NotJustified => "Not justified",
        Finding::Unclear => "Unclear",
    }
}

pub(super) const fn door(door: Option<Door>) -> &'static str {
    match door {
        Some(Door::Dispatcher) => "Dispatchers decided",
        Some(Door::Policy) => "A standing rule held",
        Some(Door::Override) => "The responder opened it alone",
        None => "None: what had opened it was taken back",
    }
}

pub(super) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approved",
        Verdict::Deny => "Denied",
        Verdict::TakeBack => "Taken back",
    }
}

pub(super) const fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => "Its time ran out",
        Ending::LoggedOff => "The responder’s sign-in ended",
        Ending::Revoked => "A dispatcher ended it",
        Ending::Wiped => "The responder closed it",
        Ending::LockedDown => "The portal was locked down",
    }
}

/// What became of a request whose record was not read, by the word of its state.
pub(super) fn outcome(word: &str) -> &'static str {
    match word {
        "pending" => "It waits for an answer",
        "approved" => "It may still be opened",
        "denied" => "Denied, or taken back before it was read",
        "cancelled" => "Withdrawn before it was read",
        "expired" => "Nobody answered in time",
        "lapsed" => "It was not read in time",
        _ => "The record is open",
    }
}

pub(super) const fn signature(state: SignatureState) -> &'static str {
    match state {
        SignatureState::Holds => "Signature holds",
        SignatureState::Fails => "Signature does not hold",
        SignatureState::PasskeyGone => "Signed by a passkey that is no longer here",
    }
}
