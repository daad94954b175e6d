//! Notices: the member's inbox, the devices that are told, and whether the ways to tell somebody work.

use serde::{Deserialize, Serialize};

use crate::{
    id::{NoticeId, PushDeviceId},
    notice::{Closing, Topic},
};

/// How many notices of a member are shown.
pub const NOTICES_SHOWN: u32 = 50;

/// Most devices of one member that are told.
pub const PUSH_DEVICES_MAX: u32 = 10;

/// A member's notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NoticeBoard {
    /// How many the member has not read, shown or not.
    pub unread: u32,
    /// The last of them: unread ones first, then the newest.
    pub notices: Vec<NoticeLine>,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NoticeLine {
    /// The id.
    pub id: NoticeId,
    /// What it is about.
    pub topic: Topic,
    /// The same in a few words.
    pub title: String,
    /// What happened, in a sentence. Nothing of a record, of its reference or of a patient.
    pub text: String,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub made_at: String,
    /// Whether the member said that they read it.
    pub read: bool,
    /// How it ended, once it did.
    pub closed: Option<NoticeClosed>,
}

/// How a notice ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct NoticeClosed {
    /// How.
    pub how: Closing,
    /// The same in words, and by whom.
    pub text: String,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub at: String,
}

/// How many notices a member has not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Unread {
    /// So many.
    pub unread: u32,
}

/// A member read notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadNotices {
    /// Which: what was on the page. At most [`NOTICES_SHOWN`].
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = NOTICES_SHOWN)))]
    pub notices: Vec<NoticeId>,
}

/// A browser's subscription to pushes, as `PushSubscription.toJSON()` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushDeviceBody {
    /// The address at the browser's push service.
    pub endpoint: String,
    /// The browser's public key, uncompressed, base64url.
    pub p256dh: String,
    /// The browser's secret for pushes, 16 bytes, base64url.
    pub auth: String,
}

/// The devices of a member that are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PushDevices {
    /// The portal's public key, by which a browser subscribes: uncompressed, base64url.
    pub key: String,
    /// The devices, oldest first.
    pub devices: Vec<PushDeviceLine>,
}

/// A device that is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PushDeviceLine {
    /// The id.
    pub id: PushDeviceId,
    /// What its browser said it was, in a few words: “Chrome on Android”. Empty for one that was added before this was asked.
    pub name: String,
    /// Whether it is the browser that asks.
    pub here: bool,
    /// The push service that its browser uses.
    pub service: String,
    /// Since when, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub made_at: String,
    /// When its push service last took something, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub last_ok_at: Option<String>,
    /// Whether its push service does not take anything now.
    pub failing: bool,
}

/// Whether the ways work by which the portal tells and is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Channels {
    /// Since when the webhook has not answered, RFC 3339, where that is longer than a minute.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub webhook_silent_since: Option<String>,
    /// How many devices could not be told for longer than a minute.
    pub push_failing: u32,
    /// Of computer-aided dispatch, where the portal has its key.
    pub dispatch: Option<DispatchHeard>,
}

/// When computer-aided dispatch was heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DispatchHeard {
    /// The last time, RFC 3339; never, without it.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub at: Option<String>,
}
