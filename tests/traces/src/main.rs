//! Looks for given bytes, in every form they may have taken, in the memory of processes, in files and in folders.
//!
//! What is looked for comes as JSON on standard input and never as an argument, which other processes can read:
//!
//!     {"needles": [{"name": "share 1", "bytes": "<base64>"}], "processes": [1234], "files": [], "folders": []}
//!
//! With `"unpacked": true` nothing is inflated on the way, which takes a tenth of the time.
//!
//! Answers with JSON lines on standard output: a line for each needle, form, place and mapping in which it was found, then one for
//! each place with what was read of it and what could not be, so that "found nothing" can be told from "saw nothing".

mod deflated;
mod form;
mod place;
mod process;
mod search;

use std::io::{Write as _, stdin, stdout};

use anyhow::Context as _;
use serde::Deserialize;

use crate::{form::Needle, place::Reader, search::Search};

/// What to look for, and where.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    needles: Vec<Needle>,
    #[serde(default)]
    processes: Vec<u32>,
    #[serde(default)]
    files: Vec<std::path::PathBuf>,
    #[serde(default)]
    folders: Vec<std::path::PathBuf>,
    /// Whether compressed bytes are passed over.
    #[serde(default)]
    unpacked: bool,
}

fn main() -> anyhow::Result<()> {
    let order: Order = serde_json::from_reader(stdin().lock()).context("the order is not JSON of the expected form")?;
    let search = Search::new(&order.needles, order.unpacked)?;
    let mut reader = Reader::new(&search);
    for process in order.processes {
        reader.process(process);
    }
    for file in &order.files {
        reader.file(file);
    }
    for folder in &order.folders {
        reader.folder(folder);
    }
    let mut out = stdout().lock();
    for line in reader.finish() {
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
