//! Pools: their quotas, new ones, merging two, moves up and down the tree of accounts.

use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::stories::Story;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{Holding, HoldingId};
use leasehold_ledger::rule::pool::Destination;

/// Named pools of a customer.
const POOLS_MAX: usize = 3;

impl Fleet {
    /// What lies idle in the stock and in a key's pool goes to that key, whose console asks for it at once: whatever somebody
    /// gave up, somebody else was waiting for.
    pub fn soak_up(&mut self, customer: usize) {
        let (at, now) = (self.any_slot(customer), self.ledger.latest);
        let (stock, pool) = (self.customers[customer].stock, self.customers[customer].slots[at].pool);
        let only_free = self.ledger.random.chance(70);
        let idle = |holding: Holding| if only_free { holding.free() } else { holding.units };
        if pool != stock {
            let (idle, has) = (idle(self.ledger.holding(stock)), self.ledger.holding(pool).quota());
            let quota = has.checked_add(&idle).expect("small");
            let _refused_or_not = self.ledger.run(Command::SetPoolQuota { pool, quota });
        }
        let idle = idle(self.ledger.holding(pool));
        let slot = &mut self.customers[customer].slots[at];
        let quota = slot.quota.checked_add(&idle).expect("small");
        if !idle.is_none() && self.ledger.run(Command::SetKeyQuota { key: slot.key, quota: quota.clone() }).is_ok() {
            (slot.quota, slot.changed) = (quota, now);
        }
        let console = slot.console;
        self.exchange(console);
    }

    pub fn pool_quota(&mut self, customer: usize) {
        let pool = *self.ledger.random.any(&self.customers[customer].pools).expect("one at least");
        let quota = self.any_units(80);
        let _refused_or_not = self.ledger.run(Command::SetPoolQuota { pool, quota });
    }

    /// The reseller moves units between two accounts, its own among them.
    pub fn transfer(&mut self, customer: usize) {
        let (from, other) = (&self.customers[customer], &self.customers[1 - customer]);
        let ours = [&from.pools[..], &[from.stock]].concat();
        let (account, theirs) = match self.ledger.random.below(3) {
            0 => (other.id, [&other.pools[..], &[other.stock]].concat()),
            _ => (self.reseller.id, self.reseller.holdings.to_vec()),
        };
        let (ours, theirs) =
            (*self.ledger.random.any(&ours).expect("two"), *self.ledger.random.any(&theirs).expect("two"));
        let down = account == self.reseller.id && self.ledger.random.chance(60);
        let (from, to, account) = if down { (theirs, ours, from.id) } else { (ours, theirs, account) };
        if self.stories.has(Story::Sales)
            && self.ledger.random.chance(20)
            && self.customers.iter().all(|customer| customer.active)
        {
            let (units, stock) = (self.any_units(4).max(&units(1, 0)), self.reseller.holdings[0]);
            let (lot, _) = self.mint(self.reseller.id, &units, None);
            let _refused_or_not = self.ledger.run(Command::Convert { lot, stock, force: false });
        }
        let free = self.ledger.holding(from).free();
        let units = if self.ledger.random.chance(80) { self.any_units(12).min(&free) } else { self.any_units(12) };
        let to = Destination::Existing(to);
        let moved = Command::Move { from, account, to, units };
        let _refused_or_not = self.ledger.run_as(self.reseller.id, Role::Operator, moved);
    }

    /// A part of a pool becomes one of its own, with a key; or a pool's free units go into another pool, all of them.
    pub fn split_or_merge(&mut self, customer: usize) {
        let owner = &self.customers[customer];
        let (account, from) = (owner.id, *self.ledger.random.any(&owner.pools).expect("one at least"));
        if owner.pools.len() < POOLS_MAX && self.ledger.random.chance(50) {
            let (id, free) = (HoldingId(self.ledger.draw()), self.ledger.holding(from).free());
            let units = self.any_units(8).min(&free);
            let to = Destination::New { id, name: None };
            if self.ledger.run(Command::Move { from, account, to, units }).is_ok() {
                self.customers[customer].pools.push(id);
                self.pool_goes_to(customer, id);
            }
            return;
        }
        let units = self.ledger.holding(from).free();
        let to = self.customers[customer].pools[0];
        let merged = Command::Move { from, account, to: Destination::Existing(to), units };
        let _refused_or_not = self.ledger.run(merged);
        let has_keys = self.customers[customer].slots.iter().any(|slot| slot.pool == from);
        if from != to && !has_keys && self.ledger.holding(from).units.is_none() {
            self.customers[customer].pools.retain(|pool| *pool != from);
        }
    }

    /// A key that has a console gets what a pool has, by another key of that pool on the same console.
    fn pool_goes_to(&mut self, customer: usize, pool: HoldingId) {
        let (at, quota) = (self.any_slot(customer), self.ledger.holding(pool).free());
        let (console, old) = (self.customers[customer].slots[at].console, self.customers[customer].slots[at].key);
        if self.ledger.random.chance(50)
            && let Ok(slot) = self.slot(pool, quota, Some(console))
        {
            self.ledger.must(Command::StopKey { key: old });
            self.customers[customer].slots[at] = slot;
        }
    }
}
