//! The signals that ask a program to end, or to read its files again.

use crate::cli::failure::Failure;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and Ctrl-C, caught from the moment this is made.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts to catch them, before anything is served, so that none is missed.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn catch(runtime: &Runtime) -> Result<Self, Failure> {
        let caught = runtime.block_on(async {
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        });
        caught.map_err(|error: std::io::Error| Failure::failed(error, "signals cannot be received here"))
    }

    /// Ends at the first one.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// SIGHUP, caught from the moment this is made.
pub struct Hangups(Signal);

impl Hangups {
    /// Starts to catch them.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn catch(runtime: &Runtime) -> Result<Self, Failure> {
        let caught = runtime.block_on(async { signal(SignalKind::hangup()) });
        Ok(Self(caught.map_err(|error| Failure::failed(error, "signals cannot be received here"))?))
    }

    /// Ends at the next one; several that came meanwhile are one.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// A runtime for the main thread.
///
/// # Errors
/// [`Failure`].
pub fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::failed(error, "the system gives no event queue"))
}
