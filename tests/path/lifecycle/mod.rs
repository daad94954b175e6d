//! The whole lifecycle of a request against a plain model: whatever people and time do, and in whichever order, portal and model agree,
//! some door stays, and nothing is released that came through none.
//!
//! `model` and `acts` are the rules of the product, for whoever wants to read them; `steps` and `lives` are what may happen; in `portal` and
//! `people` it happens by the portal's own calls; `evidence` is what has to be true of store and log after whatever happened. `make test`
//! walks through some lives that are always the same, and six interleavings for each test; this through thousands, in some minutes:
//!
//! ```sh
//! PROPTEST_CASES=3000 cargo test --release --locked -p halligan-tests --test integration -- path::lifecycle
//! ```

mod acts;
mod evidence;
mod lives;
mod model;
mod people;
mod portal;
mod steps;

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::FutureExt as _;
use halligan_shared::door::Door;
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestError, TestRunner},
};

use self::{
    model::{Model, Rules, Stands, WINDOW},
    portal::{Scene, Shown},
    steps::{CASES, Step, Turn},
};

/// How many cases one portal sees: a log that is walked after each of them is not to grow for ever.
const CASES_OF_A_PORTAL: u32 = 25;
/// In bytes.
const STACK: usize = 64 << 20;

/// The same as the model has it.
fn expected(model: &Model, case: usize) -> Shown {
    let left = |until: i64| Some(until - model.now);
    let opened =
        |state, door, by| Shown { state, door: Some(door), by: if door == Door::Dispatcher { by } else { 0 }, ..Shown::default() };
    let ended = |state| Shown { state, ..Shown::default() };
    match model.cases[case].stands {
        Stands::Nowhere => ended("nowhere"),
        Stands::Pending { by, until } => {
            let alone = model.alone_at(case).map(|alone| (alone - model.now).max(0));
            Shown { by, left: left(until), alone, ..ended("pending") }
        }
        Stands::Approved { door, by, until } => Shown { left: left(until), ..opened("approved", door, by) },
        Stands::Denied => ended("denied"),
        Stands::Cancelled => ended("cancelled"),
        Stands::Expired => ended("expired"),
        Stands::Lapsed => ended("lapsed"),
        Stands::Open { door, by, ends } => Shown { left: left(ends), ..opened("open", door, by) },
        Stands::Over { door, by } => opened("over", door, by),
    }
}

/// Takes a step in both, and holds one against the other.
async fn walk(scene: &mut Scene, model: &mut Model, (step, is_swept): Turn) {
    let span = model.span(step);
    model.pass(span);
    let allowed = model.take(step);
    scene.pass(span).await;
    let done = Box::pin(scene.take(step)).await;
    assert_eq!(done, allowed, "whether it is done: {step:?}");
    compare(scene, model, is_swept).await;
}

/// Time passes in both.
async fn wait(scene: &mut Scene, model: &mut Model, span: i64, is_swept: bool) {
    model.pass(span);
    scene.pass(span).await;
    compare(scene, model, is_swept).await;
}

async fn compare(scene: &mut Scene, model: &mut Model, is_swept: bool) {
    if is_swept {
        scene.portal.portal.sweep().await.unwrap();
        model.swept();
        scene.check_notices(model).await;
    }
    for case in 0..CASES {
        if let Some(shown) = scene.shown(case).await {
            assert_eq!(shown, expected(model, case), "how case {case} stands");
            // No dead end: what waits ends by time at least.
            assert!(shown.state != "pending" || shown.left.is_some_and(|left| left > 0), "case {case} waits for ever");
        }
    }
    scene.check_reviews(model).await;
}

