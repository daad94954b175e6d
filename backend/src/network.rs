//! Who counts as one caller, wherever callers are counted.

use std::net::{IpAddr, Ipv6Addr};

/// An address as it is counted: a household's whole network where it is IPv6, of which anybody has 2^64 addresses; IPv4 that comes
/// over IPv6 is IPv4.
pub(crate) fn of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}
