//! What each route is for, and how its service may refuse. What the gate and a handler's arguments refuse is not repeated
//! here; every answer of the integration tests is held against the document that is made from both.

use axum::http::Method;
use halligan_shared::{
    paths,
    wire::ProblemCode::{
        self, AgencyIdTaken, AuthorityBusy, AuthorityClock, AuthorityCredentials, AuthorityDown, AuthorityFailed, CeremonyOver,
        Decided, DeviceBoundOnly, Invalid, InvitationOver, KeptOut, KeyNotNamed, LastPasskey, LockedDown, NotFound, NotSignedIn,
        Oneself, OtherSession, OwnRequest, PolicyForbids, SignInFailed, SignatureRefused, TooEarly, UnknownBracelet, WindowOver,
        WrongState,
    },
};

/// What the document says of a route beside its types.
pub(super) struct Note {
    pub(super) summary: &'static str,
    pub(super) refusals: &'static [ProblemCode],
}

/// The note of a route.
pub(super) fn note(method: &Method, path: &str) -> Option<&'static Note> {
    NOTES.iter().find(|(of, at, _)| *of == method.as_str() && *at == path).map(|(.., note)| note)
}

const fn note_of(summary: &'static str, refusals: &'static [ProblemCode]) -> Note {
    Note { summary, refusals }
}

