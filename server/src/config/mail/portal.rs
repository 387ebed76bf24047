//! Where people reach the portal: what every link in a mail begins with.

use hyper::Uri;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};

/// A scheme, a host and perhaps a port: `https://licences.example.com`. Nothing behind them, for the portal's cookies are the
/// whole host's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PortalAddress(String);

impl PortalAddress {
    /// The portal's own listener, which people of this machine reach.
    #[must_use]
    pub fn of_listener(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }

    /// How a mail server is greeted by this name (RFC 5321, section 4.1.3).
    #[must_use]
    pub fn greeting(&self) -> String {
        let host = self.0.parse::<Uri>().ok().and_then(|address| address.host().map(str::to_owned)).unwrap_or_default();
        match bare(&host).parse() {
            Ok(IpAddr::V4(address)) => format!("[{address}]"),
            Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            Err(_) => host,
        }
    }
}

impl TryFrom<String> for PortalAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = |why: &str| format!("portal = {text:?} {why}: write it as https://licences.example.com");
        let address: Uri = text.parse().map_err(|_| wrong("is no address"))?;
        let host = address.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("has no host"))?;
        let is_bare = text.ends_with(address.authority().map_or("", |all| all.as_str())) || text.ends_with('/');
        if address.path() != "/" || address.query().is_some() || !is_bare || text.contains(['@', '#']) {
            return Err(wrong("has something behind its host, or a name in front of it"));
        }
        match address.scheme_str() {
            Some("https") => {}
            Some("http") if is_here(host) => {}
            Some("http") => return Err(wrong("would send links in the clear")),
            _ => return Err(wrong("does not begin with https://")),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// Whether a host, as it stands in an address, is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || bare(host).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

impl From<PortalAddress> for String {
    fn from(address: PortalAddress) -> Self {
        address.0
    }
}

impl fmt::Display for PortalAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
