//! Replacing the keys that records are under.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use halligan_backend::services::{Ended, Portal, Replaced, Rotated};
use halligan_shared::{id::RecordId, member::AgencyId};

use super::{
    Options,
    enrol::{self, OPERATOR},
    house::{self, House},
};

/// How often the operator is told how far it has come.
const EVERY: u64 = 100;

#[derive(Subcommand)]
pub(super) enum Rotate {
    /// Wrap share 1 of every record anew, inside KMS, under the key that --kek names. Interrupted, run it again: it goes on
    Kek,
    /// End the rotation that `rotate kek` did: each share is tried, and what they were before is dropped if all would open
    End,
    /// Put back what shares were before the rotation, because what came of it does not open
    Back,
    /// Say which records are still under a former agreement key; with a record and its source, seal that one anew
    Agreement {
        /// The record to seal anew, by its id
        #[arg(long, requires = "files")]
        record: Option<RecordId>,
        /// Its patient summary (FHIR R4 IPS, JSON), then its attachments (PDF, PNG, JPEG)
        #[arg(requires = "record")]
        files: Vec<PathBuf>,
    },
}

impl Rotate {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<()> {
        // A portal made just now has nothing to rotate, and would be told that all of it is done.
        if !house::has_database(options) {
            bail!("there is no portal in {}: set its environment, or name its folder with --data", options.data.display());
        }
        let house = House::open_unserved(options).await?;
        let done = match self {
            Self::End => end(&house.portal).await,
            Self::Back => back(&house.portal).await,
            Self::Kek => kek(&house.portal).await,
            Self::Agreement { record: None, .. } => say_what_is_left(&house.portal).await,
            Self::Agreement { record: Some(record), files } => seal_anew(&house.portal, record, &files).await,
        };
        house.close().await;
        done
    }
}

async fn kek(portal: &Portal) -> anyhow::Result<()> {
    let operator: AgencyId = OPERATOR.parse()?;
    if !portal.authority().can_rewrap() {
        bail!("name the role that wraps shares anew, Halligan-Rotation, with --rotation-role or HALLIGAN_ROTATION_ROLE");
    }
    let kek = portal.authority().kek().to_owned();
    let progress = |done: u64, everything: u64| {
        if done.is_multiple_of(EVERY) {
            println!("{done} of {everything}");
        }
    };
    let rotated = portal.rotate_kek(&operator, &kek, progress).await?;
    let Rotated { done, everything, failed, material_since, is_overtaken } = &rotated;
    let since = material_since.map_or("that the key was made with".to_owned(), |since| format!("of {since}"));
    println!("{done} of {everything} wrapped anew under {kek}, by the material {since}.");
    for (record, why) in failed {
        eprintln!("record {record}: {why}");
    }
    if *is_overtaken {
        bail!("KMS was given new material meanwhile: wait until it is made, then run the command again to wrap all under it");
    }
    if !rotated.is_whole() {
        bail!("not all are wrapped anew; those that are stay so. Run the command again to go on with the others");
    }
    println!(
        "What they were before is kept. Before a former key is disabled, end the rotation by `halligan rotate end`: it tries whether each \
         would open, and drops nothing where one would not; in that case put back what was before by `halligan rotate back`."
    );
    Ok(())
}

async fn end(portal: &Portal) -> anyhow::Result<()> {
    let Ended { dropped, failed } = portal.end_rotation(&OPERATOR.parse()?).await?;
    for (record, why) in &failed {
        eprintln!("record {record}: {why}");
    }
    if !failed.is_empty() {
        bail!(
            "nothing is dropped: these would not open as they are now. If the key service itself is all right (`halligan doctor`), put \
             back what was before by `halligan rotate back`"
        );
    }
    println!("The rotation is over; what {dropped} shares were before it is dropped.");
    Ok(())
}

async fn back(portal: &Portal) -> anyhow::Result<()> {
    let sealings = portal.take_rotation_back(&OPERATOR.parse()?).await?;
    println!("{sealings} shares are what they were before the rotation, and it is over. Run `halligan doctor`.");
    Ok(())
}

async fn say_what_is_left(portal: &Portal) -> anyhow::Result<()> {
    let Replaced { left, requests } = portal.under_former_agreement_keys().await?;
    for row in &left {
        println!("record {} version {} file number {:?}: {}", row.record, row.version, row.file_number, row.agreement_key);
    }
    println!("{} records are still under a former agreement key, and {requests} open requests need one.", left.len());
    if left.is_empty() && requests == 0 {
        println!("No former agreement key is needed any more: take it out of HALLIGAN_FORMER_KEYS, then disable it.");
    } else {
        println!(
            "Seal each of them anew from its source, on the registrar's page or by `halligan rotate agreement --record ID FILES`."
        );
    }
    Ok(())
}

async fn seal_anew(portal: &Portal, record: RecordId, files: &[PathBuf]) -> anyhow::Result<()> {
    let line = portal.records().await?.into_iter().find(|line| line.id == record);
    let line = line.with_context(|| format!("there is no record {record}"))?;
    let (summary, attachments) = enrol::read_all(files)?;
    enrol::seal_as(portal, Some(record), None, &summary, &attachments, &line.file_number, line.drill).await?;
    println!("Sealed anew as version {} of record {record}; its bracelet stays.", line.version + 1);
    Ok(())
}
