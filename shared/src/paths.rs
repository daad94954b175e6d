//! Where things are: every URL of the portal, once. The backend's route table and the browser's client both read these.
//!
//! Constants with `{…}` are the backend's patterns; the functions of the same stem fill them in for the client.

use crate::id::{
    DocumentId, DrillId, GrantId, InvitationId, MemberId, PasskeyId, ProposalId, PushDeviceId, RecordId, ReenrolmentId, RequestId,
    SealingId,
};

/// The page a bracelet's QR code opens; the reference stands behind `#`, which browsers never send.
pub const BRACELET_PAGE: &str = "/s";
/// The page an invitation opens; its token stands behind `#`.
pub const JOIN_PAGE: &str = "/join";
/// The page in the viewer's frame.
pub const VIEWER_PAGE: &str = "/viewer";
/// The pages off the emergency path: the desks', joining, and one's passkeys. They are a part of the portal with a module of
/// its own, so that a responder's phone does not wait for it.
pub const DESK_PAGES: [&str; 11] =
    ["/desk", "/records", "/audit", "/reviews", "/members", "/drills", "/lockdown", "/doctor", "/passkeys", "/notices", JOIN_PAGE];

/// Whether a path belongs to the desks' part of the portal; every other belongs to the emergency path.
pub fn is_desk_page(path: &str) -> bool {
    DESK_PAGES.contains(&path.strip_suffix('/').unwrap_or(path))
}

/// What the API is: OpenAPI 3.1.
pub const OPENAPI: &str = "/api/openapi.json";

/// Whether the backend answers.
pub const HEALTH: &str = "/api/v1/health";

/// Who is signed in.
pub const SESSION: &str = "/api/v1/session";
/// Begins a sign-in ceremony.
pub const SIGN_IN_START: &str = "/api/v1/sign-in/start";
/// Ends it.
pub const SIGN_IN_FINISH: &str = "/api/v1/sign-in/finish";
/// Ends this session.
pub const SIGN_OUT: &str = "/api/v1/sign-out";
/// Ends every session of the member.
pub const SIGN_OUT_EVERYWHERE: &str = "/api/v1/sign-out/everywhere";

/// What an invitation offers.
pub const INVITATION_VIEW: &str = "/api/v1/invitations/view";
/// Begins the creation of the first passkey.
pub const INVITATION_START: &str = "/api/v1/invitations/start";
/// Ends it: the member exists and is signed in.
pub const INVITATION_FINISH: &str = "/api/v1/invitations/finish";
/// Invites a member; lists the invitations that nobody has used.
pub const INVITATIONS: &str = "/api/v1/invitations";
/// Takes one of them back.
pub const INVITATION: &str = "/api/v1/invitations/{invitation}";
/// Lists members.
pub const MEMBERS: &str = "/api/v1/members";
/// Ends every session of a member.
pub const MEMBER_SIGN_OUT: &str = "/api/v1/members/{member}/sign-out";
/// Keeps a member out.
pub const MEMBER_SUSPEND: &str = "/api/v1/members/{member}/suspend";
/// Lets a member in again.
pub const MEMBER_REINSTATE: &str = "/api/v1/members/{member}/reinstate";
/// Where a member works.
pub const MEMBER_ASSIGNMENT: &str = "/api/v1/members/{member}/assignment";
/// A member's roles.
pub const MEMBER_ROLES: &str = "/api/v1/members/{member}/roles";
/// Hands out the statement of a proposal to replace a member's passkeys.
pub const REENROLMENT_PREPARE: &str = "/api/v1/members/{member}/reenrolment/prepare";

/// Takes the signed proposal; lists what is under way.
pub const REENROLMENTS: &str = "/api/v1/reenrolments";
/// Hands out the statement of a proposal to the admin who may confirm it.
pub const REENROLMENT_CONFIRMATION_PREPARE: &str = "/api/v1/reenrolments/{reenrolment}/confirmation/prepare";
/// Takes the signed confirmation.
pub const REENROLMENT_CONFIRMATION: &str = "/api/v1/reenrolments/{reenrolment}/confirmation";
/// Hands out the link for the new passkey.
pub const REENROLMENT_LINK: &str = "/api/v1/reenrolments/{reenrolment}/link";
/// An admin stops it.
pub const REENROLMENT_STOP: &str = "/api/v1/reenrolments/{reenrolment}/stop";
/// Begins a drill; lists those that were run.
pub const DRILLS: &str = "/api/v1/drills";
/// What came of one of them.
pub const DRILL: &str = "/api/v1/drills/{drill}";
/// Ends it.
pub const DRILL_END: &str = "/api/v1/drills/{drill}/end";
/// Makes more members take part.
pub const DRILL_MEMBERS: &str = "/api/v1/drills/{drill}/members";
/// The drill that the member takes part in.
pub const OWN_DRILL: &str = "/api/v1/drill";
/// The member takes part no more.
pub const OWN_DRILL_LEAVE: &str = "/api/v1/drill/leave";
/// What somebody began about the member's own passkeys.
pub const OWN_REENROLMENT: &str = "/api/v1/reenrolment";
/// The member stops it.
pub const OWN_REENROLMENT_STOP: &str = "/api/v1/reenrolment/stop";