#[rustfmt::skip]
const NOTES: &[(&str, &str, Note)] = &[
    ("GET", paths::OPENAPI, note_of("This document", &[])),
    ("GET", paths::HEALTH, note_of("Says that the portal answers", &[])),
    ("POST", paths::SIGN_IN_START, note_of("Begins a sign-in", &[])),
    // Whoever is kept out in the very moment of the sign-in is not signed in.
    ("POST", paths::SIGN_IN_FINISH, note_of("Signs in", &[SignInFailed, KeptOut, NotSignedIn])),
    ("POST", paths::INVITATION_VIEW, note_of("What an invitation offers", &[InvitationOver])),
    ("POST", paths::INVITATION_START, note_of("Begins the first passkey", &[InvitationOver])),
    // Whoever is kept out gets the new passkey, and is not signed in.
    ("POST", paths::INVITATION_FINISH, note_of("Makes the invited a member, or replaces a member's passkeys, and signs them in",
        &[Invalid, CeremonyOver, InvitationOver, SignatureRefused, DeviceBoundOnly, AgencyIdTaken, KeptOut, NotSignedIn])),
    ("GET", paths::SESSION, note_of("Who is signed in", &[])),
    ("POST", paths::SIGN_OUT, note_of("Ends this session", &[])),
    ("POST", paths::SIGN_OUT_EVERYWHERE, note_of("Ends every session of the member", &[])),
    ("GET", paths::PASSKEYS, note_of("The member's passkeys", &[])),
    ("POST", paths::PASSKEY_START, note_of("Begins another passkey", &[])),
    ("POST", paths::PASSKEY_FINISH, note_of("Adds a passkey", &[Invalid, CeremonyOver, SignatureRefused, DeviceBoundOnly])),
    ("PUT", paths::PASSKEY, note_of("Names a passkey", &[Invalid])),
    ("DELETE", paths::PASSKEY, note_of("Removes a passkey", &[LastPasskey])),
    ("GET", paths::NOTICES, note_of("The member's notices, unread ones first", &[])),
    ("GET", paths::NOTICE_EVENTS, note_of("The same anew, each time it may have changed", &[])),
    ("POST", paths::NOTICE_READ, note_of("The member says that they read a notice", &[])),
    ("GET", paths::PUSH_DEVICES, note_of("The member's devices that are told by push, and the key by which a browser becomes one", &[WrongState])),
    ("PUT", paths::PUSH_DEVICES, note_of("Has a browser told by push", &[Invalid, WrongState])),
    ("DELETE", paths::PUSH_DEVICE, note_of("Tells a device no more", &[])),
    ("POST", paths::REQUEST_PREPARE, note_of("Hands out the statement of a request, to be signed", &[Invalid, UnknownBracelet, PolicyForbids])),
    ("POST", paths::REQUESTS, note_of("Files a signed request",
        &[Invalid, CeremonyOver, SignatureRefused, DeviceBoundOnly, UnknownBracelet, PolicyForbids, WrongState])),
    ("GET", paths::REQUESTS, note_of("The responder's requests that still matter", &[])),
    ("GET", paths::REQUEST, note_of("One request", &[])),
    ("GET", paths::REQUEST_EVENTS, note_of("The request anew, each time it may have changed", &[])),
    ("POST", paths::REQUEST_CANCEL, note_of("Withdraws a request", &[])),
    ("POST", paths::OVERRIDE_PREPARE, note_of("Hands out the words of an override, to be signed",
        &[PolicyForbids, TooEarly, OtherSession, Decided, WrongState, WindowOver])),
    ("POST", paths::OVERRIDE, note_of("Takes the signed override: the responder opens the record alone",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, PolicyForbids, TooEarly, OtherSession, Decided, WrongState, WindowOver])),
    ("POST", paths::RELEASE, note_of("Opens the record: both shares, one of them blinded",
        &[Invalid, WrongState, WindowOver, OtherSession, LockedDown, KeyNotNamed,
            AuthorityBusy, AuthorityClock, AuthorityCredentials, AuthorityDown, AuthorityFailed])),
    ("GET", paths::GRANT_DOCUMENT, note_of("A sealed document of an open record", &[WindowOver, OtherSession])),
    ("POST", paths::GRANT_WIPED, note_of("Takes a wipe receipt", &[])),
    ("GET", paths::READINESS, note_of("What keeps every record closed just now, if anything does", &[])),
    ("GET", paths::DESK, note_of("What waits, what is open, who is on duty", &[])),
    ("GET", paths::DESK_EVENTS, note_of("The desk anew, each time it may have changed", &[])),
    ("POST", paths::DECISION_PREPARE, note_of("Hands out the statement of a decision, to be signed",
        &[Invalid, OwnRequest, PolicyForbids, Decided, WrongState, WindowOver])),
    ("GET", paths::DECISION, note_of("Whether there is still something to decide", &[OwnRequest, PolicyForbids, Decided, WrongState, WindowOver])),
    ("POST", paths::DECISION, note_of("Takes the signed decision",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, OwnRequest, PolicyForbids, Decided, WrongState, WindowOver])),
    ("POST", paths::GRANT_REVOKE, note_of("Closes an open record", &[Invalid, Decided, WrongState, WindowOver])),
    ("POST", paths::DESK_ALLOW, note_of("Says that a responder's many bracelets are in order", &[Oneself, WrongState])),
    ("POST", paths::DESK_SIGN_OUT, note_of("Ends every session of a responder", &[])),
    ("GET", paths::INCIDENTS, note_of("The incidents that go on, and when the feed of them was last heard", &[])),
    ("PUT", paths::INCIDENT, note_of("Takes an incident from computer-aided dispatch: the part of an EIDO (NENA-STA-021) that matters here", &[Invalid])),
    ("POST", paths::INCIDENT_HEARTBEAT, note_of("Takes a sign of life from computer-aided dispatch", &[])),
    ("POST", paths::SEALINGS, note_of("Begins a sealing",
        &[NotFound, AuthorityBusy, AuthorityClock, AuthorityCredentials, AuthorityDown, AuthorityFailed])),
    ("PUT", paths::SEALING_DOCUMENT, note_of("Keeps a sealed document", &[])),
    ("POST", paths::SEALING_COMMIT, note_of("Makes the sealing the current version of its record", &[Invalid])),
    ("GET", paths::RECORDS, note_of("All records, nothing of the patients", &[])),
    ("POST", paths::RECORD_BRACELET, note_of("Gives a record a new bracelet, and ends the old one", &[Invalid])),
    ("GET", paths::LOCKDOWN, note_of("How the lockdown stands, and what is proposed", &[WrongState])),
    ("GET", paths::LOCKDOWN_EVENTS, note_of("The same anew, each time it may have changed", &[])),
    ("POST", paths::LOCKDOWN_PREPARE, note_of("Hands out the statement of a proposal, to be signed", &[Invalid, WrongState])),
    ("POST", paths::LOCKDOWN_PROPOSALS, note_of("Takes the signed proposal",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, WrongState])),
    ("POST", paths::LOCKDOWN_CONFIRMATION_PREPARE, note_of("Hands out the statement of a proposal to another admin, to be signed",
        &[Oneself, WrongState])),
    ("POST", paths::LOCKDOWN_CONFIRMATION, note_of("Takes the other admin's signature, and makes it so",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, Oneself, WrongState])),
    ("GET", paths::AUDIT, note_of("Events of the log, newest first", &[])),
    ("POST", paths::DOCTOR, note_of("Looks at everything that would fail in an emergency", &[WrongState])),
    ("GET", paths::MEMBERS, note_of("All members", &[])),
    ("GET", paths::INVITATIONS, note_of("Invitations that nobody has used, without their links", &[])),
    ("POST", paths::INVITATIONS, note_of("Invites a member", &[Invalid, AgencyIdTaken])),
    ("DELETE", paths::INVITATION, note_of("Takes an unused invitation back", &[InvitationOver])),
    ("POST", paths::MEMBER_SIGN_OUT, note_of("Ends every session of a member", &[])),
    ("POST", paths::MEMBER_SUSPEND, note_of("Keeps a member out", &[Oneself, WrongState])),
    ("POST", paths::MEMBER_REINSTATE, note_of("Lets a member in again", &[])),
    ("PUT", paths::MEMBER_ASSIGNMENT, note_of("Changes where a member works", &[Invalid, Oneself])),
    ("PUT", paths::MEMBER_ROLES, note_of("Changes a member's roles", &[Invalid, Oneself, WrongState])),
    ("POST", paths::REENROLMENT_PREPARE, note_of("Hands out the statement of a proposal to replace a member's passkeys, to be signed",
        &[Invalid, Oneself])),
    ("GET", paths::REENROLMENTS, note_of("Whose passkeys are about to be replaced, and how far that is", &[])),
    ("POST", paths::REENROLMENTS, note_of("Takes the signed proposal",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, WrongState])),
    ("POST", paths::REENROLMENT_CONFIRMATION_PREPARE, note_of("Hands out the statement of a proposal to another admin, to be signed",
        &[Oneself, WrongState])),
    ("POST", paths::REENROLMENT_CONFIRMATION, note_of("Takes the other admin's signature: the delay begins",
        &[CeremonyOver, SignatureRefused, DeviceBoundOnly, Oneself, WrongState])),
    ("POST", paths::REENROLMENT_LINK, note_of("Hands out the link for the new passkey, once the delay is over", &[Oneself, WrongState])),
    ("POST", paths::REENROLMENT_STOP, note_of("Stops it", &[WrongState])),
    ("GET", paths::OWN_REENROLMENT, note_of("What somebody began about the member's own passkeys", &[])),
    ("POST", paths::OWN_REENROLMENT_STOP, note_of("The member stops it", &[WrongState])),
];
