//! What a service refuses, in words: a code, a title, and a sentence that says what happened and what to do next.

use std::time::Duration;

use halligan_shared::wire::{KeyTrouble, ProblemCode};

use super::whole_seconds;
use crate::{
    aws::AuthorityFault,
    domain::{request::Refusal, review::NotReviewed},
    passkeys::PasskeyFault,
    services::Fault,
};

/// True before whoever reads it has signed in, and after.
const NOBODY: &str = "This was not done: nobody is signed in. Sign in, then repeat it; nothing you typed is lost.";

pub(super) fn of_fault(fault: &Fault) -> (ProblemCode, &'static str, String) {
    use ProblemCode as Code;
    let say = |code, title, detail: &str| (code, title, detail.to_owned());
    match fault {
        Fault::NotSignedIn => say(Code::NotSignedIn, "Not signed in", NOBODY),
        Fault::SignInFailed => say(
            Code::SignInFailed,
            "Sign-in did not work",
            "That did not sign you in. Try again, with your agency ID if the browser offers no passkey, or ask an admin for an invitation.",
        ),
        Fault::KeptOut => say(Code::KeptOut, "Kept out", "An admin of your agency keeps you out. Ask them."),
        Fault::ReenrolledKeptOut => say(
            Code::KeptOut,
            "Kept out",
            "Your new passkey is made, and the former ones are gone. An admin of your agency keeps you out: ask them to let you in again, then sign in with it.",
        ),
        Fault::CeremonyOver => {
            say(Code::CeremonyOver, "Took too long", "That touch came too late or was used before. Nothing is lost: try again.")
        }
        Fault::StaleSignIn => say(
            Code::StaleSignIn,
            "Sign in again first",
            "This was not done: your sign-in is too long ago for it. Sign in again, then repeat it; nothing you typed is lost.",
        ),
        Fault::InvitationOver => say(
            Code::InvitationOver,
            "Invitation over",
            "This invitation was used already or is too old. Ask an admin for a new one.",
        ),
        Fault::AgencyIdTaken => say(
            Code::AgencyIdTaken,
            "Agency ID taken",
            "A member with this agency ID exists already. Look for them in the list, or correct the ID.",
        ),
        Fault::LastPasskey => say(
            Code::LastPasskey,
            "Last passkey",
            "This is your only passkey, and without it you could not sign in. Add another one first.",
        ),
        Fault::LastAdmin => say(
            Code::WrongState,
            "Last admin",
            "Nobody was kept out: no admin would be left who can let members in. Invite another admin, or let one in again, then repeat it.",
        ),
        Fault::UnknownBracelet => say(
            Code::UnknownBracelet,
            "Unknown bracelet",
            "No record answers to this bracelet. It may have been replaced: look for another one, or compare the characters.",
        ),
        Fault::Justification(fault) => (Code::Invalid, "Please look again", fault.to_string()),
        Fault::Invalid(what) => say(Code::Invalid, "Please look again", what),
        Fault::TooLarge(what) => say(Code::TooLarge, "Too large", what),
        Fault::NotFound => {
            say(Code::NotFound, "Not found", "There is no such thing, or it is not yours. Go on from the start page.")
        }
        Fault::AlreadyOpen => say(
            Code::WrongState,
            "Already asked",
            "You have an open request for this record already. Go on with it from the start page.",
        ),
        Fault::Altered => say(
            Code::WrongState,
            "Not as it was signed",
            "This request is no longer what was signed, so nothing was opened. Make a new request, and tell an admin.",
        ),
        Fault::Oneself(what) => say(Code::Oneself, "Somebody else has to", what),
        // How long stands beside it, as a number that the page counts down.
        Fault::Slowed { bracelets, .. } => (
            Code::TooOften,
            "Many bracelets",
            format!(
                "You scanned {bracelets} bracelets in a short time, so dispatch was told, and the next one has to wait. Dispatch can end that: call dispatch, then ask again. Nothing you typed is lost."
            ),
        ),
        Fault::OtherBracelets(bracelets) => (
            Code::WrongState,
            "Other bracelets by now",
            format!(
                "It is {bracelets} bracelets by now, which is not what you were shown, so the alarm stands. Look at it again, then decide."
            ),
        ),
        Fault::LockedDown => say(
            Code::LockedDown,
            "Locked down",
            "The portal is locked down, and nothing opens until two admins lift that. Your request stays: call dispatch for what the patient needs now.",
        ),
        Fault::NotNow(what) => say(Code::WrongState, "Not possible now", what),
        Fault::NotJoined(words) => (Code::WrongState, "Nobody was added", words.clone()),
        Fault::Refused(refusal) => of_refusal(refusal),
        Fault::NotReviewed(refusal) => of_review(refusal),
        Fault::Authority(fault) => of_authority(fault, &OPENING),
        Fault::NotSealed(fault) => of_authority(fault, &SEALING),
        Fault::KeyNotNamed => say(
            Code::KeyNotNamed,
            "Key not named",
            "This record is sealed under a key that the portal is not told to use. Nothing was opened, and the approval is not used up. Trying again does not help until the key is named in HALLIGAN_FORMER_KEYS: call dispatch, who calls an admin, and go on without the record.",
        ),
        Fault::Passkey(fault) => of_passkey(fault),
        Fault::Store(_) | Fault::Internal => internal(),
    }
}

