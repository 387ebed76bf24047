//! Days pass: consoles check in at their own moments, people change things in between.

use super::churn::Act;
use super::console::Wish;
use super::fleet::Fleet;
use super::mutant::Wrong;
use super::snapshot::Remedy;
use leasehold_ledger::Command;
use leasehold_protocol::time::DAY;
use std::collections::BTreeSet;

/// Times a console tries in a day, at most, until it is answered; on one day in eight it is switched off.
const TRIES: u32 = 3;
/// Days between two checks of the whole store.
const CHECKED: u32 = 40;

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Console(u64),
    Offline(u64),
    Float(u64, Act),
    People,
}

impl Fleet {
    /// So many days.
    pub fn live(&mut self, days: u32) {
        for day in 0..days {
            self.day();
            if day % CHECKED == CHECKED - 1 && self.ledger.wrong.is_none() {
                self.ledger.check();
            }
            self.rollback();
        }
        self.tally.done = std::mem::take(&mut self.ledger.done);
    }

    fn day(&mut self) {
        let midnight = self.time;
        let mut answered = BTreeSet::new();
        for (second, who) in self.moments() {
            self.at(midnight.plus(second.into()));
            match who {
                Who::People => self.change(),
                Who::Offline(device) => self.visit(device),
                Who::Float(console, act) => self.act(console, act),
                Who::Console(console) if answered.contains(&console) => {}
                Who::Console(console) if self.exchange(console) => drop(answered.insert(console)),
                Who::Console(_) => {}
            }
            self.measure();
        }
        self.at(midnight.plus(DAY));
        if self.ledger.random.chance(2) {
            let days = 1 + self.ledger.random.below(20);
            self.at(self.time.plus(i64::from(days) * DAY)); // nobody could reach anybody
        }
        self.lapses();
        let (free_on, now) = (self.free_on, self.time);
        self.consoles.retain(|_, one| one.wish != Wish::Nothing || !one.kept.living(now).is_none());
        self.offline.retain(|_, one| !one.is_retired || !one.living(free_on, now).is_none());
    }

    /// The job that records what has ended looks at some of the activations.
    pub fn lapses(&mut self) {
        let subs = self.consoles.values().filter_map(|console| console.lease.as_ref()).map(|lease| lease.grant.sub);
        let subs: Vec<_> = subs.collect();
        for sub in subs {
            if self.ledger.random.chance(4) {
                let _known_or_lost = self.ledger.run(Command::Lapse { activation: sub });
            }
        }
    }

    /// Who does something today, and in which second.
    fn moments(&mut self) -> Vec<(u32, Who)> {
        let seconds = u32::try_from(DAY).expect("a day");
        let mut moments: Vec<_> = self.rush().into_iter().map(|(at, one, act)| (at, Who::Float(one, act))).collect();
        let floats: BTreeSet<u64> =
            self.customers.iter().filter_map(|one| one.floats.as_ref()).flat_map(|one| one.consoles.clone()).collect();
        let random = &mut self.ledger.random;
        for console in self.consoles.keys().filter(|console| !floats.contains(console)) {
            let first = random.below(seconds);
            let tries = if random.below(8) == 0 { 0 } else { 1 + random.below(TRIES) };
            moments.extend((0..tries).map(|again| (first + again * 600, Who::Console(*console))));
        }
        for device in self.offline.keys() {
            if random.chance(30) {
                moments.push((random.below(seconds), Who::Offline(*device)));
            }
        }
        let changes = random.below(5);
        moments.extend((0..changes).map(|_| (random.below(seconds), Who::People)));
        moments.sort_unstable();
        moments
    }

    /// Once or twice in a world's life its store is lost, and a backup put back.
    fn rollback(&mut self) {
        match &self.snapshot {
            None if self.is_calm() && self.ledger.random.chance(self.rollbacks) => {
                let days = 1 + self.ledger.random.below(15);
                self.back_up(days);
            }
            Some(snapshot) if snapshot.due <= self.time => {
                let careless = self.ledger.wrong == Some(Wrong::NoQuarantine);
                self.put_back(if careless { Remedy::AcceptRisk } else { Remedy::Quarantine });
            }
            _ => {}
        }
    }

    /// The last quarantine has been over for a while.
    fn is_calm(&self) -> bool {
        self.time > self.resting
    }
}
