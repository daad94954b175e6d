//! A person at a browser: cookies, a device with passkeys, and the steps of the path as the pages take them.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use halligan_shared::{
    bytes::{Bytes, Secret32},
    crypto::{self, Blinding, Header, PageKey, Point, SealContext},
    grant::WipeCause,
    id::{DocumentId, GrantId, ProposalId, RecordId, RequestId},
    justification::{Draft, Reason, Severity},
    paths,
    reference::{Reference, ReferenceDigest},
    resting::BY_ITSELF,
    statement::{LockdownAct, Verdict},
    wire,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use uuid::Uuid;

use super::{Contract, Device, ORIGIN};

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body of a call that worked.
    pub(crate) fn ok<T: DeserializeOwned>(&self) -> T {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }

    /// That a call worked which answers nothing.
    pub(crate) fn done(&self) {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
    }

    /// How many seconds to wait, where that is what the answer says.
    pub(crate) fn retry_after(&self) -> Option<i64> {
        self.headers.get(header::RETRY_AFTER).map(|seconds| seconds.to_str().unwrap().parse().unwrap())
    }

    /// The refusal of a call that did not.
    pub(crate) fn refusal(&self) -> wire::Problem {
        assert!(!self.status.is_success(), "it worked: {}", self.status);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not a problem: {}", String::from_utf8_lossy(&self.body)))
    }
}

/// A browser.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) router: Router,
    pub(crate) cookie: Option<String>,
    /// The cookie that says that somebody signed in with this browser before.
    pub(crate) known: Option<String>,
    pub(crate) device: Device,
    /// The other end of the connection, and what a proxy says is behind it.
    pub(crate) address: Option<(IpAddr, &'static str)>,
    /// Whether nobody touches the page: what it calls it calls by itself.
    pub(crate) is_left: bool,
}

/// A record open in a browser.
pub(crate) struct Opened {
    pub(crate) release: wire::Release,
    pub(crate) content: Vec<u8>,
    pub(crate) secret: [u8; 32],
    pub(crate) share1: [u8; 32],
}

/// Why a record did not open.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotOpened {
    /// The portal refused.
    Refused(wire::ProblemCode),
    /// The page got everything, and it did not fit together.
    Unreadable,
}

/// The record the portal found, which is not the one of the bracelet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ForeignRecord(pub(crate) RecordId);

/// Why records are asked for where a test does not say otherwise.
pub(crate) fn pressing() -> Draft {
    Draft { severity: Severity::LifeThreatening, reason: Reason::CannotSpeak, incident: "2026-114".into(), text: String::new() }
}

impl Client {
    pub(crate) fn new(router: Router) -> Self {
        Self { router, cookie: None, known: None, device: Device::default(), address: None, is_left: false }
    }

    /// Another browser of the same person: the same device's passkeys, no session.
    pub(crate) fn other_browser(&self) -> Self {
        Self { cookie: None, known: None, ..self.clone() }
    }

    pub(crate) async fn call(&mut self, method: Method, path: &str, body: Option<Vec<u8>>, content_type: &str) -> Answer {
        let content_type = if body.is_some() { content_type } else { "" };
        self.call_with(method, path, Body::from(body.clone().unwrap_or_default()), body.as_deref(), content_type).await
    }

    /// A call whose body comes as it likes; `sent` is all of it.
    pub(crate) async fn call_with(
        &mut self,
        method: Method,
        path: &str,
        body: Body,
        sent: Option<&[u8]>,
        content_type: &str,
    ) -> Answer {
        let response = self.send(method.clone(), path, body, content_type).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        let answer = Answer { status, headers, body };
        Contract::of_portal().await.hold(&method, path, sent, &answer);
        answer
    }

    /// How a GET is answered, without waiting for the end of the answer.
    pub(crate) async fn status(&mut self, path: &str) -> StatusCode {
        self.send(Method::GET, path, Body::empty(), "").await.status()
    }

    /// Begins to listen to a stream of events; it ends with the answer that is given back.
    pub(crate) async fn listen(&mut self, path: &str) -> Response {
        self.send(Method::GET, path, Body::empty(), "").await
    }

