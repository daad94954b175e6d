//! The one place where refusals become HTTP: status, stable code, words (RFC 9457). What is our fault is logged here,
//! once, and tells the client nothing.

mod fault;

use std::{any::Any, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use halligan_shared::{
    member::Role,
    wire::{Problem, ProblemCode},
};

use self::fault::{in_words, internal, of_fault};
use crate::{aws::AuthorityFault, cad::NotSigned, services::Fault};

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
    /// Too many uploads at once: of the caller's own, or of everybody's; how long to wait.
    TooManyUploads {
        /// Whether they are the caller's own.
        are_own: bool,
        /// How long to wait.
        wait: Duration,
    },
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
        let wait = self.wait().map(whole_seconds);
        let mut response = answer(code, title, detail, wait);
        if let Some(wait) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

/// Whole seconds, upwards: whoever waits that long is not too early.
fn whole_seconds(wait: Duration) -> u32 {
    u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).saturating_add(u32::from(wait.subsec_nanos() > 0))
}

impl Refused {
    /// How long to wait until the same would be taken.
    fn wait(&self) -> Option<Duration> {
        match self {
            Self::TooOften(wait)
            | Self::TooManyUploads { wait, .. }
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
            Self::TooManyUploads { are_own, wait } => {
                let whose = if *are_own {
                    "Documents of yours are on their way already, as many as the portal takes from one member at once."
                } else {
                    "Others are sending documents, as many as the portal takes at once."
                };
                let detail =
                    format!("{whose} This one was not kept, and what you chose is not lost. Wait {}, then go on.", in_words(*wait));
                (Code::TooOften, "Too many at once", detail)
            }
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

/// What a method is answered that an address does not take. The router adds which ones it does.
pub(super) async fn wrong_method() -> Refused {
    Refused::WrongMethod
}

/// What a panic becomes: the layer stack stays whole, the client learns nothing.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    let (code, title, detail) = internal();
    tracing::error!("a handler panicked");
    answer(code, title, detail, None)
}

fn answer(code: ProblemCode, title: &str, detail: String, wait: Option<u32>) -> Response {
    let request_id = super::security::current_request_id();
    let status = status_of(code);
    let problem = Problem {
        kind: format!("urn:halligan:problem:{}", word_of(code)),
        title: title.to_owned(),
        status: status.as_u16(),
        detail,
        code,
        wait,
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
