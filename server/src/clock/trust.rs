//! Whether the machine's clock is believed. A clock that jumps signs leases for years to come, or frees units that are out; so
//! while it has jumped nothing is signed and nothing is written, and consoles run on with what they have.
//!
//! The wall clock is held against the monotonic clock while the server runs, and against the last commit when it starts. What
//! is believed instead of a clock that jumped is the last time that was plausible and the seconds gone by since.
//! It is believed again as soon as it is plausible, or when the operator says so (`leasehold clock accept`).

use leasehold_protocol::Time;
use leasehold_protocol::time::DAY;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Seconds the clock may be set back.
pub const BACK_MAX: i64 = 5 * 60;
/// Seconds the clock may be set forward, or the server may have been off.
pub const FORWARD_MAX: i64 = 30 * DAY;
/// Seconds between two marks of the time in the store.
pub const MARK_EVERY: i64 = 3600;

/// What a reading of the wall clock is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may be the time.
    Plausible,
    /// It lies this many seconds behind what it should be.
    Back(i64),
    /// It lies this many seconds before what it should be.
    Forward(i64),
}

/// Holds a reading against the time it should be.
#[must_use]
pub fn judge(expected: Time, wall: Time) -> Verdict {
    match wall.0.saturating_sub(expected.0) {
        ahead if ahead > FORWARD_MAX => Verdict::Forward(ahead),
        ahead if ahead < -BACK_MAX => Verdict::Back(ahead.saturating_neg()),
        _ => Verdict::Plausible,
    }
}

/// The clock of a running server under guard. Without locks: every request asks it.
#[derive(Debug)]
pub struct Guard {
    /// The latest plausible time, less the monotonic seconds at which it was read.
    offset: AtomicI64,
    is_untrusted: AtomicBool,
    /// The time the store was last marked with.
    marked: AtomicI64,
}

impl Guard {
    /// At the start of a server, at monotonic second 0. `last` is the time of the last commit; a new store has none, and then
    /// the clock is believed.
    #[must_use]
    pub fn new(last: Option<Time>, wall: Time) -> Self {
        let offset = last.map_or(wall, |last| last.max(wall));
        let verdict = last.map_or(Verdict::Plausible, |last| judge(last, wall));
        let believed = if verdict == Verdict::Plausible { offset } else { last.unwrap_or(wall) };
        let guard = Self {
            offset: AtomicI64::new(believed.0),
            is_untrusted: AtomicBool::new(false),
            marked: AtomicI64::new(i64::MIN),
        };
        guard.note(believed, verdict);
        guard
    }

    /// The time, by a reading of the wall clock at a second of the monotonic clock.
    pub fn read(&self, wall: Time, monotonic: i64) -> Time {
        let expected = Time(self.offset.load(Ordering::Relaxed).saturating_add(monotonic));
        let verdict = judge(expected, wall);
        self.note(expected, verdict);
        if verdict != Verdict::Plausible {
            return expected;
        }
        self.offset.fetch_max(wall.0.saturating_sub(monotonic), Ordering::Relaxed);
        wall
    }

