//! The portal as `make audit` calls it: the real router on a free port of this machine, people of every role signed in, and
//! something of everything to call for. The clock stands still, so that sessions stay fresh and windows open for as long as
//! it takes.
//!
//! With `tls` it speaks TLS by a certificate of its own, for a look at its headers, and nobody is there.
//!
//! Prints one line of JSON when it answers, and a tally of its answers by status for each line that it is sent. Stops when
//! its input ends.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it fails by panicking, and prints"
)]
#![expect(dead_code, unused_imports, reason = "the tests' support, of which this uses a part")]

#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    io::BufRead as _,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::{self, Next},
    response::Response,
};
use halligan_backend::server::{Certificate, LOOK, Listening, REST, Server};
use halligan_shared::{
    assignment::Assignment,
    id::{CeremonyId, DocumentId, RequestId, SealingId},
    member::Role,
    paths,
    reference::{Reference, ReferenceDigest},
    statement::Verdict,
    wire,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use self::support::{Client, Device, ORIGIN, Set, TestPortal};

const SUMMARY: &[u8] = br#"{"resourceType":"Bundle"}"#;
/// How often the portal writes down what is over, as when it is served.
const SWEEP: Duration = Duration::from_secs(1);
/// The name of everybody's second passkey.
const SPARE: &str = "spare";
/// How many ceremonies of each kind wait for an answer.
const CEREMONIES: usize = 30;

/// How many answers had which status.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<BTreeMap<u16, u64>>>);

#[tokio::main]
async fn main() {
    let tls = std::env::args().nth(1).is_some_and(|word| word == "tls");
    let portal = TestPortal::start_with(Set { tls, ..Set::unhurried() }).await;
    let folder = TempDir::new().unwrap();
    let certificate = tls.then(|| certify(folder.path()));
    let mut words = match &certificate {
        Some(certificate) => json!({ "certificate": certificate.chain }),
        None => scene(&portal).await,
    };
    let listening = Listening { address: ([127, 0, 0, 1], 0).into(), certificate, proxies: Vec::new(), rest: REST, look: LOOK };
    let server = Server::bind(listening).await.unwrap();
    words["address"] = json!(format!("{}://localhost:{}", if tls { "https" } else { "http" }, server.address().unwrap().port()));
    println!("{words}");

    let tally = Tally::default();
    let router = portal.router.clone().layer(middleware::from_fn_with_state(tally.clone(), count));
    let mut lines = lines();
    let until_the_input_ends = async {
        while lines.recv().await.is_some() {
            println!("{}", json!(*tally.0.lock().unwrap()));
        }
    };
    tokio::select! {
        ended = server.serve(router, until_the_input_ends) => ended.unwrap(),
        () = sweep(&portal) => {}
    }
}

/// A certificate for localhost.
fn certify(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let files = Certificate { chain: folder.join("chain.pem"), key: folder.join("key.pem") };
    std::fs::write(&files.chain, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

async fn count(State(tally): State<Tally>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    *tally.0.lock().unwrap().entry(response.status().as_u16()).or_default() += 1;
    response
}

async fn sweep(portal: &TestPortal) {
    let mut turns = tokio::time::interval(SWEEP);
    loop {
        turns.tick().await;
        portal.portal.sweep().await.unwrap();
    }
}

/// What is typed, line by line, until it ends.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (typed, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if typed.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// Who is there, and what there is: two cookies of each role, and ids by the names that paths and bodies have for them.
async fn scene(portal: &TestPortal) -> Value {
    let mut people = BTreeMap::new();
    for (place, role) in Role::ALL.into_iter().enumerate() {
        people.insert(role, portal.member(&format!("M-{place}"), &[role]).await);
    }
    // Whose sessions may be ended, and whose requests are decided.
    let mut colleague = portal.member("EMS-2", &[Role::Responder]).await;
    let mut dispatcher = portal.member("DIS-2", &[Role::Dispatcher]).await;
    let registrar = people.get_mut(&Role::Registrar).unwrap();
    let mut records = Vec::new();
    for _ in 0..6 {
        records.push(registrar.seal(SUMMARY).await);
    }
    let (sealing, document) = begin(registrar).await;
    for person in people.values_mut() {
        another_passkey(person).await;
    }

    let (mut requests, mut grants, mut documents) = (Vec::new(), Vec::new(), vec![document]);
    for (person, records) in [(people.get_mut(&Role::Responder).unwrap(), &records[..3]), (&mut colleague, &records[3..])] {
        let [(_, waiting), (_, approved), (_, open)] = records else { panic!("three records each") };
        requests.push(person.ask(waiting).await.id);
        requests.push(allowed(person, &mut dispatcher, approved).await);
        let request = allowed(person, &mut dispatcher, open).await;
        let release = person.open(request).await.release;
        requests.push(request);
        grants.push(release.grant);
        documents.extend(release.documents.iter().map(|line| line.id));
    }
    let (tokens, ceremonies) = under_way(portal, &mut people, records[0].1.digest(), requests[3]).await;
    let mut passkeys = Vec::new();
    for person in people.values_mut() {
        let own: Vec<wire::PasskeyLine> = person.get(paths::PASSKEYS).await.ok();
        // Not the one that began the sessions, which would end with it.
        passkeys.extend(own.into_iter().filter(|line| line.name == SPARE).map(|line| line.id));
    }
    let member: wire::Session = colleague.get(paths::SESSION).await.ok();
    let mut cookies = BTreeMap::new();
    for (role, person) in &people {
        let mut elsewhere = person.other_browser();
        assert!(elsewhere.sign_in().await.status.is_success());
        cookies.insert(role.word(), [person.cookie.clone(), elsewhere.cookie]);
    }
    json!({
        "origin": ORIGIN,
        "cookies": cookies,
        "ids": {
            "agency_id": ["EMS-2", "DIS-2"],
            "ceremony": ceremonies,
            "document": documents,
            "grant": grants,
            "member": [member.member.id],
            "passkey": passkeys,
            "record": records.iter().map(|(record, _)| record).collect::<Vec<_>>(),
            "reference": records.iter().map(|(_, reference)| reference.digest()).collect::<Vec<_>>(),
            "request": requests,
            "sealing": [sealing],
            "token": tokens,
        },
    })
}

/// A sealing with one document, not committed.
async fn begin(registrar: &mut Client) -> (SealingId, DocumentId) {
    let sealing: wire::Sealing = registrar.post(paths::SEALINGS, &wire::StartSealing::default()).await.ok();
    let document = DocumentId::random().unwrap();
    let path = paths::sealing_document_of(sealing.id, document);
    let put = registrar.call(Method::PUT, &path, Some(vec![0; 4096]), "application/octet-stream").await;
    assert!(put.status.is_success());
    (sealing.id, document)
}

/// A second passkey, so that one can be removed.
async fn another_passkey(person: &mut Client) {
    let ceremony: wire::Ceremony = person.post(paths::PASSKEY_START, &json!({})).await.ok();
    let credential = Device::default().create(&ceremony.options).await;
    let body = wire::PasskeyBody { ceremony: ceremony.ceremony, credential, name: SPARE.into() };
    assert!(person.post(paths::PASSKEY_FINISH, &body).await.status.is_success());
}

/// Invitations that wait, and ceremonies of every kind: each can be answered once.
async fn under_way(
    portal: &TestPortal,
    people: &mut BTreeMap<Role, Client>,
    reference: ReferenceDigest,
    request: RequestId,
) -> (Vec<String>, Vec<CeremonyId>) {
    let (mut tokens, mut ceremonies) = (Vec::new(), Vec::new());
    let mut begun = |ceremony: wire::Ceremony| ceremonies.push(ceremony.ceremony);
    for place in 0..CEREMONIES {
        let invitation = portal
            .portal
            .invite(
                None,
                format!("NEW-{place}").parse().unwrap(),
                "Drill New".parse().unwrap(),
                vec![Role::Responder],
                Assignment::default(),
            )
            .await
            .unwrap();
        let token = invitation.link.split_once('#').unwrap().1.to_owned();
        begun(portal.stranger().post(paths::INVITATION_START, &json!({ "token": token })).await.ok());
        tokens.push(token);
        begun(portal.stranger().start_sign_in(None).await);
        for (role, person) in &mut *people {
            begun(person.post(paths::PASSKEY_START, &json!({})).await.ok());
            match role {
                Role::Responder => begun(person.prepare(reference).await.ok::<wire::PreparedRequest>().ceremony),
                Role::Dispatcher => {
                    begun(person.prepare_decision(request, Verdict::Approve).await.ok::<wire::PreparedDecision>().ceremony);
                }
                _ => {}
            }
        }
    }
    (tokens, ceremonies)
}

async fn allowed(responder: &mut Client, dispatcher: &mut Client, reference: &Reference) -> RequestId {
    let request = responder.ask(reference).await.id;
    assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
    request
}
