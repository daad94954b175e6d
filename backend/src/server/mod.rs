//! The door to the network: TLS or plain HTTP, who may connect, how many at once, and how slowly.
//!
//! Plain HTTP is spoken on loopback, or behind a proxy that the operator named; then nobody but that proxy is let in.

mod crowd;
mod rest;
mod tls;

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, extract::ConnectInfo, middleware::AddExtension};
use axum_server::{Handle, Server as Connections, accept::Accept, service::SendService, tls_rustls::RustlsAcceptor};
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
};

use self::crowd::Crowd;
pub use self::tls::{Certificate, TlsFault};

/// How long calls under way may take to finish at shutdown. Pages that listen for events reconnect by themselves.
const GRACE: Duration = Duration::from_secs(2);
/// How long a TLS handshake may take, and the first call behind it: far more than a weak line needs, and little to wait for
/// somebody who sends a byte now and then to keep a place occupied.
const FIRST: Duration = Duration::from_secs(10);
/// How long a connection rests between calls before it is closed, and an HTTP/1 call's headers may take: a page that is looked at
/// asks or listens more often, and another connection costs a phone one handshake.
pub const REST: Duration = Duration::from_mins(1);
/// How often the files of a certificate are looked at. Certificates are renewed days before they run out.
pub const LOOK: Duration = Duration::from_secs(5);
/// How often a resting HTTP/2 connection is asked whether somebody is still there, and how long it may take to answer.
const PING: Duration = Duration::from_secs(20);
/// Calls at once over one HTTP/2 connection: a page makes a handful, and listens to two streams at most.
const CALLS_MAX: u32 = 64;
/// Longest header block of a call, in bytes. The portal's own are below one kilobyte.
const HEADERS_MAX: u32 = 16 << 10;
/// Most header lines of an HTTP/1 call. Browsers behind two proxies send about thirty.
const HEADER_LINES_MAX: usize = 64;

/// Where to listen, and how.
#[derive(Debug, Clone)]
pub struct Listening {
    /// Address and port.
    pub address: SocketAddr,
    /// Speak TLS by this certificate.
    pub certificate: Option<Certificate>,
    /// Proxies that pass on calls of others.
    pub proxies: Vec<IpNet>,
    /// How long a connection may rest between calls: [`REST`], and less where somebody waits for the end of it.
    pub rest: Duration,
    /// How often the certificate's files are looked at: [`LOOK`], and more often where somebody waits for a new one.
    pub look: Duration,
}

/// Why nobody is listened to.
#[derive(Debug, thiserror::Error)]
pub enum ListenFault {
    /// Others could read along.
    #[error(
        "{0} can be reached from other machines, and this is plain HTTP: name a certificate with --tls-cert and --tls-key, name the \
         proxy that brings TLS with --trusted-proxy, or listen on 127.0.0.1"
    )]
    Plain(SocketAddr),
    /// The address is taken, not of this machine, or not for this user.
    #[error("cannot listen on {0}{hint}", hint = hint(.1))]
    Address(SocketAddr, #[source] io::Error),
    /// No TLS by this certificate.
    #[error(transparent)]
    Tls(#[from] TlsFault),
}

/// What to do about an address that cannot be listened on, where that is known.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; is the portal running already? Another port: --listen 127.0.0.1:8081 --origin http://localhost:8081"
        }
        io::ErrorKind::PermissionDenied => "; ports below 1024 are often root's alone, and one such as 8443 is not",
        _ => "",
    }
}

/// A server that listens and does not answer yet.
pub struct Server {
    listener: TcpListener,
    listening: Listening,
    tls: Option<tls::Tls>,
}

impl Server {
    /// Takes the address, and reads the certificate.
    pub async fn bind(listening: Listening) -> Result<Self, ListenFault> {
        let address = listening.address;
        let tls = match &listening.certificate {
            Some(certificate) => Some(tls::Tls::open(certificate.clone()).await?),
            None if address.ip().is_loopback() || !listening.proxies.is_empty() => None,
            None => return Err(ListenFault::Plain(address)),
        };
        let listener = TcpListener::bind(address).await.map_err(|error| ListenFault::Address(address, error))?;
        Ok(Self { listener, listening, tls })
    }

    /// The address, with the port that the system gave where none was asked for.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until `stop` is over, and then lets calls under way finish for two seconds.
    pub async fn serve(self, router: Router, stop: impl Future<Output = ()> + Send) -> io::Result<()> {
        let Self { listener, listening, tls } = self;
        let crowd = Crowd::new(&listening, tls.is_some());
        let mut connections = Connections::<SocketAddr>::from_listener(listener);
        connections.http_builder().http1().header_read_timeout(listening.rest);
        match tls {
            Some(tls) => {
                let acceptor = RustlsAcceptor::new(tls.config()).handshake_timeout(FIRST).acceptor(crowd);
                tokio::select! {
                    ended = answer(connections.acceptor(acceptor), router, stop) => ended,
                    never = tls.renew(listening.look) => match never {},
                }
            }
            None => answer(connections.acceptor(crowd), router, stop).await,
        }
    }
}

/// The router, told who is at the other end.
type Told = AddExtension<Router, ConnectInfo<SocketAddr>>;

async fn answer<A>(
    mut connections: Connections<SocketAddr, A>,
    router: Router,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()>
where
    A: Accept<TcpStream, Told, Stream: AsyncRead + AsyncWrite + Unpin + Send, Future: Send> + Clone + Send + Sync + 'static,
    A::Service: SendService<hyper::Request<hyper::body::Incoming>> + Send,
{
    let builder = connections.http_builder();
    builder.http1().max_buf_size(HEADERS_MAX as usize).max_headers(HEADER_LINES_MAX);
    builder
        .http2()
        .keep_alive_interval(PING)
        .keep_alive_timeout(PING)
        .max_concurrent_streams(CALLS_MAX)
        .max_header_list_size(HEADERS_MAX);
    let handle = Handle::new();
    let serving = connections
        .handle(handle.clone())
        .first_request_timeout(FIRST)
        .serve(router.into_make_service_with_connect_info::<SocketAddr>());
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        ended = &mut serving => return ended,
        () = stop => {}
    }
    // An open event stream never finishes by itself.
    handle.graceful_shutdown(Some(GRACE));
    serving.await
}
