//! Proxies in front of the server, and what they say about their clients.
//!
//! Every hop adds at the right whom it was called by. Read from there, the list can be believed for as long as the hop that
//! wrote an entry is trusted, and not one entry further: what stands to the left, a client may have written. So the client is
//! the rightmost address that is no trusted proxy.

use super::peer::{Link, Peer};
use crate::config::{Network, ProxyHeader};
use hyper::HeaderMap;
use hyper::header::{FORWARDED, HeaderName};
use std::net::{IpAddr, SocketAddr};

/// The proxies that are trusted.
#[derive(Debug)]
pub struct Proxies {
    networks: Vec<Network>,
    header: ProxyHeader,
}

impl Proxies {
    /// These networks, and where they write.
    #[must_use]
    pub fn new(networks: Vec<Network>, header: ProxyHeader) -> Self {
        Self { networks, header }
    }

    /// Nobody.
    #[must_use]
    pub fn none() -> Self {
        Self::new(Vec::new(), ProxyHeader::default())
    }

    /// Whether an address is a trusted proxy's.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(address))
    }

    /// Who sent a request with these headers over a connection from `hop`.
    #[must_use]
    pub fn sender(&self, hop: Peer, headers: &HeaderMap) -> Peer {
        if !self.trusts(hop.address) {
            return hop;
        }
        let mut address = hop.address;
        for entry in entries(headers, &self.name()) {
            // An entry that names nobody ends what is known: whoever passed it on has to answer for it.
            let Some(named) = self.named(entry) else { break };
            address = named;
            if !self.trusts(named) {
                break;
            }
        }
        Peer { address, link: Link::Proxy }
    }

    fn name(&self) -> HeaderName {
        match self.header {
            ProxyHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            ProxyHeader::Forwarded => FORWARDED,
        }
    }

    fn named(&self, entry: &str) -> Option<IpAddr> {
        match self.header {
            ProxyHeader::XForwardedFor => node(entry),
            ProxyHeader::Forwarded => entry.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then(|| node(value.trim_matches('"')))?
            }),
        }
    }
}

/// The entries of all lines of a header, from the right. Quotes are not looked at: an opening one that a client sent must not
/// hide what a proxy wrote behind it.
fn entries<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    lines.into_iter().rev().flat_map(|line| line.to_str().unwrap_or_default().rsplit(',').map(str::trim))
}

/// An address, with or without port and brackets (RFC 7239, section 6).
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|node| node.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn sender(header: ProxyHeader, hop: &str, lines: &[(&str, &str)]) -> (String, Link) {
        let networks = ["10.0.0.0/8", "2001:db8:1::/48"].map(|text| text.parse().expect("a network"));
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let name: HeaderName = name.parse().expect("a name");
            headers.append(name, value.parse().expect("a value"));
        }
        let hop = Peer { address: hop.parse().expect("an address"), link: Link::Plain };
        let sender = Proxies::new(networks.to_vec(), header).sender(hop, &headers);
        (sender.address.to_string(), sender.link)
    }

    fn by_list(list: &str) -> String {
        sender(ProxyHeader::XForwardedFor, PROXY, &[("x-forwarded-for", list)]).0
    }

    fn by_rfc(list: &str) -> String {
        sender(ProxyHeader::Forwarded, PROXY, &[("forwarded", list)]).0
    }

    #[test]
    fn the_client_is_the_rightmost_address_that_is_no_trusted_proxy() {
        assert_eq!(by_list("192.0.2.7"), "192.0.2.7");
        assert_eq!(by_list("198.51.100.1, 192.0.2.7"), "192.0.2.7", "the left was written by the client");
        assert_eq!(by_list("198.51.100.1, 192.0.2.7, 10.9.9.9"), "192.0.2.7");
        assert_eq!(by_list("10.0.0.7,10.0.0.8"), "10.0.0.7", "a client inside");
        assert_eq!(by_list("192.0.2.7:4711"), "192.0.2.7");
        assert_eq!(by_list("[2001:db8::7]:4711, 2001:db8:1::1"), "2001:db8::7");
        assert_eq!(by_list("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(by_rfc("for=198.51.100.1, for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
        assert_eq!(by_rfc("proto=https; For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
        assert_eq!(by_rfc("for=192.0.2.1, for=10.0.0.2"), "192.0.2.1");
    }

    #[test]
    fn an_entry_that_names_nobody_is_the_hops_that_passed_it_on() {
        assert_eq!(by_list("198.51.100.1, unknown"), PROXY);
        assert_eq!(by_list("198.51.100.1, unknown, 10.0.0.9"), "10.0.0.9");
        assert_eq!(by_list(""), PROXY);
        assert_eq!(by_list("198.51.100.1,"), PROXY);
        assert_eq!(by_rfc("for=198.51.100.1, for=_hidden"), PROXY);
        assert_eq!(by_rfc("for=198.51.100.1, proto=http"), PROXY);
    }

    #[test]
    fn a_quote_that_a_client_opened_hides_nothing() {
        assert_eq!(by_rfc("for=\"198.51.100.1, for=192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn only_a_trusted_proxy_is_asked_and_only_in_its_header() {
        let header = ProxyHeader::XForwardedFor;
        let forged = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.2")];
        assert_eq!(sender(header, "192.0.2.9", &forged), ("192.0.2.9".into(), Link::Plain));
        assert_eq!(sender(header, PROXY, &forged[1..]), (PROXY.into(), Link::Proxy));
        assert_eq!(sender(ProxyHeader::Forwarded, PROXY, &forged).0, "198.51.100.2");
        assert_eq!(sender(header, "::ffff:10.0.0.1", &forged).0, "198.51.100.1");
    }

    #[test]
    fn lines_are_one_list() {
        let lines =
            [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "192.0.2.7"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(sender(ProxyHeader::XForwardedFor, PROXY, &lines).0, "192.0.2.7");
    }
}
