//! Who is connected: nobody takes all places, and behind a proxy nobody but the proxy comes in.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use axum_server::accept::Accept;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::Listening;

/// Most connections at once. A browser holds one over HTTP/2 and up to six over HTTP/1.
const ALL_MAX: usize = 4_096;
/// Most connections of one address at once: a station whose members share an address has room for dozens of them.
const EACH_MAX: usize = 256;

/// Lets in, and counts.
#[derive(Clone)]
pub(super) struct Crowd {
    proxies: Arc<[IpNet]>,
    /// Whether somebody else than a proxy, from another machine, may connect.
    is_open: bool,
    count: Arc<Count>,
}

#[derive(Default)]
struct Count(Mutex<HashMap<IpAddr, usize>>);

impl Crowd {
    /// Nobody yet.
    pub(super) fn new(listening: &Listening, is_tls: bool) -> Self {
        Self { proxies: listening.proxies.clone().into(), is_open: is_tls, count: Arc::default() }
    }

    fn enter(&self, address: SocketAddr) -> io::Result<Place> {
        // IPv4 that comes over IPv6 is IPv4.
        let address = address.ip().to_canonical();
        let is_proxy = self.proxies.iter().any(|network| network.contains(&address));
        if !is_proxy && !self.is_open && !address.is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "neither this machine nor a trusted proxy"));
        }
        self.count.enter(address, if is_proxy { ALL_MAX } else { EACH_MAX })
    }

    fn admit(&self, stream: TcpStream) -> io::Result<Visitor> {
        let place = self.enter(stream.peer_addr()?)?;
        // Events are small, and each of them is waited for.
        stream.set_nodelay(true)?;
        Ok(Visitor { stream, _place: place })
    }
}

impl<S> Accept<TcpStream, S> for Crowd {
    type Stream = Visitor;
    type Service = S;
    type Future = Ready<io::Result<(Visitor, S)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream).map(|visitor| (visitor, service)))
    }
}

impl Count {
    fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> io::Result<Place> {
        let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = here.values().sum();
        let own = here.entry(address).or_default();
        if all >= ALL_MAX || *own >= most {
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections"));
        }
        *own += 1;
        Ok(Place { address, count: Arc::clone(self) })
    }
}

/// A place in the crowd, free again when dropped.
struct Place {
    address: IpAddr,
    count: Arc<Count>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.count.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = here.get_mut(&self.address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                here.remove(&self.address);
            }
        }
    }
}

/// A connection, with its place.
pub(super) struct Visitor {
    stream: TcpStream,
    _place: Place,
}

impl AsyncRead for Visitor {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Visitor {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_proxy_nobody_else_comes_in_and_with_tls_anybody_does() {
        let listening =
            Listening { address: ([0, 0, 0, 0], 0).into(), certificate: None, proxies: vec!["192.0.2.0/31".parse().unwrap()] };
        let (plain, tls) = (Crowd::new(&listening, false), Crowd::new(&listening, true));
        for (address, may_enter) in [("192.0.2.1", true), ("127.0.0.1", true), ("::ffff:192.0.2.0", true), ("192.0.2.2", false)] {
            let address = SocketAddr::new(address.parse().unwrap(), 40_000);
            assert_eq!(plain.enter(address).is_ok(), may_enter, "{address}");
            assert!(tls.enter(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn one_address_leaves_places_for_others() {
        let count = Arc::new(Count::default());
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut places: Vec<_> = (0..EACH_MAX).map(|_| count.enter(one, EACH_MAX).unwrap()).collect();
        assert!(count.enter(one, EACH_MAX).is_err());
        assert!(count.enter(other, EACH_MAX).is_ok());
        places.pop();
        assert!(count.enter(one, EACH_MAX).is_ok());
        places.clear();
        assert!(count.0.lock().unwrap().is_empty());
    }

    #[test]
    fn there_is_an_end_to_all_places() {
        let count = Arc::new(Count::default());
        let proxy = IpAddr::from([192, 0, 2, 1]);
        let _places: Vec<_> = (0..ALL_MAX).map(|_| count.enter(proxy, ALL_MAX).unwrap()).collect();
        assert!(count.enter([192, 0, 2, 2].into(), EACH_MAX).is_err());
    }
}