/// That nobody is left standing: from wherever it waits the responder gets in when the time has come, where life or limb is in danger.
async fn leads_on(scene: &mut Scene, model: &mut Model) {
    for case in 0..CASES {
        let (Some(until), Some(alone)) = (model.cases[case].stands.until(), model.alone_at(case)) else { continue };
        wait(scene, model, (alone.min(until) - model.now).max(0), false).await;
        walk(scene, model, (Step::Alone(case), false)).await;
        let is_open = matches!(model.cases[case].stands, Stands::Approved { door: Door::Override, .. });
        assert_eq!(is_open, alone < until, "a dead end: case {case}");
    }
}

/// That time alone ends everything.
async fn ends(scene: &mut Scene, model: &mut Model) {
    while let Some(until) = model.cases.iter().filter_map(|case| case.stands.until()).min() {
        wait(scene, model, until - model.now, true).await;
    }
    // What is left of windows that a later request of the same responder has taken the place of.
    wait(scene, model, WINDOW, true).await;
    scene.check_rest().await;
}

async fn case(scene: &mut Scene, rules: Rules, turns: &[Turn]) {
    Box::pin(scene.begin()).await;
    let (since, mut model) = (scene.last_event().await, Model::new(rules));
    for turn in turns {
        walk(scene, &mut model, *turn).await;
    }
    leads_on(scene, &mut model).await;
    ends(scene, &mut model).await;
    scene.check_log(since).await;
}

/// On a stack of its own: the futures of a debug build are large, and where the policies have too little room the answer is no.
fn agree(rules: Rules) {
    let walking = std::thread::Builder::new().stack_size(STACK).spawn(move || runs(rules)).unwrap();
    if let Err(fault) = walking.join() {
        std::panic::resume_unwind(fault);
    }
}

fn runs(rules: Rules) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_stack_size(STACK).enable_all().build().unwrap();
    let config = ProptestConfig { cases: cases(), max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() };
    let scene = runtime.block_on(async {
        let mut scene = Box::pin(Scene::set(rules)).await;
        for turns in lives::known() {
            Box::pin(case(&mut scene, rules, &turns)).await;
        }
        scene
    });
    // A portal that a case failed on is not used again: what is tried to make the case smaller is to begin as it did.
    let stage = Mutex::new(Some((scene, 0)));
    // How many cases held before the first that did not.
    let (held, first) = (AtomicU32::new(0), OnceLock::new());
    let run = TestRunner::new(config).run(&lives::turns(), |turns| {
        let standing = stage.lock().unwrap().take().filter(|(_, seen)| *seen < CASES_OF_A_PORTAL);
        let walked = runtime.block_on(async {
            let (mut scene, seen) = match standing {
                Some(standing) => standing,
                None => (Box::pin(Scene::set(rules)).await, 0),
            };
            AssertUnwindSafe(Box::pin(case(&mut scene, rules, &turns))).catch_unwind().await.map(|()| (scene, seen + 1))
        });
        let walked = walked.map_err(|panic| {
            first.get_or_init(|| held.load(Ordering::Relaxed));
            let said = panic.downcast_ref::<String>().cloned();
            TestCaseError::fail(said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned())).unwrap_or_default())
        })?;
        *stage.lock().unwrap() = Some(walked);
        held.fetch_add(1, Ordering::Relaxed);
        Ok(())
    });
    match run {
        Ok(()) => {}
        // On one line each: a page of it is read, not five.
        Err(TestError::Fail(why, turns)) => {
            let turns: Vec<_> = turns.iter().map(|turn| format!("{turn:?}")).collect();
            panic!("{why}\nafter\n{}\nonce {} cases held", turns.join("\n"), first.get().unwrap_or(&0));
        }
        Err(fault) => panic!("{fault}"),
    }
}

#[test]
fn portal_and_model_agree_whatever_happens_and_in_whichever_order() {
    agree(Rules { takes_two: false, all_reviewed: false });
}

#[test]
fn portal_and_model_agree_where_it_takes_two_dispatchers_of_different_stations() {
    agree(Rules { takes_two: true, all_reviewed: true });
}

/// So many interleavings; `PROPTEST_CASES` asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(6)
}
