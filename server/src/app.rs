//! The composition root: what every part of the server is handed.

use crate::admin::idempotency::InFlight;
use crate::clock::Clock;
use crate::identity::Identity;
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use crate::net::limit::Limits;
use crate::writer::Writer;
use arc_swap::ArcSwap;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::Quarantine;
use leasehold_ledger::rule::quarantine::known;
use leasehold_ledger::store::{Read, Store, StoreError};
use leasehold_ledger::{Command, Outcome};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A running server, without its listeners.
pub struct App {
    /// The data folder.
    pub data: PathBuf,
    /// The store, to read.
    pub store: Arc<dyn Store>,
    /// The way to write.
    pub writer: Writer,
    /// The keys.
    pub keyring: Arc<ArcSwap<Keyring>>,
    /// The time.
    pub clock: Clock,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// How fast anybody may come.
    pub limits: Limits,
    /// How people prove who they are.
    pub identity: Identity,
    /// Set while it serves: false before the start and while it drains.
    pub ready: AtomicBool,
    /// Writes with an idempotency key that are being answered.
    pub in_flight: InFlight,
}

impl App {
    /// A snapshot of the store.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn view(&self) -> Result<Box<dyn Read + '_>, StoreError> {
        self.store.read()
    }

    /// Sends a command and waits until it is durable.
    ///
    /// # Errors
    /// [`crate::writer::NotWritten`].
    pub async fn send(&self, actor: Actor, command: Command) -> Result<Outcome, crate::writer::NotWritten> {
        self.writer.send(actor, command).await
    }

    /// Whether it takes work: while it serves, and no commit has failed.
    pub fn is_ready(&self) -> bool {
        self.trouble().is_none()
    }

    /// Why it takes no work, for people and probes.
    #[must_use]
    pub fn trouble(&self) -> Option<&'static str> {
        let clock = "not ready: the clock is not trusted; set it right, or run `leasehold clock accept`\n";
        match () {
            () if !self.clock.is_trusted() => Some(clock),
            () if !self.takes_work() => Some("not ready\n"),
            () => None,
        }
    }

    /// The quarantine the store is in, if it is.
    #[must_use]
    pub fn quarantine(&self) -> Option<Quarantine> {
        let known = self.view().ok().and_then(|view| known(view.as_ref()).ok().flatten());
        known.filter(|quarantine| self.clock.now() < quarantine.ends())
    }

    fn takes_work(&self) -> bool {
        self.ready.load(Ordering::Acquire) && self.keyring.load().signs(self.clock.now()) && !self.writer.has_failed()
    }
}
