//! Where a request of one's own stands, in words: what [`super::waiting`] shows of a picture. Knows no signals and asks nobody.

use halligan_shared::{
    grant::{Ending, WipeCause},
    wire::{GrantState, RequestState, RequestView},
};

/// What the page shows. Without the seconds, so that a newer picture of the same stage draws nothing anew.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// The first picture is on its way.
    Loading,
    /// Dispatch may still answer.
    Waiting,
    /// The record may be opened, or is open.
    Record,
    /// It is over.
    Over(Over),
    /// There is none, or it is not this member's.
    Nothing,
}

/// How a request is over, in words.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Over {
    /// In a few words.
    pub(super) title: &'static str,
    /// What dispatch said of it.
    pub(super) reason: Option<String>,
    /// What happened, and what to do next.
    pub(super) words: String,
}

/// It is over, and dispatch said nothing of it.
pub(super) fn over(title: &'static str, words: impl Into<String>) -> Stage {
    Stage::Over(Over { title, reason: None, words: words.into() })
}

/// Until time alone ends where it stands.
pub(super) const fn seconds_left(state: &RequestState) -> Option<f64> {
    match state {
        RequestState::Pending { seconds_left, .. } | RequestState::Approved { seconds_left, .. } => Some(*seconds_left),
        RequestState::Released { grant, .. } => match grant.state {
            GrantState::Active { seconds_left } => Some(seconds_left),
            GrantState::Ended { .. } => None,
        },
        _ => None,
    }
}

/// Why what a page shows of a window that ended is erased.
pub(super) const fn cause_of(ending: Ending) -> WipeCause {
    match ending {
        Ending::Expired => WipeCause::Expired,
        // Not from this page, which erases before it signs out.
        Ending::LoggedOff => WipeCause::SessionLost,
        Ending::Revoked | Ending::LockedDown => WipeCause::Revoked,
        Ending::Wiped => WipeCause::Done,
    }
}

/// What the page shows of a request. `was_here`: whether this very page has seen that it could open it.
pub(super) fn stage_of(view: &RequestView, was_here: bool) -> Stage {
    match &view.state {
        RequestState::Pending { .. } | RequestState::Approved { .. } if !view.here => elsewhere("Asked elsewhere", was_here),
        RequestState::Pending { .. } => Stage::Waiting,
        RequestState::Approved { .. } => Stage::Record,
        RequestState::Denied { by, reason } => over("Denied", format!("{} says: {reason}", by.display_name)),
        RequestState::Cancelled => over("Cancelled", cancelled(view.here, was_here)),
        RequestState::Expired => over("Nobody answered in time", "The request has expired. Ask again, or call dispatch."),
        RequestState::Lapsed => {
            over("Approval not used in time", "It was approved, and not opened in time. Ask again if you still need it.")
        }
        RequestState::Released { grant, .. } => match grant.state {
            GrantState::Active { .. } if view.here => Stage::Record,
            GrantState::Active { .. } => elsewhere("Open elsewhere", was_here),
            GrantState::Ended { ending, .. } => {
                let reason = ended_because(&view.state);
                let words = if reason.is_some() { "Nothing of it is left on this device." } else { closed(ending) };
                Stage::Over(Over { title: "Record closed", reason, words: words.to_owned() })
            }
        },
    }
}

/// What the dispatcher who ended the window said, if anything, or that it was no dispatcher.
pub(super) fn ended_because(state: &RequestState) -> Option<String> {
    let RequestState::Released { grant, .. } = state else { return None };
    match &grant.state {
        GrantState::Ended { ending: Ending::LockedDown, .. } => {
            Some("The portal was locked down, and every record closed.".to_owned())
        }
        GrantState::Ended { reason, .. } => reason.as_ref().map(|reason| format!("Dispatch ended it: {reason}")),
        GrantState::Active { .. } => None,
    }
}

/// Only the sign-in that asked opens it, and that is another one.
fn elsewhere(title: &'static str, was_here: bool) -> Stage {
    // It was this browser's, and there is none to go back to.
    if was_here {
        return over("Your sign-in ended", "So this request can no longer be opened. Ask again if you still need it.");
    }
    let words = "Only the browser and the sign-in that asked for this record can open it. If you cannot go back to that one, ask again here.";
    over(title, words)
}

/// Who may have withdrawn it, as far as that can be told.
const fn cancelled(is_here: bool, was_here: bool) -> &'static str {
    match (is_here, was_here) {
        (true, _) => "It was withdrawn: here, or by asking again on another device. Nothing was opened.",
        (false, true) => {
            "Your sign-in ended, and the request with it: by signing out, by its time limit, or by dispatch or an admin. Nothing was opened. Ask again if you still need it."
        }
        (false, false) => {
            "It was withdrawn where it was asked, or ended with that sign-in: by signing out, by its time limit, or by dispatch or an admin. Nothing was opened."
        }
    }
}

/// What is said of the end of a window.
pub(super) const fn closed(ending: Ending) -> &'static str {
    match ending {
        Ending::Expired => "Its window is over. Nothing of it is left on this device.",
        Ending::LoggedOff => "Your sign-in was ended. Nothing of it is left on this device.",
        Ending::Revoked => "Dispatch ended the window. Nothing of it is left on this device.",
        Ending::LockedDown => "The portal was locked down. Nothing of it is left on this device.",
        Ending::Wiped => "It was erased before the end of its window. Nothing of it is left on this device.",
    }
}
