//! A server on loopback with the vendor of the state machine's tests behind it.
#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../src/machine/tests/vendor.rs"]
pub mod vendor;

#[expect(clippy::single_component_path_imports, reason = "the vendor names the crate by its parent")]
use leasehold_protocol;

use leasehold_console::{Client, Order, Settings};
use leasehold_protocol::{PublicKey, machine::Kind};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;
use vendor::{CODE, PRODUCT, START, Vendor};

/// Connections one test may make.
const CONNECTIONS_MAX: usize = 64;

/// What the server does instead of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Does its part, then closes the connection.
    LoseAnswer,
    /// Answers this, unsigned.
    Status(u16),
    /// Answers more than any answer may hold.
    Flood,
}

pub struct Shared {
    pub vendor: Vendor,
    pub faults: Vec<Fault>,
    pub received: Vec<(String, Vec<u8>)>,
}

pub struct Server {
    pub address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Mutex::new(Shared { vendor: Vendor::new(), faults: vec![], received: vec![] }));
        let stop = Arc::new(AtomicBool::new(false));
        let (theirs, told) = (shared.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().take(CONNECTIONS_MAX) {
                if told.load(Ordering::SeqCst) {
                    return;
                }
                // a client that goes away in the middle is part of some tests
                let _ = stream.and_then(|stream| serve(stream, &theirs));
            }
        });
        Self { address, shared, stop, thread: Some(thread) }
    }

    pub fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("the server's thread does not panic")
    }

    pub fn settings(&self) -> Settings {
        let server = Some(format!("http://{}", self.address));
        Settings { server, proxy: Some("none".into()), ca: None }
    }

    pub fn root(&self) -> PublicKey {
        PublicKey::of(&self.shared().vendor.root)
    }

    /// A console with its keyset.
    pub fn console(&self, dir: &Path) -> Client {
        Client::init(dir, self.root(), PRODUCT, self.settings(), Some(START)).expect("init")
    }

    /// A console with a lease.
    pub fn leased(&self, dir: &Path) -> Client {
        let mut client = self.console(dir);
        client.activate(Order::of(CODE, "9.1")).expect("activate");
        client
    }

    pub fn received(&self) -> Vec<(String, Vec<u8>)> {
        self.shared().received.clone()
    }

    pub fn fault(&self, fault: Fault) {
        self.shared().faults.push(fault);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the thread, if it still listens
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<Shared>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let (path, body) = read_request(&stream)?;
    let mut shared = shared.lock().map_err(|_| std::io::Error::other("poisoned"))?;
    let kind =
        [Kind::Register, Kind::Activate, Kind::Check, Kind::Release].into_iter().find(|kind| kind.path() == path);
    let (status, answer) = match kind {
        None if path == "/v1/keyset" => (200, shared.vendor.keyset()),
        None => (404, vec![]),
        Some(kind) => {
            shared.received.push((path, body.clone()));
            match shared.faults.pop() {
                Some(Fault::Status(status)) => (status, vec![]),
                Some(Fault::Flood) => (200, vec![0; 100_000]),
                Some(Fault::LoseAnswer) => {
                    shared.vendor.answer(kind, &body);
                    return Ok(());
                }
                None => shared.vendor.answer(kind, &body),
            }
        }
    };
    let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", answer.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(&answer)
}

fn read_request(stream: &TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream).take(64 * 1024);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok((path, body))
}
