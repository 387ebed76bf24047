//! More messages than the server can take: those beyond what it has in hand are sent away with 503, before any signature is checked.
//!
//! A message is in hand from the moment its body is there until its answer is made. Connections of a crowd take turns
//! ([`crate::net::turn`]), so only a disk that stands still, or a core that somebody else has, lets as many gather.
//!
//! Who is sent away is told when to come again: at a moment drawn from half a minute, and from longer the more were sent away for
//! each that was answered, for so much longer the server will need for all of them. Counted are spans of ten seconds.

use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Messages in hand at most: what one core does in half a second, and half of what the writer's queue holds.
pub const IN_HAND_MAX: usize = 4096;
/// Seconds over which those sent away come again, at least.
const SPREAD_MIN: u32 = 30;
/// And at most: so many times as long.
const TIMES_MAX: u32 = 20;
/// Milliseconds in a span.
const SPAN: u64 = 10_000;

/// What is in hand, and what became of the messages lately.
#[derive(Debug)]
pub struct Overload {
    most: usize,
    in_hand: AtomicUsize,
    /// The span that is being counted.
    span: AtomicU64,
    sent_away: AtomicU32,
    answered: AtomicU32,
    /// Seconds, from the span before.
    spread: AtomicU32,
}

/// A message in hand, until it is dropped.
#[derive(Debug)]
pub struct InHand<'a>(&'a Overload);

/// Sent away: to come again within so many seconds, at a moment drawn from them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread(pub u32);

impl Default for Spread {
    fn default() -> Self {
        Self(SPREAD_MIN)
    }
}

impl Overload {
    /// With at most so many messages in hand.
    #[must_use]
    pub fn beyond(most: usize) -> Self {
        let (span, spread) = (AtomicU64::new(0), AtomicU32::new(SPREAD_MIN));
        let (sent_away, answered) = (AtomicU32::new(0), AtomicU32::new(0));
        Self { most, in_hand: AtomicUsize::new(0), span, sent_away, answered, spread }
    }

    /// Takes a message in hand; `now` since any fixed moment.
    ///
    /// # Errors
    /// [`Spread`]: there are too many.
    pub fn take(&self, now: Duration) -> Result<InHand<'_>, Spread> {
        self.turn_over(now);
        let room = |in_hand: usize| (in_hand < self.most).then_some(in_hand + 1);
        if self.in_hand.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok() {
            return Ok(InHand(self));
        }
        self.sent_away.fetch_add(1, Ordering::Relaxed);
        Err(Spread(self.spread.load(Ordering::Relaxed)))
    }

    /// Messages in hand.
    #[must_use]
    pub fn in_hand(&self) -> usize {
        self.in_hand.load(Ordering::Relaxed)
    }

    /// Begins a span, once the last one is over: its figures say how long those sent away from now on stay away.
    fn turn_over(&self, now: Duration) {
        let this = u64::try_from(now.as_millis()).unwrap_or(u64::MAX) / SPAN;
        let last = self.span.load(Ordering::Relaxed);
        if this == last || self.span.compare_exchange(last, this, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return; // counting, or somebody else turns it over
        }
        let (sent_away, answered) =
            (self.sent_away.swap(0, Ordering::Relaxed), self.answered.swap(0, Ordering::Relaxed));
        let times = if this == last + 1 { sent_away / answered.max(1) } else { 0 };
        self.spread.store(SPREAD_MIN * times.clamp(1, TIMES_MAX), Ordering::Relaxed);
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Ordering::Relaxed);
        self.0.answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A span of ten seconds in which so many come and none is answered before its end; those sent away are told this.
    fn span(overload: &Overload, number: u64, messages: usize) -> Vec<Spread> {
        let now = Duration::from_millis(number * SPAN + 1);
        let taken: Vec<_> = (0..messages).map(|_| overload.take(now)).collect();
        taken.iter().filter_map(|taken| taken.as_ref().err().copied()).collect()
    }

    #[test]
    fn as_many_as_allowed_are_in_hand_and_the_rest_is_sent_away() {
        let overload = Overload::beyond(3);
        let first = overload.take(Duration::ZERO).expect("there is room");
        assert_eq!(span(&overload, 0, 7), [Spread(SPREAD_MIN); 5]);
        assert_eq!(overload.in_hand(), 1);
        drop(first);
        assert_eq!(overload.in_hand(), 0);
        assert_eq!(span(&overload, 0, 3), []);
    }

    #[test]
    fn the_more_are_sent_away_for_each_that_is_answered_the_longer_they_stay_away() {
        let overload = Overload::beyond(10);
        assert_eq!(span(&overload, 1, 80)[0], Spread(30), "nothing is known yet");
        assert_eq!(span(&overload, 2, 11)[0], Spread(210), "seven of eight were sent away");
        assert_eq!(span(&overload, 3, 5_000)[0], Spread(30), "one of eleven");
        assert_eq!(span(&overload, 4, 11)[0], Spread(600), "never longer");
        assert_eq!(span(&overload, 9, 11)[0], Spread(30), "long ago is forgotten");
    }
}
