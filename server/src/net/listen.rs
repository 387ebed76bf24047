//! Listening sockets, and the loop that accepts.

use super::connection::{self, Serve};
use super::count::ListenerMetrics;
use super::patient::Patient;
use super::peer::{Peer, Prefix};
use super::proxy::Proxies;
use super::room::{Entry, Place, Room};
use super::shutdown::Shutdown;
use super::tls::Transport;
use socket2::{Domain, Protocol, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio::task::JoinSet;

/// Connections the kernel may hold for us.
const BACKLOG: i32 = 4096;
/// Bytes of answers the kernel may keep for a client who does not read them; left alone it keeps up to 4 MiB for each.
const SEND_BUFFER: usize = 64 * 1024;
/// How long the kernel tries to deliver them, also once the connection is closed here.
const DELIVERY: Duration = Duration::from_secs(15);
/// How long connections may go on after the signal to finish.
const DRAIN: Duration = Duration::from_secs(10);
/// Rest after an accept that failed for lack of descriptors or memory.
const REST: Duration = Duration::from_millis(50);

/// What a listener allows.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Open connections.
    pub connections: usize,
    /// Those of one address, unless it is a trusted proxy's.
    pub per_address: usize,
    /// Time for a request's head, for a connection to stay idle, and for a client to take a part of its answer.
    pub patience: Duration,
    /// Who may speak for others.
    pub proxies: Arc<Proxies>,
    /// What is counted.
    pub metrics: ListenerMetrics,
}

impl Rules {
    /// The same among programs of this machine: nobody speaks for others, and one may have all connections.
    #[must_use]
    pub fn local(self) -> Self {
        Self { per_address: self.connections, proxies: Arc::new(Proxies::none()), ..self }
    }
}

/// A TCP socket bound to `address`. With `shared`, several may be bound to one address, one a runtime.
///
/// # Errors
/// The operating system's.
pub fn bind(address: SocketAddr, shared: bool) -> io::Result<std::net::TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // Without SO_REUSEADDR a restart would wait for connections of the last run to be forgotten.
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    // Every connection inherits these two.
    socket.set_send_buffer_size(SEND_BUFFER)?;
    socket.set_tcp_user_timeout(Some(DELIVERY))?;
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
pub async fn serve<S: Serve, T: Transport>(
    listener: impl Accept,
    transport: T,
    service: Arc<S>,
    rules: Rules,
    mut shutdown: Shutdown,
) {
    let room = Room::new(rules.connections);
    let rules = Rc::new(rules);
    let mut open = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.next() => accepted,
            () = shutdown.wait() => break,
            Some(_) = open.join_next() => continue,
        };
        let Ok((stream, address)) = accepted else {
            rules.metrics.displaced.inc_by(room.relieve() as u64);
            tokio::time::sleep(REST).await;
            continue;
        };
        let Some(place) = enter(&room, address, &rules) else { continue };
        let visitor = place.visitor();
        let (transport, service, rules, shutdown) =
            (transport.clone(), service.clone(), rules.clone(), shutdown.clone());
        visitor.runs_in(open.spawn_local(async move {
            let _open = Open::count(service.connected());
            if let Some(stream) = transport.secure(Patient::new(stream, rules.patience)).await {
                place.busy();
                let hop = Peer { address, link: T::LINK };
                connection::serve(stream, hop, service, &rules, &place, shutdown).await;
            }
        }));
    }
    drop(listener);
    drain(open).await;
}

/// Lets a connection in, if need be in place of another; closing it at once is the cheapest no.
fn enter(room: &Rc<Room>, address: IpAddr, rules: &Rules) -> Option<Place> {
    let most = if rules.proxies.trusts(address) { rules.connections } else { rules.per_address };
    match room.enter(Prefix::from(address), most) {
        Entry::Free(place) => Some(place),
        Entry::Instead(place) => {
            rules.metrics.displaced.inc();
            Some(place)
        }
        Entry::Full => {
            rules.metrics.turned_away.inc();
            None
        }
    }
}

/// Counts a connection while it lives, however it ends.
struct Open(prometheus::IntGauge);

impl Open {
    fn count(gauge: prometheus::IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

async fn drain(mut open: JoinSet<()>) {
    let all = async { while open.join_next().await.is_some() {} };
    tokio::time::timeout(DRAIN, all).await.ok();
}
