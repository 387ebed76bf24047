//! What the tests of the server speak through: a server process ([`server`]), its books ([`seed`]), devices that talk to it byte by
//! byte ([`device`] over [`http`], [`tls`]), and the programs of the workspace ([`program`]).
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub mod device;
pub mod fake_clock;
pub mod http;
pub mod keysets;
pub mod program;
pub mod secrets;
pub mod seed;
pub mod server;
pub mod tls;

use leasehold::clock::Clock;
use leasehold_protocol::Time;
use std::time::{Duration, Instant};

/// The machine's time.
pub fn now() -> Time {
    Clock::System.now()
}

/// A moment on the monotonic clock.
#[allow(clippy::disallowed_methods, reason = "tests measure how long things take")]
pub fn instant() -> Instant {
    Instant::now()
}

/// Waits until `done` gives something; nothing if it has not within `limit`.
pub fn wait_for<T>(limit: Duration, mut done: impl FnMut() -> Option<T>) -> Option<T> {
    let started = instant();
    loop {
        if let Some(value) = done() {
            return Some(value);
        }
        if started.elapsed() >= limit {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A source of numbers that a printed seed repeats (splitmix64, Vigna 2015).
pub struct Dice(pub u64);

impl Dice {
    /// Thrown differently every time, unless `LEASEHOLD_SEED` says how; prints the seed.
    pub fn thrown(what: &str) -> Self {
        let given = std::env::var("LEASEHOLD_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| u64::from_be_bytes(leasehold::random::bytes()));
        println!("seed of {what}: LEASEHOLD_SEED={seed}");
        Self(seed)
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % end.max(1)
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
