//! A whole server: opens the store, starts the writer and the listeners, and takes them down in the right order.
//!
//! ```text
//! device 1..n   one thread a core, each a current_thread runtime and a listener of its own (SO_REUSEPORT)
//! control       one thread: portal and API, operator, control socket, jobs
//! writer        one thread
//! ```
//! Going down: no new connections, those open finish, the writer finishes what waits, the store closes.

use crate::app::App;
use crate::check::handle::DevicePort;
use crate::cli::failure::Failure;
use crate::clock::Clock;
use crate::config::Config;
use crate::control;
use crate::keyring::{self, Keyring};
use crate::metrics::Metrics;
use crate::net::connection::Limits;
use crate::net::shutdown::{Shutdown, Trigger, channel};
use crate::net::{limit, listen};
use crate::process;
use crate::store::{self, KeptStore, RedbStore};
use crate::writer::{Writer, batch::Decider};
use arc_swap::ArcSwap;
use leasehold_ledger::record::Installation;
use leasehold_ledger::rule::housekeeping::last_commit;
use leasehold_ledger::store::Store;
use leasehold_ledger::view;
use leasehold_signer::disk::RealDisk;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// The control socket's name in the data folder.
pub const CONTROL_SOCKET: &str = "control.sock";
/// Time for a request's head, and for a connection to stay idle.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// Local tools and scrapers keep few connections.
pub const LOCAL_CONNECTIONS: usize = 100;

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

/// A running server.
pub struct Server {
    /// What its parts share.
    pub app: Arc<App>,
    /// Where it listens.
    pub addresses: Addresses,
    store: Arc<RedbStore>,
    trigger: Trigger,
    threads: Vec<JoinHandle<io::Result<()>>>,
    failing: Arc<watch::Sender<bool>>,
    socket: PathBuf,
}

impl Server {
    /// Opens the store in `data` and starts everything.
    ///
    /// # Errors
    /// [`Failure`] that says what to do.
    pub fn start(data: &Path, config: &Config, passphrase: Option<&[u8]>, clock: Clock) -> Result<Self, Failure> {
        let store = Arc::new(store::open(data)?);
        let installation = installation(store.as_ref())?;
        let clock = clock.guarded(last_commit(store.read()?.as_ref())?);
        let keyring = Keyring::read(&data.join(keyring::FOLDER), &installation.iss, passphrase, clock.now())?;
        let keyring = Arc::new(ArcSwap::from_pointee(keyring));
        let metrics = Arc::new(Metrics::new());
        let failing = Arc::new(watch::Sender::new(false));
        let from_writer = failing.clone();
        let anchor = config.store.anchor(data);
        let kept = Arc::new(KeptStore::start(store.clone(), clock, &anchor, Box::new(RealDisk))?);
        let decider = Decider { store: kept, keyring: keyring.clone(), clock, metrics: metrics.clone() };
        let writer = Writer::start(decider, move |error| {
            tracing::error!(%error, "the writer has stopped");
            from_writer.send_replace(true);
        });
        let writer = writer.map_err(|error| Failure::failed(error, "the system gives no more threads"))?;
        let app = Arc::new(App {
            data: data.to_owned(),
            store: store.clone(),
            writer,
            keyring,
            clock,
            metrics,
            limits: limit::Limits::new(),
            ready: AtomicBool::new(true),
        });
        let (trigger, shutdown) = channel();
        let (threads, socket) = (vec![], data.join(CONTROL_SOCKET));
        let mut server = Self { app, addresses: unbound(), store, trigger, threads, failing, socket };
        server.listen(config, &shutdown)?;
        Ok(server)
    }

