//! A whole server: opens the store, starts the writer and the listeners, and takes them down in the right order.
//!
//! ```text
//! device 1..n   one thread a core, each a current_thread runtime and a listener of its own (SO_REUSEPORT)
//! control       one thread: portal and API, operator, control socket, mail
//! jobs          one thread, which lets all others go first
//! writer        one thread
//! ```
//! Going down: no new connections, those open finish, the writer finishes what waits, the store closes.

use crate::app::App;
use crate::check::handle::DevicePort;
use crate::cli::failure::Failure;
use crate::clock::Clock;
use crate::config::{Config, TlsPort};
use crate::control::{self, Control};
use crate::identity::{Identity, hashing};
use crate::jobs::runner;
use crate::keyring;
use crate::mail::post::Post;
use crate::metrics::Metrics;
use crate::net::limit::Limits;
use crate::net::listen::{self, Rules};
use crate::net::proxy::Proxies;
use crate::net::shutdown::{Shutdown, Trigger, channel};
use crate::net::tls::{Certificate, Plain};
use crate::places::Places;
use crate::process;
use crate::signing;
use crate::sockets::{Addresses, Sockets};
use crate::store::{self, KeptStore, RedbStore};
use crate::writer::{Desk, Writer, batch::Decider};
use arc_swap::ArcSwap;
use leasehold_ledger::record::Installation;
use leasehold_ledger::rule::housekeeping::last_commit;
use leasehold_ledger::store::Store;
use leasehold_ledger::view;
use leasehold_signer::disk::RealDisk;
use std::io;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::watch;

/// The control socket's name in the data folder.
pub const CONTROL_SOCKET: &str = "control.sock";
/// Time for a request's head, for a connection to stay idle, and for a client to take a part of its answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running server.
pub struct Server {
    /// What its parts share.
    pub app: Arc<App>,
    /// Where it listens.
    pub addresses: Addresses,
    certificate: Option<Certificate>,
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
        let keyring =
            signing::start(store.as_ref(), &data.join(keyring::FOLDER), &installation.iss, passphrase, clock.now())?;
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
            limits: Limits::new(),
            identity: Identity::new(hashing::OWASP),
            ready: AtomicBool::new(true),
            in_flight: Default::default(),
        });
        let certificate = config.tls.as_ref().map(|files| Certificate::read(files, clock, &app.metrics.port));
        let certificate = certificate.transpose()?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let socket = data.join(CONTROL_SOCKET);
        let (sockets, addresses) = Sockets::bind(&config.listen, cores, &socket)?;
        let mail = Arc::new(Post::new(config, addresses.portal)?);
        let (trigger, shutdown) = channel();
        let mut server = Self { app, addresses, certificate, store, trigger, threads: vec![], failing, socket };
        server.listen(config, sockets, mail, &shutdown)?;
        Ok(server)
    }

    fn listen(
        &mut self,
        config: &Config,
        sockets: Sockets,
        mail: Arc<Post>,
        shutdown: &Shutdown,
    ) -> Result<(), Failure> {
        let allowed = &config.limits;
        let (descriptors, wanted) = (process::descriptors(), allowed.device_connections);
        let places = Places::within(allowed, descriptors);
        if places.device < wanted {
            let taken = places.device;
            tracing::warn!(
                descriptors,
                wanted,
                taken,
                "too few open files are allowed: raise LimitNOFILE, or lower [limits]"
            );
        }
        let metrics = self.app.metrics.clone();
        let proxies = Arc::new(Proxies::new(config.trusted_proxies.clone(), config.proxy_header));
        let rules = |listener, connections| Rules {
            connections,
            per_address: allowed.percent_per_address.of(connections),
            patience: PATIENCE,
            proxies: proxies.clone(),
            metrics: metrics.port.of(listener),
        };
        let speaks = |port| config.tls.as_ref().is_some_and(|tls| tls.ports.contains(&port));
        let certificate = |port| self.certificate.as_ref().filter(|_| speaks(port));
        let tls = certificate(TlsPort::Device).map(|certificate| certificate.at("device", &metrics.port));
        let portal_tls = certificate(TlsPort::Portal).map(|certificate| certificate.at("portal", &metrics.port));
        let each = places.device.div_ceil(sockets.device.len());
        for (number, socket) in sockets.device.into_iter().enumerate() {
            let (app, rules, tls) = (self.app.clone(), rules("device", each), tls.clone());
            let end = shutdown.clone();
            self.spawn(&format!("device-{number}"), shutdown, async move || {
                let listener = tokio::net::TcpListener::from_std(socket)?;
                let desk = Arc::new(Desk::default());
                let service = Arc::new(DevicePort { writer: app.writer.at(&desk), app });
                let answers = tokio::task::spawn_local(async move { desk.hand_out().await });
                match tls {
                    None => listen::serve(listener, Plain, service, rules, end).await,
                    Some(tls) => listen::serve(listener, tls, service, rules, end).await,
                }
                answers.abort();
                Ok(())
            })?;
        }
        let control = Control {
            portal: (sockets.portal, rules("portal", places.portal)),
            portal_tls,
            mail,
            operator: (sockets.operator, rules("operator", places.local).local()),
            socket: (sockets.control, rules("control", places.local).local()),
        };
        let (parts, end) = ((self.app.clone(), self.store.clone()), shutdown.clone());
        self.spawn("control", shutdown, async move || control::serve(parts, control, end).await)?;
        let (app, end) = (self.app.clone(), shutdown.clone());
        self.spawn("jobs", shutdown, async move || {
            process::give_way(); // they go through whole tables, and nobody waits for them
            runner::serve(app, end).await.map_err(io::Error::other)
        })
    }

    /// Runs a part in a thread of its own. One that ends before it is told to takes the server down: half a server that
    /// looks whole is worse than none.
    fn spawn(
        &mut self,
        name: &str,
        shutdown: &Shutdown,
        work: impl AsyncFnOnce() -> io::Result<()> + Send + 'static,
    ) -> Result<(), Failure> {
        let (failing, shutdown) = (self.failing.clone(), shutdown.clone());
        let run = move || {
            let serve = || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                tokio::task::LocalSet::new().block_on(&runtime, work())
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

    /// Reads certificate and key again, where there are any. Open connections go on with what they have.
    ///
    /// # Errors
    /// [`Failure`]: the certificate before stays in use.
    pub fn reload(&self) -> Result<(), Failure> {
        let Some(certificate) = &self.certificate else { return Ok(()) };
        Ok(certificate.reload(self.app.clock, &self.app.metrics.port)?)
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
