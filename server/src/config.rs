//! Settings of a server, from a TOML file; the command line goes first. `leasehold config show` prints what is in force.
//!
//! ```toml
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
//! ```

use crate::store::anchor;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Everything that can be set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where it listens.
    pub listen: Listen,
    /// Where it keeps what.
    pub store: Store,
    /// How much it takes.
    pub limits: ConnectionLimits,
}

/// Addresses; port 0 takes a free one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Listen {
    /// The device port.
    pub device: SocketAddr,
    /// Portal and API. Plain HTTP is refused from anywhere but this machine.
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
}

impl Default for Listen {
    fn default() -> Self {
        let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self { device: local(8460), portal: local(8461), operator: local(8462) }
    }
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { device_connections: 20_000, portal_connections: 500 }
    }
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// The path and what is wrong there, in words.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| format!("{}: {}", path.display(), error.to_string().trim_end()))
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
    fn the_example_in_the_module_is_the_default() {
        let text = include_str!("config.rs").lines().skip_while(|line| !line.contains("```toml")).skip(1);
        let text = text.take_while(|line| !line.contains("```")).map(|line| line.trim_start_matches("//!"));
        let text: String = text.map(|line| format!("{line}\n")).collect();
        let config = toml::from_str::<Config>(&text).expect("the example reads");
        assert_eq!(config, Config::default());
    }
}
