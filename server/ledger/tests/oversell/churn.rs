//! What people do to a fleet: everything they can, at any time.

use super::console::Wish;
use super::fleet::{Fleet, UsedLot};
use super::ledger::units;
use leasehold_ledger::Command;
use leasehold_ledger::record::AccountStatus;
use leasehold_ledger::rule::pool::Destination;
use leasehold_protocol::Units;

impl Fleet {
    /// Something changes; what is refused changes nothing.
    pub fn change(&mut self) {
        let customer = self.ledger.random.below(2) as usize;
        match self.ledger.random.below(100) {
            0..5 => self.key_quota(customer),
            5..30 => self.shift(customer),
            30..40 => self.soak_up(customer),
            40..50 => self.pool_quota(customer),
            50..56 => self.stop_or_resume(customer),
            56..64 => self.key_again(customer),
            64..72 => self.other_device(customer),
            72..77 => self.transfer(customer),
            77..90 => self.lots(customer),
            90..93 => self.status(customer),
            93..97 => self.restore(),
            _ => self.more(customer),
        }
    }

    fn any_units(&mut self, most: u32) -> Units {
        units(self.ledger.random.below(most), self.ledger.random.below(most))
    }

    fn any_slot(&mut self, customer: usize) -> usize {
        let slots = u32::try_from(self.customers[customer].slots.len()).expect("few");
        self.ledger.random.below(slots) as usize
    }

    fn key_quota(&mut self, customer: usize) {
        let (at, quota, now) = (self.any_slot(customer), self.any_units(14), self.ledger.now);
        let slot = &mut self.customers[customer].slots[at];
        if self.ledger.run(Command::SetKeyQuota { key: slot.key, quota: quota.clone() }).is_ok() {
            (slot.quota, slot.changed) = (quota, now);
        }
    }

