//! STS or KMS did not do what was asked, in words that hold nothing of their answers.
//!
//! What the SDK says of an answer that it cannot read quotes that answer, and a cut or garbled answer of AssumeRole or Decrypt
//! holds credentials or share 1. So nothing is passed on but what has a form no secret has.

use aws_sdk_kms::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use uuid::Uuid;

/// Longest error code that is repeated. The longest of STS and KMS, `CustomKeyStoreHasCMKsException`, has 30 letters.
const CODE_MAX: usize = 48;

/// STS or KMS did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityFault {
    /// No answer, or one that says no.
    #[error("{call} {how}{told}")]
    Refused {
        /// Which call.
        call: &'static str,
        /// What kind of failure.
        how: &'static str,
        /// What the answer says of itself.
        told: Told,
    },
    /// An answer without what it must hold.
    #[error("{0} gave an unusable answer")]
    Unusable(&'static str),
}

impl AuthorityFault {
    /// The same without the id of the one call: what is tried again and fails alike is told alike.
    pub fn without_request(&self) -> String {
        match self {
            Self::Refused { call, how, told } => format!("{call} {how}{}", Told { request: None, ..told.clone() }),
            Self::Unusable(_) => self.to_string(),
        }
    }
}

/// What an answer says of itself: enough to find it in the authority's own log.
#[derive(Debug, Clone, Default)]
pub struct Told {
    status: Option<u16>,
    code: Option<String>,
    request: Option<Uuid>,
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
        Ok(())
    }
}

/// What became of a call, by the SDK's word for it.
pub(super) fn refused<E: ProvideErrorMetadata>(call: &'static str, error: &SdkError<E>) -> AuthorityFault {
    let is_answer = error.raw_response().is_some_and(|answer| answer.status().is_success());
    let how = match error {
        SdkError::ConstructionFailure(_) => "could not be sent",
        SdkError::TimeoutError(_) => "was not answered in time",
        SdkError::DispatchFailure(_) => "did not reach the authority",
        SdkError::ServiceError(_) if !is_answer => "was refused",
        _ => "was answered by what cannot be read",
    };
    let told = Told {
        status: error.raw_response().map(|answer| answer.status().as_u16()),
        // A secret of such a length, in base64 or in hexadecimal, has a digit or a sign in it but for one in thousands.
        code: error
            .code()
            .filter(|code| (1..=CODE_MAX).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .map(ToOwned::to_owned),
        request: error.request_id().and_then(|id| Uuid::try_parse(id).ok()),
    };
    AuthorityFault::Refused { call, how, told }
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