    async fn send(&mut self, method: Method, path: &str, body: Body, content_type: &str) -> Response {
        let mut request =
            Request::builder().method(method).uri(path).header(header::ORIGIN, ORIGIN).header("sec-fetch-site", "same-origin");
        let cookies: Vec<_> = self.cookie.iter().chain(&self.known).cloned().collect();
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        if self.is_left {
            request = request.header(BY_ITSELF, "1");
        }
        if let Some((_, said)) = self.address.filter(|(_, said)| !said.is_empty()) {
            request = request.header("x-forwarded-for", said);
        }
        let mut request = request.body(body).unwrap();
        if let Some((address, _)) = self.address {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 40_000)));
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        for value in response.headers().get_all(header::SET_COOKIE) {
            let pair = value.to_str().unwrap().split(';').next().unwrap().to_owned();
            let kept = if pair.contains("-browser=") { &mut self.known } else { &mut self.cookie };
            *kept = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.call(Method::GET, path, None, "").await
    }

    pub(crate) async fn post(&mut self, path: &str, body: &impl Serialize) -> Answer {
        self.call(Method::POST, path, Some(serde_json::to_vec(body).unwrap()), "application/json").await
    }

    pub(crate) async fn join(&mut self, link: &str) -> wire::Session {
        let token = link.split_once('#').unwrap().1;
        let ceremony: wire::Ceremony = self.post(paths::INVITATION_START, &json!({ "token": token })).await.ok();
        let credential = self.device.create(&ceremony.options).await;
        let body = json!({ "token": token, "ceremony": ceremony.ceremony, "credential": credential, "passkey_name": "tablet" });
        self.post(paths::INVITATION_FINISH, &body).await.ok()
    }

    pub(crate) async fn sign_in(&mut self) -> Answer {
        let ceremony = self.start_sign_in(None).await;
        let credential = self.device.sign(&ceremony.options).await;
        self.finish_sign_in(&ceremony, &credential).await
    }

    pub(crate) async fn start_sign_in(&mut self, agency_id: Option<&str>) -> wire::Ceremony {
        self.post(paths::SIGN_IN_START, &json!({ "agency_id": agency_id })).await.ok()
    }

    pub(crate) async fn finish_sign_in(&mut self, ceremony: &wire::Ceremony, credential: &Value) -> Answer {
        self.post(paths::SIGN_IN_FINISH, &json!({ "ceremony": ceremony.ceremony, "credential": credential })).await
    }

    /// Seals a summary as the registrar's page does, and makes its bracelet.
    pub(crate) async fn seal(&mut self, content: &[u8]) -> (RecordId, Reference) {
        let reference = Reference::random().unwrap();
        let line: wire::RecordLine = self.seal_as(content, None, Some(&reference)).await.ok();
        (line.id, reference)
    }

    /// The same, of a patient who is real.
    pub(crate) async fn seal_real(&mut self, content: &[u8]) -> (RecordId, Reference) {
        let reference = Reference::random().unwrap();
        let line: wire::RecordLine = self.seal_of(content, None, Some(&reference), false).await.ok();
        (line.id, reference)
    }

    pub(crate) async fn seal_as(&mut self, summary: &[u8], record: Option<RecordId>, reference: Option<&Reference>) -> Answer {
        self.seal_of(summary, record, reference, true).await
    }

    async fn seal_of(&mut self, summary: &[u8], record: Option<RecordId>, reference: Option<&Reference>, drill: bool) -> Answer {
        let sealing: wire::Sealing = self.post(paths::SEALINGS, &wire::StartSealing { record }).await.ok();
        let (share2, point) = crypto::agree(&sealing.authority_point).unwrap();
        let key = crypto::record_key(&sealing.share1.into(), &share2, &point, &sealing.record).unwrap();
        let id = DocumentId::random().unwrap();
        let header = Header::Summary { bytes: summary.len() as u64, drill, attachments: Vec::new() };
        let place = SealContext { record: sealing.record, document: id, version: sealing.version };
        let sealed = crypto::seal(&key, &place, &crypto::frame(&header, summary).unwrap()).unwrap();
        let path = paths::sealing_document_of(sealing.id, id);
        let put = self.call(Method::PUT, &path, Some(sealed), "application/octet-stream").await;
        assert!(put.status.is_success());
        let commit = wire::CommitSealing {
            point,
            summary: id,
            attachments: Vec::new(),
            bracelet: reference.map(|reference| wire::Bracelet::of(reference, &sealing.record)),
            file_number: "drill 1".into(),
            drill,
        };
        self.post(&paths::sealing_commit_of(sealing.id), &commit).await
    }

    pub(crate) async fn prepare(&mut self, reference: ReferenceDigest) -> Answer {
        self.prepare_as(reference, pressing()).await
    }

    pub(crate) async fn prepare_as(&mut self, reference: ReferenceDigest, justification: Draft) -> Answer {
        self.post(paths::REQUEST_PREPARE, &wire::PrepareRequest { reference, justification }).await
    }

    /// Asks for a record for these reasons, signs, files.
    pub(crate) async fn ask_as(&mut self, reference: &Reference, justification: Draft) -> wire::RequestView {
        let prepared = self.prepare_as(reference.digest(), justification).await.ok();
        self.file(prepared).await.ok()
    }

    /// Signs and files what was prepared.
    pub(crate) async fn file(&mut self, prepared: wire::PreparedRequest) -> Answer {
        Box::pin(self.file_under(Uuid::now_v7(), prepared)).await
    }

    async fn file_under(&mut self, idempotency_key: Uuid, prepared: wire::PreparedRequest) -> Answer {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        let body = wire::FileRequest { idempotency_key, ceremony: prepared.ceremony.ceremony, credential };
        self.post(paths::REQUESTS, &body).await
    }

    pub(crate) async fn prepare_override(&mut self, request: RequestId) -> Answer {
        self.post(&paths::override_prepare_of(request), &json!({})).await
    }

    pub(crate) async fn signed_override(&self, prepared: &wire::PreparedOverride) -> wire::OverrideBody {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        wire::OverrideBody { ceremony: prepared.ceremony.ceremony, credential }
    }

    /// Opens a request alone.
    pub(crate) async fn open_alone(&mut self, request: RequestId) -> Answer {
        let prepared: wire::PreparedOverride = self.prepare_override(request).await.ok();
        let body = self.signed_override(&prepared).await;
        self.post(&paths::override_of(request), &body).await
    }

    /// Asks for a record, signs, files.
    pub(crate) async fn ask(&mut self, reference: &Reference) -> wire::RequestView {
        self.ask_with(reference, Uuid::now_v7()).await.ok()
    }

    pub(crate) async fn ask_with(&mut self, reference: &Reference, idempotency_key: Uuid) -> Answer {
        self.try_ask(reference, idempotency_key).await.unwrap()
    }

    /// The same where the page may refuse to sign: nothing is filed for a record that is not the bracelet's own.
    pub(crate) async fn try_ask(&mut self, reference: &Reference, idempotency_key: Uuid) -> Result<Answer, ForeignRecord> {
        let prepared: wire::PreparedRequest = self.prepare(reference.digest()).await.ok();
        let record = prepared.statement.record;
        if prepared.binding != reference.binding(&record) {
            return Err(ForeignRecord(record));
        }
        Ok(Box::pin(self.file_under(idempotency_key, prepared)).await)
    }

    pub(crate) async fn prepare_decision(&mut self, request: RequestId, verdict: Verdict) -> Answer {
        let reason = if verdict == Verdict::Approve { String::new() } else { "No such incident is open".into() };
        self.post(&paths::decision_prepare_of(request), &wire::PrepareDecision { verdict, reason }).await
    }

    pub(crate) async fn decide(&mut self, request: RequestId, verdict: Verdict) -> Answer {
        let prepared: wire::PreparedDecision = self.prepare_decision(request, verdict).await.ok();
        let body = self.signed_decision(&prepared).await;
        self.post(&paths::decision_of(request), &body).await
    }

    pub(crate) async fn signed_decision(&self, prepared: &wire::PreparedDecision) -> wire::DecideBody {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        wire::DecideBody { ceremony: prepared.ceremony.ceremony, credential }
    }

    /// An admin proposes to begin or lift a lockdown.
    pub(crate) async fn propose(&mut self, act: LockdownAct) -> ProposalId {
        let body = wire::PrepareLockdown { act, reason: "Stolen credentials".into() };
        let prepared: wire::PreparedLockdown = self.post(paths::LOCKDOWN_PREPARE, &body).await.ok();
        let signed = self.signed_lockdown(&prepared).await;
        let proposed = self.post(paths::LOCKDOWN_PROPOSALS, &signed).await;
        assert!(proposed.status.is_success(), "{}", String::from_utf8_lossy(&proposed.body));
        prepared.statement.proposal
    }

    pub(crate) async fn prepare_confirmation(&mut self, proposal: ProposalId) -> Answer {
        self.post(&paths::lockdown_confirmation_prepare_of(proposal), &json!({})).await
    }

    pub(crate) async fn signed_lockdown(&self, prepared: &wire::PreparedLockdown) -> wire::SignedLockdown {
        let credential = self.device.sign(&prepared.ceremony.options).await;
        wire::SignedLockdown { ceremony: prepared.ceremony.ceremony, credential }
    }

    /// Another admin confirms it.
    pub(crate) async fn confirm(&mut self, proposal: ProposalId) -> Answer {
        let prepared: wire::PreparedLockdown = self.prepare_confirmation(proposal).await.ok();
        let signed = self.signed_lockdown(&prepared).await;
        self.post(&paths::lockdown_confirmation_of(proposal), &signed).await
    }

    pub(crate) async fn request(&mut self, request: RequestId) -> wire::RequestView {
        self.get(&paths::request_of(request)).await.ok()
    }

    /// The point to blind, from wherever the request stands.
    pub(crate) async fn point(&mut self, request: RequestId) -> Point {
        match self.request(request).await.state {
            wire::RequestState::Approved { sealing, .. } | wire::RequestState::Released { sealing, .. } => sealing.point,
            other => panic!("nothing to open: {other:?}"),
        }
    }

    /// Opens a record as the responder's page does.
    pub(crate) async fn open(&mut self, request: RequestId) -> Opened {
        self.try_open(request).await.unwrap()
    }

    /// The same where it may fail: refused by the portal, or not opened by the page.
    pub(crate) async fn try_open(&mut self, request: RequestId) -> Result<Opened, NotOpened> {
        let point = self.point(request).await;
        let (blinding, blinded_point) = Blinding::new(&point).unwrap();
        let secret = *Secret32::random().unwrap().as_bytes();
        let wipe_commitment = Bytes(Sha256::digest(secret).into());
        let page = PageKey::new().unwrap();
        let body = wire::ReleaseBody { blinded_point, page_point: page.point(), wipe_commitment };
        let released = self.post(&paths::release_of(request), &body).await;
        if !released.status.is_success() {
            return Err(NotOpened::Refused(released.refusal().code));
        }
        let release: wire::Release = released.ok();
        let share2 = blinding.unblind(&release.blinded_share.0).unwrap();
        let record = self.request(request).await.record;
        let share1 = page.open(&release.share1, &release.grant).unwrap();
        let key = crypto::record_key(&share1, &share2, &point, &record).unwrap();
        let summary = release.documents[0].id;
        let sealed = self.get(&paths::grant_document_of(release.grant, summary)).await;
        assert!(sealed.status.is_success());
        let place = SealContext { record, document: summary, version: release.version };
        let plaintext = crypto::open(&key, &place, &sealed.body).map_err(|_| NotOpened::Unreadable)?;
        let frame = crypto::parse_frame(&plaintext).unwrap();
        Ok(Opened { release, content: frame.content.to_vec(), secret, share1: *share1.as_bytes() })
    }

    /// A release that is expected to be refused.
    pub(crate) async fn try_release(&mut self, request: RequestId, point: &Point) -> Answer {
        let (_, blinded_point) = Blinding::new(point).unwrap();
        let wipe_commitment = Bytes(*Secret32::random().unwrap().as_bytes());
        self.post(&paths::release_of(request), &wire::ReleaseBody { blinded_point, page_point: *point, wipe_commitment }).await
    }

    pub(crate) async fn wiped(&mut self, grant: GrantId, secret: [u8; 32], cause: WipeCause) -> Answer {
        self.post(&paths::grant_wiped_of(grant), &wire::WipedBody { cause, secret: Secret32::new(secret) }).await
    }

    /// A call with a body of any shape.
    pub(crate) async fn raw(&mut self, method: Method, path: &str, body: Value) -> Answer {
        self.call(method, path, Some(serde_json::to_vec(&body).unwrap()), "application/json").await
    }
}
