//! Consoles, their network, and the measure: units in signed bytes against units bought, at every instant.

use super::console::{Console, Wish};
use super::ledger::{Ledger, SKU, TERM, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Time, Units};
use std::collections::BTreeMap;

/// Times a console tries in a day, at most, until it is answered; on one day in eight it is switched off.
const TRIES: u32 = 3;

/// What a run found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    pub leases: u64,
    pub instants: u64,
    pub oversold: u64,
    pub starved: u64,
    /// The first few of each, in words.
    pub told: Vec<String>,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.leases += other.leases;
        self.instants += other.instants;
        self.oversold += other.oversold;
        self.starved += other.starved;
        self.told.extend(other.told.iter().take(3).cloned());
    }
}

/// A pool key, the console that is to run on it, and when either last changed.
#[derive(Debug, Clone)]
pub struct Slot {
    pub key: KeyId,
    pub code: String,
    pub pool: HoldingId,
    pub quota: Units,
    pub stopped: bool,
    pub console: u64,
    pub changed: Time,
}

/// A lot that a console runs on, and its conversion.
#[derive(Debug, Clone)]
pub struct UsedLot {
    pub lot: HoldingId,
    pub units: Units,
    pub console: u64,
    pub converted: bool,
}

/// A customer.
#[derive(Debug, Clone)]
pub struct Customer {
    pub id: AccountId,
    pub stock: HoldingId,
    pub pool: HoldingId,
    pub slots: Vec<Slot>,
    pub lots: Vec<UsedLot>,
    pub active: bool,
    pub changed: Time,
}

/// Everything.
pub struct Fleet {
    pub ledger: Ledger,
    pub free_on: FreeOn,
    pub customers: Vec<Customer>,
    pub consoles: BTreeMap<u64, Console>,
    pub purchased: Units,
    pub tally: Tally,
    /// Percent of requests, and of answers, that are lost.
    pub loss: u32,
    numbered: u64,
}

impl Fleet {
    pub fn new(seed: u64, free_on: FreeOn, mutant: bool) -> Self {
        let mut ledger = Ledger::new(seed, mutant);
        let loss = 10 + ledger.random.below(21);
        let (customers, consoles) = (vec![], BTreeMap::new());
        let (purchased, tally) = (Units::default(), Tally::default());
        let mut fleet = Self { ledger, free_on, customers, consoles, purchased, tally, loss, numbered: 0 };
        (0..2).for_each(|number| fleet.customer(number));
        fleet
    }

    /// A customer with one pool of ten keys on ten consoles.
    fn customer(&mut self, number: u32) {
        let ledger = &mut self.ledger;
        let (id, parent) = (AccountId(ledger.draw()), ledger.vendor);
        let profile = Profile { name: format!("Customer {number}"), ..Profile::default() };
        ledger.must(Command::CreateAccount(NewAccount { id, parent, kind: AccountKind::EndCustomer, profile }));
        let bought = units(60, 40); // as much as the keys have, or nobody would notice
        let (lot, _) = self.mint(id, &bought);
        let (stock, pool, account) = (HoldingId(self.ledger.draw()), HoldingId(self.ledger.draw()), id);
        self.ledger.must(Command::Convert { lot, stock, force: false });
        let (name, sku, free_on) = ("Pool".into(), SKU.into(), self.free_on);
        self.ledger.must(Command::CreatePool { id: pool, account, name, sku, free_on });
        self.ledger.must(Command::SetPoolQuota { pool, quota: bought });
        let (active, changed) = (true, self.ledger.now);
        let mut customer = Customer { id, stock, pool, slots: vec![], lots: vec![], active, changed };
        for _ in 0..10 {
            let quota = units(6, 4);
            let slot = self.slot(pool, quota, None).expect("the pool has it");
            customer.slots.push(slot);
        }
        self.customers.push(customer);
    }

    /// Buys units; the lot and its Activation ID.
    pub fn mint(&mut self, account: AccountId, units: &Units) -> (HoldingId, String) {
        let (lot, key, code) = (HoldingId(self.ledger.draw()), KeyId(self.ledger.draw()), self.ledger.code());
        let (expires, upgrade_until, free_on) = (None, None, self.free_on);
        let (sku, units, told) = (SKU.into(), units.clone(), code.clone());
        self.purchased = self.purchased.checked_add(&units).expect("small");
        let kind = KeyKind::ActivationId;
        let line = Line { lot, key, code, kind, sku, units, expires, upgrade_until, free_on };
        let (entitlement, reference) = (self.ledger.draw().to_string(), None);
        self.ledger.must(Command::Mint(Purchase { account, entitlement, reference, lines: vec![line] }));
        (lot, told)
    }

