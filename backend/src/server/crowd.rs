//! Who is connected: nobody takes all places, and behind a proxy nobody but the proxy comes in.

use std::{
    collections::HashMap,
    future::{Ready, ready},
    hash::Hash,
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use ipnet::IpNet;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::{Listening, rest::Resting};
use crate::network;

/// Most connections at once. A browser holds one over HTTP/2 and up to six over HTTP/1.
const ALL_MAX: usize = 4_096;
/// Most connections of one network at once: a station whose members share an address has room for dozens of them.
const EACH_MAX: usize = 256;
/// Most connections of one IPv6 site at once, a quarter of all, once [`CROWDED`] are here: one subscriber has networks enough to take every
/// place otherwise. Not before: a mobile network may have all its subscribers in one.
const SITE_MAX: usize = ALL_MAX / 4;
/// From how many connections on places are kept for those of other sites.
const CROWDED: usize = ALL_MAX / 2;

/// Lets in, and counts.
#[derive(Clone)]
pub(super) struct Crowd {
    proxies: Arc<[IpNet]>,
    /// Whether somebody else than a proxy, from another machine, may connect.
    is_open: bool,
    rest: Duration,
    count: Arc<Count>,
}

/// Who is here.
#[derive(Default)]
struct Count(Mutex<Here>);

#[derive(Default)]
struct Here {
    all: usize,
    /// By network; nobody has an entry who has no connection. Proxies have none: they bring everybody.
    each: HashMap<IpAddr, usize>,
    /// The same by IPv6 site.
    sites: HashMap<Ipv6Addr, usize>,
}

impl Crowd {
    /// Nobody yet.
    pub(super) fn new(listening: &Listening, is_tls: bool) -> Self {
        Self { proxies: listening.proxies.clone().into(), is_open: is_tls, rest: listening.rest, count: Arc::default() }
    }

    fn enter(&self, address: SocketAddr) -> io::Result<Place> {
        // IPv4 that comes over IPv6 is IPv4.
        let address = address.ip().to_canonical();
        let is_proxy = self.proxies.iter().any(|network| network.contains(&address));
        if !is_proxy && !self.is_open && !address.is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "neither this machine nor a trusted proxy"));
        }
        self.count.enter((!is_proxy).then(|| (network::of(address), network::site_of(address))))
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
    type Service = Resting<S>;
    type Future = Ready<io::Result<(Visitor, Resting<S>)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        ready(self.admit(stream).map(|visitor| (visitor, Resting::new(service, self.rest))))
    }
}

impl Count {
    /// A place for a connection of this network and site, or of a proxy. Whoever is refused leaves no trace.
    fn enter(self: &Arc<Self>, from: Option<(IpAddr, Option<Ipv6Addr>)>) -> io::Result<Place> {
        let (network, site) = (from.map(|(network, _)| network), from.and_then(|(_, site)| site));
        let mut here = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = network.and_then(|network| here.each.get(&network)).copied().unwrap_or_default();
        let of_site = site.and_then(|site| here.sites.get(&site)).copied().unwrap_or_default();
        if here.all >= ALL_MAX || own >= EACH_MAX || (here.all >= CROWDED && of_site >= SITE_MAX) {
            return Err(io::Error::new(io::ErrorKind::ConnectionRefused, "too many connections"));
        }
        here.all += 1;
        if let Some(network) = network {
            here.each.insert(network, own + 1);
        }
        if let Some(site) = site {
            here.sites.insert(site, of_site + 1);
        }
        Ok(Place { network, site, count: Arc::clone(self) })
    }
}

/// A place in the crowd, free again when dropped.
struct Place {
    network: Option<IpAddr>,
    site: Option<Ipv6Addr>,
    count: Arc<Count>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut here = self.count.0.lock().unwrap_or_else(PoisonError::into_inner);
        here.all = here.all.saturating_sub(1);
        leave(&mut here.each, self.network);
        leave(&mut here.sites, self.site);
    }
}