    /// Whether the last reading was plausible.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        !self.is_untrusted.load(Ordering::Relaxed)
    }

    /// The operator says that this reading is the time. Returns what was believed before.
    pub fn accept(&self, wall: Time, monotonic: i64) -> Time {
        let believed = self.read(wall, monotonic);
        self.offset.store(wall.0.saturating_sub(monotonic), Ordering::Relaxed);
        self.marked.store(i64::MIN, Ordering::Relaxed);
        self.note(wall, Verdict::Plausible);
        believed
    }

    /// Whether the store has to be marked with the time, as it is once an hour.
    #[must_use]
    pub fn is_mark_due(&self, now: Time) -> bool {
        self.is_trusted() && now.0 >= self.marked.load(Ordering::Relaxed).saturating_add(MARK_EVERY)
    }

    /// The mark is durable.
    pub fn marked(&self, now: Time) {
        self.marked.store(now.0, Ordering::Relaxed);
    }

    /// Says once what changed, and what to do about it.
    fn note(&self, believed: Time, verdict: Verdict) {
        let is_untrusted = verdict != Verdict::Plausible;
        if self.is_untrusted.swap(is_untrusted, Ordering::Relaxed) == is_untrusted {
            return;
        }
        let advice =
            "nothing is signed or written; set the clock right, or run `leasehold clock accept` if it is right";
        match verdict {
            Verdict::Plausible => tracing::warn!("the machine's clock is believed again"),
            Verdict::Back(seconds) => tracing::error!(seconds, %believed, "the machine's clock went back: {advice}"),
            Verdict::Forward(seconds) => {
                tracing::error!(seconds, %believed, "the machine's clock went forward: {advice}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: Time = Time(20_000 * DAY);

    #[test]
    fn r14_a_clock_is_believed_five_minutes_back_and_thirty_days_forward_and_no_further() {
        for (ahead, verdict) in [
            (0, Verdict::Plausible),
            (-BACK_MAX, Verdict::Plausible),
            (-BACK_MAX - 1, Verdict::Back(301)),
            (-9_000 * DAY, Verdict::Back(9_000 * DAY)),
            (FORWARD_MAX, Verdict::Plausible),
            (FORWARD_MAX + 1, Verdict::Forward(30 * DAY + 1)),
            (i64::MAX - T.0, Verdict::Forward(i64::MAX - T.0)),
        ] {
            assert_eq!(judge(T, Time(T.0 + ahead)), verdict, "{ahead}");
        }
        assert_eq!(judge(T, Time(i64::MIN)), Verdict::Back(i64::MAX));
    }

    #[test]
    fn while_the_clock_is_wrong_the_time_goes_on_from_the_last_one_believed() {
        let guard = Guard::new(None, T);
        assert_eq!(guard.read(T.plus(10), 10), T.plus(10));
        assert_eq!(guard.read(T.plus(10 - 3600), 20), T.plus(20), "an hour back");
        assert!(!guard.is_trusted());
        assert_eq!(guard.read(T.plus(9_000 * DAY), 30), T.plus(30), "years forward");
        assert!(!guard.is_trusted());
        assert_eq!(guard.read(T.plus(39), 40), T.plus(39), "it was set right");
        assert!(guard.is_trusted());
    }

    #[test]
    fn a_clock_that_creeps_back_is_caught_however_small_its_steps() {
        let guard = Guard::new(None, T);
        let steps: Vec<bool> = (1..=10)
            .map(|step| {
                guard.read(T.plus(step * 60 - step * 60), step * 60);
                guard.is_trusted()
            })
            .collect();
        assert_eq!(steps.iter().filter(|trusted| **trusted).count(), 5, "{steps:?}: a minute each, five are allowed");
    }

    #[test]
    fn at_the_start_the_clock_is_held_against_the_last_commit() {
        let starts = |ahead: i64| Guard::new(Some(T), T.plus(ahead)).is_trusted();
        assert!(starts(-BACK_MAX) && starts(0) && starts(FORWARD_MAX));
        assert!(!starts(-BACK_MAX - 1) && !starts(FORWARD_MAX + 1));
        assert_eq!(Guard::new(Some(T), T.plus(-DAY)).read(T.plus(5 - DAY), 5), T.plus(5));
        assert!(Guard::new(None, T.plus(-9_000 * DAY)).is_trusted(), "a new store has nothing to hold it against");
    }

    #[test]
    fn a_clock_that_is_accepted_is_the_time_and_the_store_is_marked_with_it() {
        let guard = Guard::new(Some(T), T.plus(-DAY));
        guard.marked(T);
        assert!(!guard.is_mark_due(T.plus(2 * MARK_EVERY)), "an untrusted time is never kept");
        assert_eq!(guard.accept(T.plus(7 - DAY), 7), T.plus(7));
        assert!(guard.is_trusted());
        assert_eq!(guard.read(T.plus(9 - DAY), 9), T.plus(9 - DAY));
        assert!(guard.is_mark_due(T.plus(9 - DAY)));
        guard.marked(T.plus(9 - DAY));
        assert!(!guard.is_mark_due(T.plus(8 + MARK_EVERY - DAY)));
        assert!(guard.is_mark_due(T.plus(9 + MARK_EVERY - DAY)));
    }
}
