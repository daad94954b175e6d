//! The portal as `make audit` calls it: the real router on a free port of this machine, people of every role signed in, and
//! something of everything to call for. The clock stands still, so that sessions stay fresh and windows open for as long as
//! it takes.
//!
//! With `tls` it speaks TLS by a certificate of its own, for a look at its headers, and nobody is there.
//!
//! Prints one line of JSON when it answers, and a tally of its answers by operation and status for each line that it is sent. Stops
//! when its input ends.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it fails by panicking, and prints"
)]
#![expect(dead_code, unused_imports, reason = "the tests' support, of which this uses a part")]

#[path = "../scene.rs"]
mod scene;
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
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::Response,
};
use halligan_backend::server::{Certificate, LOOK, Listening, REST, Server};
use halligan_shared::{
    id::CeremonyId,
    member::Role,
    paths,
    review::Finding,
    statement::{LockdownAct, Verdict},
    wire,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::mpsc;

use self::{
    scene::{ALARMING, Scene},
    support::{Cad, Contract, ORIGIN, Set, TestPortal},
};

/// How often the portal writes down what is over, as when it is served.
const SWEEP: Duration = Duration::from_secs(1);
/// How many ceremonies of each kind wait for an answer.
const CEREMONIES: usize = 30;

/// How many answers had which status, by method and path pattern. What no route answers stands under its method alone.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<BTreeMap<String, BTreeMap<u16, u64>>>>);

#[tokio::main]
async fn main() {
    let tls = std::env::args().nth(1).is_some_and(|word| word == "tls");
    let folder = TempDir::new().unwrap();
    let certificate = tls.then(|| certify(folder.path()));
    let (portal, mut words) = if let Some(certificate) = &certificate {
        let portal = TestPortal::start_with(Set { tls, ..Set::unhurried() }).await;
        (portal, json!({ "certificate": certificate.chain }))
    } else {
        let mut scene = Scene::of(&Role::ALL.map(|role| [role])).await;
        let words = words_of(&mut scene).await;
        (scene.portal, words)
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
    let pattern = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let operation = format!("{} {pattern}", request.method());
    let response = next.run(request).await;
    let mut tally = tally.0.lock().unwrap();
    *tally.entry(operation).or_default().entry(response.status().as_u16()).or_default() += 1;
    drop(tally);
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

/// What callers are told: two cookies of each role, and ids by the names that paths and bodies have for them; which of these are a role's own, or
/// lead it on where others do not.
async fn words_of(scene: &mut Scene) -> Value {
    let (tokens, ceremonies) = under_way(scene).await;
    let (mut cookies, mut own) = (BTreeMap::new(), BTreeMap::new());
    for role in Role::ALL {
        let leads_on = match role {
            Role::PrivacyOfficer => scene.names["review"].clone(),
            Role::Dispatcher => [&scene.names["waiting"][..], &scene.names["own_waiting"]].concat(),
            _ => Vec::new(),
        };
        let person = scene.who(role);
        let told: wire::PushDevices = person.get(paths::PUSH_DEVICES).await.ok();
        let devices: Vec<_> = told.devices.iter().map(|line| line.id).collect();
        own.insert(role.word(), json!({ "device": devices, "request": leads_on }));
        let mut elsewhere = person.other_browser();
        assert!(elsewhere.sign_in().await.status.is_success());
        cookies.insert(role.word(), [person.cookie.clone(), elsewhere.cookie]);
    }
    let mut ids = json!(scene.names);
    ids["agency_id"] = json!(["EMS-3", "ALL-2"]);
    ids["ceremony"] = json!(ceremonies);
    ids["bracelets"] = json!([ALARMING]);
    ids["token"] = json!(tokens);
    let feed = json!({ "caller": "feed", "key": Cad::key(), "time": scene.portal.now().unix_timestamp() });
    json!({ "origin": ORIGIN, "cookies": cookies, "ids": ids, "own": own, "feed": feed })
}

/// Invitations that wait, and ceremonies of every kind: each can be answered once.
async fn under_way(scene: &mut Scene) -> (Vec<String>, Vec<CeremonyId>) {
    let (mut tokens, mut ceremonies) = (Vec::new(), Vec::new());
    let mut begun = |ceremony: wire::Ceremony| ceremonies.push(ceremony.ceremony);
    let (own, waiting, review) = (one(scene, "own_waiting"), one(scene, "waiting"), one(scene, "review"));
    let (bracelet, proposal, reenrolment) = (one(scene, "reference"), one(scene, "proposal"), one(scene, "reenrolment"));
    scene.portal.member("EMS-5", &[Role::Responder]).await;
    let member = scene.who(Role::Admin).id_of("EMS-5").await;
    for place in 0..CEREMONIES {
        let invited = json!({ "agency_id": format!("NEW-{place}"), "display_name": "Drill New", "roles": ["responder"] });
        let invitation: wire::Invitation = scene.who(Role::Admin).post(paths::INVITATIONS, &invited).await.ok();
        let token = invitation.link.split_once('#').unwrap().1.to_owned();
        let mut stranger = scene.portal.stranger();
        begun(stranger.post(paths::INVITATION_START, &json!({ "token": token })).await.ok());
        begun(stranger.start_sign_in(None).await);
        tokens.push(token);
        for role in Role::ALL {
            let person = scene.who(role);
            begun(person.post(paths::PASSKEY_START, &json!({})).await.ok());
            match role {
                Role::Responder => {
                    begun(person.prepare(bracelet).await.ok::<wire::PreparedRequest>().ceremony);
                    begun(person.prepare_override(own).await.ok::<wire::PreparedOverride>().ceremony);
                }
                Role::Dispatcher => {
                    begun(person.prepare_decision(waiting, Verdict::Approve).await.ok::<wire::PreparedDecision>().ceremony);
                    let several = wire::PrepareBulk { requests: vec![waiting] };
                    begun(person.post(paths::BULK_PREPARE, &several).await.ok::<wire::PreparedBulk>().ceremony);
                }
                Role::PrivacyOfficer => {
                    begun(person.prepare_finding(review, Finding::Justified).await.ok::<wire::PreparedReview>().ceremony);
                }
                Role::Admin => {
                    let lockdown = wire::PrepareLockdown { act: LockdownAct::Begin, reason: "Stolen credentials".into() };
                    begun(person.post(paths::LOCKDOWN_PREPARE, &lockdown).await.ok::<wire::PreparedLockdown>().ceremony);
                    begun(person.prepare_reenrolment(member).await.ok::<wire::PreparedReenrolment>().ceremony);
                    begun(person.prepare_confirmation(proposal).await.ok::<wire::PreparedLockdown>().ceremony);
                    begun(person.prepare_reenrolment_confirmation(reenrolment).await.ok::<wire::PreparedReenrolment>().ceremony);
                }
                Role::Registrar | Role::Auditor => {}
            }
        }
    }
    let kinds = scene.portal.count("select count(distinct purpose) from ceremony").await;
    assert_eq!(kinds, ceremonies_of_the_document().await, "an operation begins ceremonies, and none of its kind waits");
    (tokens, ceremonies)
}

/// How many operations answer with a ceremony: each begins another kind.
async fn ceremonies_of_the_document() -> i64 {
    let contract = Contract::of_portal().await;
    let operations = contract.document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let answers =
        operations.map(|operation| contract.resolve(&operation["responses"]["200"]["content"]["application/json"]["schema"]));
    i64::try_from(answers.filter(|schema| !schema["properties"]["ceremony"].is_null()).count()).unwrap()
}

/// The first of what a name stands for.
fn one<T: DeserializeOwned>(scene: &Scene, name: &str) -> T {
    serde_json::from_value(scene.names[name][0].clone()).unwrap()
}
