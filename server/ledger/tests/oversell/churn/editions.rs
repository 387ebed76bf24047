//! Licences that are exchanged for ones of another edition, to and fro. Their consoles activate that with the same key, sooner
//! or later, and run on what they have until then.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::Licensed;
use super::super::ledger::SKU;
use super::super::ledger::catalogue::STANDARD;
use leasehold_ledger::Command;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::HoldingId;

impl Fleet {
    /// The customer's licence is exchanged; one that nobody runs on is first made or given a console.
    pub fn edition(&mut self, customer: usize) {
        match self.customers[customer].licensed.clone() {
            None => self.make_license(customer),
            Some(licensed) if licensed.consoles.is_empty() => {
                let console = self.console_on(&licensed.code, licensed.sku, None);
                self.customers[customer].licensed.iter_mut().for_each(|one| one.consoles.push(console));
                self.exchange(console);
            }
            Some(licensed) => self.exchange_license(customer, licensed),
        }
    }

    fn exchange_license(&mut self, customer: usize, licensed: Licensed) {
        let sku = if licensed.sku == SKU { STANDARD } else { SKU };
        let units = self.any_units(6).max(&units(1, 0));
        if self.customers[customer].active && self.ledger.random.chance(70) {
            self.buy(customer, sku, &units); // or there may be some
        }
        let (pool, id) = (Some(self.stock_of(customer, sku)), HoldingId(self.ledger.draw()));
        let upgrade = LicenseCommand::Upgrade { license: licensed.license, units, pool, id };
        if self.ledger.run(Command::License(Box::new(upgrade))).is_err() {
            return;
        }
        for console in &licensed.consoles {
            let wanted = self.consoles.get(console).and_then(|console| console.wanted.clone());
            self.wish(*console, Wish::Run(licensed.code.clone(), sku), wanted);
            if self.ledger.random.chance(40) {
                self.exchange(*console);
            }
        }
        self.customers[customer].licensed = Some(Licensed { license: id, sku, ..licensed });
        self.soak_up(customer); // what came back from the old edition, if it is free
    }
}
