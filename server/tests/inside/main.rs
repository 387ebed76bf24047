//! Parts of the server in this process, over a store in memory that can be told to fail and a clock that stands where it is put.

mod commit;
#[path = "../common/mod.rs"]
mod common;
mod jobs;
mod keys;
mod overload;

use arc_swap::ArcSwap;
use common::seed::Operator;
use common::server::ISS;
use leasehold::app::App;
use leasehold::clock::Clock;
use leasehold::identity::{Identity, hashing};
use leasehold::init::{Plan, init};
use leasehold::keyring::{FOLDER, Keyring};
use leasehold::metrics::Metrics;
use leasehold::net::limit::Limits;
use leasehold::writer::Writer;
use leasehold::writer::batch::Decider;
use leasehold_ledger::memory::MemoryStore;
use leasehold_protocol::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// A server without listeners.
struct Stage {
    folder: Arc<TempDir>,
    store: Arc<MemoryStore>,
    app: Arc<App>,
    /// How often the writer said that it has failed.
    failures: Arc<AtomicU32>,
}

impl Stage {
    /// A new installation at `time`.
    fn at(time: Time) -> Self {
        let folder = Arc::new(TempDir::new().expect("a temporary folder"));
        let plan =
            Plan { data: folder.path(), iss: ISS, vendor: "Example Software", passphrase: None, demo_root: true };
        init(&plan, Clock::Fixed(time)).unwrap_or_else(|failure| panic!("{failure:?}"));
        let store = Arc::new(MemoryStore::new());
        Operator { store: store.as_ref(), now: time }.set_up(ISS);
        Self::over(folder, store, time)
    }

    /// The same installation, started again at `time`.
    fn later(self, time: Time) -> Self {
        self.app.writer.close().expect("nothing failed");
        Self::over(self.folder, self.store, time)
    }

    fn over(folder: Arc<TempDir>, store: Arc<MemoryStore>, time: Time) -> Self {
        let keyring = Keyring::read(&folder.path().join(FOLDER), ISS, None, time).expect("the keys read");
        let keyring = Arc::new(ArcSwap::from_pointee(keyring));
        let (metrics, failures) = (Arc::new(Metrics::new()), Arc::new(AtomicU32::new(0)));
        let (clock, counted) = (Clock::Fixed(time), failures.clone());
        let decider = Decider { store: store.clone(), keyring: keyring.clone(), clock, metrics: metrics.clone() };
        let count = move |_: &_| {
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let writer = Writer::start(decider, count).expect("a thread");
        let (data, limits, ready) = (folder.path().to_owned(), Limits::new(), AtomicBool::new(true));
        let identity = Identity::new(hashing::CHEAP);
        let app = App {
            data,
            store: store.clone(),
            writer,
            keyring,
            clock,
            metrics,
            limits,
            identity,
            ready,
            in_flight: Default::default(),
        };
        Self { folder, store, app: Arc::new(app), failures }
    }
}

/// Runs `work`, which is to end by itself.
fn within_10_s<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let limited = async { tokio::time::timeout(Duration::from_secs(10), work).await };
    runtime.block_on(limited).expect("it ends within 10 s")
}
