//! Lines of orders that change hands: whole, in part, or into a line that is there.

use super::super::count::Count;
use super::super::fleet::Fleet;
use super::super::fleet::owned::SharedLot;
use super::super::ledger::SKU;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::{HoldingId, KeyId};
use leasehold_ledger::rule::line::{LineTransfer, NewLine};

/// Shared lots of a customer.
const LOTS_MAX: usize = 3;

impl Fleet {
    /// The reseller transfers some or all of a shared lot to a customer, mostly the other one.
    pub fn transfer_line(&mut self, customer: usize) {
        let to = if self.ledger.random.chance(70) { 1 - customer } else { customer };
        let Some(lot) = self.ledger.random.any(&self.customers[customer].shared).cloned() else { return };
        let free = self.ledger.holding(lot.lot).free();
        let units = if self.ledger.random.chance(40) { free } else { self.any_units(4).min(&free) };
        let into = self.customers[to].shared.iter().find(|other| other.expires == lot.expires && other.lot != lot.lot);
        let into = into.map(|other| other.lot).filter(|_| self.ledger.random.chance(70));
        if into.is_none() && self.customers[to].shared.len() >= LOTS_MAX {
            return;
        }
        let (id, key, code) = (HoldingId(self.ledger.draw()), KeyId(self.ledger.draw()), self.ledger.code());
        let new = NewLine { lot: id, key, code: code.clone(), entitlement: self.ledger.draw().to_string() };
        let (account, moved) = (self.customers[to].id, Count::of(SKU, &units));
        let what = LineTransfer { lot: lot.lot, units, account, into, entitlement: None, new };
        if self.ledger.run_as(self.reseller.id, Role::Operator, Command::TransferLine(Box::new(what))).is_err() {
            return;
        }
        if into.is_none() && self.ledger.find(id).is_none() {
            self.customers[customer].shared.retain(|other| other.lot != lot.lot); // all of it went, numbers included
            return self.customers[to].shared.push(lot);
        }
        self.bought.transfer(lot.lot, into.unwrap_or(id), moved);
        if into.is_none() {
            let (consoles, offline, expires) = (vec![], vec![], lot.expires);
            let line = SharedLot { lot: id, code, expires, consoles, offline, converted: false };
            self.customers[to].shared.push(line);
        }
    }
}
