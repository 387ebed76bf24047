//! The clocks of this process.
#![allow(clippy::disallowed_methods, reason = "the one module of this program that reads the clock")]

use leasehold_protocol::{Time, machine::Now};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Reads the wall clock, or one that was given and goes on from there.
#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    given: Option<Time>,
}

impl Clock {
    pub fn starting(given: Option<Time>) -> Self {
        Self { started: Instant::now(), given }
    }

    pub fn now(&self) -> Now {
        let monotonic = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        let wall = self.given.map_or_else(system_time, |given| given.plus(monotonic));
        Now { wall, monotonic }
    }
}

fn system_time() -> Time {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Time(0).plus(i64::try_from(seconds).unwrap_or(i64::MAX))
}