/// Looks at everything that would fail in an emergency.
pub const DOCTOR: &str = "/api/v1/doctor";

/// Lists the member's passkeys.
pub const PASSKEYS: &str = "/api/v1/passkeys";
/// Begins adding one.
pub const PASSKEY_START: &str = "/api/v1/passkeys/start";
/// Ends it.
pub const PASSKEY_FINISH: &str = "/api/v1/passkeys/finish";
/// Names or removes one.
pub const PASSKEY: &str = "/api/v1/passkeys/{passkey}";

/// The member's notices.
pub const NOTICES: &str = "/api/v1/notices";
/// Their changes, as server-sent events.
pub const NOTICE_EVENTS: &str = "/api/v1/notices/events";
/// How many the member has not read, as server-sent events.
pub const UNREAD_EVENTS: &str = "/api/v1/notices/unread/events";
/// The member says which they read.
pub const NOTICES_READ: &str = "/api/v1/notices/read";
/// Lists the member's devices that are told by push; adds one.
pub const PUSH_DEVICES: &str = "/api/v1/push-devices";
/// Removes one.
pub const PUSH_DEVICE: &str = "/api/v1/push-devices/{device}";

/// Checks a request and hands out the statement to sign.
pub const REQUEST_PREPARE: &str = "/api/v1/requests/prepare";
/// Files a signed request; lists the responder's own that still matter.
pub const REQUESTS: &str = "/api/v1/requests";
/// One request.
pub const REQUEST: &str = "/api/v1/requests/{request}";
/// Its changes, as server-sent events.
pub const REQUEST_EVENTS: &str = "/api/v1/requests/{request}/events";
/// Withdraws it.
pub const REQUEST_CANCEL: &str = "/api/v1/requests/{request}/cancel";
/// Hands out the words of an override, to sign.
pub const OVERRIDE_PREPARE: &str = "/api/v1/requests/{request}/override/prepare";
/// Takes the signed override: the responder opens the record alone.
pub const OVERRIDE: &str = "/api/v1/requests/{request}/override";
/// Opens the record.
pub const RELEASE: &str = "/api/v1/requests/{request}/release";
/// Hands out the decision statement to sign.
pub const DECISION_PREPARE: &str = "/api/v1/requests/{request}/decision/prepare";
/// Takes the signed decision; says before whether there is still one to take.
pub const DECISION: &str = "/api/v1/requests/{request}/decision";
/// Says that a dispatcher is about to decide, or is not any more.
pub const DECIDING: &str = "/api/v1/requests/{request}/deciding";
/// Says that a dispatcher is about to decide nothing any more.
pub const DESK_DECIDING: &str = "/api/v1/desk/deciding";
/// Hands out one statement about several requests of an incident.
pub const BULK_PREPARE: &str = "/api/v1/desk/bulk-approval/prepare";
/// Takes the signed statement.
pub const BULK: &str = "/api/v1/desk/bulk-approval";

/// The dispatcher's queue and the live grants.
pub const DESK: &str = "/api/v1/desk";
/// Their changes, as server-sent events.
pub const DESK_EVENTS: &str = "/api/v1/desk/events";
/// Says that a responder's many bracelets are in order.
pub const DESK_ALLOW: &str = "/api/v1/desk/responders/{member}/allow";
/// Ends every session of a responder.
pub const DESK_SIGN_OUT: &str = "/api/v1/desk/responders/{member}/sign-out";

/// What keeps every record closed just now, if anything does.
pub const READINESS: &str = "/api/v1/readiness";

/// The incidents that go on, and how the feed of them is.
pub const INCIDENTS: &str = "/api/v1/incidents";
/// Takes an incident from computer-aided dispatch. What a number has beside letters, digits and `-._` is percent-encoded.
pub const INCIDENT: &str = "/api/v1/incidents/{number}";
/// Takes a sign of life from computer-aided dispatch.
pub const INCIDENT_HEARTBEAT: &str = "/api/v1/incidents/heartbeat";

