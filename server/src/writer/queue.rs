//! The bounded queue in front of the writer, and the thread behind it.

use super::batch::{self, Decider};
use leasehold_ledger::actor::Actor;
use leasehold_ledger::{Command, Fault, Outcome};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait; one more is shed.
pub const QUEUE_LEN_MAX: usize = 8192;

/// A command was not carried out, or nobody can tell.
#[derive(Debug, Error)]
pub enum NotWritten {
    /// A rule said no, or a row is damaged; nothing changed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The queue is full: try again later.
    #[error("the server is busy")]
    Busy,
    /// The writer has stopped, perhaps in the middle of this command.
    #[error("the writer has stopped")]
    Stopped,
}

/// The writer's thread, and how it ended.
type Thread = JoinHandle<Result<(), batch::Failed>>;

/// One command on its way.
pub(super) struct Job {
    pub(super) actor: Actor,
    pub(super) command: Command,
    pub(super) reply: oneshot::Sender<Result<Outcome, Fault>>,
}

/// The way to the writer thread. Clones share it; it stops when [`Writer::close`] is called or the last clone is gone.
#[derive(Clone)]
pub struct Writer {
    queue: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    waiting: Arc<AtomicUsize>,
    has_failed: Arc<AtomicBool>,
    thread: Arc<Mutex<Option<Thread>>>,
}

impl Writer {
    /// Starts the thread. `failed` is called from it when a commit failed: the process must end.
    ///
    /// # Errors
    /// The operating system's, when it gives no thread.
    pub fn start(decider: Decider, failed: impl FnOnce(&batch::Failed) + Send + 'static) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_LEN_MAX);
        let waiting = Arc::new(AtomicUsize::new(0));
        let has_failed = Arc::new(AtomicBool::new(false));
        let (count, fails) = (waiting.clone(), has_failed.clone());
        let thread = std::thread::Builder::new().name("writer".into()).spawn(move || {
            let run = AssertUnwindSafe(|| batch::run(&decider, jobs, &count, &fails));
            let panicked = |_| Err(batch::Failed("the writer panicked: the lines above say where".into()));
            let ended = std::panic::catch_unwind(run).unwrap_or_else(panicked);
            if let Err(error) = &ended {
                fails.store(true, Ordering::Release);
                failed(error);
            }
            ended
        })?;
        let (queue, thread) = (Arc::new(Mutex::new(Some(queue))), Arc::new(Mutex::new(Some(thread))));
        Ok(Self { queue, waiting, has_failed, thread })
    }

    /// Sends a command and waits until it is durable.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub async fn send(&self, actor: Actor, command: Command) -> Result<Outcome, NotWritten> {
        let (reply, answer) = oneshot::channel();
        let queue = lock(&self.queue).clone().ok_or(NotWritten::Stopped)?;
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let sent = queue.try_send(Job { actor, command, reply });
        drop(queue); // the thread ends when nobody can send any more
        if let Err(error) = sent {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                mpsc::error::TrySendError::Full(_) => NotWritten::Busy,
                mpsc::error::TrySendError::Closed(_) => NotWritten::Stopped,
            });
        }
        Ok(answer.await.map_err(|_| NotWritten::Stopped)??)
    }

    /// Commands that wait or are being written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether a commit has failed: nothing is written any more.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Acquire)
    }

    /// Takes no more commands, finishes those that wait, and ends the thread. Blocks.
    ///
    /// # Errors
    /// What stopped the thread before.
    pub fn close(&self) -> Result<(), batch::Failed> {
        lock(&self.queue).take();
        match lock(&self.thread).take() {
            Some(thread) => thread.join().unwrap_or_else(|_| Err(batch::Failed("the writer thread panicked".into()))),
            None => Ok(()),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
