//! R5: ten thousand connections that are kept open, plain and over TLS, and the memory they cost.

use crate::Stage;
use crate::common::http::head;
use crate::common::wait_for;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::pki_types::ServerName;
use rustls::version::TLS13;
use socket2::{Domain, Socket, Type};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;

const CONNECTIONS: usize = 10_000;
/// R5's bound, for the whole server.
const RESIDENT_MAX: u64 = 128 << 20;
/// What TLS may cost: each connection keeps its keys and a record's buffer.
const RESIDENT_MAX_TLS: u64 = 160 << 20;
/// This test's part of the address space, so that no address has more than its share.
const ADDRESSES: u8 = 8;
/// Each says so little so often that it is kept, and idle in between.
const SAYS: Duration = Duration::from_secs(3);
/// Handshakes at a time.
const AT_ONCE: usize = 200;
/// For all to be open.
const OPENING: Duration = Duration::from_secs(60);

#[test]
fn r5_ten_thousand_idle_connections_fit_into_128_mib() {
    let plain = opened(&Stage::plain(""), None);
    assert!(plain <= RESIDENT_MAX, "{} MiB", plain >> 20);
    // One after the other: this process has a descriptor for each connection too.
    let stage = Stage::tls("");
    let connector = TlsConnector::from(Arc::new(stage.authority().client(&[&TLS13])));
    let tls = opened(&stage, Some(connector));
    assert!(tls <= RESIDENT_MAX_TLS, "{} MiB", tls >> 20);
    println!("count R5 idle: {CONNECTIONS} kept open, {} MiB resident; over TLS {} MiB", plain >> 20, tls >> 20);
}

/// Opens them all, lets each say something again, and says how much memory the server has then.
fn opened(stage: &Stage, tls: Option<TlsConnector>) -> u64 {
    raise_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (gate, at) = (Arc::new(Semaphore::new(AT_ONCE)), stage.server.device());
        let mut open = JoinSet::new();
        for number in 0..CONNECTIONS {
            open.spawn(keep(number, at, tls.clone(), gate.clone()));
        }
        let begun = Instant::now();
        while stage.metric("connections") < CONNECTIONS as f64 {
            assert!(begun.elapsed() < OPENING, "only {} are open", stage.metric("connections"));
            let ended = open.try_join_next();
            assert!(ended.is_none(), "one ended: {ended:?}");
            sleep(Duration::from_millis(100)).await;
        }
        sleep(SAYS + SAYS / 2).await; // each has said something again
        let ended = open.try_join_next();
        assert!(ended.is_none(), "one ended: {ended:?}");
        resident(stage.server.id())
    })
}

/// A connection that lives until this task ends, or an error ends it.
async fn keep(number: usize, at: SocketAddr, tls: Option<TlsConnector>, gate: Arc<Semaphore>) -> io::Result<()> {
    let opening = gate.acquire().await.map_err(io::Error::other)?;
    let stream = connect(u8::try_from(number % usize::from(ADDRESSES)).unwrap_or(0), at)?;
    match tls {
        None => {
            drop(opening);
            talk(stream).await
        }
        Some(tls) => {
            let stream = tls.connect(ServerName::from(at.ip()), stream).await?;
            drop(opening);
            talk(stream).await
        }
    }
}

async fn talk(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    let ask = head("GET", "/livez", &[], None);
    let mut answer = [0; 512];
    loop {
        stream.write_all(&ask).await?;
        let len = stream.read(&mut answer).await?;
        if !answer[..len].starts_with(b"HTTP/1.1 200") {
            return Err(io::Error::other(String::from_utf8_lossy(&answer[..len]).into_owned()));
        }
        sleep(SAYS).await;
    }
}

fn connect(host: u8, at: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((Ipv4Addr::new(127, 0, 1, host), 0)).into())?;
    socket.connect(&at.into())?;
    socket.set_nonblocking(true)?;
    TcpStream::from_std(socket.into())
}

/// This process needs a descriptor for each, as the server does.
fn raise_limit() {
    let files = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).expect("up to the hard limit");
    let wanted = CONNECTIONS as u64 + 500;
    let enough = files.maximum.is_none_or(|most| most >= wanted);
    assert!(enough, "the hard limit of open files is {:?}, this test needs {wanted}: ulimit -Hn", files.maximum);
}

/// Bytes of memory that a process has now.
fn resident(id: u32) -> u64 {
    let read = || {
        let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok()
    };
    wait_for(Duration::from_secs(1), read).expect("the process runs") << 10
}
