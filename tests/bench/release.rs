//! How many records a backend opens a second, each by credentials of its own from the embedded authority (`make bench`).
//!
//! Backend, store and authority run in this one process, so the processor's time is that of all three. Every release is
//! AssumeRole, Decrypt and DeriveSharedSecret over loopback, and an event in the log.
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

use halligan_shared::{id::RequestId, member::Role, statement::Verdict};

use self::support::{Client, Set, TestPortal};

/// How many browsers ask at once, one column a run.
const BROWSERS: [usize; 3] = [1, 8, 32];
/// Releases of a run.
const RELEASES: usize = 320;
const SUMMARY: &[u8] = br#"{"resourceType":"Bundle"}"#;

fn main() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        println!("{:>9} {:>12} {:>10} {:>10} {:>16}", "browsers", "releases/s", "p50 ms", "p99 ms", "CPU ms a release");
        for browsers in BROWSERS {
            run(browsers).await;
        }
    });
}

async fn run(browsers: usize) {
    let open = approved(browsers).await;
    let (cpu, start) = (processor_time(), Instant::now());
    let mut tasks = Vec::new();
    for (mut client, request) in open {
        tasks.push(tokio::spawn(async move {
            let point = client.point(request).await;
            let mut times = Vec::new();
            for _ in 0..RELEASES / browsers {
                let start = Instant::now();
                let answer = client.try_release(request, &point).await;
                times.push(start.elapsed());
                assert!(answer.status.is_success(), "{}", answer.status);
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    let (wall, cpu) = (start.elapsed(), processor_time().saturating_sub(cpu));
    times.sort_unstable();
    let count = f64::from(u32::try_from(times.len()).unwrap());
    let at = |percent: usize| milliseconds(times[(times.len() * percent / 100).min(times.len() - 1)]);
    println!(
        "{browsers:>9} {:>12.0} {:>10.1} {:>10.1} {:>16.1}",
        count / wall.as_secs_f64(),
        at(50),
        at(99),
        milliseconds(cpu) / count
    );
}

/// One responder with an approved request of their own for each browser.
async fn approved(browsers: usize) -> Vec<(Client, RequestId)> {
    // The portal lives as long as its router does; its folder goes with the process.
    let portal: &'static TestPortal = Box::leak(Box::new(TestPortal::start_with(Set::unhurried()).await));
    let mut registrar = portal.member("REG-1", &[Role::Registrar]).await;
    let mut dispatcher = portal.member("DIS-1", &[Role::Dispatcher]).await;
    let mut all = Vec::new();
    for browser in 0..browsers {
        let (_, reference) = registrar.seal(SUMMARY).await;
        let mut responder = portal.member(&format!("EMS-{browser}"), &[Role::Responder]).await;
        let request = responder.ask(&reference).await.id;
        assert!(dispatcher.decide(request, Verdict::Approve).await.status.is_success());
        all.push((responder, request));
    }
    all
}

/// Processor time of this process so far, of all its threads (proc(5), fields 14 and 15 of stat, in hundredths of a second).
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(14) + ticks(15)))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