/// A sealed document, while the grant lives.
pub const GRANT_DOCUMENT: &str = "/api/v1/grants/{grant}/documents/{document}";
/// The wipe receipt.
pub const GRANT_WIPED: &str = "/api/v1/grants/{grant}/wiped";
/// A dispatcher ends the grant.
pub const GRANT_REVOKE: &str = "/api/v1/grants/{grant}/revoke";

/// Begins a sealing.
pub const SEALINGS: &str = "/api/v1/sealings";
/// Takes a sealed document.
pub const SEALING_DOCUMENT: &str = "/api/v1/sealings/{sealing}/documents/{document}";
/// Makes the sealing a version of a record.
pub const SEALING_COMMIT: &str = "/api/v1/sealings/{sealing}/commit";
/// Lists records.
pub const RECORDS: &str = "/api/v1/records";
/// Replaces a record's bracelet.
pub const RECORD_BRACELET: &str = "/api/v1/records/{record}/bracelet";

/// How the lockdown stands, and what is proposed.
pub const LOCKDOWN: &str = "/api/v1/lockdown";
/// Its changes, as server-sent events.
pub const LOCKDOWN_EVENTS: &str = "/api/v1/lockdown/events";
/// Hands out the statement of a proposal to sign.
pub const LOCKDOWN_PREPARE: &str = "/api/v1/lockdown/proposals/prepare";
/// Takes the signed proposal.
pub const LOCKDOWN_PROPOSALS: &str = "/api/v1/lockdown/proposals";
/// Hands out the statement of a proposal to the admin who may confirm it.
pub const LOCKDOWN_CONFIRMATION_PREPARE: &str = "/api/v1/lockdown/proposals/{proposal}/confirmation/prepare";
/// Takes the signed confirmation.
pub const LOCKDOWN_CONFIRMATION: &str = "/api/v1/lockdown/proposals/{proposal}/confirmation";

/// Reviews that are open, and the last that were closed.
pub const REVIEWS: &str = "/api/v1/reviews";
/// How many of them are overdue.
pub const REVIEWS_OVERDUE: &str = "/api/v1/reviews/overdue";
/// The review of one request, with the facts.
pub const REVIEW: &str = "/api/v1/reviews/{request}";
/// Makes a privacy officer its owner.
pub const REVIEW_OWNER: &str = "/api/v1/reviews/{request}/owner";
/// Hands out the statement that closes it, to sign.
pub const REVIEW_FINDING_PREPARE: &str = "/api/v1/reviews/{request}/finding/prepare";
/// Takes the signed finding: the review is closed.
pub const REVIEW_FINDING: &str = "/api/v1/reviews/{request}/finding";

/// The audit log.
pub const AUDIT: &str = "/api/v1/audit";

