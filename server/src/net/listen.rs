//! Listening sockets, and the loop that accepts.

use super::connection::{self, Limits, Serve};
use super::shutdown::Shutdown;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Connections the kernel may hold for us.
const BACKLOG: i32 = 4096;
/// How long connections may go on after the signal to finish.
const DRAIN: Duration = Duration::from_secs(10);
/// Rest after an accept that failed for lack of descriptors or memory.
const REST: Duration = Duration::from_millis(50);

/// A TCP socket bound to `address`. With `shared`, several may be bound to one address, one a runtime.
///
/// # Errors
/// The operating system's.
pub fn bind(address: SocketAddr, shared: bool) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Without SO_REUSEADDR a restart would wait for connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Accepts connections and serves them until the signal, then lets them finish for ten seconds.
pub async fn serve_tcp<S: Serve>(listener: TcpListener, service: Arc<S>, limits: Limits, mut shutdown: Shutdown) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.wait() => break,
            Some(_) = open.join_next() => continue,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else { continue }; // full: closing at once is the cheapest no
        stream.set_nodelay(true).ok();
        let (service, shutdown) = (service.clone(), shutdown.clone());
        open.spawn_local(async move {
            connection::serve(stream, peer.ip(), service, limits, shutdown).await;
            drop(place);
        });
    }
    drop(listener);
    drain(open).await;
}

/// The same over a Unix socket, whose peers have no address of their own.
pub async fn serve_unix<S: Serve>(listener: UnixListener, service: Arc<S>, limits: Limits, mut shutdown: Shutdown) {
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.wait() => break,
            Some(_) = open.join_next() => continue,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let (service, shutdown) = (service.clone(), shutdown.clone());
        let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
        open.spawn_local(async move { connection::serve(stream, peer, service, limits, shutdown).await });
    }
    drop(listener);
    drain(open).await;
}

async fn drain(mut open: JoinSet<()>) {
    let all = async { while open.join_next().await.is_some() {} };
    tokio::time::timeout(DRAIN, all).await.ok();
}
