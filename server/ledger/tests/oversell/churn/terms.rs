//! Dated licences, several under one key: they end, and the leases of their consoles with them; they are extended while they are
//! valid or later, by burning their units once more; and one that is over is deleted, which burns what it had. A console goes on
//! with another licence of the key when the key is typed in again.

use super::super::count::{Count, units};
use super::super::fleet::Fleet;
use super::super::fleet::owned::Dated;
use super::super::ledger::catalogue::DATED;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::HoldingId;
use leasehold_protocol::Units;

/// Licences under one key, and consoles.
const LICENSES_MAX: usize = 2;
const CONSOLES_MAX: usize = 4;

impl Fleet {
    /// Something happens to the customer's dated licences.
    pub fn term(&mut self, customer: usize) {
        let Some(dated) = self.customers[customer].dated.clone() else { return self.new_dated(customer) };
        let at = self.ledger.random.below(u32::try_from(dated.licenses.len()).expect("few")) as usize;
        let Some((license, units)) = dated.licenses.get(at).cloned() else { return self.make_dated(customer) };
        match self.ledger.random.below(12) {
            0..2 if dated.consoles.len() < CONSOLES_MAX => self.dated_console(customer, &dated),
            2 if dated.licenses.len() < LICENSES_MAX => self.make_dated(customer),
            0..5 => self.extend(customer, at, license, &units),
            5..8 => self.soak_up_credits(customer, at),
            8 => self.type_in_again(&dated.consoles),
            9 => {
                self.send_home(&dated.consoles);
                self.customers[customer].dated.iter_mut().for_each(|dated| dated.consoles.clear());
            }
            _ => self.delete_dated(customer, at),
        }
    }

    /// A key for them, and the first.
    fn new_dated(&mut self, customer: usize) {
        if let Some((key, code)) = self.activation_key(customer) {
            let (licenses, consoles) = (vec![], vec![]);
            self.customers[customer].dated = Some(Dated { key, code, licenses, consoles });
            self.make_dated(customer);
        }
    }

    fn make_dated(&mut self, customer: usize) {
        let Some(key) = self.customers[customer].dated.as_ref().map(|dated| dated.key) else { return };
        if !self.customers[customer].active {
            return;
        }
        let units = self.any_units(6).max(&units(2, 1));
        self.buy(customer, DATED, &units);
        if let Some(license) = self.make(customer, key, DATED, &units) {
            self.customers[customer].dated.iter_mut().for_each(|dated| dated.licenses.push((license, units.clone())));
        }
    }

    fn dated_console(&mut self, customer: usize, dated: &Dated) {
        let wanted = Some(self.any_units(4).max(&units(1, 0))).filter(|_| self.ledger.random.chance(40));
        let console = self.console_on(&dated.code, DATED, wanted);
        self.customers[customer].dated.iter_mut().for_each(|one| one.consoles.push(console));
        self.exchange(console);
    }

    /// One more term costs as many units as it has.
    fn extend(&mut self, customer: usize, at: usize, license: HoldingId, units: &Units) {
        if self.customers[customer].active && self.ledger.random.chance(70) {
            self.buy(customer, DATED, units);
        }
        if self.ledger.run(Command::License(Box::new(LicenseCommand::Extend { license }))).is_ok() {
            self.bought.retire(self.customers[customer].dates, Count::of(DATED, units));
            self.soak_up_credits(customer, at);
            let consoles =
                self.customers[customer].dated.iter().flat_map(|dated| dated.consoles.clone()).collect::<Vec<_>>();
            self.type_in_again(&consoles); // it was paid for to be used
        }
    }

    /// A licence gets all that is there, for what lies idle hides what is oversold; or fewer.
    fn soak_up_credits(&mut self, customer: usize, at: usize) {
        let Some(stock) = self.ledger.find(self.customers[customer].dates) else { return };
        let any = self.any_units(6);
        let Some(dated) = &mut self.customers[customer].dated else { return };
        let (license, has) = &mut dated.licenses[at];
        let all = has.checked_add(&stock.free()).expect("small");
        let units = if self.ledger.random.chance(80) { all } else { any };
        let (license, pool, id) = (*license, None, HoldingId(self.ledger.draw()));
        let upgrade = LicenseCommand::Upgrade { license, units: units.clone(), pool, id };
        if self.ledger.run(Command::License(Box::new(upgrade))).is_ok() {
            *has = units;
        }
    }

    /// Consoles that a licence has ended for get another one of the key.
    fn type_in_again(&mut self, consoles: &[u64]) {
        for number in consoles {
            if let Some(console) = self.consoles.get_mut(number) {
                console.runs = None;
                self.exchange(*number);
            }
        }
    }

    /// What paid for a term does not come back: the licence has retired it.
    fn delete_dated(&mut self, customer: usize, at: usize) {
        let Some(dated) = &mut self.customers[customer].dated else { return };
        let license = dated.licenses[at].0;
        if self.ledger.run(Command::License(Box::new(LicenseCommand::Delete { license }))).is_ok() {
            dated.licenses.remove(at);
            let spent = self.ledger.holding(license).retired;
            self.bought.retire(license, Count::of(DATED, &spent));
        }
    }
}
