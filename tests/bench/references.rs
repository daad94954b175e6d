//! Whether the time of an answer tells what became of a reference (`make bench`): unknown, replaced, another portal's.
//!
//! Each kind is looked up as often, in turns, by one responder; then each is compared with the unknown one by the probability
//! that it takes longer: 0.5 is no difference at all, and chance alone gives 0.5 ± 0.008 in 95 of 100 runs.
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

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use halligan_shared::{member::Role, paths, reference::Reference, wire};

use self::support::{Client, Set, TestPortal};

/// Looks at each reference.
const TRIES: usize = 10_000;
const KINDS: [&str; 3] = ["unknown", "replaced", "foreign"];

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let times = measure().await;
        println!(
            "{:>10} {:>8} {:>10} {:>10} {:>10} {:>28}",
            "reference", "tries", "p10 ms", "p50 ms", "p90 ms", "P(longer than unknown)"
        );
        for (kind, own) in KINDS.into_iter().zip(&times) {
            println!(
                "{kind:>10} {:>8} {:>10.3} {:>10.3} {:>10.3} {:>28.3}",
                own.len(),
                at(own, 10),
                at(own, 50),
                at(own, 90),
                longer(own, &times[0])
            );
        }
    });
}

/// The times of each kind, shortest first.
async fn measure() -> [Vec<Duration>; 3] {
    let portal = TestPortal::start_with(Set::unhurried()).await;
    let elsewhere = TestPortal::start().await;
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut responder = portal.member("EMS-1", &[Role::Responder]).await;
    let (record, replaced) = registrar.seal(b"{}").await;
    let bracelet = wire::Bracelet::of(&Reference::random().unwrap(), &record);
    assert!(registrar.post(&paths::record_bracelet_of(record), &bracelet).await.status.is_success());
    let (_, foreign) = elsewhere.member("REG-1", &[Role::Registrar]).await.seal(b"{}").await;
    let references = [Reference::random().unwrap(), replaced, foreign];

    let mut times = [const { Vec::new() }; 3];
    for round in 0..TRIES {
        // Each is one that this responder has not scanned of late, as somebody's is who tries references out.
        portal.tamper("delete from scan").await;
        for turn in 0..references.len() {
            // Another one begins each round: none is always behind the same one.
            let kind = (round + turn) % references.len();
            let start = Instant::now();
            let answer = responder.prepare(references[kind].digest()).await;
            times[kind].push(start.elapsed());
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
        }
    }
    times.each_mut().map(|times| {
        times.sort_unstable();
        std::mem::take(times)
    })
}

/// The probability that one of these takes longer than an unknown one, equal times counting half (Mann and Whitney's U over both counts).
fn longer(own: &[Duration], unknown: &[Duration]) -> f64 {
    let wins: f64 = own
        .iter()
        .map(|time| {
            let (below, up_to) = (unknown.partition_point(|other| other < time), unknown.partition_point(|other| other <= time));
            count(below) + count(up_to - below) / 2.0
        })
        .sum();
    wins / (count(own.len()) * count(unknown.len()))
}

fn at(times: &[Duration], percent: usize) -> f64 {
    times[times.len() * percent / 100].as_secs_f64() * 1_000.0
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap())
}
