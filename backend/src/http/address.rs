//! Where a call comes from: the other end of the connection, or what a trusted proxy says is behind it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::Next,
    response::Response,
};
use ipnet::IpNet;

use crate::services::Portal;

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

/// Finds out, for everything behind it.
pub(super) async fn know(State(portal): State<Portal>, mut request: Request, next: Next) -> Response {
    let connected = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let caller = connected.map_or(Caller::UNKNOWN, |ConnectInfo(address)| {
        Caller(behind(address.ip().to_canonical(), request.headers(), &portal.settings().proxies))
    });
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// Each proxy appends whom it was called by, so the list is read from its end, for as long as trusted proxies speak.
fn behind(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    // A line that cannot be read ends the list like anything else that is no address.
    let lines: Vec<&str> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or_default()).collect();
    let said = lines.iter().rev().flat_map(|line| line.rsplit(',')).map(|address| address.trim().parse::<IpAddr>());
    let mut nearest = peer;
    for address in said {
        match address {
            Ok(address) if is_trusted(&nearest) => nearest = address.to_canonical(),
            _ => break,
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(peer: &str, said: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(FORWARDED, line.parse().unwrap());
        }
        let proxies = ["192.0.2.0/28".parse().unwrap(), "2001:db8::1/128".parse().unwrap()];
        behind(peer.parse().unwrap(), &headers, &proxies).to_string()
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
        for said in ["", "unknown", "198.51.100.1:80", "198.51.100.1,"] {
            assert_eq!(caller("192.0.2.1", &[said]), "192.0.2.1", "{said}");
        }
    }
}
