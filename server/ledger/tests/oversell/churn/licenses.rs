//! Licences under an activation key, made of a pool's units: more of them, fewer of them, deleted.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::{Fleet, Licensed};
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{HoldingId, KeyId, ProductKind};
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::rule::license::make::NewLicense;

/// Consoles on one licence.
const CONSOLES_MAX: usize = 2;

impl Fleet {
    /// Something happens to the customer's licence; without one it makes one.
    pub fn license(&mut self, customer: usize) {
        let Some(licensed) = self.customers[customer].licensed.clone() else { return self.make_license(customer) };
        let license = licensed.license;
        match self.ledger.random.below(10) {
            0..3 if licensed.consoles.len() < CONSOLES_MAX => {
                let (wanted, console) = (self.any_units(4).max(&units(1, 0)), self.new_console(Wish::Nothing));
                self.wish(console, Wish::Run(licensed.code), Some(wanted));
                self.customers[customer].licensed.iter_mut().for_each(|one| one.consoles.push(console));
            }
            0..7 => {
                let (units, id) = (self.any_units(6).max(&units(1, 0)), HoldingId(self.ledger.draw()));
                let upgrade = LicenseCommand::Upgrade { license, units, pool: None, id };
                let _refused_or_not = self.ledger.run(Command::License(Box::new(upgrade)));
            }
            7 => {
                for console in licensed.consoles {
                    if self.consoles.contains_key(&console) {
                        self.wish(console, Wish::Release, None);
                    }
                }
                self.customers[customer].licensed.iter_mut().for_each(|one| one.consoles.clear());
            }
            _ => {
                let delete = LicenseCommand::Delete { license };
                if self.ledger.run(Command::License(Box::new(delete))).is_ok() {
                    self.customers[customer].licensed = None;
                }
            }
        }
    }

    fn make_license(&mut self, customer: usize) {
        if !self.customers[customer].active {
            return;
        }
        let (account, stock) = (self.customers[customer].id, self.customers[customer].stock);
        let (lot, _) = self.mint(account, &units(3, 2), None); // credits are bought to be spent
        let _refused_or_not = self.ledger.run(Command::Convert { lot, stock, force: false });
        let (id, code) = (KeyId(self.ledger.draw()), self.ledger.code());
        let key = NewActivationKey { id, account, code: code.clone(), name: "Licensee".into() };
        if self.ledger.run(Command::License(Box::new(LicenseCommand::CreateKey(key)))).is_err() {
            return;
        }
        let (license, pool, units) = (HoldingId(self.ledger.draw()), stock, self.any_units(4).max(&units(1, 0)));
        let (kind, days, email, comment) = (ProductKind::License, None, String::new(), String::new());
        let new = NewLicense { id: license, key: id, kind, pool, units, days, email, comment };
        if self.ledger.run(Command::License(Box::new(LicenseCommand::Make(new)))).is_ok() {
            self.customers[customer].licensed = Some(Licensed { license, code, consoles: vec![] });
        }
    }
}
