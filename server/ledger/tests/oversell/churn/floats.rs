//! Floating seats: opened and closed by the owner, more and fewer of them, two keys of one lot; and days on which more consoles
//! than there are seats come within a few hours, check at half of the term, and give back their seat or fall silent.

use super::super::console::Wish;
use super::super::count::{Count, units};
use super::super::fleet::Fleet;
use super::super::fleet::owned::{FloatKey, Floats};
use super::super::ledger::catalogue::{FLOAT, FLOAT_TERM};
use leasehold_ledger::Command;
use leasehold_ledger::record::{HoldingId, KeyId};
use leasehold_ledger::rule::flex::NewFlex;
use leasehold_protocol::time::DAY;

/// Consoles that share what floats.
const CONSOLES: u32 = 5;
/// Percent of days on which they come.
const RUSH: u32 = 25;
/// Renewals of one sitting, at most.
const RENEWALS: u32 = 4;

/// What somebody does with a floating console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// Takes a seat, or keeps it.
    Sit,
    /// Gives it back.
    Leave,
}

impl Fleet {
    /// The owner changes what floats.
    pub fn float(&mut self, customer: usize) {
        let Some(floats) = self.customers[customer].floats.clone() else { return self.buy_floats(customer) };
        if floats.expires.is_some_and(|end| end <= self.time) {
            self.customers[customer].floats = None;
            return;
        }
        let at = self.ledger.random.below(u32::try_from(floats.keys.len()).expect("few").max(1)) as usize;
        match self.ledger.random.below(10) {
            0..3 => self.close(customer, at),
            3..6 => self.more_or_fewer(customer, at),
            6 => {
                let _refused_or_not = self.retire(FLOAT, floats.lot, &units(1, 0));
            }
            _ => self.open(customer),
        }
        self.open(customer); // whatever lies idle hides what is oversold
    }

    fn buy_floats(&mut self, customer: usize) {
        if !self.customers[customer].active {
            return;
        }
        let days = 20 + self.ledger.random.below(60);
        let end = self.ledger.now.plus(i64::from(days) * DAY);
        let expires = Some(end).filter(|_| self.ledger.random.chance(30));
        let units = self.any_units(3).max(&units(2, 1));
        let line = self.line(FLOAT, &units, expires);
        let lot = line.lot;
        self.order(self.customers[customer].id, vec![line]);
        let consoles = (0..CONSOLES).map(|_| self.new_console(Wish::Nothing)).collect();
        self.customers[customer].floats = Some(Floats { lot, expires, keys: vec![], consoles });
        self.open(customer);
    }

    /// What the lot has, free or not, floats under one more key.
    fn open(&mut self, customer: usize) {
        let (account, owner) = (self.customers[customer].id, self.customers[customer].owner);
        let Some(from) = self.customers[customer].floats.as_ref().map(|floats| floats.lot) else { return };
        let all = self.ledger.holding(from).units;
        let (key, allotment, code) = (KeyId(self.ledger.draw()), HoldingId(self.ledger.draw()), self.ledger.code());
        let units = Some(all).filter(|_| self.ledger.random.chance(60));
        let new = NewFlex { key, allotment, from, code: code.clone(), units };
        if self.ledger.run_in_person(owner, account, Command::OpenFlex(new)).is_ok() {
            let (seats, changed) = (self.ledger.holding(allotment).units, self.ledger.latest);
            let new = FloatKey { key, code, seats, changed };
            self.customers[customer].floats.iter_mut().for_each(|floats| floats.keys.push(new.clone()));
        }
    }

    fn close(&mut self, customer: usize, at: usize) {
        let Some(key) = self.float_key(customer, at).map(|one| one.key) else { return };
        let (account, owner) = (self.customers[customer].id, self.customers[customer].owner);
        if self.ledger.run_in_person(owner, account, Command::DeleteKey { key }).is_ok() {
            self.ledger.count("floating seats closed");
            self.customers[customer].floats.iter_mut().for_each(|floats| drop(floats.keys.remove(at)));
        }
    }

