//! One lot on one console: bought and used, retired in part, converted while in use, its console moved to a pool key.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::UsedLot;
use super::super::ledger::SKU;
use leasehold_ledger::Command;

impl Fleet {
    /// A lot is bought and used, converted while in use, and its console moved to a pool key; or retired.
    pub fn lots(&mut self, customer: usize) {
        let Some(line) = self.customers[customer].lots.first().cloned() else {
            if !self.customers[customer].active {
                return;
            }
            let units = self.any_units(12).max(&units(1, 1));
            let (lot, code) = self.mint(self.customers[customer].id, &units, None);
            let console = self.new_console(Wish::Run(code, SKU));
            self.customers[customer].lots.push(UsedLot { lot, units, console, converted: false });
            return;
        };
        let stock = self.customers[customer].stock;
        if !line.converted && self.ledger.random.chance(30) {
            let part = if self.ledger.random.chance(50) { units(1, 1) } else { self.any_units(12) };
            let retired = line.units.min(&part);
            if self.retire(SKU, line.lot, &retired).is_ok() {
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
}
