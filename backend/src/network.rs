//! Who counts as one caller, wherever callers are counted.
//!
//! Of IPv6 every subscriber has networks by the thousand: providers hand out /56 and /48 (RFC 6177; RIPE-690, section 4.2). So a caller counts
//! by the /64 they are in, which is one link of a household or a station, and within wider bounds by the /48 around it. A wider one is not
//! counted: behind each are many subscribers.

use std::net::{IpAddr, Ipv6Addr};

/// An address as it is counted: one link where it is IPv6, on which anybody has 2^64 addresses; IPv4 that comes over IPv6 is IPv4.
pub(crate) fn of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => first_bits(address, 64).into(),
    }
}

/// The site that an IPv6 address is of, which may be one subscriber's whole network. IPv4 has none.
pub(crate) fn site_of(address: IpAddr) -> Option<Ipv6Addr> {
    match address.to_canonical() {
        IpAddr::V4(_) => None,
        IpAddr::V6(address) => Some(first_bits(address, 48)),
    }
}

fn first_bits(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & !(u128::MAX >> bits))
}
