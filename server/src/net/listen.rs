//! Listening sockets, and the loop that accepts.

use super::connection::{self, Limits, Serve};
use super::shutdown::Shutdown;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
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

/// A socket that connections come from.
pub trait Accept {
    /// One connection.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;

    /// The next connection, and whom it comes from.
    fn next(&self) -> impl Future<Output = io::Result<(Self::Stream, IpAddr)>>;
}

impl Accept for TcpListener {
    type Stream = TcpStream;

    async fn next(&self) -> io::Result<(TcpStream, IpAddr)> {
        let (stream, peer) = self.accept().await?;
        stream.set_nodelay(true).ok();
        Ok((stream, peer.ip()))
    }
}

/// Peers on this machine, who have no address of their own.
impl Accept for UnixListener {
    type Stream = UnixStream;

    async fn next(&self) -> io::Result<(UnixStream, IpAddr)> {
        let (stream, _) = self.accept().await?;
        Ok((stream, IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }
}

/// Accepts connections and serves them until the signal, then lets them finish for ten seconds.
pub async fn serve<S: Serve>(listener: impl Accept, service: Arc<S>, limits: Limits, mut shutdown: Shutdown) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.next() => accepted,
            () = shutdown.wait() => break,
            Some(_) = open.join_next() => continue,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(REST).await;
            continue;
        };
        let Ok(place) = room.clone().try_acquire_owned() else { continue }; // full: closing at once is the cheapest no
        let (service, shutdown) = (service.clone(), shutdown.clone());
        open.spawn_local(async move {
            connection::serve(stream, peer, service, limits, shutdown).await;
            drop(place);
        });
    }
    drop(listener);
    drain(open).await;
}

async fn drain(mut open: JoinSet<()>) {
    let all = async { while open.join_next().await.is_some() {} };
    tokio::time::timeout(DRAIN, all).await.ok();
}
