//! The embedded authority in a process of its own, for several portals on one machine and for looking at a portal without it.

use std::{net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::Args;
use halligan_authority::Connection;
use halligan_backend::clock::Clock;
use zeroize::Zeroizing;

use super::{Options, house, private, serve};

/// Where the authority listens, and where it says so.
#[derive(Args, Clone)]
pub(super) struct Alone {
    /// Loopback address to listen on
    #[arg(long, default_value = "127.0.0.1:8079")]
    listen: SocketAddr,
    /// Where to write the settings by which portals find it; `authority.env` in the data folder without it
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

impl Alone {
    /// Serves until it is told to stop, and then takes the settings away.
    pub(super) async fn run(&self, options: &Options) -> anyhow::Result<()> {
        serve::settle();
        let stop = serve::stop_signal()?;
        private::folder(&options.data).with_context(|| format!("cannot use the folder {}", options.data.display()))?;
        let embedded = house::embedded(options, &Clock::system(), self.listen).await?;
        let file = self.settings.clone().unwrap_or_else(|| options.data.join("authority.env"));
        private::write(&file, &settings(&embedded.connection()))?;
        println!("Settings: {}", file.display());
        stop.await;
        embedded.shutdown().await;
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))
    }
}

/// The settings by which a portal finds the authority, one a line. The backend's own credentials are among them: they use no key
/// themselves, and they assume the roles that do. So they go into a file of the owner's, and not to where a terminal, a log of
/// services or a pipe keeps what is printed.
fn settings(connection: &Connection) -> Zeroizing<String> {
    let lines = [
        ("AWS_ENDPOINT_URL", connection.endpoint.as_str()),
        ("AWS_REGION", &connection.region),
        ("AWS_ACCESS_KEY_ID", &connection.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", &connection.secret_access_key),
        ("HALLIGAN_KEK", &connection.kek_arn),
        ("HALLIGAN_AGREEMENT_KEY", &connection.agreement_arn),
        ("HALLIGAN_DECRYPTER_ROLE", &connection.decrypter_role_arn),
        ("HALLIGAN_REGISTRAR_ROLE", &connection.registrar_role_arn),
        ("HALLIGAN_ROTATION_ROLE", &connection.rotation_role_arn),
    ];
    Zeroizing::new(lines.map(|(name, value)| format!("{name}={value}\n")).concat())
}
