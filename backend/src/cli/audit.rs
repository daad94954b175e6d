//! Looking at the evidence without a portal running.

use anyhow::bail;
use clap::Subcommand;
use halligan_backend::services::ChainState;

use super::{Options, house};

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Walk the chain from the first event to the last and name the first broken link
    Verify,
}

impl Audit {
    pub(super) async fn run(self, options: &Options) -> anyhow::Result<()> {
        let Self::Verify = self;
        if !options.data.join(house::DATABASE).exists() {
            bail!("there is no database in {}; name the portal's folder with --data", options.data.display());
        }
        match ChainState::of(&house::open_store(options).await?).await? {
            ChainState::Holds { events, digest } => println!("The chain holds: {events} events, the last with digest {digest}."),
            ChainState::Broken(broken) => bail!("{broken}"),
        }
        Ok(())
    }
}
