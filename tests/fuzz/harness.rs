//! How a target is run: as a test of a few seconds, or, built by `scripts/fuzz`, as a process of libFuzzer that never ends by
//! itself.

use std::{fs, path::Path, time::Duration};

use bolero::{ValueGenerator as _, generator::produce};

use crate::change::{Edit, changed};

/// Random bytes that a test run tries. Few get past the first bracket of anything.
const RANDOM: usize = 200;
/// Changed inputs of the corpus that a test run tries at most, and how long it takes for them: the slowest targets make
/// some hundred.
const CHANGED: usize = 3_000;
const CHANGING: Duration = Duration::from_secs(2);

/// Makes a test of each target of a list.
macro_rules! targets {
    ($($name:ident: $function:path;)*) => {$(
        #[test]
        fn $name() {
            $crate::harness::run(stringify!($name), $function);
        }
    )*};
}
pub(crate) use targets;

/// Runs a target. Under libFuzzer the first line does not return.
pub(crate) fn run(name: &str, target: fn(&[u8])) {
    bolero::check!(name = name).with_test_time(Duration::MAX).with_iterations(RANDOM).for_each(|bytes: &[u8]| target(bytes));

    for seed in seeds(name) {
        target(&seed);
    }
    let corpus = corpus(name);
    assert!(!corpus.is_empty(), "{name} has no input to begin with");
    let edits = produce::<Vec<Edit>>().with().len(1_usize..=6);
    // Under another name, so that the files of the corpus are not taken for recipes of changes.
    bolero::check!(name = format!("{name} changed"))
        .with_test_time(CHANGING)
        .with_iterations(CHANGED)
        .with_generator((produce::<usize>(), edits).map_gen(|(from, edits)| changed(&corpus, from, &edits)))
        .for_each(|bytes: &Vec<u8>| target(bytes));
}

/// The inputs that are kept for a target.
pub(crate) fn corpus(name: &str) -> Vec<Vec<u8>> {
    inputs(name, &["seeds", "corpus", "crashes"])
}

/// Those that somebody wrote: nothing that is found takes their place.
pub(crate) fn seeds(name: &str) -> Vec<Vec<u8>> {
    inputs(name, &["seeds"])
}

fn inputs(name: &str, kinds: &[&str]) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/__fuzz__").join(name);
    let files = kinds.iter().flat_map(|kind| fs::read_dir(folder.join(kind)).into_iter().flatten());
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}
