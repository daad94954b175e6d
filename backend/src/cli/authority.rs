//! The embedded authority in a process of its own, for several portals on one machine and for looking at a portal without it.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::Args;
use halligan_backend::clock::Clock;

use super::{Options, house, private, serve};

/// Where the authority listens.
#[derive(Args, Clone)]
pub(super) struct Alone {
    /// Loopback address to listen on
    #[arg(long, default_value = "127.0.0.1:8079")]
    listen: SocketAddr,
}

impl Alone {
    /// Serves until it is told to stop. Prints the settings by which a portal finds it, the backend's own credentials among
    /// them: they can use no key themselves.
    pub(super) async fn run(&self, options: &Options) -> anyhow::Result<()> {
        serve::settle();
        let stop = serve::stop_signal()?;
        private::folder(&options.data).with_context(|| format!("cannot use the folder {}", options.data.display()))?;
        let embedded = house::embedded(options, &Clock::system(), self.listen).await?;
        let connection = embedded.connection();
        for (name, value) in [
            ("AWS_ENDPOINT_URL", connection.endpoint.as_str()),
            ("AWS_REGION", &connection.region),
            ("AWS_ACCESS_KEY_ID", &connection.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &connection.secret_access_key),
            ("HALLIGAN_KEK", &connection.kek_arn),
            ("HALLIGAN_AGREEMENT_KEY", &connection.agreement_arn),
            ("HALLIGAN_DECRYPTER_ROLE", &connection.decrypter_role_arn),
            ("HALLIGAN_REGISTRAR_ROLE", &connection.registrar_role_arn),
        ] {
            println!("{name}={value}");
        }
        stop.await;
        embedded.shutdown().await;
        Ok(())
    }
}
