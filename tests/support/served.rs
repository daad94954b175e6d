//! The portal behind its door to the network, for tests of what only a connection shows.

use std::{net::SocketAddr, time::Duration};

use halligan_backend::server::{Certificate, LOOK, Listening, REST, Server};
use tokio::{sync::oneshot, task::JoinHandle};

use super::TestPortal;

/// Longest wait for what is sure to come, on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that answers on a port of its own until it is dropped.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub(crate) async fn start(portal: &TestPortal, listening: Listening) -> Self {
        let server = Server::bind(listening).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        let router = portal.router.clone();
        let serving = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            server.serve(router, stopped).await
        });
        Self { address, stop: Some(stop), serving }
    }

    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.serving).await.unwrap().unwrap().unwrap();
    }
}

/// Listening on a free port of loopback.
pub(crate) fn here(certificate: Option<Certificate>) -> Listening {
    Listening { address: ([127, 0, 0, 1], 0).into(), certificate, proxies: Vec::new(), rest: REST, look: LOOK }
}
