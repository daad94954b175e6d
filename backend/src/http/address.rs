//! Where a call comes from: the other end of the connection, or what a trusted proxy says is behind it.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Once},
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

/// The header that proxies append the address they were called from to. No other one is looked at: a proxy that writes
/// one of two would pass on what a caller wrote into the other.
const FORWARDED: &str = "x-forwarded-for";

/// The address a call comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Caller(pub(super) IpAddr);

impl Caller {
    /// A call that comes over no connection shares its limits with all others of that kind.
    pub(super) const UNKNOWN: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

/// The proxies that are believed.
pub(super) struct Proxies {
    trusted: Vec<IpNet>,
    /// One of them named nobody, and that was said.
    silence: Once,
}

/// Where a call comes from, as it was found out.
pub(super) fn of(request: &Request) -> Caller {
    request.extensions().get().copied().unwrap_or(Caller::UNKNOWN)
}

/// Finds out, for everything behind it.
pub(super) async fn know(State(proxies): State<Arc<Proxies>>, mut request: Request, next: Next) -> Response {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let caller = connected
        .map_or(Caller::UNKNOWN, |ConnectInfo(address)| Caller(proxies.behind(address.ip().to_canonical(), request.headers())));
    request.extensions_mut().insert(caller);
    next.run(request).await
}

impl Proxies {
    pub(super) fn new(trusted: Vec<IpNet>) -> Self {
        Self { trusted, silence: Once::new() }
    }

    fn is_trusted(&self, address: &IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// Each proxy appends whom it was called by, so the list is read from its end, for as long as trusted proxies speak.
    ///
    /// A proxy that names nobody makes all who come through it one caller, who is soon told to wait: its operator is told, once,
    /// because it happens with every call or with none.
    fn behind(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        // A line that cannot be read ends the list like anything else that is no address: the caller may have written those before it.
        let lines: Vec<&str> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or_default()).collect();
        let mut nearest = peer;
        for said in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            match address_of(said.trim()) {
                Some(address) if self.is_trusted(&nearest) => nearest = address.to_canonical(),
                _ => break,
            }
        }
        if self.is_trusted(&nearest) {
            self.silence.call_once(|| {
                tracing::warn!(
                    proxy = %nearest,
                    "a trusted proxy names no caller in {FORWARDED}: everybody behind it is counted as one; is it set to append there?"
                );
            });
        }
        nearest
    }
}

/// An address as proxies write it: alone, or with the port that the call came from, and IPv6 in brackets or not.
fn address_of(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    let alone = text.parse().ok().or_else(|| bracketed().map(IpAddr::from));
    alone.or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::http::HeaderValue;

    use super::*;

    fn proxies() -> Proxies {
        Proxies::new(vec!["192.0.2.0/28".parse().unwrap(), "2001:db8::1/128".parse().unwrap()])
    }

    fn headers(said: &[&[u8]]) -> HeaderMap {
        said.iter().map(|line| (FORWARDED.parse().unwrap(), HeaderValue::from_bytes(line).unwrap())).collect()
    }

    fn caller(peer: &str, said: &[&str]) -> String {
        let said: Vec<_> = said.iter().map(|line| line.as_bytes()).collect();
        proxies().behind(peer.parse().unwrap(), &headers(&said)).to_string()
    }

    #[test]
    fn a_stranger_cannot_name_another_address() {
        assert_eq!(caller("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn a_proxy_is_believed_about_its_own_caller_alone() {
        assert_eq!(caller("192.0.2.1", &["198.51.100.1"]), "198.51.100.1");
        // The caller wrote the first two itself.
        assert_eq!(caller("192.0.2.1", &["10.0.0.1, 192.0.2.2, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(caller("192.0.2.1", &["10.0.0.1", "198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn proxies_may_stand_in_a_row() {
        assert_eq!(caller("192.0.2.1", &["198.51.100.1, 2001:db8::1"]), "198.51.100.1");
        assert_eq!(caller("2001:db8::1", &["::ffff:192.0.2.2"]), "192.0.2.2");
    }

    #[test]
    fn what_is_not_an_address_ends_the_list() {
        for said in ["", "unknown", "198.51.100.1:", "198.51.100.1:80:80", "[198.51.100.1]", "[2001:db8::2", "198.51.100.1,"] {
            assert_eq!(caller("192.0.2.1", &[said]), "192.0.2.1", "{said}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_ends_the_list() {
        let said = headers(&[b"198.51.100.1", b"198.51.100.2\xff"]);
        assert_eq!(proxies().behind([192, 0, 2, 1].into(), &said), IpAddr::from([192, 0, 2, 1]));
    }

    #[test]
    fn proxies_may_say_the_port_as_well() {
        for (said, address) in [
            ("198.51.100.1:40000", "198.51.100.1"),
            ("[2001:db8::2]:40000", "2001:db8::2"),
            ("[2001:db8::2]", "2001:db8::2"),
            ("[::ffff:198.51.100.1]:40000", "198.51.100.1"),
        ] {
            assert_eq!(caller("192.0.2.1", &[said]), address, "{said}");
        }
        assert_eq!(caller("192.0.2.1", &["198.51.100.1:1, 192.0.2.2:2"]), "198.51.100.1");
    }

    /// What is written into the log meanwhile.
    fn logged(what: impl FnOnce()) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        let log = tracing_subscriber::fmt().with_writer(Mutex::new(file.reopen().unwrap())).finish();
        tracing::subscriber::with_default(log, what);
        std::fs::read_to_string(file.path()).unwrap()
    }

    #[test]
    fn a_proxy_that_names_nobody_is_told_of_once() {
        let (proxies, nobody) = (proxies(), HeaderMap::new());
        let log = logged(|| {
            proxies.behind([192, 0, 2, 1].into(), &headers(&[b"198.51.100.1"]));
            proxies.behind([203, 0, 113, 9].into(), &nobody);
        });
        assert_eq!(log, "", "named, and no proxy");
        let log = logged(|| {
            proxies.behind([192, 0, 2, 1].into(), &nobody);
            proxies.behind([192, 0, 2, 1].into(), &nobody);
        });
        assert_eq!((log.lines().count(), log.contains("WARN"), log.contains("192.0.2.1")), (1, true, true), "{log}");
    }
}
