//! What people do to a fleet: everything they can, at any time. One story a file.

mod clock;
mod device;
mod editions;
mod floats;
mod keys;
mod licenses;
mod line;
mod permits;
mod pools;
mod seats;
mod shared;
mod terms;
mod transfers;

pub use floats::Act;

use super::console::Wish;
use super::count::units;
use super::fleet::Fleet;
use super::ledger::SKU;
use super::stories::Story;
use leasehold_ledger::Command;
use leasehold_ledger::record::AccountStatus;
use leasehold_protocol::Units;

impl Fleet {
    /// Something changes; what is refused changes nothing.
    pub fn change(&mut self) {
        let customer = self.ledger.random.below(2) as usize;
        match self.ledger.random.below(100) {
            0..4 => self.key_quota(customer),
            4..18 => self.shift(customer),
            18..22 => self.pool_quota(customer),
            22..29 => self.stop_or_resume(customer),
            29..36 => self.key_again(customer),
            36..41 => self.other_device(customer),
            41..47 => self.transfer(customer),
            47..51 => self.split_or_merge(customer),
            51..61 => self.lots(customer),
            61..74 => self.shared(customer),
            74..77 => self.transfer_line(customer),
            77..82 => self.device(customer),
            82..88 if self.stories.has(Story::Licenses) => self.license(customer),
            88..91 => self.status(customer),
            91..94 => self.restore(),
            94..97 => self.clocks(),
            97.. => self.more(customer),
            _ => self.shift(customer),
        }
        for story in self.stories.now(&mut self.ledger.random) {
            self.tell(story, customer);
        }
        if self.ledger.random.chance(50) {
            let customer = self.ledger.random.below(2) as usize;
            self.soak_up(customer);
        }
    }

    fn tell(&mut self, story: Story, customer: usize) {
        match story {
            Story::Editions => self.edition(customer),
            Story::Terms => self.term(customer),
            Story::Permits => self.permit(customer),
            Story::Seats => self.seat(customer),
            Story::Floats => self.float(customer),
            Story::Rehosts | Story::Licenses | Story::Sales => {} // told with what they are a part of
        }
    }

    fn any_units(&mut self, most: u32) -> Units {
        units(self.ledger.random.below(most), self.ledger.random.below(most))
    }

    fn any_slot(&mut self, customer: usize) -> usize {
        let slots = u32::try_from(self.customers[customer].slots.len()).expect("few");
        self.ledger.random.below(slots) as usize
    }

    fn status(&mut self, customer: usize) {
        let now = self.ledger.latest;
        if self.customers[customer].active && self.ledger.random.chance(80) {
            return; // most are active
        }
        let customer = &mut self.customers[customer];
        (customer.active, customer.changed) = (!customer.active, now);
        let status = if customer.active { AccountStatus::Active } else { AccountStatus::Inactive };
        self.ledger.must(Command::SetAccountStatus { account: customer.id, status });
    }

    /// A console's disk is put back.
    fn restore(&mut self) {
        let all: Vec<u64> = self.consoles.keys().copied().collect();
        let number = *self.ledger.random.any(&all).expect("some");
        let console = self.consoles.get_mut(&number).expect("it is there");
        if matches!(console.wish, Wish::Run(..)) {
            console.restore();
        }
    }

    /// More units are bought, or the console of a key falls silent for good and another takes its place when it may.
    fn more(&mut self, customer: usize) {
        if self.ledger.random.chance(50) && self.customers[customer].active {
            let units = self.any_units(5).max(&units(1, 0));
            let (lot, _) = self.mint(self.customers[customer].id, &units, None);
            let stock = self.customers[customer].stock;
            let _refused_or_not = self.ledger.run(Command::Convert { lot, stock, force: false });
            return;
        }
        let (at, now) = (self.any_slot(customer), self.ledger.latest);
        let (code, dead) =
            (self.customers[customer].slots[at].code.clone(), self.customers[customer].slots[at].console);
        if let Some(dead) = self.consoles.get_mut(&dead) {
            (dead.wish, dead.pending) = (Wish::Nothing, None);
        }
        let new = self.new_console(Wish::Run(code, SKU));
        let slot = &mut self.customers[customer].slots[at];
        (slot.console, slot.changed) = (new, now);
    }
}
