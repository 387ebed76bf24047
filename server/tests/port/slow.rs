//! R5: clients that take their time with a head, with a body, with reading what they are answered, or say nothing more; a byte
//! now and then, or none. None of them is there after twenty seconds, and nobody else has waited for them.

use crate::Stage;
use crate::common::device::Device;
use crate::common::http::{COSE, head};
use crate::common::{instant, wait_for};
use leasehold_protocol::machine::Kind;
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// Each kind of slow client, this many at once.
const EACH: usize = 300;
/// None of them lives longer.
const ALIVE_MAX: Duration = Duration::from_secs(20);
/// Bytes in a slow reader's socket, so that answers pile up at the server.
const READ_BUFFER: usize = 4096;
/// Requests a slow reader sends ahead.
const AHEAD: usize = 4000;

/// What a client is slow at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slow {
    Head,
    Body,
    Reading,
}

/// Whether a byte goes over once a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    Trickle,
    Silence,
}

#[test]
fn r5_slow_heads_bodies_and_readers_are_gone_after_20_seconds_and_nobody_waits_for_them() {
    let stage = Stage::plain("");
    let at = stage.server.device();
    let message = Device::modest(&stage.seed.lot).message(Kind::Activate);
    let done = AtomicBool::new(false);
    let (alive, mut latencies) = std::thread::scope(|scope| {
        let honest = scope.spawn(|| honest(&stage, &done));
        let alive = runtime().block_on(all(at, &message));
        done.store(true, Ordering::Relaxed);
        (alive, honest.join().expect("an honest device"))
    });
    for slow in [Slow::Head, Slow::Body, Slow::Reading] {
        let ages: Vec<Duration> = alive.iter().filter(|(kind, _)| *kind == slow).map(|(_, age)| *age).collect();
        let oldest = ages.iter().max().copied().unwrap_or_default();
        assert_eq!(ages.len(), EACH);
        assert!(oldest < ALIVE_MAX, "{slow:?}: one lived {oldest:?}");
        // Nobody was closed for being slow before the limit of 5 s.
        let youngest = ages.iter().min().copied().unwrap_or_default();
        assert!(youngest > Duration::from_secs(4), "{slow:?}: one was closed after {youngest:?}");
        println!("count R5 slow {slow:?}: {EACH} closed after {youngest:.1?} to {oldest:.1?}");
    }
    let all_closed = wait_for(Duration::from_secs(10), || (stage.metric("connections") == 0.0).then_some(()));
    assert!(all_closed.is_some(), "{} connections are still open", stage.metric("connections"));
    latencies.sort_unstable();
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    assert!(latencies.len() > 20, "only {} honest devices", latencies.len());
    println!(
        "count R5 honest beside {} slow clients: {} activations, p50 {:.1?}, p99 {:.1?}, all answered",
        3 * EACH,
        latencies.len(),
        at(50),
        at(99)
    );
}

/// Devices that activate over a connection of their own, one after the other, and how long each took.
fn honest(stage: &Stage, done: &AtomicBool) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let (asked, mut device) = (instant(), Device::modest(&stage.seed.lot));
        device.takes(&mut stage.http(), &stage.keys, Kind::Activate);
        latencies.push(asked.elapsed());
        std::thread::sleep(Duration::from_millis(20));
    }
    latencies
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// How long each slow client was let.
async fn all(at: SocketAddr, message: &[u8]) -> Vec<(Slow, Duration)> {
    let whole = head("POST", "/v1/activate", &[("content-type", COSE)], Some(message.len()));
    let asks = head("GET", "/v1/keyset", &[], None).repeat(AHEAD);
    let mut clients = JoinSet::new();
    for number in 0..EACH {
        let pace = if number % 2 == 0 { Pace::Trickle } else { Pace::Silence };
        clients.spawn(client(at, Slow::Head, pace, whole[..20].to_vec()));
        clients.spawn(client(at, Slow::Body, pace, [&whole, &message[..30]].concat()));
        clients.spawn(client(at, Slow::Reading, pace, asks.clone()));
    }
    clients.join_all().await
}

async fn client(at: SocketAddr, slow: Slow, pace: Pace, opening: Vec<u8>) -> (Slow, Duration) {
    let mut stream = connect(at, slow).expect("it listens");
    stream.writable().await.expect("it is connected");
    let begun = Instant::now();
    let mut sent = 0;
    while begun.elapsed() < 2 * ALIVE_MAX {
        // As much of the opening as the server takes.
        while sent < opening.len() {
            match stream.try_write(&opening[sent..]) {
                Ok(len) => sent += len,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => return (slow, begun.elapsed()),
            }
        }
        sleep(Duration::from_millis(500)).await;
        if is_closed(&mut stream, slow, pace).await {
            return (slow, begun.elapsed());
        }
    }
    (slow, begun.elapsed())
}

fn connect(at: SocketAddr, slow: Slow) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    if slow == Slow::Reading {
        socket.set_recv_buffer_size(READ_BUFFER)?;
    }
    socket.connect(&at.into())?;
    socket.set_nonblocking(true)?;
    TcpStream::from_std(socket.into())
}

/// One more byte, either way; whether the server is gone.
async fn is_closed(stream: &mut TcpStream, slow: Slow, pace: Pace) -> bool {
    match slow {
        Slow::Reading => {
            if pace == Pace::Trickle && stream.read_u8().await.is_err() {
                return true;
            }
            // What is sent to a socket that was closed is answered with a reset, however much of its answers is still on the way.
            let sent = stream.try_write(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
            sent.is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock)
                || stream.take_error().ok().flatten().is_some()
        }
        Slow::Head | Slow::Body => {
            let trickled = pace == Pace::Silence || stream.write_all(b"x").await.is_ok();
            let ready = tokio::time::timeout(Duration::from_millis(1), stream.ready(Interest::READABLE)).await;
            let mut rest = [0; 512];
            // Slow bodies are answered before the end.
            let ended = ready.is_ok()
                && !matches!(stream.try_read(&mut rest), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
            !trickled || ended
        }
    }
}
