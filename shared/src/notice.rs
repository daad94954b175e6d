//! Notices: what a member is told without having asked, and how it ended.

use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// A request waits for a dispatcher.
    RequestWaits,
    /// A responder opened a record alone.
    OpenedAlone,
    /// An opening has to be reviewed.
    ReviewOpened,
    /// A review was not done in time.
    ReviewOverdue,
    /// Nobody may do a review.
    ReviewUnowned,
    /// What was opened was reviewed.
    ReviewClosed,
    /// The member's passkeys are about to be replaced.
    Reenrolment,
    /// The member takes part in a drill.
    Drill,
    /// A device of the member's tells them nothing any more, because another uses it.
    DeviceEnded,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 9] = [
        Self::RequestWaits,
        Self::OpenedAlone,
        Self::ReviewOpened,
        Self::ReviewOverdue,
        Self::ReviewUnowned,
        Self::ReviewClosed,
        Self::Reenrolment,
        Self::Drill,
        Self::DeviceEnded,
    ];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::RequestWaits => "request_waits",
            Self::OpenedAlone => "opened_alone",
            Self::ReviewOpened => "review_opened",
            Self::ReviewOverdue => "review_overdue",
            Self::ReviewUnowned => "review_unowned",
            Self::ReviewClosed => "review_closed",
            Self::Reenrolment => "reenrolment",
            Self::Drill => "drill",
            Self::DeviceEnded => "device_ended",
        }
    }

    /// Where in the portal whoever is told can do something about it, and what that place is called. Nowhere, where there is nothing to do or
    /// it is told to people of several roles.
    pub const fn place(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::RequestWaits => Some(("/desk", "the desk")),
            Self::ReviewOpened => Some(("/reviews", "the reviews")),
            Self::ReviewUnowned => Some(("/members", "the members")),
            Self::Reenrolment => Some(("/", "the start page")),
            Self::DeviceEnded => Some(("/passkeys", "your devices")),
            Self::Drill | Self::OpenedAlone | Self::ReviewOverdue | Self::ReviewClosed => None,
        }
    }
}

/// How what a notice is about ended: nothing is to be done about it any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// Dispatchers approved the request.
    Approved,
    /// A standing rule opened the request.
    ByRule,
    /// The responder opened the request alone.
    Alone,
    /// A dispatcher denied the request, or took an approval back.
    Denied,
    /// The request was withdrawn.
    Withdrawn,
    /// Nobody decided, or nobody opened the record, in time.
    Expired,
    /// The record is closed.
    Ended,
    /// It was stopped.
    Stopped,
    /// It was done.
    Done,
    /// What was to last a while has ended.
    Over,
}

impl Closing {
    /// Every way to end.
    pub const ALL: [Self; 10] = [
        Self::Approved,
        Self::ByRule,
        Self::Alone,
        Self::Denied,
        Self::Withdrawn,
        Self::Expired,
        Self::Ended,
        Self::Stopped,
        Self::Done,
        Self::Over,
    ];

    /// The word used on the wire and in the store.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ByRule => "by_rule",
            Self::Alone => "alone",
            Self::Denied => "denied",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
            Self::Ended => "ended",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Over => "over",
        }
    }

    /// How people read it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::ByRule => "Opened by a standing rule",
            Self::Alone => "Opened alone",
            Self::Denied => "Denied",
            Self::Withdrawn => "Withdrawn",
            Self::Expired => "Run out",
            Self::Ended => "Closed again",
            Self::Stopped => "Stopped",
            Self::Done => "Done",
            Self::Over => "Over",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn topics_and_endings_have_one_word_everywhere() {
        for topic in Topic::ALL {
            assert_eq!(json!(topic), topic.word());
        }
        for closing in Closing::ALL {
            assert_eq!(json!(closing), closing.word());
            assert!(!closing.title().is_empty());
        }
    }
}
