//! STS or KMS did not do what was asked, in words that hold nothing of their answers.
//!
//! What the SDK says of an answer that it cannot read quotes that answer, and a cut or garbled answer of AssumeRole or Decrypt
//! holds credentials or share 1. So nothing is passed on but what has a form no secret has.

use std::{error::Error, time::Duration};

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_kms::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use halligan_shared::wire::KeyTrouble;
use time::{OffsetDateTime, PrimitiveDateTime, format_description::BorrowedFormatItem, macros::format_description};
use uuid::Uuid;

/// Longest error code that is repeated. The longest of STS and KMS, `CustomKeyStoreHasCMKsException`, has 30 letters.
const CODE_MAX: usize = 48;
/// From how far apart on a wrong clock is what is blamed for a refusal that it explains. AWS refuses signatures from five minutes
/// on; a window's end, which is written by the portal's clock, has passed at KMS long before.
const CLOCK_OFF: time::Duration = time::Duration::minutes(1);
/// IMF-fixdate (RFC 9110, 5.6.7).
const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// STS or KMS did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityFault {
    /// No answer, or one that says no.
    #[error("{call} {how}{told}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// What kind of failure.
        how: How,
        /// What the answer says of itself.
        told: Told,
    },
    /// An answer without what it must hold.
    #[error("{0} gave an unusable answer")]
    Unusable(&'static str),
    /// Nothing was asked: a moment ago nothing came of it, again and again.
    #[error("nothing was asked, after failures: {}", .trouble.word())]
    Resting {
        /// What was wrong then.
        trouble: KeyTrouble,
        /// Until it is asked again.
        wait: Duration,
    },
}

/// What kind of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// There was nothing to sign the call with.
    Unsigned,
    /// It could not be written.
    Unsent,
    /// No answer in the time there was.
    Slow,
    /// Nothing at the address took it.
    Unreached,
    /// Sent on to another address, where calls that are signed for this one do not go.
    Elsewhere,
    /// No.
    Refused,
    /// An answer that cannot be read.
    Unreadable,
}

/// What an answer says of itself: enough to find it in the authority's own log.
#[derive(Debug, Clone, Default)]
pub struct Told {
    status: Option<u16>,
    code: Option<String>,
    request: Option<Uuid>,
    /// How far the authority's clock is ahead of the portal's.
    ahead: Option<time::Duration>,
}

impl std::fmt::Display for How {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unsigned => "could not be signed: there are no credentials",
            Self::Unsent => "could not be sent",
            Self::Slow => "was not answered in time",
            Self::Unreached => "did not reach the key service",
            Self::Elsewhere => "was sent elsewhere",
            Self::Refused => "was refused",
            Self::Unreadable => "was answered by what cannot be read",
        })
    }
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(code) = &self.code {
            write!(f, ": {code}")?;
        }
        if let Some(status) = self.status {
            write!(f, ", status {status}")?;
        }
        if let Some(request) = self.request {
            write!(f, ", request {request}")?;
        }
        if let Some(ahead) = self.clock_off() {
            write!(f, ", the key service's clock {} seconds from the portal's", ahead.whole_seconds())?;
        }
        Ok(())
    }
}

impl Told {
    /// How far the clocks are apart, where that is too far.
    fn clock_off(&self) -> Option<time::Duration> {
        self.ahead.filter(|ahead| ahead.abs() >= CLOCK_OFF)
    }
}

impl AuthorityFault {
    /// What is wrong, as far as the portal's members need to know.
    pub fn trouble(&self) -> KeyTrouble {
        match self {
            Self::Resting { trouble, .. } => *trouble,
            Self::Unusable(_) => KeyTrouble::Garbled,
            Self::Refused { how, told, .. } => match how {
                How::Unsigned => KeyTrouble::Credentials,
                How::Slow => KeyTrouble::Slow,
                How::Unsent | How::Unreached | How::Elsewhere => KeyTrouble::Unreachable,
                How::Unreadable => KeyTrouble::Garbled,
                How::Refused => trouble_of(told),
            },
        }
    }

    /// The call that failed. `None`: none was made.
    pub fn call(&self) -> Option<&'static str> {
        match self {
            Self::Refused { call, .. } | Self::Unusable(call) => Some(call),
            Self::Resting { .. } => None,
        }
    }

    /// The authority's own word for its refusal.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { told, .. } => told.code.as_deref(),
            Self::Unusable(_) | Self::Resting { .. } => None,
        }
    }

    /// The id under which the authority's own log has it.
    pub fn request(&self) -> Option<Uuid> {
        match self {
            Self::Refused { told, .. } => told.request,
            Self::Unusable(_) | Self::Resting { .. } => None,
        }
    }

    /// How far the authority's clock is ahead of the portal's, by an answer that said when it was given.
    pub fn ahead(&self) -> Option<time::Duration> {
        match self {
            Self::Refused { told, .. } => told.ahead,
            Self::Unusable(_) | Self::Resting { .. } => None,
        }
    }

    /// The same without the id of the one call: what is tried again and fails alike is told alike.
    pub fn without_request(&self) -> String {
        match self {
            Self::Refused { call, how, told } => format!("{call} {how}{}", Told { request: None, ..told.clone() }),
            Self::Unusable(_) | Self::Resting { .. } => self.to_string(),
        }
    }

    /// A call that was given up.
    pub(super) fn slow(call: &'static str) -> Self {
        Self::Refused { call, how: How::Slow, told: Told::default() }
    }
}

