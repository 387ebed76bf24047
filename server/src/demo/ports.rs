//! The ports of a demonstration.

use crate::cli::failure::Failure;
use crate::config::{Config, Listen};
use std::net::SocketAddr;

/// Ports tried one after the other, from the usual one.
const PORTS_TRIED: u16 = 64;

/// Whatever ports are free.
#[must_use]
pub fn free() -> Config {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    Config { listen: Listen { device: free, portal: free, operator: free }, ..Config::default() }
}

/// The usual ports, or the next ones that are free.
///
/// # Errors
/// [`Failure`] where very many are taken.
pub fn next_free() -> Result<Config, Failure> {
    let usual = Listen::default();
    let listen = Listen { device: next(usual.device, &[])?, ..usual };
    let listen = Listen { portal: next(listen.portal, &[listen.device])?, ..listen };
    let listen = Listen { operator: next(listen.operator, &[listen.device, listen.portal])?, ..listen };
    Ok(Config { listen, ..Config::default() })
}

fn next(usual: SocketAddr, taken: &[SocketAddr]) -> Result<SocketAddr, Failure> {
    let candidates = (0..PORTS_TRIED).map(|step| SocketAddr::new(usual.ip(), usual.port() + step));
    let free = |at: &SocketAddr| !taken.contains(at) && std::net::TcpListener::bind(at).is_ok();
    let found = candidates.into_iter().find(free);
    found.ok_or_else(|| {
        Failure::failed(format!("{PORTS_TRIED} ports from {usual} on are taken"), "stop what listens there")
    })
}
