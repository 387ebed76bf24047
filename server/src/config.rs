//! Settings of a server, from a TOML file; the command line goes first. `leasehold config show` prints what is in force.
//!
//! ```toml
//! trusted_proxies = []               # networks such as "10.0.0.0/8": who comes from there says whom it speaks for,
//! proxy_header = "x-forwarded-for"   # in this header; a proxy has to add to it, or to replace it ("forwarded": RFC 7239)
//!
//! [listen]
//! device = "127.0.0.1:8460"      # consoles
//! portal = "127.0.0.1:8461"      # people and their programs
//! operator = "127.0.0.1:8462"    # metrics and probes
//!
//! [store]
//! # anchor = "/elsewhere/leasehold.anchor"   # best on another disk; the data folder has it otherwise
//!
//! [limits]
//! device_connections = 20000
//! portal_connections = 500
//! percent_per_address = 25       # of a listener's connections, for one IPv4 address or IPv6 network of 64 bits
//! ```
//! With `[tls]` the device port speaks TLS 1.3 and nothing else; SIGHUP reads both files again.
//! ```text
//! [tls]
//! cert = "/etc/leasehold/tls.pem"      # the server's certificate, then those between it and its root
//! key = "/etc/leasehold/tls.key.pem"   # mode 0600, not a link
//! ports = ["device"]                   # or ["device", "portal"]
//! ```

mod mail;
mod network;

pub use mail::{Mail, PortalAddress, Security, Sender, Smtp, Subjects};
pub use network::Network;

use crate::store::anchor;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Proxies whose word about their clients' addresses is taken, and who are trusted to speak TLS with them.
    pub trusted_proxies: Vec<Network>,
    /// Where they say it. One header and no other: what a proxy does not write itself, its client may have forged.
    pub proxy_header: ProxyHeader,
    /// Where it listens.
    pub listen: Listen,
    /// Where it keeps what.
    pub store: Store,
    /// How much it takes.
    pub limits: ConnectionLimits,
    /// What it proves itself with; none for plain HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFiles>,
    /// How it writes to people.
    pub mail: Mail,
}

/// The header in which proxies name their clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 192.0.2.7, 10.0.0.3`
    #[default]
    XForwardedFor,
    /// `Forwarded: for=192.0.2.7, for="[2001:db8::7]:443"` (RFC 7239)
    Forwarded,
}

/// Where certificate and key stand, in PEM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The server's certificate, then those between it and its root.
    pub cert: PathBuf,
    /// Its private key: PKCS#8, PKCS#1 or SEC1.
    pub key: PathBuf,
    /// Who speaks TLS.
    #[serde(default = "device_only")]
    pub ports: Vec<TlsPort>,
}

/// A port that can speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TlsPort {
    /// Consoles.
    Device,
    /// People and their programs.
    Portal,
}

fn device_only() -> Vec<TlsPort> {
    vec![TlsPort::Device]
}

/// Addresses; port 0 takes a free one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// The device port.
    pub device: SocketAddr,
    /// Portal and API. Plain HTTP is refused from anywhere but this machine and the trusted proxies.
    pub portal: SocketAddr,
    /// Metrics and probes.
    pub operator: SocketAddr,
}

/// What stands beside the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The anchor, which tells a store that was put back to an earlier day. Best on another disk than the data folder.
    pub anchor: Option<PathBuf>,
}

impl Store {
    /// Where the anchor of the installation in `data` is.
    #[must_use]
    pub fn anchor(&self, data: &Path) -> PathBuf {
        self.anchor.clone().unwrap_or_else(|| data.join(anchor::FILE_NAME))
    }
}

/// Open connections, by listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionLimits {
    /// The device port, all runtimes together.
    pub device_connections: usize,
    /// Portal and API.
    pub portal_connections: usize,
    /// The share of either that one address may have, from 1 to 100. Trusted proxies may have all.
    pub percent_per_address: Percent,
}

/// A share of a whole, more than nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Percent(u8);

impl Percent {
    /// This share of `whole`, one at least.
    #[must_use]
    pub fn of(self, whole: usize) -> usize {
        whole.saturating_mul(usize::from(self.0)).div_ceil(100).max(1)
    }
}

impl TryFrom<u8> for Percent {
    type Error = String;

    fn try_from(percent: u8) -> Result<Self, String> {
        if (1..=100).contains(&percent) { Ok(Self(percent)) } else { Err(format!("{percent} is not from 1 to 100")) }
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { device: local(8460), portal: local(8461), operator: local(8462) }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { device_connections: 20_000, portal_connections: 500, percent_per_address: Percent(25) }
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The path and what is wrong there, in words.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let wrong = |why: &str| format!("{}: {}", path.display(), why.trim_end());
        let config: Self = toml::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
        config.mail.check().map_err(|why| wrong(&why))?;
        match &config.tls {
            Some(tls) if tls.ports.is_empty() => Err(wrong("[tls] is for no port: name one in ports, or leave it out")),
            _ => Ok(config),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_is_not_known_is_refused_by_name() {
        let error = toml::from_str::<Config>("[listen]\ndevise = \"127.0.0.1:1\"").expect_err("unknown");
        assert!(error.to_string().contains("devise"));
    }

    #[test]
    fn a_share_is_from_1_to_100_percent() {
        for (percent, good) in [(0, false), (1, true), (100, true), (101, false)] {
            let text = format!("[limits]\npercent_per_address = {percent}");
            assert_eq!(toml::from_str::<Config>(&text).is_ok(), good, "{percent}");
        }
        assert_eq!([Percent(25).of(20_000), Percent(25).of(3), Percent(1).of(2)], [5000, 1, 1]);
    }

    #[test]
    fn what_is_shown_reads_back() {
        let text = "trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nproxy_header = \"forwarded\"\n\
                    [tls]\ncert = \"a.pem\"\nkey = \"b.pem\"\nports = [\"device\", \"portal\"]";
        let config = toml::from_str::<Config>(text).expect("it reads");
        let shown = toml::to_string_pretty(&config).expect("it is shown");
        assert_eq!(toml::from_str::<Config>(&shown), Ok(config), "{shown}");
        let error = toml::from_str::<Config>("trusted_proxies = [\"10.0.0.1/8\"]").expect_err("no network");
        assert!(error.to_string().contains("10.0.0.1/8"), "{error}");
    }

    #[test]
    fn the_example_in_the_module_is_the_default() {
        let text = include_str!("config.rs").lines().skip_while(|line| !line.contains("```toml")).skip(1);
        let text = text.take_while(|line| !line.contains("```")).map(|line| line.trim_start_matches("//!"));
        let text: String = text.map(|line| format!("{line}\n")).collect();
        let config = toml::from_str::<Config>(&text).expect("the example reads");
        assert_eq!(config, Config::default());
    }
}
