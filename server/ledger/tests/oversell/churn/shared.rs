//! A lot that several consoles and devices without a network share: with an end or for ever, converted or run out.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::SharedLot;
use super::super::ledger::SKU;
use leasehold_ledger::Command;
use leasehold_protocol::time::DAY;

/// Consoles, and devices without a network, on one lot.
const DEVICES_MAX: usize = 2;

impl Fleet {
    /// Something happens to the customer's shared lot; without one it buys one.
    pub fn shared(&mut self, customer: usize) {
        let lots = &mut self.customers[customer].shared;
        let turn = lots.len().min(1);
        lots.rotate_left(turn); // one after the other
        let Some(lot) = self.customers[customer].shared.first().cloned() else {
            return self.buy_shared(customer);
        };
        if lot.converted || lot.expires.is_some_and(|end| end <= self.time) {
            return self.leave(customer);
        }
        match self.ledger.random.below(10) {
            0..3 if lot.consoles.len() < DEVICES_MAX => {
                let (wanted, console) = (self.any_units(5).max(&units(1, 0)), self.new_console(Wish::Nothing));
                self.wish(console, Wish::Run(lot.code, SKU), Some(wanted));
                self.customers[customer].shared[0].consoles.push(console);
            }
            0..6 if lot.offline.len() < DEVICES_MAX => {
                let device = self.new_offline(self.customers[customer].id, lot.code);
                self.customers[customer].shared[0].offline.push(device);
            }
            0..7 => {
                let wanted = self.any_units(5).max(&units(1, 0));
                if let Some(console) = self.ledger.random.any(&lot.consoles).copied() {
                    self.wish(console, Wish::Run(lot.code, SKU), Some(wanted)); // it asks for more, or for less
                }
            }
            7 => self.part_with(customer),
            8 => {
                let _refused_or_not = self.retire(SKU, lot.lot, &units(1, 0));
            }
            _ => {
                let stock = self.customers[customer].stock;
                let convert = Command::Convert { lot: lot.lot, stock, force: false };
                self.customers[customer].shared[0].converted = self.ledger.run(convert).is_ok();
            }
        }
    }

    fn buy_shared(&mut self, customer: usize) {
        if !self.customers[customer].active {
            return;
        }
        let units = self.any_units(10).max(&units(3, 2));
        let days = 3 + self.ledger.random.below(50);
        let end = self.ledger.now.plus(i64::from(days) * DAY);
        let expires = Some(end).filter(|_| self.ledger.random.chance(70));
        let (lot, code) = self.mint(self.customers[customer].id, &units, expires);
        let (consoles, offline) = (vec![], vec![]);
        self.customers[customer].shared.push(SharedLot { lot, code, expires, consoles, offline, converted: false });
    }

    /// One of its devices gives back what it has, falls silent, or is not looked after any more.
    fn part_with(&mut self, customer: usize) {
        let lot = &mut self.customers[customer].shared[0];
        if self.ledger.random.chance(50) {
            let gone = lot.offline.pop();
            gone.and_then(|gone| self.offline.get_mut(&gone)).into_iter().for_each(|device| device.is_retired = true);
        } else if let Some(console) = lot.consoles.pop().filter(|console| self.consoles.contains_key(console)) {
            let wish = if self.ledger.random.chance(60) { Wish::Release } else { Wish::Nothing };
            self.wish(console, wish, None);
        }
    }

    /// The lot was converted or has run out: its devices are left with what they have, its units taken out of the books.
    fn leave(&mut self, customer: usize) {
        let lot = self.customers[customer].shared.remove(0);
        for console in
            lot.consoles.into_iter().filter(|console| self.consoles.contains_key(console)).collect::<Vec<_>>()
        {
            self.wish(console, Wish::Nothing, None);
        }
        for device in lot.offline {
            self.offline.get_mut(&device).into_iter().for_each(|device| device.is_retired = true);
        }
        if let Some(holding) = self.ledger.find(lot.lot).filter(|holding| !holding.units.is_none() && !lot.converted) {
            let _refused_or_not = self.retire(SKU, lot.lot, &holding.units);
        }
    }
}
