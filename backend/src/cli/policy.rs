//! Policies, looked at before they are in force.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use halligan_backend::policy::{CASES, FILES, Failed, Outcome, Policies, Written};

/// Which policies the portal judges by.
#[derive(Args, Clone)]
pub(super) struct PolicyOptions {
    /// Folder of the policies that say who may ask, decide and see; those that are built in without it
    #[arg(long, env = "HALLIGAN_POLICIES", value_name = "FOLDER")]
    policies: Option<PathBuf>,
}

#[derive(Subcommand)]
pub(super) enum Policy {
    /// Read the policies of a folder, say what they are, and hold its cases against them; ends with 0 only if all hold
    Check {
        /// The folder; those that are built in without it
        #[arg(env = "HALLIGAN_POLICIES")]
        folder: Option<PathBuf>,
    },
    /// Write the built-in policies, their schema and their cases into a folder, to start from
    Show {
        /// The folder; made where it is not there. Files that are there already are left alone
        folder: PathBuf,
    },
}

impl PolicyOptions {
    /// The policies, read and checked.
    pub(super) fn read(&self) -> anyhow::Result<Policies> {
        read(self.policies.as_deref())
    }
}

impl Policy {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check { folder } => check(folder.as_deref()),
            Self::Show { folder } => show(&folder).map(|()| ExitCode::SUCCESS),
        }
    }
}

fn read(folder: Option<&Path>) -> anyhow::Result<Policies> {
    match folder {
        Some(folder) => Policies::read(folder),
        None => Policies::built_in(),
    }
    .context("the policies do not load")
}

fn check(folder: Option<&Path>) -> anyhow::Result<ExitCode> {
    let policies = read(folder)?;
    for Written { id, file, line, terms, .. } in policies.written() {
        match terms {
            Some(terms) => println!("{id} ({file}, line {line}): opens{terms}"),
            None => println!("{id} ({file}, line {line})"),
        }
    }
    println!("{} policies, version {}.", policies.written().len(), policies.version());
    if let Some(lack) = policies.lack() {
        println!("MISSING {lack}.");
    }
    let Some(cases) = cases(folder)? else {
        println!("No cases: there is no {CASES} in the folder.");
        return Ok(ExitCode::SUCCESS);
    };
    let Outcome { cases, failed } = policies.hold(&cases).with_context(|| format!("{CASES} does not read"))?;
    for Failed { case, expected, came } in &failed {
        println!("FAILED  {case}\n        expected: {expected}\n        came:     {came}");
    }
    if failed.is_empty() {
        println!("All of {cases} cases hold.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} answers are not as the cases have them, of {cases} cases.", failed.len());
    Ok(ExitCode::FAILURE)
}

/// The text of the cases, if there are any.
fn cases(folder: Option<&Path>) -> anyhow::Result<Option<String>> {
    let Some(folder) = folder else {
        return Ok(FILES.iter().find(|(name, _)| *name == CASES).map(|(_, text)| (*text).to_owned()));
    };
    let file = folder.join(CASES);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

fn show(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    // All or none: half of what is built in would be other policies.
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        bail!("{} is there already: name an empty folder, and compare", folder.join(name).display());
    }
    for (name, text) in FILES {
        let file = folder.join(name);
        std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        println!("{}", file.display());
    }
    println!("Change them, look at them by `halligan policy check {}`, and serve by them with --policies.", folder.display());
    Ok(())
}
