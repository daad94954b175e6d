//! Before the emergency, what would fail in it: for a person, or for what watches over machines.

use std::process::ExitCode;

use clap::Args;
use halligan_backend::{aws::Authority, clock::Clock, services::Examined};
use halligan_shared::wire::{Check, Checks, Grade};

use super::{Options, house, serve::Serving};

/// Looks with the settings that the portal is served with.
#[derive(Args)]
pub(super) struct Doctor {
    /// Print JSON, for monitoring
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    serving: Serving,
}

impl Doctor {
    /// 0: all of it would work. 1: something would fail. 2: something is not known.
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<ExitCode> {
        let clock = Clock::system();
        let settings = self.serving.settings(options)?;
        let store = house::attach_store(options).await;
        // Keys that looking had made would be found to be all right.
        let (authority, embedded) = if house::has_authority(options) {
            match house::authority(options, &clock).await {
                Ok((found, embedded)) => (Ok(Authority::connect(found, clock.clone()).await), embedded),
                Err(error) => (Err(format!("{error:#}")), None),
            }
        } else {
            let folder = options.data.display();
            (Err(format!("no keys are named, and {folder} holds none: set the environment of the portal, or start it once")), None)
        };
        let examined = Examined {
            settings: &settings,
            authority: authority.as_ref().map_err(Clone::clone),
            store: store.as_ref().map_err(ToString::to_string),
            now: clock.now(),
        };
        let checks = examined.examine().await;
        if let Some(embedded) = embedded {
            embedded.shutdown().await;
        }
        if self.json {
            println!("{}", serde_json::to_string_pretty(&checks)?);
        } else {
            print(&checks);
        }
        Ok(ExitCode::from(match checks.grade() {
            Grade::Fine => 0,
            Grade::Fails => 1,
            Grade::Unknown => 2,
        }))
    }
}

fn print(checks: &Checks) {
    for Check { id, name, grade, found, advice } in &checks.checks {
        let word = match grade {
            Grade::Fine => "fine     ",
            Grade::Fails => "FAILS    ",
            Grade::Unknown => "not known",
        };
        println!("{word}  {name} ({id}): {found}");
        if !advice.is_empty() {
            println!("           {advice}");
        }
    }
    match (checks.ids(Grade::Fails).len(), checks.ids(Grade::Unknown).len()) {
        (0, 0) => println!("All of it would work."),
        (0, unknown) => println!("Nothing was found to fail. Not known: {unknown}."),
        (fails, unknown) => println!("Would fail: {fails}. Not known: {unknown}."),
    }
}
