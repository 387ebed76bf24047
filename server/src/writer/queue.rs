//! The bounded queue in front of the writer, and the thread behind it.

use super::batch::{self, Decider};
use super::desk::{Answer, Desk};
use crate::process;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::{Command, Fault, Outcome};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

/// Commands that may wait; one more is shed.
pub const QUEUE_LEN_MAX: usize = 8192;

/// Between two tries to tell a busy writer that it is to end.
const CLOSING_PAUSE: Duration = Duration::from_millis(1);

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

/// Where an answer goes.
pub(super) struct Reply {
    pub(super) to: oneshot::Sender<Answer>,
    /// The runtime that waits for it, if that has a desk.
    pub(super) desk: Option<Arc<Desk>>,
}

/// One command on its way.
pub(super) struct Job {
    pub(super) actor: Actor,
    pub(super) command: Command,
    pub(super) reply: Reply,
}

/// What the thread is sent: a command, or word that no more will come.
pub(super) type Message = Option<Job>;

/// The way to the writer thread. Clones share it; it stops when [`Writer::close`] is called or the last clone is gone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Message>,
    desk: Option<Arc<Desk>>,
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
            // A commit costs the same for one command as for a hundred, so where a runtime shares the core it goes on first.
            process::give_way();
            let run = AssertUnwindSafe(|| batch::run(&decider, jobs, &count, &fails));
            let panicked = |_| Err(batch::Failed("the writer panicked: the lines above say where".into()));
            let ended = std::panic::catch_unwind(run).unwrap_or_else(panicked);
            if let Err(error) = &ended {
                fails.store(true, Ordering::Release);
                failed(error);
            }
            ended
        })?;
        Ok(Self { queue, desk: None, waiting, has_failed, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// The same writer, for a runtime that hands its answers out at a desk.
    #[must_use]
    pub fn at(&self, desk: &Arc<Desk>) -> Self {
        Self { desk: Some(desk.clone()), ..self.clone() }
    }

    /// Sends a command and waits until it is durable.
    ///
    /// # Errors
    /// [`NotWritten`].
    pub async fn send(&self, actor: Actor, command: Command) -> Result<Outcome, NotWritten> {
        let (to, answer) = oneshot::channel();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let reply = Reply { to, desk: self.desk.clone() };
        if let Err(error) = self.queue.try_send(Some(Job { actor, command, reply })) {
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
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else { return Ok(()) };
        // A full queue is tried again until there is room or the thread has ended; no runtime is asked, there may be none.
        while let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(None) {
            std::thread::sleep(CLOSING_PAUSE);
        }
        thread.join().unwrap_or_else(|_| Err(batch::Failed("the writer thread panicked".into())))
    }
}