macro_rules! filled {
    ($($(#[$doc:meta])* $function:ident($($name:ident: $type:ty),+) = $pattern:ident;)*) => {$(
        $(#[$doc])*
        pub fn $function($($name: $type),+) -> String {
            $pattern$(.replace(concat!("{", stringify!($name), "}"), &$name.to_string()))+
        }
    )*};
}

filled! {
    /// [`MEMBER_SIGN_OUT`] of one member.
    member_sign_out_of(member: MemberId) = MEMBER_SIGN_OUT;
    /// [`MEMBER_SUSPEND`] of one member.
    member_suspend_of(member: MemberId) = MEMBER_SUSPEND;
    /// [`MEMBER_REINSTATE`] of one member.
    member_reinstate_of(member: MemberId) = MEMBER_REINSTATE;
    /// [`MEMBER_ASSIGNMENT`] of one member.
    member_assignment_of(member: MemberId) = MEMBER_ASSIGNMENT;
    /// [`MEMBER_ROLES`] of one member.
    member_roles_of(member: MemberId) = MEMBER_ROLES;
    /// [`INVITATION`] of one invitation.
    invitation_of(invitation: InvitationId) = INVITATION;
    /// [`REENROLMENT_PREPARE`] of one member.
    reenrolment_prepare_of(member: MemberId) = REENROLMENT_PREPARE;
    /// [`REENROLMENT_CONFIRMATION_PREPARE`] of one re-enrolment.
    reenrolment_confirmation_prepare_of(reenrolment: ReenrolmentId) = REENROLMENT_CONFIRMATION_PREPARE;
    /// [`REENROLMENT_CONFIRMATION`] of one re-enrolment.
    reenrolment_confirmation_of(reenrolment: ReenrolmentId) = REENROLMENT_CONFIRMATION;
    /// [`REENROLMENT_LINK`] of one re-enrolment.
    reenrolment_link_of(reenrolment: ReenrolmentId) = REENROLMENT_LINK;
    /// [`REENROLMENT_STOP`] of one re-enrolment.
    reenrolment_stop_of(reenrolment: ReenrolmentId) = REENROLMENT_STOP;
    /// [`DESK_ALLOW`] of one responder.
    desk_allow_of(member: MemberId) = DESK_ALLOW;
    /// [`DESK_SIGN_OUT`] of one responder.
    desk_sign_out_of(member: MemberId) = DESK_SIGN_OUT;
    /// [`PUSH_DEVICE`] of one device.
    push_device_of(device: PushDeviceId) = PUSH_DEVICE;
    /// [`PASSKEY`] of one passkey.
    passkey_of(passkey: PasskeyId) = PASSKEY;
    /// [`REQUEST`] of one request.
    request_of(request: RequestId) = REQUEST;
    /// [`REQUEST_EVENTS`] of one request.
    request_events_of(request: RequestId) = REQUEST_EVENTS;
    /// [`REQUEST_CANCEL`] of one request.
    request_cancel_of(request: RequestId) = REQUEST_CANCEL;
    /// [`OVERRIDE_PREPARE`] of one request.
    override_prepare_of(request: RequestId) = OVERRIDE_PREPARE;
    /// [`OVERRIDE`] of one request.
    override_of(request: RequestId) = OVERRIDE;
    /// [`RELEASE`] of one request.
    release_of(request: RequestId) = RELEASE;
    /// [`DRILL`] of one drill.
    drill_of(drill: DrillId) = DRILL;
    /// [`DRILL_END`] of one drill.
    drill_end_of(drill: DrillId) = DRILL_END;
    /// [`DRILL_MEMBERS`] of one drill.
    drill_members_of(drill: DrillId) = DRILL_MEMBERS;
    /// [`DECISION_PREPARE`] of one request.
    decision_prepare_of(request: RequestId) = DECISION_PREPARE;
    /// [`DECISION`] of one request.
    decision_of(request: RequestId) = DECISION;
    /// [`DECIDING`] of one request.
    deciding_of(request: RequestId) = DECIDING;
    /// [`REVIEW`] of one request.
    review_of(request: RequestId) = REVIEW;
    /// [`REVIEW_OWNER`] of one request.
    review_owner_of(request: RequestId) = REVIEW_OWNER;
    /// [`REVIEW_FINDING_PREPARE`] of one request.
    review_finding_prepare_of(request: RequestId) = REVIEW_FINDING_PREPARE;
    /// [`REVIEW_FINDING`] of one request.
    review_finding_of(request: RequestId) = REVIEW_FINDING;
    /// [`GRANT_DOCUMENT`] of one document.
    grant_document_of(grant: GrantId, document: DocumentId) = GRANT_DOCUMENT;
    /// [`GRANT_WIPED`] of one grant.
    grant_wiped_of(grant: GrantId) = GRANT_WIPED;
    /// [`GRANT_REVOKE`] of one grant.
    grant_revoke_of(grant: GrantId) = GRANT_REVOKE;
    /// [`LOCKDOWN_CONFIRMATION_PREPARE`] of one proposal.
    lockdown_confirmation_prepare_of(proposal: ProposalId) = LOCKDOWN_CONFIRMATION_PREPARE;
    /// [`LOCKDOWN_CONFIRMATION`] of one proposal.
    lockdown_confirmation_of(proposal: ProposalId) = LOCKDOWN_CONFIRMATION;
    /// [`SEALING_DOCUMENT`] of one document.
    sealing_document_of(sealing: SealingId, document: DocumentId) = SEALING_DOCUMENT;
    /// [`SEALING_COMMIT`] of one sealing.
    sealing_commit_of(sealing: SealingId) = SEALING_COMMIT;
    /// [`RECORD_BRACELET`] of one record.
    record_bracelet_of(record: RecordId) = RECORD_BRACELET;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_emergency_path_is_no_desk() {
        for page in DESK_PAGES {
            assert!(is_desk_page(page) && is_desk_page(&format!("{page}/")), "{page}");
        }
        for other in ["/", "", BRACELET_PAGE, "/desk/x", "/desks", "/scan"] {
            assert!(!is_desk_page(other), "{other}");
        }
    }

    #[test]
    fn filled_paths_hold_no_pattern() {
        let path = grant_document_of(GrantId::fresh(), DocumentId::from([1; 16]));
        assert!(!path.contains(['{', '}']), "{path}");
        assert!(path.starts_with("/api/v1/grants/") && path.ends_with(&"01".repeat(16)));
    }
}
