//! Every socket that the server listens at, bound before anything is served.

use crate::cli::failure::Failure;
use crate::config::Listen;
use crate::net::listen;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::Path;

/// Where it listens.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    /// Consoles.
    pub device: SocketAddr,
    /// People and their programs.
    pub portal: SocketAddr,
    /// Metrics and probes.
    pub operator: SocketAddr,
}

/// All of them.
pub struct Sockets {
    /// The device port, one socket a runtime.
    pub device: Vec<TcpListener>,
    /// Portal and API.
    pub portal: TcpListener,
    /// Metrics and probes.
    pub operator: TcpListener,
    /// The local operator's verbs.
    pub control: UnixListener,
}

impl Sockets {
    /// Binds them, the device port once for each of `runtimes`.
    ///
    /// # Errors
    /// [`Failure`] that names the setting.
    pub fn bind(at: &Listen, runtimes: usize, control: &Path) -> Result<(Self, Addresses), Failure> {
        // SO_REUSEPORT would let a second server share the port in silence: first see that it is free.
        drop(bind("device", at.device, false)?);
        let first = bind("device", at.device, true)?;
        let device = address(&first)?;
        let mut sockets = vec![first];
        for _ in 1..runtimes {
            sockets.push(bind("device", device, true)?);
        }
        let portal = bind("portal", at.portal, false)?;
        let operator = bind("operator", at.operator, false)?;
        let addresses = Addresses { device, portal: address(&portal)?, operator: address(&operator)? };
        Ok((Self { device: sockets, portal, operator, control: bind_control(control)? }, addresses))
    }
}

fn bind(name: &str, address: SocketAddr, shared: bool) -> Result<TcpListener, Failure> {
    listen::bind(address, shared).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::failed(
            format!("the {name} port {address} is taken"),
            format!("stop what listens there, or set listen.{name} (port 0 takes a free one)"),
        ),
        _ => Failure::failed(
            format!("the {name} port {address}: {error}"),
            format!("set listen.{name} to an address of this machine"),
        ),
    })
}

/// The socket of the local operator's verbs, bound before the server says that it is ready.
fn bind_control(path: &Path) -> Result<UnixListener, Failure> {
    std::fs::remove_file(path).ok(); // left by a run that was cut short; the store's lock says that nobody else is here
    let bound = UnixListener::bind(path).and_then(|socket| {
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600))?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    });
    bound.map_err(|error| Failure::io(path, &error))
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::failed(error, "check the network settings"))
}
