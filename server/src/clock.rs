//! The one place where the server reads the machine's clocks.

use leasehold_protocol::Time;
use std::time::{Instant, SystemTime};

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
    /// A moment that never passes, for tests and offline verbs.
    Fixed(Time),
}

impl Clock {
    /// Now.
    #[allow(clippy::disallowed_methods, reason = "this is the clock")]
    #[must_use]
    pub fn now(&self) -> Time {
        match self {
            Clock::Fixed(time) => *time,
            Clock::System => {
                let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Time(i64::try_from(since.as_secs()).unwrap_or(i64::MAX)).plus(0)
            }
        }
    }
}