/// What whoever wanted something of the authority is told when it failed.
struct Wanted {
    /// That nothing came of it.
    nothing: &'static str,
    /// What to do where it goes on like that.
    way: &'static str,
}

const OPENING: Wanted =
    Wanted { nothing: "Nothing was opened, and no approval is used up.", way: "call dispatch, and go on without the record" };
const SEALING: Wanted = Wanted { nothing: "Nothing was sealed; what you chose is kept.", way: "tell an admin" };

/// Each says what is wrong, that nothing came of it, and the way on.
fn of_authority(fault: &AuthorityFault, Wanted { nothing, way }: &Wanted) -> (ProblemCode, &'static str, String) {
    use ProblemCode as Code;
    let again = match fault {
        AuthorityFault::Resting { wait, .. } => format!("Try again in {}; if it stays so, {way}.", in_words(*wait)),
        _ => format!("Try again; if it stays so, {way}."),
    };
    let mended = |by: &str| format!("Trying again does not help until an admin has {by}: {way}.");
    let (code, then) = match fault.trouble() {
        KeyTrouble::Busy => (Code::AuthorityBusy, again),
        KeyTrouble::Unreachable | KeyTrouble::Slow | KeyTrouble::Failing | KeyTrouble::Garbled => (Code::AuthorityDown, again),
        KeyTrouble::Clock => (Code::AuthorityClock, mended("set the clock right")),
        KeyTrouble::Credentials => (Code::AuthorityCredentials, mended("renewed them")),
        KeyTrouble::Denied => (Code::AuthorityFailed, format!("Try again; if it fails twice, {way}.")),
    };
    (code, "The key service failed", format!("{} {nothing} {then}", fault.trouble().sentence()))
}

fn of_passkey(fault: &PasskeyFault) -> (ProblemCode, &'static str, String) {
    use ProblemCode as Code;
    let say = |code, title, detail: &str| (code, title, detail.to_owned());
    match fault {
        PasskeyFault::NotDeviceBound => say(
            Code::DeviceBoundOnly,
            "Other passkey needed",
            "Your role needs a passkey that cannot leave its device, such as a security key. Use one of those.",
        ),
        PasskeyFault::Counter => {
            say(Code::SignatureRefused, "Passkey refused", "This passkey may have been copied. Use another one and tell an admin.")
        }
        PasskeyFault::Refused => say(
            Code::SignatureRefused,
            "Passkey refused",
            "The passkey's answer did not fit. Nothing is lost: try again, and with another passkey if it happens twice.",
        ),
        PasskeyFault::Internal => internal(),
    }
}

fn of_refusal(refusal: &Refusal) -> (ProblemCode, &'static str, String) {
    let (code, title) = match refusal {
        Refusal::Altered => (ProblemCode::WrongState, "Not as it was signed"),
        Refusal::Own => (ProblemCode::OwnRequest, "Your own request"),
        Refusal::DrillOnly => (ProblemCode::DrillOnly, "You take part in a drill"),
        Refusal::Barred | Refusal::NoDoor | Refusal::NotAlone | Refusal::NotByDecision => {
            (ProblemCode::PolicyForbids, "Not by the agency's rules")
        }
        Refusal::TooEarly(_) => (ProblemCode::TooEarly, "Not yet"),
        Refusal::Given | Refusal::Decided { .. } | Refusal::OpenedByRule | Refusal::OpenAlready => {
            (ProblemCode::Decided, "Already decided")
        }
        Refusal::Cancelled | Refusal::NotApproved | Refusal::WaitsAgain | Refusal::NothingToTakeBack => {
            (ProblemCode::WrongState, "Not possible now")
        }
        Refusal::TooLate | Refusal::WindowOver(_) | Refusal::Ended(_) => (ProblemCode::WindowOver, "Time is over"),
        Refusal::OtherSession => (ProblemCode::OtherSession, "Another session"),
    };
    (code, title, refusal.to_string())
}

fn of_review(refusal: &NotReviewed) -> (ProblemCode, &'static str, String) {
    let (code, title) = match refusal {
        NotReviewed::TookPart => (ProblemCode::Oneself, "Somebody else has to"),
        NotReviewed::Barred => (ProblemCode::PolicyForbids, "Not by the agency's rules"),
        NotReviewed::Closed(_) => (ProblemCode::Decided, "Already closed"),
        NotReviewed::GoesOn | NotReviewed::ReceiptOwed | NotReviewed::OtherEvents => (ProblemCode::WrongState, "Not possible now"),
        NotReviewed::NoNote | NotReviewed::LongNote | NotReviewed::UnreadableNote => (ProblemCode::Invalid, "Please look again"),
    };
    (code, title, refusal.to_string())
}

/// A span of time as a person says it.
pub(super) fn in_words(wait: Duration) -> String {
    match whole_seconds(wait) {
        0 | 1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

pub(super) fn internal() -> (ProblemCode, &'static str, String) {
    (
        ProblemCode::Internal,
        "Something failed here",
        "The fault is ours and is logged. Try again in a moment; if it stays, tell an admin.".into(),
    )
}
