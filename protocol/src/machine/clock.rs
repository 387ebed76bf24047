//! What time it is, where people can set the clock: the wall clock, but never earlier than the newest signed server time
//! plus what has gone by since on the monotonic clock.

use super::event::Now;
use super::notice::Notice;
use super::{Machine, Turn};
use crate::time::{DAY, Time};

/// Seconds the wall clock may lie behind the newest signed server time.
const BEHIND_MAX: i64 = DAY;

/// What is known about the clocks of this process; a restart begins anew.
#[derive(Debug)]
pub(super) struct Clock {
    /// The monotonic clock when the mark was read from disk or set.
    marked_at: i64,
    /// How far behind the wall clock was at the last fresh signed answer. That answer vouched for as much: it is suspect again
    /// when it falls back another [`BEHIND_MAX`].
    vouched: i64,
    /// This suspicion was shown and acted upon.
    seen: bool,
}

impl Clock {
    pub(super) fn new(now: Now) -> Self {
        Self { marked_at: now.monotonic, vouched: 0, seen: false }
    }
}

impl Machine {
    /// The best guess of the time; leases are tested against it.
    #[must_use]
    pub fn time(&self, now: Now) -> Time {
        self.marked(now).map_or(now.wall, |marked| marked.max(now.wall))
    }

    /// The newest signed server time, brought forward.
    fn marked(&self, now: Now) -> Option<Time> {
        let elapsed = now.monotonic.saturating_sub(self.clock.marked_at).max(0);
        self.state.mark.map(|mark| mark.plus(elapsed))
    }

    fn behind(&self, now: Now) -> i64 {
        self.marked(now).map_or(0, |marked| marked.0.saturating_sub(now.wall.0))
    }

    /// Whether the wall clock is more than a day behind what a server has signed.
    pub(super) fn is_clock_suspect(&self, now: Now) -> bool {
        self.behind(now).saturating_sub(self.clock.vouched) > BEHIND_MAX
    }

    /// Whether the clock has become suspect since the last step: reason for an immediate check.
    pub(super) fn new_suspicion(&mut self, turn: &mut Turn) -> bool {
        let suspect = self.is_clock_suspect(turn.now);
        let new = suspect && !self.clock.seen;
        self.clock.seen = suspect;
        if new {
            let mark = self.state.mark.unwrap_or_default();
            turn.show(Notice::ClockSuspect { wall: turn.now.wall, mark });
        }
        new
    }

    /// Learns the time from an answer to the pending nonce, which was therefore signed after the last one. That is why
    /// a suspicion may move the mark back: then it was the server's own clock that had been wrong.
    pub(super) fn learn_time(&mut self, signed_at: Time, now: Now) {
        let marked = self.marked(now);
        if self.is_clock_suspect(now) {
            self.state.mark = Some(signed_at);
            self.clock.marked_at = now.monotonic;
        } else if self.state.mark.is_none_or(|mark| signed_at > mark) {
            let ahead = marked.map_or(0, |marked| marked.0.saturating_sub(signed_at.0).max(0));
            self.state.mark = Some(signed_at);
            self.clock.marked_at = now.monotonic.saturating_sub(ahead);
        }
        self.clock.vouched = self.behind(now).max(0);
    }
}
