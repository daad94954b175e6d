//! Why a step did not happen. One enum for all services; `http::problem` gives each its status and its words.

use halligan_shared::justification::JustificationFault;

use crate::{
    aws::AuthorityFault,
    domain::{request::Refusal, review::NotReviewed},
    passkeys::PasskeyFault,
    store::StoreError,
};

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A sign-in did not work. Nobody whose passkey did not hold is told why.
    #[error("sign-in failed")]
    SignInFailed,
    /// The passkey held, and its member is kept out.
    #[error("kept out")]
    KeptOut,
    /// The new passkey is made, and its member is kept out.
    #[error("kept out, with a new passkey")]
    ReenrolledKeptOut,
    /// Nobody is signed in any more: kept out, signed out, or too long ago.
    #[error("not signed in")]
    NotSignedIn,
    /// The ceremony is used, expired, another's, or never begun.
    #[error("the ceremony is over")]
    CeremonyOver,
    /// The passkey's word does not hold.
    #[error(transparent)]
    Passkey(#[from] PasskeyFault),
    /// The sign-in is too long ago for an act that hands out passkeys.
    #[error("the sign-in is too long ago for this")]
    StaleSignIn,
    /// The invitation is used, expired, or never existed.
    #[error("the invitation is over")]
    InvitationOver,
    /// The agency id belongs to a member already.
    #[error("the agency id is taken")]
    AgencyIdTaken,
    /// A member keeps at least one passkey.
    #[error("the last passkey stays")]
    LastPasskey,
    /// An admin is left who can let members in.
    #[error("the last admin stays")]
    LastAdmin,
    /// No record answers to this bracelet.
    #[error("no record answers to this bracelet")]
    UnknownBracelet,
    /// The justification does not hold.
    #[error(transparent)]
    Justification(#[from] JustificationFault),
    /// A field is at fault, in a sentence for the person.
    #[error("{0}")]
    Invalid(&'static str),
    /// More than is taken.
    #[error("{0}")]
    TooLarge(&'static str),
    /// No such thing, for this member.
    #[error("not found")]
    NotFound,
    /// The member has an open request for this record.
    #[error("there is an open request for this record")]
    AlreadyOpen,
    /// The request in the store is not the one that was signed.
    #[error("the request is not as it was signed")]
    Altered,
    /// Somebody else has to do this, in a sentence for the person.
    #[error("{0}")]
    Oneself(&'static str),
    /// Many bracelets in a short time: the next one waits, until a dispatcher says that it need not.
    #[error("{bracelets} bracelets in a short time")]
    Slowed {
        /// How many.
        bracelets: u32,
        /// How long the next one waits.
        wait: std::time::Duration,
    },
    /// The alarm is about another number of bracelets than the dispatcher was shown: so many.
    #[error("the alarm is about {0} bracelets")]
    OtherBracelets(u32),
    /// The portal is locked down: nothing opens.
    #[error("the portal is locked down")]
    LockedDown,
    /// It stands otherwise by now, in a sentence for the person.
    #[error("{0}")]
    NotNow(&'static str),
    /// Nobody was added to a drill: who cannot be, and why, in a sentence for the person.
    #[error("{0}")]
    NotJoined(String),
    /// The lifecycle does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The review is not this member's to close, or not now.
    #[error(transparent)]
    NotReviewed(#[from] NotReviewed),
    /// The record was sealed under a key that the operator does not name any more.
    #[error("the record is under a key that the portal does not name")]
    KeyNotNamed,
    /// STS or KMS did not do what was asked.
    #[error(transparent)]
    Authority(#[from] AuthorityFault),
    /// The same, of a sealing.
    #[error(transparent)]
    NotSealed(AuthorityFault),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A defect of ours.
    #[error("internal")]
    Internal,
}

impl From<getrandom::Error> for Fault {
    fn from(_: getrandom::Error) -> Self {
        Self::Internal
    }
}
