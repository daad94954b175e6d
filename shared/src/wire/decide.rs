//! The desk: what waits, what is open, and the dispatcher's word.

use serde::{Deserialize, Serialize};

use super::{Ceremony, Channels, Doors, MemberView, Opened, Readiness};
use crate::{
    id::{CeremonyId, GrantId},
    statement::{AccessStatement, DecisionStatement, Verdict},
};

/// Longest reason of a denial or a revocation, in characters: what a tablet shows without scrolling.
pub const REASON_MAX: usize = 300;

/// Everything the desk shows, as one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Desk {
    /// Whether what is approved would open now.
    pub readiness: Readiness,
    /// Whether the ways work by which the portal tells and is told.
    pub channels: Channels,
    /// How many notices this dispatcher has not read.
    pub unread: u32,
    /// Responders who scanned many bracelets in a short time, the oldest first.
    pub alarms: Vec<ScanAlarm>,
    /// The drills that run, by name, and how many take part in each.
    pub drills: Vec<RunningDrill>,
    /// What waits, real patients before made-up ones: life-threatening first, then by waiting time, longest first.
    pub waiting: Vec<Card>,
    /// What may be opened and is not open yet, the nearest end first.
    pub approved: Vec<Approval>,
    /// What is open, the nearest end first.
    pub live: Vec<LiveGrant>,
    /// Responders who are signed in, by agency id.
    pub on_duty: Vec<OnDuty>,
    /// Dispatchers who are signed in, by agency id.
    pub dispatchers: Vec<OnDuty>,
}

/// A drill that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct RunningDrill {
    /// What it is called.
    pub name: String,
    /// How many take part.
    pub members: u32,
}

/// Many bracelets in a short time: slowed until a dispatcher says that it is in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct ScanAlarm {
    /// Who scans.
    pub by: MemberView,
    /// How many bracelets so far.
    pub bracelets: u32,
    /// For how long the alarm stands, in seconds.
    pub seconds: f64,
    /// That somebody ended every session of whoever scans, who has not scanned on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_out: Option<SignedOutBy>,
    /// Whether it is about this dispatcher, who cannot end it.
    pub own: bool,
}

/// That every session of a responder was ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct SignedOutBy {
    /// By whom.
    pub by: MemberView,
    /// How long ago, in seconds.
    pub seconds: f64,
}

/// A member who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OnDuty {
    /// Who.
    pub member: MemberView,
    /// At how many browsers.
    pub sessions: u32,
}

/// One waiting request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Card {
    /// Who asks.
    pub by: MemberView,
    /// What the responder signed: the card is drawn from it, and the dispatcher signs its digest.
    pub statement: AccessStatement,
    /// How long it waits, in seconds.
    pub waiting_seconds: f64,
    /// Whether this dispatcher asked it, and so may not decide it.
    pub own: bool,
    /// Whether the agency's policies leave it to others: a dispatcher of the same crew, say.
    pub barred: bool,
    /// Whether this dispatcher has approved it, and it waits for another.
    pub given: bool,
    /// Which doors there are.
    pub doors: Doors,
    /// Other dispatchers who are about to decide it. It holds nobody up.
    pub deciding: Vec<MemberView>,
    /// The member's last requests, newest first.
    pub last_requests: Vec<PastRequest>,
}

/// A request that may be opened and is not yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Approval {
    /// Who may open it.
    pub by: MemberView,
    /// What the responder signed. A dispatcher who takes the approval back signs its digest.
    pub statement: AccessStatement,
    /// Whether it is this dispatcher's own, or the agency's policies leave it to others: then they cannot take it back.
    pub barred: bool,
    /// Through which door.
    pub opened: Opened,
    /// Until it lapses.
    pub seconds_left: f64,
}

/// A line of the member's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PastRequest {
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub asked_at: String,
    /// For which incident.
    pub incident: String,
    /// What became of it, in a word of docs/ARCHITECTURE.md, Lifecycles.
    pub outcome: String,
}

/// An open grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct LiveGrant {
    /// The id.
    pub id: GrantId,
    /// Who reads.
    pub by: MemberView,
    /// For which incident.
    pub incident: String,
    /// Whether the record is a drill's.
    pub drill: bool,
    /// Through which door.
    pub opened: Opened,
    /// Until it closes.
    pub seconds_left: f64,
}

/// Asks for a decision statement to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PrepareDecision {
    /// The word.
    pub verdict: Verdict,
    /// Why not; needed for every word but an approval, at most [`REASON_MAX`] characters.
    #[cfg_attr(feature = "openapi", schemars(length(max = REASON_MAX), extend("pattern" = super::VISIBLE_OR_NOTHING)))]
    pub reason: String,
}

/// The decision statement to sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct PreparedDecision {
    /// What will be signed.
    pub statement: DecisionStatement,
    /// The ceremony; its challenge begins with the statement's digest.
    #[serde(flatten)]
    pub ceremony: Ceremony,
}

/// The signed decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DecideBody {
    /// Which ceremony.
    pub ceremony: CeremonyId,
    /// `AuthenticationResponseJSON`.
    #[cfg_attr(feature = "openapi", schemars(schema_with = "super::credential::authentication"))]
    pub credential: serde_json::Value,
}

/// Says that this dispatcher is about to decide a request, or is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DecidingBody {
    /// Whether they are.
    pub deciding: bool,
}

/// Says that a responder's many bracelets are in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AllowBody {
    /// How many the dispatcher saw: of more nothing was said.
    pub bracelets: u32,
}

/// Ends a grant early.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RevokeBody {
    /// Why, for the responder to read, at most [`REASON_MAX`] characters; may be empty, for speed.
    #[cfg_attr(feature = "openapi", schemars(length(max = REASON_MAX), extend("pattern" = super::VISIBLE_OR_NOTHING)))]
    pub reason: String,
}
