//! The one place where the server reads the machine's clocks.

pub mod trust;

use leasehold_ledger::Fault;
use leasehold_protocol::{Refused, Time};
use std::time::{Instant, SystemTime};
use trust::Guard;

/// A moment on the monotonic clock: for measuring how long things take, never for the time of day.
#[allow(clippy::disallowed_methods, reason = "this is the clock")]
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// Where the time comes from.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The machine's clock, as far as it is believed: a running server's.
    Guarded(&'static Watched),
    /// A moment that never passes, for tests and offline verbs.
    Fixed(Time),
}

/// The machine's clock since a server started.
#[derive(Debug)]
pub struct Watched {
    started: Instant,
    guard: Guard,
}

impl Watched {
    fn monotonic(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX)
    }
}

impl Clock {
    /// Now. While the machine's clock is not believed, the last time that was and the seconds since.
    #[must_use]
    pub fn now(&self) -> Time {
        match self {
            Clock::Fixed(time) => *time,
            Clock::System => wall(),
            Clock::Guarded(watched) => watched.guard.read(wall(), watched.monotonic()),
        }
    }

    /// The same clock under guard, for a server that starts now and whose last commit was at `last`.
    #[must_use]
    pub fn guarded(self, last: Option<Time>) -> Self {
        match self {
            // One a server, as long as the process: the clock stays a value that is copied everywhere.
            Clock::System => {
                Clock::Guarded(Box::leak(Box::new(Watched { started: instant(), guard: Guard::new(last, wall()) })))
            }
            other => other,
        }
    }

    /// The guard, if there is one.
    #[must_use]
    pub fn guard(&self) -> Option<&'static Guard> {
        match self {
            Clock::Guarded(watched) => Some(&watched.guard),
            _ => None,
        }
    }

    /// Whether the clock is believed now.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        let Clock::Guarded(watched) = self else { return true };
        watched.guard.read(wall(), watched.monotonic());
        watched.guard.is_trusted()
    }

    /// The operator says that the machine's clock is right. Returns what was believed before; nothing if it was
    /// believed all along.
    #[must_use]
    pub fn accept(&self) -> Option<Time> {
        let Clock::Guarded(watched) = self else { return None };
        (!self.is_trusted()).then(|| watched.guard.accept(wall(), watched.monotonic()))
    }

    /// Nothing is decided by a clock that is not believed.
    ///
    /// # Errors
    /// `clock_untrusted`.
    pub fn admit(&self) -> Result<(), Fault> {
        let detail = "set the server's clock right, or run `leasehold clock accept`";
        if self.is_trusted() { Ok(()) } else { Err(Fault::refused(Refused::ClockUntrusted, detail)) }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the clock")]
fn wall() -> Time {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)).plus(0)
}
