//! Refusals: RFC 9457 `application/problem+json` with a stable code and a request id.

use serde::{Deserialize, Serialize};

/// A refusal, in words for a person and a code for the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct Problem {
    /// `urn:halligan:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do next, in a sentence or two.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// How long to wait until the same would be taken, in seconds, where it is only for that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<u32>,
    /// The id under which the backend logged this.
    pub request_id: String,
}

/// The stable codes. A page decides by these and shows `detail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Nobody is signed in, or no longer.
    NotSignedIn,
    /// Signed in, without the role.
    NotAllowed,
    /// The sign-in did not work; nobody whose passkey did not hold is told why.
    SignInFailed,
    /// The passkey is a member's whom an admin keeps out.
    KeptOut,
    /// The ceremony is over: used, expired or never begun.
    CeremonyOver,
    /// The passkey's signature does not hold.
    SignatureRefused,
    /// A machine's call is not signed by its key, or not so that it counts; `detail` says what is wrong.
    NotSigned,
    /// The member signed in too long ago for this, and signs in again first.
    StaleSignIn,
    /// The policy of a role demands a passkey that stays on its device.
    DeviceBoundOnly,
    /// The invitation is used, expired or never existed.
    InvitationOver,
    /// The agency id is taken.
    AgencyIdTaken,
    /// A member keeps at least one passkey.
    LastPasskey,
    /// No record answers to this bracelet, or none that is surely its own.
    UnknownBracelet,
    /// The body is not what this address takes.
    Malformed,
    /// A field is at fault.
    Invalid,
    /// There is something at this address, but not for this method.
    WrongMethod,
    /// A body past its limit.
    TooLarge,
    /// No such thing, for this member.
    NotFound,
    /// Somebody was faster; `detail` says who.
    Decided,
    /// Nobody decides their own request.
    OwnRequest,
    /// The agency's policies do not allow it.
    PolicyForbids,
    /// The member takes part in a drill, which opens only made-up records.
    DrillOnly,
    /// The door opens later.
    TooEarly,
    /// Somebody else has to do this for, or about, the member.
    Oneself,
    /// The request is not in a state that allows this.
    WrongState,
    /// The window is over.
    WindowOver,
    /// The portal is locked down: nothing opens.
    LockedDown,
    /// The record is open elsewhere, by the session that asked.
    OtherSession,
    /// The key service refused this.
    AuthorityFailed,
    /// The key service has too much to do.
    AuthorityBusy,
    /// The key service cannot be reached, does not answer in time, or not so that it can be understood.
    AuthorityDown,
    /// The portal's clock and the key service's are too far apart.
    AuthorityClock,
    /// The portal's own credentials have expired, or are not known to the key service.
    AuthorityCredentials,
    /// The record is sealed under a key that the portal is not told to use.
    KeyNotNamed,
    /// The request came from another site.
    ForeignOrigin,
    /// Too much in a short time, or too many at once; `wait` says for how long.
    TooOften,
    /// The call took longer than the portal waits.
    TooSlow,
    /// Our fault.
    Internal,
}