    /// What one key gives up another one gets: everything stays in use.
    fn shift(&mut self, customer: usize) {
        let (from, to, now) = (self.any_slot(customer), self.any_slot(customer), self.ledger.now);
        let slots = &mut self.customers[customer].slots;
        let less = self.ledger.random.below(100);
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

    /// What lies idle in the stock and in the pool goes to a key.
    fn soak_up(&mut self, customer: usize) {
        let (at, now) = (self.any_slot(customer), self.ledger.now);
        let (stock, pool) = (self.customers[customer].stock, self.customers[customer].pool);
        let (idle, has) = (self.ledger.holding(stock).units, self.ledger.holding(pool).quota());
        let quota = has.checked_add(&idle).expect("small");
        let _refused_or_not = self.ledger.run(Command::SetPoolQuota { pool, quota });
        let slot = &mut self.customers[customer].slots[at];
        let idle = self.ledger.holding(slot.pool).units;
        let quota = slot.quota.checked_add(&idle).expect("small");
        if self.ledger.run(Command::SetKeyQuota { key: slot.key, quota: quota.clone() }).is_ok() {
            (slot.quota, slot.changed) = (quota, now);
        }
    }

    fn pool_quota(&mut self, customer: usize) {
        let pool = self.customers[customer].pool;
        let quota = self.any_units(80);
        let _refused_or_not = self.ledger.run(Command::SetPoolQuota { pool, quota });
    }

    fn stop_or_resume(&mut self, customer: usize) {
        let (any, now) = (self.any_slot(customer), self.ledger.now);
        let stopped = self.customers[customer].slots.iter().position(|slot| slot.stopped);
        let at = stopped.filter(|_| self.ledger.random.chance(80)).unwrap_or(any); // most are running
        let slot = &mut self.customers[customer].slots[at];
        let key = slot.key;
        (slot.stopped, slot.changed) = (!slot.stopped, now);
        self.ledger.must(if slot.stopped { Command::StopKey { key } } else { Command::ResumeKey { key } });
    }

    /// A key is deleted, if its last lease has ended, and made again for the same console.
    fn key_again(&mut self, customer: usize) {
        for at in 0..self.customers[customer].slots.len() {
            let slot = self.customers[customer].slots[at].clone();
            if slot.stopped && self.ledger.run(Command::DeleteKey { key: slot.key }).is_ok() {
                let (pool, console) = (slot.pool, Some(slot.console));
                let again = self.slot(pool, slot.quota, console).or_else(|_| self.slot(pool, units(0, 0), console));
                match again {
                    Ok(again) => self.customers[customer].slots[at] = again,
                    Err(_) => {
                        self.customers[customer].slots.remove(at); // the account is inactive
                        self.consoles.entry(slot.console).and_modify(|console| console.wish = Wish::Nothing);
                    }
                }
                return;
            }
        }
    }

    /// The key goes on on another device; the old one gives it back, sooner or later.
    fn other_device(&mut self, customer: usize) {
        let at = self.any_slot(customer);
        let slot = self.customers[customer].slots[at].clone();
        let new = self.new_console(Wish::Run(slot.code));
        if let Some(old) = self.consoles.get_mut(&slot.console) {
            (old.wish, old.pending) = (Wish::Release, None);
        }
        let now = self.ledger.now;
        let slot = &mut self.customers[customer].slots[at];
        (slot.console, slot.changed) = (new, now);
    }

    fn transfer(&mut self, customer: usize) {
        let (from, to) = (&self.customers[customer], &self.customers[1 - customer]);
        let (account, ours, theirs) = (to.id, [from.stock, from.pool], [to.stock, to.pool]);
        let from = *self.ledger.random.any(&ours).expect("two");
        let to = Destination::Existing(*self.ledger.random.any(&theirs).expect("two"));
        let units = self.any_units(12);
        let _refused_or_not = self.ledger.run(Command::Move { from, account, to, units });
    }

    /// A lot is bought and used, converted while in use, and its console moved to a pool key; or retired.
    fn lots(&mut self, customer: usize) {
        let Some(line) = self.customers[customer].lots.first().cloned() else {
            if !self.customers[customer].active {
                return;
            }
            let units = self.any_units(12).max(&units(1, 1));
            let (lot, code) = self.mint(self.customers[customer].id, &units);
            let console = self.new_console(Wish::Run(code));
            self.customers[customer].lots.push(UsedLot { lot, units, console, converted: false });
            return;
        };
        let stock = self.customers[customer].stock;
        if !line.converted && self.ledger.random.chance(30) {
            let retired = line.units.min(&units(1, 1));
            if self.ledger.run(Command::Retire { lot: line.lot, units: retired.clone() }).is_ok() {
                self.purchased = self.purchased.saturating_sub(&retired);
                self.customers[customer].lots[0].units = line.units.saturating_sub(&retired);
            }
        } else if !line.converted {
            let convert = Command::Convert { lot: line.lot, stock, force: false };
            self.customers[customer].lots[0].converted = self.ledger.run(convert).is_ok();
            if self.ledger.random.chance(70) {
                self.pool_key_for(customer); // while the console still runs on the lot
            }
        } else {
            self.pool_key_for(customer);
        }
    }

    /// The console of a converted lot goes on on a pool key, often with less.
    fn pool_key_for(&mut self, customer: usize) {
        let line = self.customers[customer].lots[0].clone();
        let part = line.units.min(&self.any_units(6));
        if line.converted
            && let Ok(slot) = self.slot(self.customers[customer].stock, part, Some(line.console))
        {
            self.customers[customer].slots.push(slot);
            self.customers[customer].lots.remove(0);
        }
    }

    fn status(&mut self, customer: usize) {
        let now = self.ledger.now;
        if self.customers[customer].active && self.ledger.random.chance(80) {
            return; // most are active
        }
        let customer = &mut self.customers[customer];
        (customer.active, customer.changed) = (!customer.active, now);
        let status = if customer.active { AccountStatus::Active } else { AccountStatus::Inactive };
        self.ledger.must(Command::SetAccountStatus { account: customer.id, status });
    }

    fn restore(&mut self) {
        let all: Vec<u64> = self.consoles.keys().copied().collect();
        let number = *self.ledger.random.any(&all).expect("some");
        let console = self.consoles.get_mut(&number).expect("it is there");
        if matches!(console.wish, Wish::Run(_)) {
            console.restore();
        }
    }

    /// More units are bought, or the console of a key falls silent for good and another takes its place when it may.
    fn more(&mut self, customer: usize) {
        if self.ledger.random.chance(50) && self.customers[customer].active {
            let units = self.any_units(5).max(&units(1, 0));
            let (lot, _) = self.mint(self.customers[customer].id, &units);
            let stock = self.customers[customer].stock;
            let _refused_or_not = self.ledger.run(Command::Convert { lot, stock, force: false });
            return;
        }
        let (at, now) = (self.any_slot(customer), self.ledger.now);
        let code = self.customers[customer].slots[at].code.clone();
        let new = self.new_console(Wish::Run(code));
        let slot = &mut self.customers[customer].slots[at];
        if let Some(dead) = self.consoles.get_mut(&slot.console) {
            (dead.wish, dead.pending) = (Wish::Nothing, None);
        }
        (slot.console, slot.changed) = (new, now);
    }
}
