//! Backups of the store, and what is done about one that was put back.
//!
//! A world goes on after its backup, and loses that history when the backup is put back. Licence files are left alone in the part that
//! may be lost: the ledger cannot know of a file it has no record of, it has no lease's end, and its device never calls.

use super::console::Wish;
use super::fleet::Fleet;
use super::fleet::owned::{Customer, Reseller, Slot};
use super::ledger::SKU;
use super::measure::Bought;
use leasehold_ledger::Command;
use leasehold_ledger::record::Doubt;
use leasehold_ledger::record::quarantine::REST;
use leasehold_ledger::store::Table;
use leasehold_protocol::Time;

/// What is done about a store that was put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// `store restore`, or a start without the anchor.
    Quarantine,
    /// `--accept-risk`.
    AcceptRisk,
    /// The store was copied back together with its anchor.
    Unnoticed,
}

/// A backup, and what people know of that day.
pub struct Snapshot {
    rows: Vec<(Table, Vec<u8>, Vec<u8>)>,
    reseller: Reseller,
    customers: Vec<Customer>,
    bought: Bought,
    /// When it is put back.
    pub due: Time,
}

impl Fleet {
    /// Makes a backup that is put back after so many days.
    pub fn back_up(&mut self, days: u32) {
        let due = self.time.plus(i64::from(days) * leasehold_protocol::time::DAY);
        let (reseller, customers) = (self.reseller.clone(), self.customers.clone());
        let (rows, bought) = (self.ledger.rows(), self.bought.clone());
        self.snapshot = Some(Box::new(Snapshot { rows, reseller, customers, bought, due }));
    }

    /// Puts the backup back. Consoles keep the leases of the lost history.
    pub fn put_back(&mut self, remedy: Remedy) {
        let Some(snapshot) = self.snapshot.take() else { return };
        self.ledger.put_back(&snapshot.rows);
        (self.reseller, self.customers) = (snapshot.reseller, snapshot.customers);
        self.bought = std::mem::take(&mut self.bought).rolled_back(&snapshot.bought);
        self.restored += 1;
        let epoch = 1 + self.restored;
        match remedy {
            Remedy::Quarantine if self.ledger.random.chance(50) => self.ledger.must(Command::Restored { epoch }),
            Remedy::Quarantine => self.ledger.must(Command::Doubt { doubt: Doubt::NoAnchor, epoch }),
            Remedy::AcceptRisk => {
                self.ledger.must(Command::Restored { epoch });
                self.ledger.must(Command::EndQuarantine);
            }
            Remedy::Unnoticed => {}
        }
        self.resting = self.ledger.latest.plus(REST);
        self.disturb(self.resting);
        self.owners_wish_again();
    }

    /// Owners see what is on the books, and want that of their consoles.
    fn owners_wish_again(&mut self) {
        let slots: Vec<Slot> = self.customers.iter().flat_map(Customer::single).cloned().collect();
        for slot in slots {
            self.wish(slot.console, Wish::Run(slot.code, SKU), None);
        }
        for device in self.offline.values_mut() {
            if let Some((_, is_on_its_way)) = &mut device.given_back {
                *is_on_its_way = true; // what was taken back may not be on the books
            }
        }
    }
}
