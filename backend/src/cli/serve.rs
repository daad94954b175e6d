//! Serving: listens, sweeps once a second, stops cleanly.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use halligan_backend::{http, services::Portal};
use tokio::net::TcpListener;

use super::{Options, house::House, limits::LimitOptions};

/// How long calls under way may take to finish at shutdown. Pages that listen for events reconnect by themselves.
const GRACE: Duration = Duration::from_secs(2);

/// Where to listen, and for how long things last.
#[derive(Args, Clone)]
pub(super) struct Serving {
    /// Address to listen on
    #[arg(long, env = "HALLIGAN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    #[command(flatten)]
    pub(super) limits: LimitOptions,
}

pub(super) async fn run(options: &Options, serving: &Serving) -> anyhow::Result<()> {
    log();
    let house = House::open(options, serving.limits.checked()?).await?;
    let listener = bind(serving).await?;
    println!("Portal: {}", house.portal.settings().origin_text());
    serve(house, listener).await
}

pub(super) async fn bind(serving: &Serving) -> anyhow::Result<TcpListener> {
    let address = serving.listen;
    // Without TLS of its own the portal trusts this machine only; a proxy in front of it brings TLS.
    if !address.ip().is_loopback() {
        bail!(
            "{address} can be reached from other machines, and this is plain HTTP: listen on 127.0.0.1 and put a TLS proxy in front"
        );
    }
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}; is the portal running already?"))
}

pub(super) async fn serve(house: House, listener: TcpListener) -> anyhow::Result<()> {
    let sweeper = tokio::spawn(sweep(house.portal.clone()));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let router = http::router(&house.portal);
    let mut server = tokio::spawn(async move {
        axum::serve(listener, router)
            .with_graceful_shutdown(async {
                let _ = stopped.await;
            })
            .await
    });
    tokio::select! {
        ended = &mut server => ended??,
        signal = stop_signal() => {
            signal?;
            println!("Stopping.");
            let _ = stop.send(());
            // An open event stream never finishes by itself.
            let _ = tokio::time::timeout(GRACE, &mut server).await;
        }
    }
    sweeper.abort();
    house.close().await;
    Ok(())
}

/// Logs to standard error: `RUST_LOG` chooses, `info` of our own crates otherwise.
pub(super) fn log() {
    use tracing_subscriber::{EnvFilter, fmt};
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,halligan_backend=info,halligan_authority=warn"));
    fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

async fn sweep(portal: Portal) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = portal.sweep().await {
            tracing::error!(%error, "what ran out could not be written down; the next try is in a second");
        }
    }
}

async fn stop_signal() -> std::io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupt = tokio::signal::ctrl_c() => interrupt,
        _ = terminate.recv() => Ok(()),
    }
}
