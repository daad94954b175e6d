//! The HTTP face: one endpoint for the three services, as clients see it when one endpoint URL is configured for all of them.
//!
//! Each request is bounded, told apart by its content type, authenticated, answered, and recorded, in this order. Nothing
//! is done for a caller whose signature was not checked.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, DATE, USER_AGENT},
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
    iam,
    identifier::random_uuid,
    kms,
    policy::Circumstances,
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

/// The region in whose name requests to IAM are signed, and in which AWS writes its events.
pub(crate) const IAM_REGION: &str = "us-east-1";
/// Characters of a `User-Agent` that an event keeps.
const MAX_USER_AGENT: usize = 256;

/// One of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Sts,
    Kms,
    Iam,
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
    let Some(service) = Service::of(&parts) else {
        return (StatusCode::NOT_FOUND, "This is an embedded STS, KMS and IAM. It answers signed AWS calls only.\n")
            .into_response();
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "A request may have 64 KiB.\n").into_response();
    };
    let (Ok(request_id), Ok(event_id)) = (random_uuid().map(|id| id.to_string()), random_uuid().map(|id| id.to_string())) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let now = office.clock.now();
    let mut event = Event::begun(now, service, request_id.clone(), event_id);
    let outcome = handle(&office, service, &parts, &body, &mut event).await;
    if let Err(refusal) = &outcome {
        event.error_code = Some(refusal.code(service).to_owned());
        event.details.error_message = refusal.message().map(str::to_owned);
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
    let region = if service == Service::Iam { IAM_REGION } else { &estate.place().region };
    region.clone_into(&mut event.details.region);
    if is_presigned(parts) {
        return Err(Refusal::IncompleteSignature(
            "A signature in the query (a presigned request) is not answered here. Send it in the Authorization header.".to_owned(),
        ));
    }
    let authorization = Authorization::of(&parts.headers)?;
    event.access_key_id = Some(authorization.access_key_id.to_owned());
    let caller = signature::check(&estate, service, parts, body, &authorization, now)?;
    event.principal_arn = Some(caller.arn(&estate));
    event.details.identity = Some(caller.user_identity(&estate, authorization.access_key_id));
    let user_agent = parts.headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    event.details.user_agent = user_agent.map(|agent| agent.chars().take(MAX_USER_AGENT).collect());
    if let Caller::Session(session) = &caller {
        event.session_name = Some(session.name.clone());
        event.source_identity.clone_from(&session.source_identity);
    }
    let call = Call { office, estate: &estate, caller: &caller, now, event };
    match service {
        Service::Sts => sts::answer(call, body),
        Service::Kms => kms::answer(call, &parts.headers, body).await,
        Service::Iam => iam::answer(call, body).await,
    }
}

impl Call<'_> {
    /// What the request carries by whom it is made and when.
    pub(crate) fn circumstances(&self) -> Circumstances {
        self.caller.circumstances(self.estate, self.now)
    }

    /// Notes what is asked for, and refuses unless the caller may do it.
    pub(crate) fn authorise(&mut self, action: &str, resource: &str, circumstances: &Circumstances) -> Result<(), Refusal> {
        self.event.resource = Some(resource.to_owned());
        self.caller.authorise(self.estate, action, resource, circumstances)
    }
}

/// Whether the signature is in the query. AWS would take it; nothing here signs that way, and it would be a second way in.
fn is_presigned(parts: &Parts) -> bool {
    parts.uri.query().is_some_and(|query| query.to_ascii_lowercase().contains("x-amz-signature="))
}

impl Service {
    /// The service that a request is for. Its content type tells KMS from the other two, and the scope of its signature those two
    /// from each other; at AWS, the host does.
    fn of(parts: &Parts) -> Option<Self> {
        if parts.uri.path() != "/" {
            return None;
        }
        if is_presigned(parts) {
            return Some(Self::Sts);
        }
        if parts.method != Method::POST {
            return None;
        }
        let content_type = parts.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        match content_type.split(';').next()?.trim() {
            "application/x-www-form-urlencoded" => {
                let authorization = parts.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
                let for_iam = authorization.is_some_and(|header| header.contains("/iam/aws4_request"));
                Some(if for_iam { Self::Iam } else { Self::Sts })
            }
            "application/x-amz-json-1.1" => Some(Self::Kms),
            _ => None,
        }
    }

    /// Whether signatures for this region count, in an estate of `home`. At AWS, IAM has one region for all; clients that were told
    /// an endpoint sign for their own.
    pub(crate) fn is_signed_for(self, region: &str, home: &str) -> bool {
        region == home || (self == Self::Iam && region == IAM_REGION)
    }

    /// The service's name in CloudTrail.
    pub(crate) fn event_source(self) -> &'static str {
        match self {
            Self::Sts => "sts.amazonaws.com",
            Self::Kms => "kms.amazonaws.com",
            Self::Iam => "iam.amazonaws.com",
        }
    }

    /// The service's name in the scope of a signature.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Sts => "sts",
            Self::Kms => "kms",
            Self::Iam => "iam",
        }
    }

    fn respond(self, outcome: Result<Answer, Refusal>, request_id: &str, now: OffsetDateTime) -> Response {
        let (status, body) = match outcome {
            Ok(answer) => (StatusCode::OK, answer.0),
            Err(refusal) => {
                let body = match self {
                    Self::Sts => sts::refused(&refusal, request_id),
                    Self::Kms => kms::refused(&refusal),
                    Self::Iam => iam::refused(&refusal, request_id),
                };
                (refusal.status(self), body)
            }
        };
        let content_type = match self {
            Self::Sts | Self::Iam => "text/xml",
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