fn leave<K: Eq + Hash>(counts: &mut HashMap<K, usize>, from: Option<K>) {
    let Some(from) = from else { return };
    match counts.get_mut(&from) {
        Some(own) if *own > 1 => *own -= 1,
        _ => {
            counts.remove(&from);
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

    fn listening() -> Listening {
        let proxies = vec!["198.51.100.0/31".parse().unwrap()];
        Listening { address: ([0, 0, 0, 0], 0).into(), certificate: None, proxies, rest: Duration::ZERO, look: Duration::ZERO }
    }

    fn from(address: &str) -> SocketAddr {
        SocketAddr::new(address.parse().unwrap(), 40_000)
    }

    #[test]
    fn behind_a_proxy_nobody_else_comes_in_and_with_tls_anybody_does() {
        let (plain, tls) = (Crowd::new(&listening(), false), Crowd::new(&listening(), true));
        for (address, may_enter) in
            [("198.51.100.1", true), ("127.0.0.1", true), ("::ffff:198.51.100.0", true), ("198.51.100.2", false)]
        {
            assert_eq!(plain.enter(from(address)).is_ok(), may_enter, "{address}");
            assert!(tls.enter(from(address)).is_ok(), "{address}");
        }
    }

    #[test]
    fn one_network_leaves_places_for_others() {
        for (one, same, other) in
            [("192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2:0:0:1", "2001:db8:0:1::1")]
        {
            let crowd = Crowd::new(&listening(), true);
            let mut places: Vec<_> = (0..EACH_MAX).map(|_| crowd.enter(from(one)).unwrap()).collect();
            assert!(crowd.enter(from(same)).is_err());
            assert!(crowd.enter(from(other)).is_ok());
            places.pop();
            assert!(crowd.enter(from(same)).is_ok());
            places.clear();
            let here = crowd.count.0.lock().unwrap();
            assert_eq!((here.all, here.each.len(), here.sites.len()), (0, 0, 0));
        }
    }

    #[test]
    fn one_ipv6_site_leaves_places_for_others_however_many_networks_it_has() {
        let crowd = Crowd::new(&listening(), true);
        // A /48 has 65,536 of them.
        let network = |number: usize| from(&format!("2001:db8:7:{number:x}::1"));
        let mut places: Vec<_> = (0..CROWDED).map(|number| crowd.enter(network(number)).unwrap()).collect();
        assert!(crowd.enter(network(CROWDED)).is_err() && crowd.enter(network(0)).is_err());
        // Whoever comes from elsewhere finds room, and a site that has little of it too.
        let of_another = |number: usize| from(&format!("2001:db8:8:{number:x}::1"));
        places.extend((0..SITE_MAX).map(|number| crowd.enter(of_another(number)).unwrap()));
        assert!(crowd.enter(of_another(SITE_MAX)).is_err() && crowd.enter(from("192.0.2.1")).is_ok());
        places.truncate(CROWDED - 1);
        assert!(crowd.enter(network(CROWDED)).is_ok(), "while there is room for everybody");
        places.clear();
        let here = crowd.count.0.lock().unwrap();
        assert_eq!((here.all, here.each.len(), here.sites.len()), (0, 0, 0));
    }

    #[test]
    fn there_is_an_end_to_all_places_and_who_gets_none_leaves_no_trace() {
        let crowd = Crowd::new(&listening(), true);
        let places: Vec<_> = (0..ALL_MAX).map(|_| crowd.enter(from("198.51.100.1")).unwrap()).collect();
        for stranger in ["192.0.2.2", "2001:db8::1"] {
            assert!(crowd.enter(from(stranger)).is_err());
        }
        {
            let here = crowd.count.0.lock().unwrap();
            assert!(here.each.is_empty() && here.sites.is_empty());
        }
        drop(places);
        assert!(crowd.enter(from("192.0.2.2")).is_ok());
    }

    #[test]
    fn a_proxy_takes_no_place_of_its_neighbours() {
        let proxies = vec!["2001:db8::1/128".parse().unwrap()];
        let crowd = Crowd::new(&Listening { proxies, ..listening() }, true);
        let _places: Vec<_> = (0..=EACH_MAX).map(|_| crowd.enter(from("2001:db8::1")).unwrap()).collect();
        assert!(crowd.enter(from("2001:db8::2")).is_ok());
    }
}
