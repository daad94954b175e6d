//! Credentials of a grant get out of the backend's one holder: into an answer, a line of the log at its finest level, or a row.
//!
//! What STS gave out is read off the line to it; what a process's memory holds is `playwright/specs/backend_traces.spec.ts`'s.

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
};

use aho_corasick::AhoCorasick;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::StreamExt as _;
use halligan_shared::{grant::WipeCause, member::Role, paths, statement::Verdict, wire};
use serde_json::json;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::support::{Does, TestPortal};

/// Something that is written down as it passes.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn add(&self, bytes: &[u8]) {
        self.0.lock().unwrap().extend_from_slice(bytes);
    }

    fn holds(&self, needle: &[u8]) -> bool {
        holds(&self.0.lock().unwrap(), needle)
    }

    fn all(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.add(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that any caller is answered: headers, bodies, and each event of a stream as it comes.
fn listened_to(router: Router, answers: &Written) -> Router {
    async fn listen(State(answers): State<Written>, request: Request, next: Next) -> Response {
        let (parts, body) = next.run(request).await.into_parts();
        for (name, value) in &parts.headers {
            answers.add(name.as_str().as_bytes());
            answers.add(value.as_bytes());
        }
        let body = body.into_data_stream().inspect(move |piece| answers.add(piece.as_ref().unwrap()));
        Response::from_parts(parts, Body::from_stream(body))
    }
    router.layer(middleware::from_fn_with_state(answers.clone(), listen))
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// How many forms there are of each.
const FORMS: usize = 9;

/// A credential as it is, and as it may have been written: escaped for an address, in hexadecimal, and in base64 wherever it began.
fn forms(credential: &str) -> [Vec<u8>; FORMS] {
    // Of a long one the end: all tokens begin alike.
    let bytes = &credential.as_bytes()[credential.len().saturating_sub(20)..];
    let escaped: String = form_urlencoded::byte_serialize(bytes).collect();
    let hex = bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    });
    let list = serde_json::to_string(bytes).unwrap();
    let mut forms = vec![bytes.to_vec(), escaped.into_bytes(), hex.clone().into_bytes(), hex.to_uppercase().into_bytes()];
    forms.push(list.trim_matches(['[', ']']).as_bytes().to_vec());
    forms.push(list.trim_matches(['[', ']']).replace(',', ", ").into_bytes());
    for before in 0..3 {
        let text = STANDARD.encode([&vec![0; before], bytes].concat());
        // Without what the bytes before and after it have a part in.
        forms.push(text.as_bytes()[4..text.len() - 4].to_vec());
    }
    forms.try_into().unwrap()
}

/// The rows that the database has, its write-ahead log and its index.
fn rows(portal: &TestPortal) -> Vec<u8> {
    portal.files()
}

#[tokio::test]
async fn no_credential_of_a_grant_is_in_any_answer_log_line_or_row() {
    let (answers, log) = (Written::default(), Written::default());
    let subscriber = halligan_backend::log::subscriber(EnvFilter::new("trace"), log.clone());
    let _log = tracing::subscriber::set_default(subscriber);
    // While there is one subscriber only, tracing asks that of the thread which comes to a line first, and remembers the answer for all
    // threads: a test that runs beside this one, and has none, would silence the line here.
    let _second = tracing::Dispatch::new(halligan_backend::log::subscriber(EnvFilter::new("trace"), Written::default()));
    let mut portal = TestPortal::relayed().await;
    portal.router = listened_to(portal.router.clone(), &answers);
    let (_, reference) = portal.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DSP-1", &[Role::Dispatcher]).await;
    let mut auditor = portal.member("AUD-1", &[Role::Auditor, Role::Admin]).await;
    let request = responder.ask(&reference).await.id;
    dispatcher.decide(request, Verdict::Approve).await;
    let mut events = responder.listen(&paths::request_events_of(request)).await.into_body().into_data_stream();
    assert!(events.next().await.is_some());

    // Failures: of each call, by what cannot be read and by a cut answer that holds what was asked for.
    let point = responder.point(request).await;
    for (call, does) in [
        ("AssumeRole", Does::EndsAfter("</SecretAccessKey>")),
        ("AssumeRole", Does::EndsAfter("</SessionToken>")),
        ("Decrypt", Does::refuses(500, "KMSInternalException")),
        ("DeriveSharedSecret", Does::answers("200 OK", "", "<html>")),
    ] {
        portal.relay().plant(call, does);
        assert!(!responder.try_release(request, &point).await.status.is_success(), "{call}");
        portal.relay().mend();
        // Past a rest that three failures bring.
        portal.pass(10_000);
        portal.portal.look_at_authority().await;
    }
    // Released, again after a reload, looked at by everybody while it is open.
    let opened = responder.open(request).await;
    let again = responder.open(request).await;
    let desk: wire::Desk = dispatcher.get(paths::DESK).await.ok();
    assert_eq!(desk.live.len(), 1);
    assert!(auditor.get(paths::AUDIT).await.status.is_success());
    assert!(auditor.raw(axum::http::Method::POST, paths::DOCTOR, json!({})).await.status.is_success());
    assert!(portal.portal.authority().holds(opened.release.grant));
    let while_open = rows(&portal);
    for opened in [&opened, &again] {
        responder.wiped(opened.release.grant, opened.secret, WipeCause::Done).await;
    }
    portal.portal.sweep().await.unwrap();
    assert!(auditor.get(paths::AUDIT).await.status.is_success());
    drop(events);
    let after = rows(&portal);

    let grant = opened.release.grant.to_string();
    assert!(answers.holds(grant.as_bytes()) && holds(&while_open, grant.as_bytes()), "the search finds what is there");
    assert!(log.holds(b"record was not opened") && log.holds(b"TRACE"), "the log is at its finest");
    let issued = portal.relay().issued();
    // To seal, for failures, to read, for the look of the admin: an id, a secret and a token each.
    assert!(issued.len() >= 3 * 6 && issued.iter().all(|credential| credential.len() >= 16), "{}", issued.len());
    let needles: Vec<_> = issued.iter().flat_map(|credential| forms(credential)).collect();
    let search = AhoCorasick::new(&needles).unwrap();
    for (place, written) in
        [("an answer", answers.all()), ("the log", log.all()), ("the database", while_open), ("the database", after)]
    {
        let found = search.find(&written).map(|found| found.pattern().as_usize());
        assert_eq!(found, None, "credential {:?} is in {place}", found.map(|form| form / FORMS));
    }
}
