//! Waiting that a signal ends.

use signal_hook::consts::{SIGINT, SIGTERM};
use std::io::{self, ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// Waits, until the time is over or it is told to stop: a byte on a socket pair, written by a signal handler or by anybody
/// who holds the other end.
#[derive(Debug)]
pub struct Stop(UnixStream);

impl Stop {
    /// Told by SIGTERM and SIGINT (Ctrl-C).
    ///
    /// # Errors
    /// When the system gives no sockets or handlers.
    pub fn on_signals() -> io::Result<Self> {
        let (stop, told) = Self::pair()?;
        for signal in [SIGTERM, SIGINT] {
            signal_hook::low_level::pipe::register(signal, told.try_clone()?)?;
        }
        Ok(stop)
    }

    /// Told by a byte on the other end, or by closing it.
    ///
    /// # Errors
    /// When the system gives no sockets.
    pub fn pair() -> io::Result<(Self, UnixStream)> {
        let (here, there) = UnixStream::pair()?;
        Ok((Self(here), there))
    }

    /// Waits at most this long; whether to stop.
    pub(crate) fn wait(&mut self, at_most: Duration) -> bool {
        let at_most = at_most.max(Duration::from_millis(1)); // zero would wait for ever
        let waited = self.0.set_read_timeout(Some(at_most)).and_then(|()| self.0.read(&mut [0]));
        match waited {
            Err(error) => !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted),
            Ok(_) => true,
        }
    }
}
