//! The one place where refusals become HTTP: status, stable code, words (RFC 9457). What is our fault is logged here,
//! once, and tells the client nothing.

use std::{any::Any, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use halligan_shared::{
    member::Role,
    wire::{KeyTrouble, Problem, ProblemCode},
};

use crate::{
    aws::AuthorityFault,
    cad::NotSigned,
    domain::{request::Refusal, review::NotReviewed},
    passkeys::PasskeyFault,
    services::Fault,
};

/// What every refusal is, to browsers and programs.
pub(super) const MEDIA_TYPE: &str = "application/problem+json";

/// Why a call is refused: by a service, or before one was reached.
#[derive(Debug)]
pub(super) enum Refused {
    /// Nobody is signed in.
    NotSignedIn,
    /// Signed in, and not let in by the policies. Which roles would be.
    NotAllowed(Vec<Role>),
    /// No machine's key signed it, or not so that it counts.
    NotSigned(NotSigned),
    /// The portal was given no key of computer-aided dispatch.
    NoFeed,
    /// What a machine told does not read; why, for whoever sets it up.
    Untold(String),
    /// Another site's page sent it.
    ForeignOrigin,
    /// The body or the address does not read.
    Malformed(String),
    /// The body is too long.
    TooLarge,
    /// The session store failed.
    Session(tower_sessions::session::Error),
    /// A service refused.
    Fault(Fault),
    /// No such address.
    NoSuchPath,
    /// The address is there, and does not take this method.
    WrongMethod,
    /// Too much in a short time; how long to wait.
    TooOften(Duration),
    /// The call took longer than it may.
    TooSlow,
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<tower_sessions::session::Error> for Refused {
    fn from(error: tower_sessions::session::Error) -> Self {
        Self::Session(error)
    }
}

impl From<tower_sessions::session_store::Error> for Refused {
    fn from(error: tower_sessions::session_store::Error) -> Self {
        Self::Session(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (code, title, detail) = self.words();
        if status_of(code).is_server_error() {
            let request_id = super::security::current_request_id();
            match &self {
                Self::Session(error) => tracing::error!(request_id, %error, "the session store failed"),
                Self::Fault(error) => tracing::error!(request_id, %error, "a call failed"),
                _ => tracing::error!(request_id, "a call failed"),
            }
        }
        let mut response = answer(code, title, detail);
        if let Some(wait) = self.wait() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
        }
        response
    }
}

/// Whole seconds, upwards: whoever waits that long is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

impl Refused {
    /// How long to wait until the same would be taken.
    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooOften(wait)
            | Self::Fault(
                Fault::Slowed { wait, .. }
                | Fault::Authority(AuthorityFault::Resting { wait, .. })
                | Fault::NotSealed(AuthorityFault::Resting { wait, .. }),
            ) => Some(*wait),
            _ => None,
        }
    }

    fn words(&self) -> (ProblemCode, &'static str, String) {
        use ProblemCode as Code;
        match self {
            Self::NotSignedIn => of_fault(&Fault::NotSignedIn),
            Self::NotAllowed(roles) => (Code::NotAllowed, "Not allowed", not_allowed(roles)),
            Self::NotSigned(why) => (Code::NotSigned, "Not signed", why.to_string()),
            Self::NoFeed => (
                Code::NotFound,
                "No feed",
                "This portal takes no incidents: its operator gave it no key of computer-aided dispatch (HALLIGAN_CAD_KEY).".into(),
            ),
            Self::Untold(why) => {
                (Code::Malformed, "Not understood", format!("Nothing was taken, because this does not read: {why}."))
            }
            Self::ForeignOrigin => (
                Code::ForeignOrigin,
                "Not from here",
                "This did not come from a page of the portal, so nothing was done. Open the portal itself and try again.".into(),
            ),
            Self::Malformed(what) => (
                Code::Malformed,
                "Not understood",
                format!("The portal did not understand this: {what}. Reload the page and try again."),
            ),
            Self::TooLarge => (
                Code::TooLarge,
                "Too large",
                "This is more than the portal takes at once, so nothing was kept. Send less of it.".into(),
            ),
            Self::NoSuchPath => {
                (Code::NotFound, "Not found", "There is nothing at this address. Go on from the start page.".into())
            }
            Self::WrongMethod => (
                Code::WrongMethod,
                "Not so",
                "This address does not take calls of this kind. Reload the page and try again.".into(),
            ),
            Self::TooOften(wait) => (
                Code::TooOften,
                "Too often",
                format!("This came very often in a short time. Wait {}, then go on. Nothing you typed is lost.", in_words(*wait)),
            ),
            Self::TooSlow => (
                Code::TooSlow,
                "Took too long",
                "This took longer than the portal waits, so it was given up. Look whether it happened, and try again.".into(),
            ),
            Self::Session(_) => internal(),
            Self::Fault(fault) => of_fault(fault),
        }
    }
}

