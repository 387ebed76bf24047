//! One batch: read, decide, write, commit once, then answer everybody.
//!
//! Commands of a batch see what the ones before them wrote. A refused one changes nothing and spoils no other. When the commit
//! fails nobody knows what is on the disk: nothing is answered and the writer ends, and with it the process.

use super::desk;
use super::queue::{Job, Message};
use crate::clock::{self, Clock};
use crate::keyring::Keyring;
use crate::metrics::Metrics;
use arc_swap::ArcSwap;
use leasehold_ledger::store::{Store, StoreError, Write};
use leasehold_ledger::{Context, Fault, Outcome, Shelf, apply};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use thiserror::Error;
use tokio::sync::mpsc;

/// Commands in one commit.
pub const BATCH_LEN_MAX: usize = 1024;

/// A commit failed; what is on the disk is unknown until the store is opened again.
#[derive(Debug, Clone, Error)]
#[error("a commit failed: {0}")]
pub struct Failed(pub String);

/// What the writer decides with.
pub struct Decider {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The keys.
    pub keyring: Arc<ArcSwap<Keyring>>,
    /// The time.
    pub clock: Clock,
    /// Where it counts.
    pub metrics: Arc<Metrics>,
}

/// Writes batches until it is told to end or nobody can send any more. `has_failed` is set before anybody hears of a failure.
pub(super) fn run(
    decider: &Decider,
    mut jobs: mpsc::Receiver<Message>,
    waiting: &AtomicUsize,
    has_failed: &AtomicBool,
) -> Result<(), Failed> {
    let mut batch = Vec::with_capacity(BATCH_LEN_MAX);
    while let Some(first) = jobs.blocking_recv() {
        std::thread::yield_now(); // to a runtime on this core, for what it has in hand; at once where nobody waits for it
        collect(first, &mut jobs, &mut batch);
        if batch.is_empty() {
            continue; // only the word to end
        }
        let answers = write(decider, &batch).map_err(|error| {
            has_failed.store(true, Ordering::Release);
            turn_away(&mut jobs);
            Failed(error.to_string())
        })?;
        waiting.fetch_sub(batch.len(), Ordering::Relaxed);
        desk::answer(batch.drain(..).map(|job| job.reply).zip(answers));
    }
    Ok(())
}

/// Whatever has arrived becomes one batch. After the word to end nothing more is taken, and what waits is still done.
fn collect(first: Message, jobs: &mut mpsc::Receiver<Message>, batch: &mut Vec<Job>) {
    let mut next = Some(first);
    while let Some(message) = next {
        match message {
            Some(job) => batch.push(job),
            None => jobs.close(),
        }
        next = if batch.len() < BATCH_LEN_MAX { jobs.try_recv().ok() } else { None };
    }
}

/// Nobody who sends is left waiting, also one in the middle of it: a queue that is just dropped would keep that command.
fn turn_away(jobs: &mut mpsc::Receiver<Message>) {
    jobs.close();
    while jobs.blocking_recv().is_some() {}
}

type Answers = Vec<Result<Outcome, Fault>>;

fn write(decider: &Decider, batch: &[Job]) -> Result<Answers, StoreError> {
    let started = clock::instant();
    let mut answers = Answers::new();
    decider.store.write(&mut |tx| {
        let shelf = Shelf::default();
        answers = batch.iter().map(|job| decide(decider, tx, &shelf, job)).collect::<Result<_, _>>()?;
        Ok(())
    })?;
    decider.metrics.committed(batch.len(), started.elapsed());
    Ok(answers)
}

/// Decides one command and writes its changes. Only a failing disk ends the batch; a damaged row is one command's bad luck.
fn decide(
    decider: &Decider,
    tx: &mut dyn Write,
    shelf: &Shelf,
    job: &Job,
) -> Result<Result<Outcome, Fault>, StoreError> {
    if let Err(fault) = decider.clock.admit() {
        return Ok(Err(fault));
    }
    let keyring = decider.keyring.load();
    let context = Context {
        shelf,
        now: decider.clock.now(),
        actor: &job.actor,
        keyset_version: keyring.keyset().version,
        lease_term_max: keyring.lease_term_max(),
        challenge: &|activation, last| keyring.challenge(activation, last),
        sign_license: &|license| keyring.sign_license(license).map_err(|error| error.to_string()),
    };
    match apply(tx, &context, &job.command) {
        Ok((changes, outcome)) => {
            changes.write(tx)?;
            shelf.follow(&changes);
            Ok(Ok(outcome))
        }
        Err(Fault::Store(StoreError::Io(error))) => Err(StoreError::Io(error)),
        Err(fault) => Ok(Err(fault)),
    }
}
