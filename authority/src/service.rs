//! The HTTP face: one endpoint for both services, as clients see it when one endpoint URL is configured for both.
//!
//! Each request is bounded, told apart by its content type, authenticated, answered, and recorded, in this order. Nothing
//! is done for a caller whose signature was not checked.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, DATE},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use time::{OffsetDateTime, format_description::BorrowedFormatItem, macros::format_description};
use tower_http::timeout::TimeoutLayer;
use zeroize::Zeroizing;

use crate::{
    authorization::Authorization,
    caller::Caller,
    clock::Clock,
    estate::{Estate, EstateHolder},
    event::{Event, EventLog},
    identifier::random_uuid,
    key::EncryptionContext,
    kms,
    refusal::Refusal,
    signature, sts,
};

/// The largest request body. A KMS ciphertext is at most 6144 bytes; AWS's largest request here stays under 32 KiB.
const MAX_BODY: usize = 64 * 1024;
/// How long one request may take, body included.
const MAX_TIME: Duration = Duration::from_secs(10);
/// IMF-fixdate (RFC 9110, 5.6.7).
const HTTP_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// One of the two services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Kms,
}

/// What all requests share.
pub(crate) struct Office {
    pub(crate) holder: EstateHolder,
    pub(crate) clock: Clock,
    pub(crate) events: EventLog,
}

/// One authenticated call while it is being answered.
pub(crate) struct Call<'a> {
    pub(crate) office: &'a Office,
    pub(crate) estate: &'a Estate,
    pub(crate) caller: &'a Caller,
    /// The moment of the request: read once, so that every rule of one call sees the same time.
    pub(crate) now: OffsetDateTime,
    pub(crate) event: &'a mut Event,
}

/// The body of an answer, overwritten when it has been sent: it may hold a plaintext key or a secret access key.
pub(crate) struct Answer(pub(crate) Zeroizing<Vec<u8>>);

pub(crate) fn router(office: Arc<Office>) -> Router {
    Router::new().fallback(answer).layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MAX_TIME)).with_state(office)
}

async fn answer(State(office): State<Arc<Office>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Some(service) = Service::of(&parts.headers).filter(|_| parts.method == Method::POST && parts.uri.path() == "/") else {
        return (StatusCode::NOT_FOUND, "This is an embedded STS and KMS. It answers signed AWS calls only.\n").into_response();
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "A request may have 64 KiB.\n").into_response();
    };
    let Ok(request_id) = random_uuid().map(|id| id.to_string()) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let now = office.clock.now();
    let mut event = Event::begun(now, request_id.clone());
    let outcome = handle(&office, service, &parts, &body, &mut event).await;
    if let Err(refusal) = &outcome {
        event.error_code = Some(refusal.code(service).to_owned());
    }
    tracing::debug!(event = event.name, error = event.error_code, request_id, "answered a call");
    office.events.record(event);
    service.respond(outcome, &request_id, now)
}

async fn handle(office: &Office, service: Service, parts: &Parts, body: &Bytes, event: &mut Event) -> Result<Answer, Refusal> {
    let now = event.time;
    let estate = office.holder.current().map_err(|fault| {
        tracing::error!(%fault, "the keys cannot be used");
        Refusal::Internal
    })?;
    let authorization = Authorization::of(&parts.headers)?;
    event.access_key_id = Some(authorization.access_key_id.to_owned());
    let caller = signature::check(&estate, service, parts, body, &authorization, now)?;
    event.principal_arn = Some(caller.arn(&estate));
    if let Caller::Session(session) = &caller {
        event.session_name = Some(session.name.clone());
        event.source_identity = Some(session.source_identity.clone());
    }
    let call = Call { office, estate: &estate, caller: &caller, now, event };
    match service {
        Service::Sts => sts::answer(call, body),
        Service::Kms => kms::answer(call, &parts.headers, body).await,
    }
}

impl Call<'_> {
    /// Notes what is asked for, and refuses unless the caller may do it.
    pub(crate) fn authorise(&mut self, action: &str, resource: &str, context: &EncryptionContext) -> Result<(), Refusal> {
        self.event.resource = Some(resource.to_owned());
        self.event.encryption_context.clone_from(context);
        self.caller.authorise(self.estate, action, resource, context, self.now)
    }
}

impl Service {
    /// The service that a request's content type belongs to.
    fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        match content_type.split(';').next()?.trim() {
            "application/x-www-form-urlencoded" => Some(Self::Sts),
            "application/x-amz-json-1.1" => Some(Self::Kms),
            _ => None,
        }
    }

    /// The service's name in the scope of a signature.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Kms => "kms",
        }
    }

    fn respond(self, outcome: Result<Answer, Refusal>, request_id: &str, now: OffsetDateTime) -> Response {
        let (status, body) = match outcome {
            Ok(answer) => (StatusCode::OK, answer.0),
            Err(refusal) => {
                let body = match self {
                    Self::Sts => sts::refused(&refusal, request_id),
                    Self::Kms => kms::refused(&refusal),
                };
                (refusal.status(self), body)
            }
        };
        let content_type = match self {
            Self::Sts => "text/xml",
            Self::Kms => "application/x-amz-json-1.1",
        };
        let mut response = Response::new(Body::from(Bytes::from_owner(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Ok(id) = HeaderValue::from_str(request_id) {
            headers.insert(REQUEST_ID, id);
        }
        // Clients correct their clock by this header, so it must be the clock that their signatures are measured by; without
        // it the server would put the machine's time there.
        if let Some(date) = now.format(HTTP_DATE).ok().and_then(|date| HeaderValue::from_str(&date).ok()) {
            headers.insert(DATE, date);
        }
        response
    }
}
