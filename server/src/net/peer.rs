//! Whom a request comes from.

use std::net::IpAddr;

/// What lies between the sender of a request and this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Nothing that hides what is said.
    Plain,
    /// TLS, which ends here.
    Tls,
    /// A proxy that the settings trust, also to have spoken TLS with its client.
    Proxy,
}

/// The sender of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Its address; behind a trusted proxy the one that the proxy saw.
    pub address: IpAddr,
    /// How it comes here.
    pub link: Link,
}

/// What a visitor is known by: an IPv4 address, or an IPv6 network of 64 bits, of which one subscriber has all addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix(pub [u8; 8]);

impl From<IpAddr> for Prefix {
    fn from(address: IpAddr) -> Self {
        let mut prefix = [0; 8];
        match address.to_canonical() {
            IpAddr::V4(address) => prefix[..4].copy_from_slice(&address.octets()),
            IpAddr::V6(address) => prefix.copy_from_slice(&address.octets()[..8]),
        }
        Self(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_visitor_and_mapped_addresses_are_ipv4() {
        let of = |text: &str| Prefix::from(text.parse::<IpAddr>().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.7"), of("192.0.2.7"));
    }
}
