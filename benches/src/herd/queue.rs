//! Who is due: consoles that wait for their moment, and those that wait for a worker.

use super::{Arrivals, pause};
use leasehold::clock;
use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// How often the moments are looked at.
const TICK: Duration = Duration::from_millis(1);

/// A console whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Which message.
    pub at: u32,
    /// How often it was sent before.
    pub attempts: u8,
}

/// Consoles and their moments, in microseconds from the start.
pub struct Queue {
    waiting: RefCell<BinaryHeap<Reverse<(u64, Due)>>>,
    ready: RefCell<VecDeque<Due>>,
    /// Consoles that are not done.
    open: Cell<usize>,
    wake: Notify,
}

impl Queue {
    /// `count` consoles, none of which has come yet.
    #[must_use]
    pub fn new(count: usize, arrivals: &Arrivals) -> Self {
        let all = (0..u32::try_from(count).unwrap_or(u32::MAX)).map(|at| Due { at, attempts: 0 });
        let (waiting, ready) = match arrivals {
            Arrivals::Closed => (BinaryHeap::new(), all.collect()),
            Arrivals::At(moments) => {
                let moments = all.zip(moments).map(|(due, seconds)| Reverse((micros(*seconds), due)));
                (moments.collect(), VecDeque::new())
            }
        };
        Self { waiting: waiting.into(), ready: ready.into(), open: count.into(), wake: Notify::new() }
    }

    /// The next console; none once all are done.
    pub async fn next(&self) -> Option<Due> {
        loop {
            if self.open.get() == 0 {
                return None;
            }
            if let Some(due) = self.ready.borrow_mut().pop_front() {
                return Some(due);
            }
            self.wake.notified().await;
        }
    }

    /// One console is done.
    pub fn done(&self) {
        self.open.set(self.open.get().saturating_sub(1));
        if self.open.get() == 0 {
            self.wake.notify_waiters();
        }
    }

    /// It comes again, after a pause.
    pub fn again(&self, due: Due, retry_after: u32, started: Instant) {
        let moment = started.elapsed().as_secs_f64() + pause(due, retry_after);
        let due = Due { attempts: due.attempts.saturating_add(1), ..due };
        self.waiting.borrow_mut().push(Reverse((micros(moment), due)));
    }

    /// Wakes workers for those whose moment has come, until all are done or time is up.
    pub async fn tick(&self, started: Instant, limit: Duration, mut look: impl FnMut()) {
        let mut clock = tokio::time::interval(TICK);
        for turn in 0u64.. {
            clock.tick().await;
            if self.open.get() == 0 {
                return;
            }
            let elapsed = clock::instant().duration_since(started);
            if elapsed >= limit {
                self.open.set(0);
                self.wake.notify_waiters();
                return;
            }
            self.release(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
            if turn.is_multiple_of(128) {
                look();
            }
        }
    }

    fn release(&self, now: u64) {
        let mut waiting = self.waiting.borrow_mut();
        while let Some(Reverse((moment, due))) = waiting.peek().copied()
            && moment <= now
        {
            waiting.pop();
            self.ready.borrow_mut().push_back(due);
            self.wake.notify_one();
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "moments of a run are few and positive")]
fn micros(seconds: f64) -> u64 {
    (seconds.max(0.0) * 1e6) as u64
}
