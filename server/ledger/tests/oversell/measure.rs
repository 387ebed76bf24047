//! The measure: units in signed artefacts against units bought, at every instant; and who had less than its quota.

use super::console::Wish;
use super::count::Count;
use super::fleet::Fleet;
use super::fleet::owned::Customer;
use super::ledger::TERM;
use leasehold_ledger::record::HoldingId;
use leasehold_protocol::{Time, Units};
use std::collections::BTreeMap;

/// What a run found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    seed: u64,
    pub leases: u64,
    pub files: u64,
    pub instants: u64,
    pub oversold: u64,
    pub starved: u64,
    /// Commands that were carried out, by name.
    pub done: BTreeMap<&'static str, u64>,
    /// The first few findings, in words.
    pub told: Vec<String>,
}

impl Tally {
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// The same world, counted from here.
    pub fn afresh(&self) -> Self {
        Self::new(self.seed)
    }

    pub fn add(&mut self, other: &Tally) {
        self.leases += other.leases;
        self.files += other.files;
        self.instants += other.instants;
        self.oversold += other.oversold;
        self.starved += other.starved;
        other.done.iter().for_each(|(name, count)| *self.done.entry(name).or_default() += count);
        self.told.extend(other.told.iter().take(3).cloned());
    }

    /// Somebody had less than it should.
    pub fn starved(&mut self, what: String) {
        self.starved += 1;
        self.tell(format!("starved {what}"));
    }

    fn tell(&mut self, what: String) {
        if self.told.len() < 5 {
            self.told.push(format!("world {}: {what}", self.seed));
        }
    }
}

/// What was bought and not taken back: for ever, or until a day.
#[derive(Debug, Default, Clone)]
pub struct Bought {
    for_ever: Count,
    /// The same, with what was taken back.
    ever: Count,
    until: BTreeMap<HoldingId, (Time, Count)>,
}

impl Bought {
    pub fn add(&mut self, lot: HoldingId, units: Count, expires: Option<Time>) {
        match expires {
            None => (self.for_ever, self.ever) = (self.for_ever.plus(units), self.ever.plus(units)),
            Some(end) => drop(self.until.insert(lot, (end, units))),
        }
    }

    pub fn retire(&mut self, lot: HoldingId, units: Count) {
        match self.until.get_mut(&lot) {
            None => self.for_ever = self.for_ever.less(units),
            Some((_, left)) => *left = left.less(units),
        }
    }

    /// Units of a line go to another one with the same end.
    pub fn transfer(&mut self, from: HoldingId, to: HoldingId, units: Count) {
        if let Some((end, left)) = self.until.get_mut(&from) {
            *left = left.less(units);
            let end = *end;
            let (_, joined) = self.until.entry(to).or_insert((end, Count::default()));
            *joined = joined.plus(units);
        }
    }

    /// After a rollback: what was bought since the backup stays bought, what was retired since has to be retired again.
    pub fn rolled_back(self, before: &Self) -> Self {
        let since = self.ever.less(before.ever);
        let mut until = self.until;
        until.extend(before.until.clone());
        Self { for_ever: before.for_ever.plus(since), ever: self.ever, until }
    }

    fn at(&self, now: Time) -> Count {
        let good = self.until.values().filter(|(end, _)| *end > now);
        good.fold(self.for_ever, |all, (_, units)| all.plus(*units))
    }
}

impl Fleet {
    /// The sum over all devices.
    pub fn measure(&mut self) {
        let (free_on, now) = (self.free_on, self.time);
        let consoles = self.consoles.values().map(|console| console.living(free_on, now));
        let offline = self.offline.values().map(|device| device.living(free_on, now));
        let living = consoles.chain(offline).fold(Count::default(), Count::plus);
        let bought = self.bought.at(now);
        self.tally.instants += 1;
        if !bought.covers(living) {
            self.tally.oversold += 1;
            self.tally.tell(format!("oversold at {now}: {living} of {bought}"));
        }
    }

    /// Nobody gets less than its quota although nothing about it changed for a term.
    pub fn served(&mut self, number: u64, given: &Units) {
        let now = self.ledger.now;
        let wish = &self.consoles[&number].wish;
        let customers = self.customers.iter().filter(|customer| customer.active && customer.changed.plus(TERM) <= now);
        let slots = customers.flat_map(Customer::single);
        let rests = |changed: Time| changed.plus(TERM) <= now;
        let starved =
            slots.filter(|slot| slot.console == number && !slot.stopped && !slot.halted && rests(slot.changed));
        let starved = starved.filter(|slot| slot.expires.is_none_or(|end| end > now));
        let starved = starved.filter(|slot| matches!(wish, Wish::Run(code, _) if *code == slot.code));
        for slot in starved.filter(|slot| !given.covers(&slot.quota)) {
            self.tally.starved(format!("at {now}: {given} of {} for {}", slot.quota, slot.code));
        }
    }
}
