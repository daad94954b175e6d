//! How a grant ends, in words that both sides, the store and the evidence use.

use serde::{Deserialize, Serialize};

/// How a grant ended (docs/ARCHITECTURE.md, Lifecycles).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The window closed.
    Expired,
    /// The responder signed out.
    LoggedOff,
    /// A dispatcher ended it.
    Revoked,
    /// The responder's page erased the record before the end.
    Wiped,
    /// Two admins locked the portal down.
    LockedDown,
}

impl Ending {
    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::LoggedOff => "logged_off",
            Self::Revoked => "revoked",
            Self::Wiped => "wiped",
            Self::LockedDown => "locked_down",
        }
    }
}

/// What made the page erase the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum WipeCause {
    /// The countdown reached its end.
    Expired,
    /// The responder tapped "Done".
    Done,
    /// The responder signed out.
    SignedOut,
    /// The backend said that the window is revoked.
    Revoked,
    /// The tab was hidden too long.
    Hidden,
    /// The page was left, reloaded or closed.
    Left,
    /// The device slept past the end.
    Slept,
    /// The page came back from the back-forward cache.
    Restored,
    /// The session ended under the page.
    SessionLost,
    /// The record was released and did not open; nothing of it was shown.
    NotOpened,
}

impl WipeCause {
    /// The word used on the wire and in the evidence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Done => "done",
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::Hidden => "hidden",
            Self::Left => "left",
            Self::Slept => "slept",
            Self::Restored => "restored",
            Self::SessionLost => "session_lost",
            Self::NotOpened => "not_opened",
        }
    }

    /// Whether the same page load could still want the record: leaving by reload must not use the window up, because
    /// the session that asked may open again inside it (docs/ARCHITECTURE.md, Lifecycles).
    pub const fn may_reopen(self) -> bool {
        matches!(self, Self::Left | Self::Restored | Self::Hidden | Self::NotOpened)
    }

    /// Whether a receipt with this cause ends the grant. One that says that time is over does not: time itself does, a moment
    /// later by the backend's clock, and the log says that it expired.
    pub const fn ends_grant(self) -> bool {
        !self.may_reopen() && !matches!(self, Self::Expired | Self::Slept)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_are_those_of_the_wire() {
        for ending in [Ending::Expired, Ending::LoggedOff, Ending::Revoked, Ending::Wiped, Ending::LockedDown] {
            assert_eq!(json!(ending), ending.word());
        }
        for (cause, ..) in CAUSES {
            assert_eq!(json!(cause), cause.word());
        }
    }

    /// Each cause: whether the page load could still want the record, and whether its receipt ends the grant.
    const CAUSES: [(WipeCause, bool, bool); 10] = [
        (WipeCause::Expired, false, false),
        (WipeCause::Done, false, true),
        (WipeCause::SignedOut, false, true),
        (WipeCause::Revoked, false, true),
        (WipeCause::Hidden, true, false),
        (WipeCause::Left, true, false),
        (WipeCause::Slept, false, false),
        (WipeCause::Restored, true, false),
        (WipeCause::SessionLost, false, true),
        (WipeCause::NotOpened, true, false),
    ];

    #[test]
    fn a_grant_ends_by_what_cannot_be_taken_back() {
        for (cause, may_reopen, ends_grant) in CAUSES {
            assert_eq!((cause.may_reopen(), cause.ends_grant()), (may_reopen, ends_grant), "{cause:?}");
        }
    }
}