    /// What the key gives up goes back to the lot, and floats under another one.
    fn more_or_fewer(&mut self, customer: usize, at: usize) {
        let (quota, now) = (self.any_units(4), self.ledger.latest);
        let (account, owner) = (self.customers[customer].id, self.customers[customer].owner);
        let Some(key) = self.float_key(customer, at).map(|one| one.key) else { return };
        let change = Command::SetKeyQuota { key, quota: quota.clone() };
        if self.ledger.run_in_person(owner, account, change).is_ok() {
            self.ledger.count("floating seats changed");
            let key = self.float_key(customer, at).expect("it is there");
            (key.seats, key.changed) = (quota, now);
        }
    }

    fn float_key(&mut self, customer: usize, at: usize) -> Option<&mut FloatKey> {
        self.customers[customer].floats.as_mut()?.keys.get_mut(at)
    }

    /// Who sits down today and when, and what people change meanwhile.
    pub fn rush(&mut self) -> Vec<(u32, u64, Act)> {
        let random = &mut self.ledger.random;
        let (term, day) = (u32::try_from(FLOAT_TERM).expect("hours"), u32::try_from(DAY).expect("a day"));
        let mut acts = Vec::new();
        for floats in self.customers.iter().filter_map(|customer| customer.floats.as_ref()) {
            if !random.chance(RUSH) {
                continue;
            }
            let begins = random.below(day - (RENEWALS + 4) * term);
            for console in &floats.consoles {
                let mut at = begins + random.below(2 * term);
                for _ in 0..=random.below(RENEWALS) {
                    acts.push((at, *console, Act::Sit));
                    at += term / 2 + random.below(term / 4);
                }
                if random.chance(50) {
                    acts.push((at, *console, Act::Leave));
                }
            }
        }
        acts
    }

    /// Somebody does something with a floating console. What is lost is tried once more.
    pub fn act(&mut self, console: u64, act: Act) {
        let has = |floats: &Floats| floats.consoles.contains(&console);
        let floats = self.customers.iter().filter_map(|customer| customer.floats.as_ref());
        let Some(floats) = floats.clone().find(|floats| has(floats)).cloned() else { return };
        let sits = self.consoles.get(&console).is_some_and(|one| {
            floats.keys.iter().any(|key| matches!(&one.wish, Wish::Run(code, _) if *code == key.code))
        });
        match act {
            Act::Sit if sits => {}
            Act::Sit => {
                let Some(key) = self.ledger.random.any(&floats.keys).cloned() else { return };
                let wanted = Some(units(2, 0)).filter(|_| self.ledger.random.chance(30));
                self.wish(console, Wish::Run(key.code, FLOAT), wanted);
            }
            Act::Leave => self.send_home(&[console]),
        }
        if !self.exchange(console) {
            self.exchange(console);
        }
    }

    /// A console was refused a seat: as many as it asks for must be out, or may be.
    pub fn seated(&mut self, number: u64) {
        let now = self.ledger.now;
        let console = &self.consoles[&number];
        let Wish::Run(code, FLOAT) = &console.wish else { return };
        if self.ahead != 0 {
            return; // what the ledger thinks alive may have been thrown away
        }
        let rests = |key: &FloatKey| key.changed.plus(2 * FLOAT_TERM) <= now && self.resting <= now;
        let customers = self.customers.iter().filter(|one| one.active && one.changed.plus(FLOAT_TERM) <= now);
        for floats in customers.filter_map(|customer| customer.floats.as_ref()) {
            let Some(key) = floats.keys.iter().find(|key| key.code == *code).filter(|key| rests(key)) else { continue };
            if console.lease.as_ref().is_some_and(|lease| !key.seats.covers(&lease.grant.units)) {
                continue; // it asks for what a seat was when it sat down
            }
            let wanted = console.wanted.clone().unwrap_or_else(|| key.seats.min(&units(1, 1)));
            let all = floats.consoles.iter().filter_map(|console| self.consoles.get(console));
            let out = all.fold(Count::of(FLOAT, &wanted), |all, console| all.plus(console.kept.living(now)));
            let is_good = floats.expires.is_none_or(|end| end > now);
            if is_good && !wanted.is_none() && Count::of(FLOAT, &key.seats).covers(out) {
                self.tally.starved(format!("no seat of {} at {now} for {wanted}, {out} are out", key.seats));
                return;
            }
        }
    }
}
