//! Serving: listens, does its chores once a second, stops cleanly.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use clap::Args;
use halligan_backend::{
    cad::CadKey,
    config::{Rates, Settings},
    http, log,
    outside::Outside,
    server::{Certificate, LOOK, Listening, REST, Server},
    services::Portal,
    store::Channel,
};
use ipnet::IpNet;
use tokio::task::JoinHandle;

use super::{
    Options,
    house::{self, Callers, House},
    limits::LimitOptions,
    memory,
    outside::OutsideOptions,
    policy::PolicyOptions,
    private,
};

/// Where to listen and how, and for how long things last.
#[derive(Args, Clone)]
pub(super) struct Serving {
    /// Address to listen on
    #[arg(long, env = "HALLIGAN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Certificate chain for TLS, PEM; read anew when it changes
    #[arg(long, env = "HALLIGAN_TLS_CERT", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, env = "HALLIGAN_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Address or network of a proxy that brings TLS and names the caller in X-Forwarded-For
    #[arg(long, env = "HALLIGAN_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// How many times more often than is usual for one person, or one station behind one address, calls may come
    #[arg(long, env = "HALLIGAN_RATE_FACTOR", value_name = "TIMES", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rate_factor: u32,
    /// File with the key by which computer-aided dispatch signs the incidents that it tells; none are taken without it
    #[arg(long, env = "HALLIGAN_CAD_KEY", value_name = "FILE")]
    cad_key: Option<PathBuf>,
    /// How many in a hundred of the records that are opened without anything out of the ordinary are reviewed afterwards; drills are not
    #[arg(long, env = "HALLIGAN_REVIEW_SAMPLE", value_name = "PERCENT", default_value_t = 5, value_parser = clap::value_parser!(u8).range(0..=100))]
    review_sample: u8,
    #[command(flatten)]
    outside: OutsideOptions,
    #[command(flatten)]
    policies: PolicyOptions,
    #[command(flatten)]
    limits: LimitOptions,
}

impl Serving {
    /// Opens the portal as it is to be served.
    pub(super) async fn house(&self, options: &Options) -> anyhow::Result<House> {
        let callers = self.callers(self.outside.read(options)?)?;
        House::open(options, self.limits.checked()?, callers, self.policies.read()?).await
    }

    /// The port to listen on.
    pub(super) fn port(&self) -> u16 {
        self.listen.port()
    }

    /// What the portal is told that is served so. Nothing is made.
    pub(super) fn settings(&self, options: &Options) -> anyhow::Result<Settings> {
        Ok(house::settings(options, self.limits.checked()?, self.callers(self.outside.look(options)?)?, self.policies.read()?))
    }

    fn callers(&self, outside: Outside) -> anyhow::Result<Callers> {
        Ok(Callers {
            rates: Rates::default().times(self.rate_factor),
            proxies: self.trusted_proxy.clone(),
            certificate: self.certificate(),
            cad: self.cad_key.as_deref().map(cad_key).transpose()?,
            review_sample: self.review_sample,
            outside,
        })
    }

    fn certificate(&self) -> Option<Certificate> {
        self.tls_cert.clone().zip(self.tls_key.clone()).map(|(chain, key)| Certificate { chain, key })
    }

    fn listening(&self) -> Listening {
        Listening {
            address: self.listen,
            certificate: self.certificate(),
            proxies: self.trusted_proxy.clone(),
            rest: REST,
            look: LOOK,
        }
    }
}

fn cad_key(file: &Path) -> anyhow::Result<Arc<CadKey>> {
    let key = CadKey::from_hex(&private::read(file)?).with_context(|| format!("{} holds no key", file.display()))?;
    Ok(Arc::new(key))
}

/// `192.0.2.1` or `192.0.2.0/24`.
fn network(text: &str) -> Result<IpNet, String> {
    let address = text.parse::<std::net::IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).map_err(|_| "give an address such as 192.0.2.1, or a network such as 192.0.2.0/24".to_owned())
}

pub(super) async fn run(options: &Options, serving: &Serving) -> anyhow::Result<()> {
    settle();
    // First: where the place is taken, nothing is made.
    let server = bind(serving).await?;
    let house = serving.house(options).await?;
    house.portal.put_policies_in_force().await?;
    println!("Portal: {}", house.portal.settings().origin_text());
    serve(house, server).await
}

pub(super) async fn bind(serving: &Serving) -> anyhow::Result<Server> {
    Ok(Server::bind(serving.listening()).await?)
}

pub(super) async fn serve(house: House, server: Server) -> anyhow::Result<()> {
    // Apart from each other: what the authority is asked and told takes as long as the authority does.
    let chores = [
        tokio::spawn(each_second(house.portal.clone(), sweep)),
        tokio::spawn(each_second(house.portal.clone(), look)),
        tokio::spawn(each_second(house.portal.clone(), tend)),
        // Apart as well: a webhook that hangs keeps no device waiting.
        tokio::spawn(each_second(house.portal.clone(), |portal| deliver(portal, Channel::Push))),
        tokio::spawn(each_second(house.portal.clone(), |portal| deliver(portal, Channel::Webhook))),
    ];
    let stop = stop_signal()?;
    let ended = server.serve(http::router(&house.portal), stop).await;
    chores.iter().for_each(JoinHandle::abort);
    house.close().await;
    Ok(ended?)
}

/// What every process that stays needs: logs to standard error (`RUST_LOG` chooses, `info` of our own crates otherwise), memory
/// that is its own, and files enough.
pub(super) fn settle() {
    use tracing_subscriber::{EnvFilter, util::SubscriberInitExt as _};
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(log::USUAL));
    log::subscriber(filter, std::io::stderr).init();
    memory::close();
    memory::raise_file_limit();
}

async fn each_second<F: Future<Output = ()>>(portal: Portal, chore: impl Fn(Portal) -> F) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        chore(portal.clone()).await;
    }
}

async fn sweep(portal: Portal) {
    if let Err(error) = portal.sweep().await {
        tracing::error!(%error, "what ran out could not be written down; the next try is in a second");
    }
}

async fn look(portal: Portal) {
    portal.look_at_authority().await;
}

async fn tend(portal: Portal) {
    if let Err(error) = portal.tend_deny().await {
        tracing::error!(%error, "what the key service was told about a lockdown could not be written down");
    }
}

async fn deliver(portal: Portal, channel: Channel) {
    if let Err(error) = portal.deliver(channel).await {
        tracing::error!(%error, channel = channel.word(), "what is to be told could not be sent; the next try is in a second");
    }
}

/// Waits for the operator's word to stop; listens for it from the call on.
pub(super) fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        println!("Stopping.");
    })
}
