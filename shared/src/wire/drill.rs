//! Drills: the same path on made-up patients, by members whom an admin chose, and what came of it.

use serde::{Deserialize, Serialize};

use super::MemberView;
use crate::{
    door::Door,
    id::{DrillId, MemberId, RequestId},
    justification::Severity,
};

/// Longest name of a drill, in characters: what a tablet shows in one line.
pub const DRILL_NAME_MAX: usize = 60;
/// Longest a drill may last, in minutes: a day.
pub const DRILL_MINUTES_MAX: u32 = 24 * 60;
/// Most members that take part in one call: a county's whole shift.
pub const DRILL_MEMBERS_MAX: usize = 500;

/// Begins a drill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BeginDrill {
    /// What it is called, on every screen of those who take part.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = DRILL_NAME_MAX), extend("pattern" = super::VISIBLE)))]
    pub name: String,
    /// After how many minutes it ends by itself.
    #[cfg_attr(feature = "openapi", schemars(range(min = 1, max = DRILL_MINUTES_MAX)))]
    pub minutes: u32,
    /// Who takes part.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = DRILL_MEMBERS_MAX)))]
    pub members: Vec<MemberId>,
}

/// More members who take part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DrillMembersBody {
    /// Who.
    #[cfg_attr(feature = "openapi", schemars(length(min = 1, max = DRILL_MEMBERS_MAX)))]
    pub members: Vec<MemberId>,
}

/// The drill that a member takes part in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct OwnDrill {
    /// What it is called.
    pub name: String,
    /// Until it ends by itself.
    pub seconds_left: f64,
}

/// A drill, in the list of all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DrillLine {
    /// The id.
    pub id: DrillId,
    /// What it is called.
    pub name: String,
    /// Who began it.
    pub begun_by: MemberView,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub begun_at: String,
    /// Until it ends by itself; absent once it is over.
    pub seconds_left: Option<f64>,
    /// When it ended, RFC 3339; absent while it runs.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub ended_at: Option<String>,
    /// Who ended it; absent while it runs, and where its time ran out.
    pub ended_by: Option<MemberView>,
    /// Who takes part, or did: by agency id.
    pub members: Vec<DrillMember>,
}

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DrillMember {
    /// Who.
    pub member: MemberView,
    /// Whether they left before its end.
    pub left: bool,
}

/// What came of a drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DrillReport {
    /// Which.
    pub drill: DrillLine,
    /// Its requests, the first first.
    pub requests: Vec<DrilledRequest>,
}

/// One request of a drill. Times are in seconds since it was asked; absent: it did not come to that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DrilledRequest {
    /// The request.
    pub request: RequestId,
    /// Who asked.
    pub by: MemberView,
    /// When, RFC 3339.
    #[cfg_attr(feature = "openapi", schemars(extend("format" = "date-time")))]
    pub asked_at: String,
    /// How much time there was said to be.
    pub severity: Severity,
    /// Who said a word on it, the first first.
    pub answers: Vec<DrillAnswer>,
    /// Through which door it was opened.
    pub door: Option<Door>,
    /// Until a door opened it.
    pub opened: Option<f64>,
    /// Until its record was released to the page.
    pub released: Option<f64>,
    /// Until its window was over.
    pub ended: Option<f64>,
    /// Until the page said that it had wiped the record.
    pub wiped: Option<f64>,
    /// What became of it, in a word of docs/ARCHITECTURE.md, Lifecycles.
    pub outcome: String,
}

/// A dispatcher's word in a drill.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct DrillAnswer {
    /// By whom, by agency id.
    pub by: String,
    /// Their display name: whoever takes no part in the drill decides its requests as well.
    pub name: String,
    /// The word: `approve`, `deny` or `take_back`.
    pub verdict: String,
    /// After how many seconds.
    pub seconds: f64,
}
