//! A fleet of consoles on one core: every message is signed before the clock starts, HTTP is written and read by hand, so that
//! the load costs a small part of what it measures.
//!
//! ```text
//! fleet: messages  ->  queue: who is due  ->  workers: a connection each  ->  tally: statuses, latencies, samples
//! ```
//! A console that gets 503 comes again as the reference console does: after `Retry-After` and full jitter under a bound that
//! doubles. Nothing else is repeated. Samples are verified strictly once the clock has stopped.

pub mod cli;
pub mod curve;
pub mod fleet;
pub mod queue;
pub mod tally;
pub mod verify;
pub mod wire;
mod worker;

use crate::Done;
use crate::progress;
use fleet::Message;
use futures_util::stream::{FuturesUnordered, StreamExt};
use leasehold::clock;
use queue::{Due, Queue};
use std::cell::RefCell;
use std::time::Duration;
use tally::Tally;
use wire::Target;
use worker::Run;

/// What becomes of a connection after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// It serves the next check.
    Alive,
    /// It is closed: one connection a check.
    OnePerCheck,
}

/// When consoles come.
#[derive(Debug, Clone)]
pub enum Arrivals {
    /// Each as soon as a worker is free: as fast as the server answers.
    Closed,
    /// Each at its own moment, in seconds from the start.
    At(Vec<f64>),
}

/// What a console does after a 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// As the reference console.
    AsConsoles,
    /// It is gone: the next one comes.
    Never,
}

/// Whether the next check's window is taken from each lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Windows {
    /// For a run that follows it.
    Read,
    /// Not read.
    Ignored,
}

/// A storm takes no longer: with the server gone it would wait for ever.
const STORM_MAX: Duration = Duration::from_secs(900);

/// A run.
pub struct Plan {
    /// Whom to ask.
    pub target: Target,
    /// Connections at the same time.
    pub connections: usize,
    /// What becomes of them.
    pub keep: Keep,
    /// When consoles come.
    pub arrivals: Arrivals,
    /// What they do after a 503.
    pub retry: Retry,
    /// Answers kept to be verified.
    pub sample: usize,
    /// Whether every lease's window for the next check is read.
    pub windows: Windows,
    /// The run ends by then, however many have not come.
    pub limit: Duration,
}

impl Plan {
    /// Checks as fast as the server answers, on connections that stay open.
    #[must_use]
    pub fn closed(target: Target, connections: usize, keep: Keep) -> Self {
        let (arrivals, retry) = (Arrivals::Closed, Retry::AsConsoles);
        Self { target, connections, keep, arrivals, retry, sample: 0, windows: Windows::Ignored, limit: STORM_MAX }
    }
}

/// Sends the messages and says what came of it.
///
/// # Errors
/// The system's, when it gives no event queue.
pub fn storm(plan: &Plan, messages: &[Message]) -> Done<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let bar = progress::bar(messages.len() as u64, "consoles have a lease");
    let tally = RefCell::new(Tally::new(messages.len(), plan.sample));
    let run =
        Run { plan, messages, queue: Queue::new(messages.len(), &plan.arrivals), tally, started: clock::instant() };
    runtime.block_on(async {
        let workers: FuturesUnordered<_> =
            (0..plan.connections.min(messages.len())).map(|_| worker::work(&run)).collect();
        let ticks = run.queue.tick(run.started, plan.limit, || bar.set_position(run.tally.borrow().fresh()));
        let work = async { tokio::join!(workers.collect::<()>(), ticks) };
        // On the loopback interface who sends pays for waking who receives, which over a network nobody does: a load that
        // never sleeps costs the server, and its floor, no wake.
        let stay_awake = async {
            loop {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            _ = work => (),
            () = stay_awake => (),
        }
    });
    bar.finish_and_clear();
    let mut tally = run.tally.into_inner();
    tally.seconds = run.started.elapsed().as_secs_f64();
    Ok(tally)
}

/// The end of a pause after attempt number `attempts`, in seconds, as the reference console draws it.
#[must_use]
pub fn pause(due: Due, retry_after: u32) -> f64 {
    const BASE: f64 = 30.0;
    const CAP: f64 = 7200.0;
    let bound = (BASE * f64::from(1u32 << due.attempts.min(16))).min(CAP);
    f64::from(retry_after) + 1.0 + bound * fleet::draw(u64::from(due.at) << 8 | u64::from(due.attempts))
}
