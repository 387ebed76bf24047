//! Permission keys: sold by the reseller or to a customer, one lot or two under one, redeemed once, whoever tries it again. Their
//! consoles then type in the same key.

use super::super::console::Wish;
use super::super::count::units;
use super::super::fleet::Fleet;
use super::super::fleet::owned::{Permit, SharedLot};
use super::super::ledger::SKU;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::KeyKind;
use leasehold_ledger::rule::lot::Line;
use leasehold_protocol::time::DAY;

/// Keys that are remembered; what waits to be redeemed lies idle.
const PERMITS_MAX: usize = 2;
/// Times somebody tries to redeem one.
const TRIES: u32 = 3;

impl Fleet {
    /// One is sold, or somebody tries to redeem one.
    pub fn permit(&mut self, customer: usize) {
        let permits = &mut self.reseller.permits;
        permits.retain(|permit| permit.tried < TRIES);
        if permits.len() < PERMITS_MAX && self.ledger.random.chance(50) {
            self.sell_permit(customer);
            if self.ledger.random.chance(40) {
                return;
            }
        }
        self.redeem(customer);
    }

    fn sell_permit(&mut self, customer: usize) {
        let end = self.ledger.now.plus(i64::from(5 + self.ledger.random.below(50)) * DAY);
        let expires = Some(end).filter(|_| self.ledger.random.chance(40));
        let (units, lines) = (self.any_units(8).max(&units(2, 1)), 1 + self.ledger.random.below(2));
        let first = Line { kind: KeyKind::PermissionKey, ..self.line(SKU, &units, expires) };
        let (key, code) = (first.key, first.code.clone());
        let mut lines: Vec<Line> = (1..lines).map(|_| self.line(SKU, &units, expires)).collect();
        lines.iter_mut().for_each(|line| {
            (line.key, line.code, line.kind) = (key, code.clone(), KeyKind::PermissionKey);
        });
        lines.push(first);
        let buyer = &self.customers[customer];
        let seller = if buyer.active && self.ledger.random.chance(30) { buyer.id } else { self.reseller.id };
        let lots = lines.iter().map(|line| line.lot).collect();
        self.order(seller, lines);
        self.reseller.permits.push(Permit { code, lots, expires, tried: 0 });
    }

    /// Whoever has the code redeems it, unless somebody has.
    fn redeem(&mut self, customer: usize) {
        let count = u32::try_from(self.reseller.permits.len()).expect("few");
        let at = self.ledger.random.below(count) as usize;
        let Some(permit) = self.reseller.permits.get_mut(at) else { return };
        permit.tried += 1;
        let (permit, account) = (permit.clone(), self.customers[customer].id);
        let redeem = Command::Redeem { account, code: permit.code.clone() };
        if self.ledger.run_as(account, Role::Operator, redeem).is_err() {
            return;
        }
        for lot in permit.lots {
            let (code, expires) = (permit.code.clone(), permit.expires);
            let console = self.new_console(Wish::Run(code.clone(), SKU)); // it wants all there is
            self.exchange(console);
            let (consoles, offline) = (vec![console], vec![]);
            self.customers[customer].shared.push(SharedLot { lot, code, expires, consoles, offline, converted: false });
        }
    }
}
