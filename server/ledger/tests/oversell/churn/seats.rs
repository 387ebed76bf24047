//! Seats of a named user: granted from a pool or a lot, taken back while the lease lives, and granted again at once.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::Slot;
use super::super::ledger::SKU;
use leasehold_ledger::Command;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::{HoldingId, KeyId};
use leasehold_ledger::rule::seat::NewSeat;
use leasehold_protocol::Units;

/// Seats of a customer's member.
const SEATS_MAX: usize = 3;

impl Fleet {
    /// A seat is granted, or taken back.
    pub fn seat(&mut self, customer: usize) {
        let seats = u32::try_from(self.customers[customer].seats.len()).expect("few");
        if seats == 0 || (seats as usize) < SEATS_MAX && self.ledger.random.chance(50) {
            let (from, units) = self.room_for_a_seat(customer);
            return self.grant(customer, from, units, None);
        }
        if self.customers[customer].active && self.ledger.random.chance(20) {
            return self.leave_and_return(customer);
        }
        let at = self.ledger.random.below(seats) as usize;
        let key = self.customers[customer].seats[at].key;
        if self.ledger.run(Command::TakeSeat { key }).is_ok() {
            let seat = self.customers[customer].seats.remove(at);
            self.vacated(customer, seat);
        }
    }

    /// What a seat is granted from, and how much: what a shared lot has free, or what a key gives up for it.
    fn room_for_a_seat(&mut self, customer: usize) -> (HoldingId, Units) {
        if self.ledger.random.chance(30)
            && let Some(lot) = self.ledger.random.any(&self.customers[customer].shared).map(|shared| shared.lot)
        {
            let free = self.ledger.holding(lot).free();
            return (lot, self.any_units(4).min(&free).max(&units(1, 0)));
        }
        let (at, most, now) = (self.any_slot(customer), self.any_units(6).max(&units(1, 0)), self.ledger.latest);
        let slot = &mut self.customers[customer].slots[at];
        let units = slot.quota.min(&most);
        let quota = slot.quota.saturating_sub(&units);
        if self.ledger.run(Command::SetKeyQuota { key: slot.key, quota: quota.clone() }).is_ok() {
            (slot.quota, slot.changed) = (quota, now);
        }
        (slot.pool, units)
    }

    fn grant(&mut self, customer: usize, from: HoldingId, quota: Units, console: Option<u64>) {
        let (key, allotment, code) = (KeyId(self.ledger.draw()), HoldingId(self.ledger.draw()), self.ledger.code());
        let user = self.customers[customer].member;
        let new = NewSeat { key, allotment, from, user, code: code.clone(), units: Some(quota.clone()) };
        if self.ledger.run(Command::GrantSeat(new)).is_err() {
            return;
        }
        let console = console.unwrap_or_else(|| self.new_console(Wish::Nothing));
        self.wish(console, Wish::Run(code.clone(), SKU), None);
        let (stopped, halted, changed) = (false, false, self.ledger.latest);
        let expires = self.ledger.holding(from).expires;
        let seat = Slot { key, code, pool: from, quota, stopped, halted, console, changed, expires };
        self.customers[customer].seats.push(seat);
        self.exchange(console);
    }

    /// Its console runs on, or gives back what it has; its units go to another seat, on that console or another one, or to a key.
    fn vacated(&mut self, customer: usize, seat: Slot) {
        let same = self.ledger.random.chance(30);
        if !same && self.ledger.random.chance(30) {
            self.send_home(&[seat.console]);
        }
        if self.ledger.random.chance(70) {
            self.grant(customer, seat.pool, seat.quota, Some(seat.console).filter(|_| same));
        } else {
            self.soak_up(customer);
        }
    }

    /// The member leaves, which takes back all of its seats, and joins again without them.
    fn leave_and_return(&mut self, customer: usize) {
        let (account, user) = (self.customers[customer].id, self.customers[customer].member);
        self.ledger.must(Command::People(Box::new(People::DisableMember { account, user })));
        self.ledger.must(Command::People(Box::new(People::EnableMember { account, user })));
        for seat in std::mem::take(&mut self.customers[customer].seats) {
            self.vacated(customer, seat);
        }
    }
}