/// Whom a call is for, by the roles that the policies let in.
fn not_allowed(roles: &[Role]) -> String {
    match roles {
        [] => "The portal's policies do not let you do this. Ask an admin if you should.".to_owned(),
        [role] => format!("This needs the role {}, which you do not have. Ask an admin if you should.", role.title()),
        roles => {
            let roles: Vec<_> = roles.iter().map(|role| role.title()).collect();
            format!("This needs one of the roles {}, and you have none of them. Ask an admin if you should.", roles.join(", "))
        }
    }
}

fn of_fault(fault: &Fault) -> (ProblemCode, &'static str, String) {
    use ProblemCode as Code;
    let say = |code, title, detail: &str| (code, title, detail.to_owned());
    match fault {
        Fault::NotSignedIn => say(Code::NotSignedIn, "Not signed in", "Sign in to go on. Nothing you typed is lost."),
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
            "For this you have to have signed in within the last 10 minutes. Sign out and in again, then repeat it.",
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
        Fault::Slowed { bracelets, wait } => (
            Code::TooOften,
            "Many bracelets",
            format!(
                "You scanned {bracelets} bracelets in a short time, so dispatch was told, and the next one has to wait {}. Dispatch can end that. Nothing you typed is lost.",
                in_words(*wait)
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
fn in_words(wait: Duration) -> String {
    match whole_seconds(wait) {
        0 | 1 => "a second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

fn internal() -> (ProblemCode, &'static str, String) {
    (
        ProblemCode::Internal,
        "Something failed here",
        "The fault is ours and is logged. Try again in a moment; if it stays, tell an admin.".into(),
    )
}

/// What a method is answered that an address does not take. The router adds which ones it does.
pub(super) async fn wrong_method() -> Refused {
    Refused::WrongMethod
}

/// What a panic becomes: the layer stack stays whole, the client learns nothing.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let (code, title, detail) = internal();
    tracing::error!("a handler panicked");
    answer(code, title, detail)
}

fn answer(code: ProblemCode, title: &str, detail: String) -> Response {
    let request_id = super::security::current_request_id();
    let status = status_of(code);
    let problem = Problem {
        kind: format!("urn:halligan:problem:{}", word_of(code)),
        title: title.to_owned(),
        status: status.as_u16(),
        detail,
        code,
        request_id,
    };
    let mut response = (status, axum::Json(problem)).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// The status that goes with a code.
pub(super) const fn status_of(code: ProblemCode) -> StatusCode {
    use ProblemCode as Code;
    match code {
        Code::Malformed => StatusCode::BAD_REQUEST,
        Code::NotSignedIn | Code::SignInFailed | Code::NotSigned => StatusCode::UNAUTHORIZED,
        Code::NotAllowed
        | Code::ForeignOrigin
        | Code::KeptOut
        | Code::StaleSignIn
        | Code::DeviceBoundOnly
        | Code::SignatureRefused
        | Code::OwnRequest
        | Code::PolicyForbids
        | Code::DrillOnly
        | Code::Oneself
        | Code::OtherSession => StatusCode::FORBIDDEN,
        Code::NotFound | Code::UnknownBracelet => StatusCode::NOT_FOUND,
        Code::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
        Code::TooSlow => StatusCode::REQUEST_TIMEOUT,
        Code::CeremonyOver
        | Code::AgencyIdTaken
        | Code::LastPasskey
        | Code::Decided
        | Code::TooEarly
        | Code::WrongState
        | Code::WindowOver
        | Code::LockedDown => StatusCode::CONFLICT,
        Code::InvitationOver => StatusCode::GONE,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Code::TooOften => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::AuthorityFailed | Code::AuthorityClock | Code::AuthorityCredentials | Code::KeyNotNamed => StatusCode::BAD_GATEWAY,
        Code::AuthorityBusy | Code::AuthorityDown => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// A code as it stands on the wire.
pub(super) fn word_of(code: ProblemCode) -> String {
    serde_json::to_value(code).ok().and_then(|word| word.as_str().map(ToOwned::to_owned)).unwrap_or_default()
}
