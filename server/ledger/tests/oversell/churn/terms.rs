//! Dated licences: they end, and the leases of their consoles with them; they are extended while they are valid or later, by
//! burning their units once more; and one that is over is deleted, which burns what it had.

use super::super::count::{Count, units};
use super::super::fleet::Fleet;
use super::super::fleet::owned::Licensed;
use super::super::ledger::catalogue::DATED;
use super::licenses::CONSOLES_MAX;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;

impl Fleet {
    /// Something happens to the customer's dated licence; without one it makes one.
    pub fn term(&mut self, customer: usize) {
        let Some(dated) = self.customers[customer].dated.clone() else { return self.make_dated(customer) };
        match self.ledger.random.below(10) {
            0..3 if dated.consoles.len() < CONSOLES_MAX => {
                let wanted = Some(self.any_units(4).max(&units(1, 0))).filter(|_| self.ledger.random.chance(40));
                let console = self.console_on(&dated, wanted);
                self.customers[customer].dated.iter_mut().for_each(|one| one.consoles.push(console));
                self.exchange(console);
            }
            0..5 => self.extend(customer, &dated),
            5..8 => {
                let stock = self.ledger.holding(self.customers[customer].dates);
                let units = dated.units.checked_add(&stock.free()).expect("small"); // what lies idle hides what is oversold
                let units = if self.ledger.random.chance(80) { units } else { self.any_units(6) };
                if self.resize(&dated, &units) {
                    self.customers[customer].dated = Some(Licensed { units, ..dated });
                }
            }
            8 => {
                self.send_home(&dated.consoles);
                self.customers[customer].dated.iter_mut().for_each(|one| one.consoles.clear());
            }
            _ => self.delete_dated(customer, &dated),
        }
    }

    fn make_dated(&mut self, customer: usize) {
        if self.customers[customer].active {
            let units = self.any_units(6).max(&units(2, 1));
            self.buy(customer, DATED, &units);
            self.customers[customer].dated = self.licensed(customer, DATED, units);
        }
    }

    /// One more term costs as many units as it has.
    fn extend(&mut self, customer: usize, dated: &Licensed) {
        if self.customers[customer].active && self.ledger.random.chance(70) {
            self.buy(customer, DATED, &dated.units);
        }
        let extend = LicenseCommand::Extend { license: dated.license };
        if self.ledger.run(Command::License(Box::new(extend))).is_ok() {
            self.bought.retire(self.customers[customer].dates, Count::of(DATED, &dated.units));
        }
    }

    /// What paid for a term does not come back: the licence has retired it.
    fn delete_dated(&mut self, customer: usize, dated: &Licensed) {
        let delete = LicenseCommand::Delete { license: dated.license };
        if self.ledger.run(Command::License(Box::new(delete))).is_ok() {
            let spent = self.ledger.holding(dated.license).retired;
            self.bought.retire(dated.license, Count::of(DATED, &spent));
            self.customers[customer].dated = None;
        }
    }
}
