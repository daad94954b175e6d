//! What the audit log tells of: one kind of event for each thing that happens.
//!
//! The portal writes no event of another kind, so a page that has words for all of these has words for the whole log. What somebody
//! changed in the database may say anything: on the wire a kind is text.

/// The enum, its words and the list of all, each from the same line.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)*
        }

        impl Kind {
            /// Every kind, a family together.
            pub const ALL: &[Self] = &[$(Self::$kind,)*];

            /// The word used in the log and on the wire. Up to its point it names the family.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }

            /// The kind that a word of the log stands for. `None`: no event of the portal's has it.
            pub fn of(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$kind),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A record was asked for.
    RequestFiled = "request.filed",
    /// A dispatcher approved or denied a request.
    RequestDecided = "request.decided",
    /// A responder opened a request alone.
    RequestOverridden = "request.overridden",
    /// A door opened a request: its record may be read.
    RequestOpened = "request.opened",
    /// A request waits again: what had opened it holds no more.
    RequestWaitsAgain = "request.waits_again",
    /// A request was withdrawn.
    RequestCancelled = "request.cancelled",
    /// Nobody decided in time.
    RequestExpired = "request.expired",
    /// An approval was not used in time.
    RequestLapsed = "request.lapsed",
    /// A request is not as it was signed.
    RequestAltered = "request.altered",

    /// The first release of a request: the window begins.
    RecordOpened = "record.opened",
    /// Another release inside the window.
    RecordOpenedAgain = "record.opened_again",
    /// Nothing came of an opening: the key service failed, the caller hung up, the window was ended meanwhile, the record is under a
    /// key that is not named, or the portal itself failed.
    RecordNotOpened = "record.not_opened",
    /// A wipe receipt came.
    RecordWiped = "record.wiped",
    /// A record, or a new version of it, was sealed.
    RecordSealed = "record.sealed",

    /// Share 1 of a record was wrapped anew.
    RecordRewrapped = "record.rewrapped",

    /// The operator began to wrap every share 1 anew.
    RotationBegun = "rotation.begun",
    /// A rotation is over: what shares were before it was dropped, or put back.
    RotationEnded = "rotation.ended",

    /// A window was closed.
    GrantEnded = "grant.ended",
    /// A sealed document went out.
    DocumentSent = "document.sent",
    /// No wipe receipt has come.
    WipeReceiptMissing = "wipe_receipt.missing",

    /// A review was opened: an override, an opening after a denial, or one drawn at random.
    ReviewOpened = "review.opened",
    /// A review has another owner, or none any more.
    ReviewAssigned = "review.assigned",
    /// A review was not closed in time.
    ReviewOverdue = "review.overdue",
    /// A privacy officer closed a review.
    ReviewClosed = "review.closed",

    /// A sealing was begun.
    SealingBegun = "sealing.begun",
    /// A sealing was not finished in time.
    SealingDropped = "sealing.dropped",
    /// A bracelet was replaced by another.
    BraceletReplaced = "bracelet.replaced",

    /// A responder looked up many bracelets in a short time.
    BraceletsMany = "bracelets.many",
    /// A dispatcher said that they are in order.
    BraceletsAllowed = "bracelets.allowed",

    /// The key service began to fail.
    KeysFailing = "keys.failing",
    /// The key service answers again.
    KeysAnswering = "keys.answering",
    /// An admin proposed to begin or lift a lockdown.
    LockdownProposed = "lockdown.proposed",
    /// Another admin confirmed it: the portal is locked down.
    LockdownBegun = "lockdown.begun",
    /// Another admin confirmed it: the lockdown is lifted.
    LockdownLifted = "lockdown.lifted",
    /// The authority refuses sessions: all of them while locked down, those from before once it is lifted.
    LockdownDenyPut = "lockdown.deny_put",
    /// The authority could not be told to; it is tried again.
    LockdownDenyFailed = "lockdown.deny_failed",
    /// What has the authority refuse sessions was not found there, or could not be looked at; it is told again.
    LockdownDenyUnseen = "lockdown.deny_unseen",
    /// No session from before the lockdown is left to be refused.
    LockdownDenyRemoved = "lockdown.deny_removed",

    /// A start found other policies than those that were in force.
    PolicyChanged = "policy.changed",

    /// An admin began a drill.
    DrillBegun = "drill.begun",
    /// A member was made to take part in a drill that runs.
    DrillJoined = "drill.joined",
    /// A member takes part no more.
    DrillLeft = "drill.left",
    /// A drill is over.
    DrillEnded = "drill.ended",

    /// An admin looked at what would fail in an emergency.
    DoctorAsked = "doctor.asked",

    /// Computer-aided dispatch told of an incident that goes on, for the first time or again after it was closed.
    IncidentOpened = "incident.opened",
    /// Other units are on an incident.
    IncidentChanged = "incident.changed",
    /// An incident is over.
    IncidentClosed = "incident.closed",

    /// Somebody was invited.
    MemberInvited = "member.invited",
    /// Somebody joined.
    MemberJoined = "member.joined",
    /// A member was kept out.
    MemberSuspended = "member.suspended",
    /// A member was let in again.
    MemberReinstated = "member.reinstated",
    /// Where a member works was changed.
    MemberAssigned = "member.assigned",
    /// A member's roles were changed.
    MemberRolesChanged = "member.roles_changed",
    /// An invitation was taken back before anybody used it.
    MemberInvitationWithdrawn = "member.invitation_withdrawn",
    /// An admin proposed to replace a member's passkeys.
    MemberReenrolmentProposed = "member.reenrolment_proposed",
    /// Another admin confirmed it: the delay begins.
    MemberReenrolmentConfirmed = "member.reenrolment_confirmed",
    /// The link for the new passkey was handed out.
    MemberReenrolmentLinkMade = "member.reenrolment_link_made",
    /// It was stopped: by the member, or by an admin.
    MemberReenrolmentStopped = "member.reenrolment_stopped",
    /// The member has a new passkey, and none of the former ones.
    MemberReenrolmentDone = "member.reenrolment_done",

    /// Members were told of something, by every channel they have.
    NoticeTold = "notice.told",
    /// A channel was given up for a notice: it was not told there.
    NoticeLost = "notice.lost",
    /// A member has another device told.
    NoticeDeviceAdded = "notice.device_added",
    /// A device is told no more.
    NoticeDeviceRemoved = "notice.device_removed",

    /// A passkey was added.
    PasskeyAdded = "passkey.added",
    /// A passkey was named.
    PasskeyNamed = "passkey.named",
    /// A passkey was removed.
    PasskeyRemoved = "passkey.removed",
    /// A passkey's answer does not hold.
    PasskeyRefused = "passkey.refused",
    /// A passkey's counter does not go on from the last one: there may be a copy of it.
    PasskeyCounterWentBack = "passkey.counter_went_back",
    /// A passkey that can leave its device, where it must not.
    PasskeyNotDeviceBound = "passkey.not_device_bound",

    /// A member signed in.
    SignInDone = "sign_in.done",
    /// A member who is kept out tried to.
    SignInKeptOut = "sign_in.kept_out",
    /// A member signed out.
    SignInEnded = "sign_in.ended",
    /// A sign-in ended because somebody signed in at its browser.
    SignInFollowed = "sign_in.followed",
    /// A member signed out everywhere.
    SignInEndedEverywhere = "sign_in.ended_everywhere",
    /// Somebody else signed a member out everywhere.
    SignInEndedByOther = "sign_in.ended_by_other",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_word_of_its_own_with_its_family() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of(kind.word()), Some(*kind));
            assert_eq!(kind.word().split('.').count(), 2, "{}", kind.word());
        }
        assert_eq!(Kind::of("unreadable"), None);
    }
}
