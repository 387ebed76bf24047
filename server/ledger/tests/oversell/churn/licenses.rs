//! Licences under an activation key, made of a pool's units: more of them, fewer of them, deleted.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::Licensed;
use super::super::ledger::SKU;
use super::super::ledger::catalogue::{DATED, STANDARD};
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::{HoldingId, KeyId, ProductKind};
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_protocol::Units;

/// Consoles on one licence.
const CONSOLES_MAX: usize = 2;

impl Fleet {
    /// Something happens to the customer's licence; without one it makes one.
    pub fn license(&mut self, customer: usize) {
        let Some(licensed) = self.customers[customer].licensed.clone() else { return self.make_license(customer) };
        match self.ledger.random.below(10) {
            0..3 if licensed.consoles.len() < CONSOLES_MAX => {
                let wanted = self.any_units(4).max(&units(1, 0));
                let console = self.console_on(&licensed.code, licensed.sku, Some(wanted));
                self.customers[customer].licensed.iter_mut().for_each(|one| one.consoles.push(console));
            }
            0..7 => {
                let (license, units) = (licensed.license, self.any_units(6).max(&units(1, 0)));
                let (pool, id) = (None, HoldingId(self.ledger.draw()));
                let upgrade = LicenseCommand::Upgrade { license, units, pool, id };
                let _refused_or_not = self.ledger.run(Command::License(Box::new(upgrade)));
            }
            7 => {
                self.send_home(&licensed.consoles);
                self.customers[customer].licensed.iter_mut().for_each(|one| one.consoles.clear());
            }
            _ => {
                let delete = LicenseCommand::Delete { license: licensed.license };
                if self.ledger.run(Command::License(Box::new(delete))).is_ok() {
                    self.customers[customer].licensed = None;
                }
            }
        }
    }

    pub fn make_license(&mut self, customer: usize) {
        if !self.customers[customer].active {
            return;
        }
        self.buy(customer, SKU, &units(3, 2));
        let Some((key, code)) = self.activation_key(customer) else { return };
        let units = self.any_units(4).max(&units(1, 0));
        let license = self.make(customer, key, SKU, &units);
        self.customers[customer].licensed =
            license.map(|license| Licensed { license, code, sku: SKU, consoles: vec![] });
    }

    /// The stock that licences of a product are made of.
    pub fn stock_of(&self, customer: usize, sku: &str) -> HoldingId {
        let customer = &self.customers[customer];
        match sku {
            STANDARD => customer.standard,
            DATED => customer.dates,
            _ => customer.stock,
        }
    }

    /// Credits are bought to be spent.
    pub fn buy(&mut self, customer: usize, sku: &'static str, units: &Units) {
        let (line, stock) = (self.line(sku, units, None), self.stock_of(customer, sku));
        let lot = line.lot;
        self.order(self.customers[customer].id, vec![line]);
        let _refused_or_not = self.ledger.run(Command::Convert { lot, stock, force: false });
    }

    /// A new activation key, and its code.
    pub fn activation_key(&mut self, customer: usize) -> Option<(KeyId, String)> {
        let (id, code, account) = (KeyId(self.ledger.draw()), self.ledger.code(), self.customers[customer].id);
        let key = NewActivationKey { id, account, code: code.clone(), name: "Licensee".into() };
        self.ledger.run(Command::License(Box::new(LicenseCommand::CreateKey(key)))).ok()?;
        Some((id, code))
    }

    /// A new licence under a key, if there are credits.
    pub fn make(&mut self, customer: usize, key: KeyId, sku: &str, units: &Units) -> Option<HoldingId> {
        let (id, pool, units) = (HoldingId(self.ledger.draw()), self.stock_of(customer, sku), units.clone());
        let (kind, days, email, comment) = (ProductKind::License, None, String::new(), String::new());
        let new = NewLicense { id, key, kind, pool, units, days, email, comment };
        self.ledger.run(Command::License(Box::new(LicenseCommand::Make(new)))).ok()?;
        Some(id)
    }

    /// A new console for a key's licences.
    pub fn console_on(&mut self, code: &str, sku: &'static str, wanted: Option<Units>) -> u64 {
        let console = self.new_console(Wish::Nothing);
        self.wish(console, Wish::Run(code.to_owned(), sku), wanted);
        console
    }

    /// These consoles are to give back what they have.
    pub fn send_home(&mut self, consoles: &[u64]) {
        for console in consoles {
            if self.consoles.contains_key(console) {
                self.wish(*console, Wish::Release, None);
            }
        }
    }
}
