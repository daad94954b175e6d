//! How soon a request stands on every desk (`make bench`): from the moment the responder's signed request is sent to the moment a
//! console has been handed a picture with it.
//!
//! Each console is a dispatcher of their own with a stream of events, as pages listen to it; backend, store and listeners share this one
//! process and its processors.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench fails by panicking, and prints"
)]
#![expect(dead_code, unused_imports, reason = "the tests' support, of which a bench uses a part")]

#[path = "../support/mod.rs"]
mod support;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use halligan_shared::{
    id::RequestId,
    member::Role,
    paths,
    reference::Reference,
    wire::{FileRequest, PreparedRequest, RequestView},
};
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use self::support::{Client, Set, TestPortal};

/// How many consoles listen, one line a run.
const CONSOLES: [usize; 3] = [1, 20, 200];
/// How many requests wait all the time.
const WAITING: usize = 10;
/// Requests that are timed, one after the other.
const REQUESTS: usize = 50;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        println!("{:>9} {:>10} {:>10} {:>10} {:>10}", "consoles", "pictures", "p50 ms", "p99 ms", "longest");
        for consoles in CONSOLES {
            run(consoles).await;
        }
    });
}

/// A console has been handed a picture.
struct Seen {
    console: usize,
    text: String,
    at: Instant,
}

async fn run(consoles: usize) {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let (_, reference) = registrar.seal(b"{}").await;
    for place in 0..WAITING {
        let (_, other) = registrar.seal(b"{}").await;
        portal.member(&format!("EMS-{place}"), &[Role::Responder]).await.ask(&other).await;
    }
    let mut responder = portal.member("EMS-TIMED", &[Role::Responder]).await;
    let (tells, mut heard) = mpsc::unbounded_channel();
    for console in 0..consoles {
        let mut dispatcher = portal.member(&format!("DSP-{console}"), &[Role::Dispatcher]).await;
        let mut stream = dispatcher.listen(paths::DESK_EVENTS).await.into_body().into_data_stream();
        let tells = tells.clone();
        tokio::spawn(async move {
            let mut text = String::new();
            while let Some(Ok(part)) = stream.next().await {
                text.push_str(std::str::from_utf8(&part).unwrap());
                if text.ends_with("\n\n")
                    && tells.send(Seen { console, text: std::mem::take(&mut text), at: Instant::now() }).is_err()
                {
                    return;
                }
            }
        });
    }
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let signed = signed(&mut responder, &reference).await;
        let start = Instant::now();
        let request = responder.post(paths::REQUESTS, &signed).await.ok::<RequestView>().id;
        times.extend(told(&mut heard, request, true, consoles).await.into_iter().map(|at| at - start));
        assert!(responder.post(&paths::request_cancel_of(request), &json!({})).await.status.is_success());
        told(&mut heard, request, false, consoles).await;
    }
    times.sort_unstable();
    let at =
        |percent: usize| milliseconds(times.get((times.len() * percent / 100).min(times.len() - 1)).copied().unwrap_or_default());
    println!("{consoles:>9} {:>10} {:>10.1} {:>10.1} {:>10.1}", times.len(), at(50), at(99), at(100));
}

/// When each console had its first picture with the request in it, or without it.
async fn told(heard: &mut mpsc::UnboundedReceiver<Seen>, request: RequestId, is_there: bool, consoles: usize) -> Vec<Instant> {
    let name = request.to_string();
    let mut told = BTreeMap::new();
    while told.len() < consoles {
        let Seen { console, text, at } = heard.recv().await.unwrap();
        if text.contains("event: picture") && text.contains(&name) == is_there {
            told.entry(console).or_insert(at);
        }
    }
    told.into_values().collect()
}

async fn signed(responder: &mut Client, reference: &Reference) -> FileRequest {
    let prepared: PreparedRequest = responder.prepare(reference.digest()).await.ok();
    let credential = responder.device.sign(&prepared.ceremony.options).await;
    FileRequest { idempotency_key: Uuid::now_v7(), ceremony: prepared.ceremony.ceremony, credential }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