    /// A new key for a console, a new one unless it is named.
    pub fn slot(&mut self, pool: HoldingId, quota: Units, console: Option<u64>) -> Result<Slot, Refused> {
        let (key, allotment, code) = (KeyId(self.ledger.draw()), HoldingId(self.ledger.draw()), self.ledger.code());
        let new = NewKey { id: key, allotment, pool, code: code.clone(), name: "Key".into(), quota: quota.clone() };
        self.ledger.run(Command::CreatePoolKey(new))?;
        let wish = Wish::Run(code.clone());
        let console = match console {
            Some(console) => console,
            None => self.new_console(Wish::Nothing),
        };
        let random = &mut self.ledger.random;
        self.consoles.entry(console).or_insert_with(|| Console::new(random, Wish::Nothing)).wish = wish;
        Ok(Slot { key, code, pool, quota, stopped: false, console, changed: self.ledger.now })
    }

    pub fn new_console(&mut self, wish: Wish) -> u64 {
        self.numbered += 1;
        self.consoles.insert(self.numbered, Console::new(&mut self.ledger.random, wish));
        self.numbered
    }

    /// Days pass: consoles check in at their own moments, people change things in between.
    pub fn live(&mut self, days: u32) {
        for day in 0..days {
            let mut moments: Vec<(u32, Option<u64>)> = Vec::new();
            let seconds = u32::try_from(DAY).expect("a day");
            for console in self.consoles.keys() {
                let first = self.ledger.random.below(seconds);
                let tries = if self.ledger.random.below(8) == 0 { 0 } else { 1 + self.ledger.random.below(TRIES) };
                moments.extend((0..tries).map(|again| (first + again * 600, Some(*console))));
            }
            let changes = self.ledger.random.below(5);
            moments.extend((0..changes).map(|_| (self.ledger.random.below(seconds), None)));
            moments.sort_unstable();
            let midnight = self.ledger.now;
            let mut answered = std::collections::BTreeSet::new();
            for (second, who) in moments {
                self.ledger.now = midnight.plus(second.into());
                match who {
                    None => self.change(),
                    Some(console) if answered.contains(&console) => {}
                    Some(console) if self.exchange(console) => drop(answered.insert(console)),
                    Some(_) => {}
                }
                self.measure();
            }
            self.ledger.now = midnight.plus(DAY);
            if self.ledger.random.chance(2) {
                let days = 1 + self.ledger.random.below(20);
                self.ledger.now = self.ledger.now.plus(i64::from(days) * DAY); // nobody could reach anybody
            }
            if day % 40 == 39 && !self.ledger.mutant {
                self.ledger.check();
            }
            let (free_on, now) = (self.free_on, self.ledger.now);
            self.consoles.retain(|_, one| one.wish != Wish::Nothing || !one.living(free_on, now).is_none());
        }
    }

    /// The key of a console changed hands.
    pub fn touch(&mut self, number: u64) {
        let now = self.ledger.now;
        let runs = self.consoles[&number].runs.clone();
        let slots = self.customers.iter_mut().flat_map(|customer| &mut customer.slots);
        slots.filter(|slot| Some(&slot.code) == runs.as_ref()).for_each(|slot| slot.changed = now);
    }

    /// Nobody gets less than its quota although nothing about it changed for a term.
    pub fn served(&mut self, number: u64, given: &Units) {
        let now = self.ledger.now;
        for customer in &self.customers {
            for slot in customer.slots.iter().filter(|slot| slot.console == number && !slot.stopped) {
                let rests = slot.changed.plus(TERM) <= now && customer.changed.plus(TERM) <= now && customer.active;
                let wish = &self.consoles[&number].wish;
                if rests && *wish == Wish::Run(slot.code.clone()) && !given.covers(&slot.quota) {
                    self.tally.starved += 1;
                    self.tally.told.push(format!("starved at {now}: {given} of {} for {}", slot.quota, slot.code));
                }
            }
        }
    }

    /// The sum over all devices.
    pub fn measure(&mut self) {
        let (free_on, now) = (self.free_on, self.ledger.now);
        let living = self.consoles.values().map(|console| console.living(free_on, now));
        let living = living.fold(Units::default(), |all, one| all.checked_add(&one).expect("small"));
        self.tally.instants += 1;
        if !self.purchased.covers(&living) {
            self.tally.oversold += 1;
            self.tally.told.push(format!("oversold at {now}: {living} of {}", self.purchased));
        }
    }
}
