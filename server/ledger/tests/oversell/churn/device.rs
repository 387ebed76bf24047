//! What people do in the portal about a device that is elsewhere or dead: its renewal is ended and taken up again, or it is
//! rehosted on the account's reserve while it may still be running.

use super::super::console::Wish;
use super::super::count::{Count, units};
use super::super::fleet::Fleet;
use super::super::ledger::SKU;
use super::super::mutant::Wrong;
use super::super::stories::Story;
use leasehold_ledger::Command;
use leasehold_ledger::record::{FreeOn, HoldingId};
use leasehold_protocol::ActivationId;

impl Fleet {
    /// Something is done about the device of a key.
    pub fn device(&mut self, customer: usize) {
        let at = self.any_slot(customer);
        let Some(sub) = self.activation(customer, at) else { return };
        match self.ledger.random.below(10) {
            0..4 if self.stories.has(Story::Rehosts) => self.rehost(customer, at, sub),
            4..6 if self.stories.has(Story::Rehosts) && self.customers[customer].active => {
                let (account, reserve, units) =
                    (self.customers[customer].id, HoldingId(self.ledger.draw()), units(1, 1));
                let sku = SKU.into();
                if self.ledger.run(Command::MintReserve { account, reserve, sku, units: units.clone() }).is_ok() {
                    self.bought.add(reserve, Count::of(SKU, &units), None);
                }
            }
            _ => self.halt_or_resume(customer, at, sub),
        }
    }

    /// What the console of a key holds a lease of.
    fn activation(&self, customer: usize, at: usize) -> Option<ActivationId> {
        let slot = &self.customers[customer].slots[at];
        let console = self.consoles.get(&slot.console)?;
        let runs = console.runs.as_ref().is_some_and(|runs| runs.code == slot.code);
        console.lease.as_ref().filter(|_| runs).map(|lease| lease.grant.sub)
    }

    fn halt_or_resume(&mut self, customer: usize, at: usize, sub: ActivationId) {
        let now = self.ledger.latest;
        let slot = &mut self.customers[customer].slots[at];
        let console = self.consoles.get_mut(&slot.console).expect("it holds a lease");
        let done = match slot.halted {
            false => self.ledger.run(Command::StopRenewal { activation: sub }).is_ok(),
            true if self.ledger.random.chance(50) => {
                console.runs = None; // the key is typed in again
                true
            }
            true => self.ledger.run(Command::ResumeRenewal { activation: sub }).is_ok(),
        };
        if !done {
            return;
        }
        (slot.halted, slot.changed) = (!slot.halted, now);
        if slot.halted && self.ledger.random.chance(60) {
            let code = slot.code.clone();
            let console = self.new_console(Wish::Run(code, SKU)); // while the other one is elsewhere, and runs
            let slot = &mut self.customers[customer].slots[at];
            (slot.console, slot.halted) = (console, false);
            self.exchange(console);
        }
    }

    /// The key goes on on another device at once; the old one may be running, and may even call again.
    fn rehost(&mut self, customer: usize, at: usize, sub: ActivationId) {
        let (reserve, now) = (HoldingId(self.ledger.draw()), self.ledger.latest);
        if self.ledger.run(Command::Rehost { activation: sub, reserve }).is_err() {
            return;
        }
        let slot = self.customers[customer].slots[at].clone();
        let dead = self.consoles[&slot.console].living(FreeOn::Expiry, self.time);
        if let Some(reserve) = self.ledger.find(reserve) {
            let minted = Count::of(SKU, &reserve.minted); // bought with the first device that was rehosted: as much as it had
            assert!(dead.covers(minted) || self.ahead < 0, "{minted} were minted for a device that has {dead}");
            if self.ledger.wrong != Some(Wrong::RehostFrees) {
                self.bought.add(reserve.id, minted, None);
            }
        }
        if self.ledger.random.chance(70) {
            self.wish(slot.console, Wish::Nothing, None);
        }
        let console = self.new_console(Wish::Run(slot.code, SKU));
        let slot = &mut self.customers[customer].slots[at];
        (slot.console, slot.halted, slot.changed) = (console, false, now);
        self.exchange(console);
    }
}