/// What a refusal is for, by STS's and KMS's words for it.
fn trouble_of(told: &Told) -> KeyTrouble {
    match (told.code.as_deref().unwrap_or_default(), told.status) {
        ("RequestExpired" | "RequestTimeTooSkewed", _) => KeyTrouble::Clock,
        ("SignatureDoesNotMatch" | "InvalidSignatureException" | "AuthFailure" | "AccessDenied" | "AccessDeniedException", _)
            if told.clock_off().is_some() =>
        {
            KeyTrouble::Clock
        }
        (
            "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "AuthFailure"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException",
            _,
        ) => KeyTrouble::Credentials,
        (code, status) if status == Some(429) || is_throttled(code) => KeyTrouble::Busy,
        (_, Some(500..)) => KeyTrouble::Failing,
        _ => KeyTrouble::Denied,
    }
}

/// The codes at which the SDK, too, waits before it tries again.
fn is_throttled(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestThrottled"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "LimitExceededException"
            | "SlowDown"
    )
}

/// What became of a call, by the SDK's word for it, at this moment of the portal's clock.
pub(super) fn refused<E>(call: &'static str, error: &SdkError<E>, now: OffsetDateTime) -> AuthorityFault
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let how = match (error, status) {
        _ if is_unsigned(error) => How::Unsigned,
        (SdkError::ConstructionFailure(_), _) => How::Unsent,
        (SdkError::TimeoutError(_), _) => How::Slow,
        (SdkError::DispatchFailure(failure), _) if failure.is_timeout() => How::Slow,
        (SdkError::DispatchFailure(_), _) => How::Unreached,
        (SdkError::ServiceError(_) | SdkError::ResponseError(_), Some(300..=399)) => How::Elsewhere,
        (SdkError::ServiceError(_), Some(400..)) => How::Refused,
        _ => How::Unreadable,
    };
    let told = Told {
        status,
        // A secret of such a length, in base64 or in hexadecimal, has a digit or a sign in it but for one in thousands.
        code: error
            .code()
            .filter(|code| (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(ToOwned::to_owned),
        request: error.request_id().and_then(|id| Uuid::try_parse(id).ok()),
        ahead: error
            .raw_response()
            .and_then(|answer| answer.headers().get("date"))
            .and_then(|date| PrimitiveDateTime::parse(date, HTTP_DATE).ok())
            .map(|date| date.assume_utc() - now),
    };
    AuthorityFault::Refused { call, how, told }
}

/// Whether a call was not made because the portal's own credentials could not be had.
fn is_unsigned(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use zeroize::Zeroizing;

    use super::super::{Authority, AuthoritySettings};
    use crate::{clock::Clock, services::Fault};

    /// What must not be told: share 1 as KMS's answers spell it, or a key of a grant.
    const CANARY: &str = "c2hhcmUgMSBpcyAzMiBieXRlcyBvZiBzZWNyZXQhISE";
    const REQUEST: &str = "2c7f3a9e-6d1b-4f0a-9a55-0d3f5b1c8e77";

    /// What is said of a call whose every try is answered by these bytes.
    async fn said_of(answer: String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let answering = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut call = Vec::new();
                // A call's body is one object.
                while !call.ends_with(b"}") {
                    stream.read_buf(&mut call).await.unwrap();
                }
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let credentials = Some(("id".to_owned(), Zeroizing::new("secret".to_owned())));
        let settings = AuthoritySettings { endpoint: Some(endpoint), credentials, ..AuthoritySettings::absent() };
        let fault = Authority::connect(settings, Clock::system()).await.agreement_point().await.unwrap_err();
        answering.abort();
        let debug = format!("{fault:?}");
        format!("{} {debug}", Fault::from(fault))
    }

    fn answer(status: &str, request: &str, body: &str) -> String {
        format!(
            "HTTP/1.1 {status}\r\nx-amzn-requestid: {request}\r\ncontent-type: application/x-amz-json-1.1\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
    }

    #[tokio::test]
    async fn nothing_of_an_answer_that_cannot_be_read_is_told() {
        for bytes in [
            answer("200 OK", CANARY, &format!(r#"{{"PublicKey":"{CANARY}"#)),
            answer("200 OK", REQUEST, &format!(r#"{{"PublicKey":{CANARY}}}"#)),
            answer("400 Bad Request", CANARY, &format!(r#"{{"__type":"{CANARY}","message":"{CANARY}"}}"#)),
            answer("400 Bad Request", REQUEST, CANARY),
            answer(&format!("400 {CANARY}"), REQUEST, &format!(r#"{{"__type":"{}"}}"#, "a".repeat(64) + CANARY)),
            format!("HTTP/1.1 200 OK\r\n{CANARY}\r\n\r\n"),
            CANARY.to_owned(),
        ] {
            let said = said_of(bytes.clone()).await;
            // Not even in part, nor as the bytes of which Debug makes numbers.
            for part in [&CANARY[..8], &CANARY[CANARY.len() - 8..], "99, 50, 104, 104"] {
                assert!(!said.contains(part), "{bytes:?} is told: {said}");
            }
        }
    }

    #[tokio::test]
    async fn an_answer_that_cannot_be_read_is_no_refusal() {
        let said = said_of(answer("200 OK", REQUEST, "{")).await;
        let expected = format!("GetPublicKey was answered by what cannot be read, status 200, request {REQUEST}");
        assert!(said.starts_with(&expected), "{said}");
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_code_status_and_request() {
        let body = r#"{"__type":"com.amazonaws.kms#AccessDeniedException","message":"not for the log"}"#;
        let said = said_of(answer("400 Bad Request", REQUEST, body)).await;
        let expected = format!("GetPublicKey was refused: AccessDeniedException, status 400, request {REQUEST}");
        assert!(said.starts_with(&expected) && !said.contains("not for the log"), "{said}");
    }
}