    fn listen(&mut self, config: &Config, shutdown: &Shutdown) -> Result<(), Failure> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // SO_REUSEPORT would let a second server share the port in silence: first see that it is free.
        drop(bind("device", config.listen.device, false)?);
        let first = bind("device", config.listen.device, true)?;
        let device = address(&first)?;
        let mut device_sockets = vec![first];
        for _ in 1..cores {
            device_sockets.push(bind("device", device, true)?);
        }
        let portal = bind("portal", config.listen.portal, false)?;
        let operator = bind("operator", config.listen.operator, false)?;
        self.addresses = Addresses { device, portal: address(&portal)?, operator: address(&operator)? };
        let limits = |connections| Limits { connections, header: HEADER_TIMEOUT };
        let wanted = config.limits.device_connections + config.limits.portal_connections + 3 * LOCAL_CONNECTIONS;
        if let Some(descriptors) = process::descriptors().filter(|descriptors| *descriptors < wanted as u64) {
            tracing::warn!(descriptors, wanted, "too few open files are allowed: raise LimitNOFILE, or lower [limits]");
        }
        let each = limits(config.limits.device_connections.div_ceil(cores));
        for (number, socket) in device_sockets.into_iter().enumerate() {
            let (app, shutdown) = (self.app.clone(), shutdown.clone());
            let signal = shutdown.clone();
            self.spawn(&format!("device-{number}"), &signal, async move {
                let listener = tokio::net::TcpListener::from_std(socket)?;
                listen::serve(listener, Arc::new(DevicePort(app)), each, shutdown).await;
                Ok(())
            })?;
        }
        let socket = control::bind(&self.socket)?;
        let (parts, signal, shutdown) = ((self.app.clone(), self.store.clone()), shutdown, shutdown.clone());
        let portal_limits = limits(config.limits.portal_connections);
        self.spawn("control", signal, async move {
            control::serve(parts, (portal, portal_limits), operator, socket, shutdown).await
        })
    }

    /// Runs a part in a thread of its own. One that ends before it is told to takes the server down: half a server that
    /// looks whole is worse than none.
    fn spawn(
        &mut self,
        name: &str,
        shutdown: &Shutdown,
        work: impl Future<Output = io::Result<()>> + Send + 'static,
    ) -> Result<(), Failure> {
        let (failing, shutdown) = (self.failing.clone(), shutdown.clone());
        let run = move || {
            let serve = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                tokio::task::LocalSet::new().block_on(&runtime, work)
            };
            let ended = std::panic::catch_unwind(AssertUnwindSafe(serve));
            let ended = ended.unwrap_or_else(|_| Err(io::Error::other("it panicked: the lines above say where")));
            if !shutdown.has_come() {
                failing.send_replace(true);
            }
            ended
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        self.threads.push(thread.map_err(|error| Failure::failed(error, "the system gives no more threads"))?);
        Ok(())
    }

    /// Ends when the writer or a thread has failed: the server must not go on.
    pub async fn failure(&self) {
        self.failing.subscribe().wait_for(|failed| *failed).await.ok();
    }

    /// Takes everything down; returns once every accepted command is durable.
    ///
    /// # Errors
    /// [`Failure`] when the writer had failed, or a thread did.
    pub fn stop(self) -> Result<(), Failure> {
        self.app.ready.store(false, Ordering::Release);
        self.trigger.pull();
        let mut ended = Ok(());
        for thread in self.threads {
            let name = thread.thread().name().unwrap_or_default().to_owned();
            if let Err(error) = thread.join().unwrap_or_else(|_| Err(io::Error::other("it panicked"))) {
                ended = Err(Failure::failed(
                    format!("the thread {name} failed: {error}"),
                    "start it again; the log says more",
                ));
            }
        }
        let hint = "start it again: what is on the disk is checked then; if it fails again, check the disk";
        self.app.writer.close().map_err(|error| Failure::failed(error, hint))?;
        std::fs::remove_file(&self.socket).ok();
        ended
    }
}

/// What the store says it is.
///
/// # Errors
/// [`Failure`].
pub fn installation(store: &dyn Store) -> Result<Installation, Failure> {
    let found = view::find::<Installation>(store.read()?.as_ref(), Installation::KEY)?;
    found.ok_or_else(|| Failure::not_valid("the store has no installation in it", "restore a backup of it"))
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

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::failed(error, "check the network settings"))
}

fn unbound() -> Addresses {
    let none = SocketAddr::from(([0, 0, 0, 0], 0));
    Addresses { device: none, portal: none, operator: none }
}
