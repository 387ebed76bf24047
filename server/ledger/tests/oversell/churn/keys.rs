//! Keys: their quotas, their state, their devices.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::ledger::SKU;
use leasehold_ledger::Command;

impl Fleet {
    pub fn key_quota(&mut self, customer: usize) {
        let (at, quota, now) = (self.any_slot(customer), self.any_units(14), self.ledger.latest);
        let slot = &mut self.customers[customer].slots[at];
        if self.ledger.run(Command::SetKeyQuota { key: slot.key, quota: quota.clone() }).is_ok() {
            (slot.quota, slot.changed) = (quota, now);
        }
    }

    /// What one key gives up another one gets: everything stays in use.
    pub fn shift(&mut self, customer: usize) {
        let (from, to, less) = (self.any_slot(customer), self.any_slot(customer), self.ledger.random.below(100));
        self.pass_on(customer, from, to, less);
    }

    /// So many percent of what one key has another one gets.
    fn pass_on(&mut self, customer: usize, from: usize, to: usize, less: u32) {
        let now = self.ledger.latest;
        let slots = &mut self.customers[customer].slots;
        let part = |count: u32| count * less / 100;
        let given = units(part(slots[from].quota.count("OBM")), part(slots[from].quota.count("ACB")));
        let lower = slots[from].quota.saturating_sub(&given);
        if self.ledger.run(Command::SetKeyQuota { key: slots[from].key, quota: lower.clone() }).is_err() {
            return;
        }
        (slots[from].quota, slots[from].changed) = (lower, now);
        let raised = slots[to].quota.checked_add(&given).expect("small");
        if self.ledger.run(Command::SetKeyQuota { key: slots[to].key, quota: raised.clone() }).is_ok() {
            (slots[to].quota, slots[to].changed) = (raised, now);
        }
    }

    pub fn stop_or_resume(&mut self, customer: usize) {
        let (any, now) = (self.any_slot(customer), self.ledger.latest);
        let stopped = self.customers[customer].slots.iter().position(|slot| slot.stopped);
        let at = stopped.filter(|_| self.ledger.random.chance(80)).unwrap_or(any); // most are running
        let slot = &mut self.customers[customer].slots[at];
        let key = slot.key;
        (slot.stopped, slot.changed) = (!slot.stopped, now);
        self.ledger.must(if slot.stopped { Command::StopKey { key } } else { Command::ResumeKey { key } });
        if slot.stopped && self.ledger.random.chance(40) {
            let to = self.any_slot(customer);
            self.pass_on(customer, at, to, 100); // another one is to go on at once
            let console = self.customers[customer].slots[to].console;
            self.exchange(console);
        }
    }

    /// A key is deleted, if its last lease has ended, and made again for the same console.
    pub fn key_again(&mut self, customer: usize) {
        for at in 0..self.customers[customer].slots.len() {
            let slot = self.customers[customer].slots[at].clone();
            if slot.stopped && self.ledger.run(Command::DeleteKey { key: slot.key }).is_ok() {
                let (pool, console) = (slot.pool, Some(slot.console));
                let again = self.slot(pool, slot.quota, console).or_else(|_| self.slot(pool, units(0, 0), console));
                match again {
                    Ok(again) => self.customers[customer].slots[at] = again,
                    Err(_) => {
                        self.customers[customer].slots.remove(at); // the account is inactive
                        self.wish(slot.console, Wish::Nothing, None);
                    }
                }
                return;
            }
        }
    }

    /// The key goes on on another device; the old one gives it back, sooner or later.
    pub fn other_device(&mut self, customer: usize) {
        let at = self.any_slot(customer);
        let slot = self.customers[customer].slots[at].clone();
        let new = self.new_console(Wish::Run(slot.code, SKU));
        if self.consoles.contains_key(&slot.console) {
            self.wish(slot.console, Wish::Release, None);
        }
        let now = self.ledger.latest;
        let slot = &mut self.customers[customer].slots[at];
        (slot.console, slot.changed) = (new, now);
    }
}
