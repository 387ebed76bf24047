//! Who is inside: the connections of one listener, and which of them makes way when there are too many.
//!
//! Nobody is turned away for the sake of a connection that only holds its place. A newcomer beyond the share of its address
//! takes the place of another connection of that address, beyond the whole of anybody's: of one that stands between two
//! requests, or on which nothing was completed for two seconds, neither handshake nor head nor answer. So an address that
//! opens connections without end, and says nothing or says it byte by byte, closes its own, and those who share the address
//! get in beside it.
//!
//! Where there is no such connection the newcomer is closed at once, the cheapest no there is: everybody inside is being
//! worked for, and a server that stopped one to begin another would in a rush finish nothing. That is the risk left: whoever
//! completes requests on all places of an address, one in two seconds each and never pausing, keeps those who share that very
//! address out, and nobody else.

use super::peer::Prefix;
use super::turn::{Turn, Turns};
use crate::clock;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::AbortHandle;

/// How long a connection is let be on which nothing is completed, when others want in.
const STILL: Duration = Duration::from_secs(2);
/// With more than one place in so many taken it is a crowd, in which memory is saved at the cost of a little time.
const CROWD: usize = 32;
/// Connections closed at once when the system has no more descriptors for new ones.
const RELIEF: usize = 16;
/// Connections looked at for one that may be closed.
const LOOK: usize = 256;

/// The connections of one listener, in one thread.
pub struct Room {
    places: usize,
    turns: Turns,
    inside: RefCell<Inside>,
}

#[derive(Default)]
struct Inside {
    visitors: BTreeMap<Key, Rc<Visitor>>,
    counts: HashMap<Prefix, usize>,
    entered: u64,
    /// Where the last look for somebody to close ended: the next one goes on from there, so that everybody is looked at.
    hand: Option<Key>,
}

/// Whose connection, and the how manieth it is.
type Key = (Prefix, u64);

/// A connection.
pub struct Visitor {
    /// Since when something is to be completed; none between two requests.
    busy: Cell<Option<Instant>>,
    /// It waits for its turn: that is not its fault.
    in_line: Cell<bool>,
    /// What ends it.
    task: OnceCell<AbortHandle>,
}

/// A place inside, given back when it is dropped.
pub struct Place {
    room: Rc<Room>,
    key: Key,
    visitor: Rc<Visitor>,
}

/// What became of a newcomer.
pub enum Entry {
    /// There was room.
    Free(Place),
    /// Another was closed.
    Instead(Place),
    /// There was nobody to close.
    Full,
}

impl Room {
    /// An empty one.
    #[must_use]
    pub fn new(places: usize) -> Rc<Self> {
        Rc::new(Self { places, turns: Turns::default(), inside: RefCell::default() })
    }

    /// Lets a connection of `prefix` in, which may have `most` of them.
    pub fn enter(self: &Rc<Self>, prefix: Prefix, most: usize) -> Entry {
        let mut inside = self.inside.borrow_mut();
        let now = clock::instant();
        let beyond = inside.counts.get(&prefix).is_some_and(|count| *count >= most);
        let full = beyond || inside.visitors.len() >= self.places;
        if full && !inside.close_one(beyond.then_some(prefix), now) {
            return Entry::Full;
        }
        let visitor = Rc::new(Visitor { busy: Cell::new(Some(now)), in_line: Cell::new(false), task: OnceCell::new() });
        let key = inside.add(prefix, visitor.clone());
        let place = Place { room: self.clone(), key, visitor };
        if full { Entry::Instead(place) } else { Entry::Free(place) }
    }

    /// Closes some connections that may be, because the system gives no more descriptors before the room is full. How many.
    pub fn relieve(&self) -> usize {
        let (mut inside, now) = (self.inside.borrow_mut(), clock::instant());
        (0..RELIEF).take_while(|_| inside.close_one(None, now)).count()
    }
}

impl Inside {
    fn add(&mut self, prefix: Prefix, visitor: Rc<Visitor>) -> Key {
        self.entered += 1;
        let key = (prefix, self.entered);
        self.visitors.insert(key, visitor);
        *self.counts.entry(prefix).or_default() += 1;
        key
    }

    fn remove(&mut self, key: Key) -> Option<Rc<Visitor>> {
        let visitor = self.visitors.remove(&key)?;
        if let Some(count) = self.counts.get_mut(&key.0) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&key.0);
            }
        }
        Some(visitor)
    }

    /// Closes a connection that may be, of this address or of any. False if none was found.
    fn close_one(&mut self, of: Option<Prefix>, now: Instant) -> bool {
        let (first, last) =
            of.map_or(((Prefix([0; 8]), 0), (Prefix([255; 8]), u64::MAX)), |of| ((of, 0), (of, u64::MAX)));
        let hand = self.hand.filter(|hand| (first..last).contains(hand)).unwrap_or(first);
        let after = self.visitors.range((Bound::Excluded(hand), Bound::Included(last)));
        let looked = after.chain(self.visitors.range(first..=hand)).take(LOOK);
        let mut found = None;
        for (key, visitor) in looked {
            self.hand = Some(*key);
            if visitor.may_go(now) {
                found = Some(*key);
                break;
            }
        }
        let closed = found.and_then(|key| self.remove(key));
        closed.inspect(|visitor| visitor.close()).is_some()
    }
}

impl Visitor {
    /// Says which task ends when the place is given to another.
    pub fn runs_in(&self, task: AbortHandle) {
        self.task.set(task).ok();
    }

    fn may_go(&self, now: Instant) -> bool {
        !self.in_line.get() && self.busy.get().is_none_or(|since| now.duration_since(since) >= STILL)
    }

    fn close(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl Place {
    /// Something was completed that is not an answer: a handshake, a request's head.
    pub fn busy(&self) {
        self.visitor.busy.set(Some(clock::instant()));
    }

    /// A request was answered; the next one may come.
    pub fn idle(&self) {
        self.visitor.busy.set(None);
    }

    /// Waits, in a crowd, for the turn to be talked to.
    pub async fn turn(&self) -> Turn {
        self.visitor.in_line.set(true);
        let turn = self.room.turns.next().await;
        self.visitor.in_line.set(false);
        self.busy();
        turn
    }

    /// Whether many are inside.
    #[must_use]
    pub fn is_crowded(&self) -> bool {
        self.room.inside.borrow().visitors.len() > self.room.places / CROWD
    }

    /// The connection, to be told which task is its own.
    #[must_use]
    pub fn visitor(&self) -> Rc<Visitor> {
        self.visitor.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.inside.borrow_mut().remove(self.key);
    }
}

#[cfg(test)]
mod tests;
