//! What travels between browser and backend, one file a step. Imported under the alias `wire`.
//!
//! Unknown fields are refused in what the browser sends and ignored in what the backend answers, and in what computer-aided dispatch
//! sends. What counts down is
//! seconds left, never a wall time; instants are RFC 3339 text for display only.

mod audit;
mod bulk;
#[cfg(feature = "openapi")]
mod credential;
mod decide;
mod doctor;
mod drill;
mod incidents;
mod lockdown;
mod members;
mod notices;
mod problem;
mod readiness;
mod reenrolment;
mod release;
mod request;
mod review;
mod seal;
mod sign_in;

/// In a pattern: characters that steer how the others are seen.
#[cfg(feature = "openapi")]
macro_rules! hidden {
    () => {
        r"\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    };
}

/// In a pattern: characters that show nothing by themselves.
#[cfg(feature = "openapi")]
macro_rules! unseen {
    () => {
        concat!(hidden!(), r"\s\u200c\u200d\u2800\ufe00-\ufe0f")
    };
}

/// What a person typed and a page shows: nothing that steers how it is seen ([`shown`](crate::shown); not in reach of a pattern are what is
/// above U+FFFF, and how many marks are on one letter), and something that is seen.
#[cfg(feature = "openapi")]
pub(crate) const VISIBLE: &str = concat!(r"^[^", hidden!(), r"]*[^", unseen!(), r"][^", hidden!(), r"]*$");
/// The same where nothing has to be typed.
#[cfg(feature = "openapi")]
pub(crate) const VISIBLE_OR_NOTHING: &str = concat!(r"^([^", hidden!(), r"]*[^", unseen!(), r"][^", hidden!(), r"]*| *)$");
/// The same where what is kept from before is read too: no control characters, and something that is seen.
#[cfg(feature = "openapi")]
pub(crate) const WITHOUT_CONTROLS: &str =
    concat!(r"^[^\u0000-\u001f\u007f-\u009f]*[^", unseen!(), r"][^\u0000-\u001f\u007f-\u009f]*$");

pub use self::{
    audit::{AuditLine, AuditPage},
    bulk::{BulkDecided, Missed, PrepareBulk, PreparedBulk},
    decide::{
        AllowBody, Approval, Card, DecideBody, DecidingBody, Desk, LiveGrant, OnDuty, PastRequest, PrepareDecision,
        PreparedDecision, REASON_MAX, RevokeBody, RunningDrill, ScanAlarm, SignedOutBy,
    },
    doctor::{Check, Checks, Grade},
    drill::{
        BeginDrill, DRILL_MEMBERS_MAX, DRILL_MINUTES_MAX, DRILL_NAME_MAX, DrillAnswer, DrillLine, DrillMember, DrillMembersBody,
        DrillReport, DrilledRequest, OwnDrill,
    },
    incidents::{
        EmergencyResource, GOING_ON, Heartbeat, IncidentComponent, IncidentDocument, IncidentFeed, IncidentTaken, IncidentView,
        RELEASED, RESOURCES_MAX, STATUS_MAX, STATUSES_MAX, StatusFault, StatusText,
    },
    lockdown::{Deny, LockdownBoard, LockdownProposal, LockdownView, PrepareLockdown, PreparedLockdown, SignedLockdown},
    members::{
        Invitation, InvitationLine, InviteBody, MemberLine, PASSKEY_NAME_MAX, PasskeyBody, PasskeyLine, PasskeyNameBody, RolesBody,
    },
    notices::{
        Channels, DispatchHeard, NOTICES_SHOWN, NoticeBoard, NoticeClosed, NoticeLine, PUSH_DEVICES_MAX, PushDeviceBody,
        PushDeviceLine, PushDevices, ReadNotices, Unread,
    },
    problem::{Problem, ProblemCode},
    readiness::{KeyService, KeyTrouble, Readiness},
    reenrolment::{OwnReenrolment, PrepareReenrolment, PreparedReenrolment, ReenrolmentLine, ReenrolmentState, SignedReenrolment},
    release::{DocumentKind, DocumentLine, Release, ReleaseBody, WipedBody},
    request::{
        Decisions, Doors, FileRequest, GrantState, GrantView, Opened, OverrideBody, PrepareRequest, PreparedOverride,
        PreparedRequest, RequestState, RequestView, SealingPoint,
    },
    review::{
        EXTRACT_MAX, ExtractLine, NOTE_MIN, PrepareReview, PreparedReview, ReviewClosed, ReviewDecision, ReviewDocument,
        ReviewLine, ReviewList, ReviewOpening, ReviewView, ReviewsOverdue, SignatureState, SignedReview,
    },
    seal::{Bracelet, CommitSealing, FILE_NUMBER_MAX, RecordLine, Sealing, StartSealing},
    sign_in::{
        Ceremony, FinishInvitation, FinishSignIn, InvitationToken, InvitationView, MemberView, Session, SessionLimits, StartSignIn,
    },
};
