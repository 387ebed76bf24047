//! An organisation that shares what it bought: keys with several lots, seats and floating seats, one call each.

use super::console::{Console, leased};
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::flex::NewFlex;
use leasehold_ledger::rule::lot::Line;
use leasehold_ledger::rule::seat::NewSeat;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::lease::Lease;
use leasehold_protocol::{Refused, Units};

/// A product whose seats float, on leases of ten minutes.
pub const FLOAT: &str = "FLOAT";
/// A product for named users.
pub const NAMED: &str = "NAMED";
/// Seconds of a floating seat's lease.
pub const TERM: i64 = 600;

pub fn obm(count: u32) -> Units {
    units(count, 0)
}

/// An organisation with an owner and members.
pub struct Club {
    pub world: World,
    pub account: AccountId,
    pub owner: UserId,
    pub first: UserId,
    pub second: UserId,
}

impl Club {
    pub fn new() -> Self {
        let mut world = World::new();
        world.sells_shared();
        let account = world.customer("Club");
        let owner = world.owner(account, "owner");
        let first = world.user(account, "first", Role::Viewer);
        let second = world.user(account, "second", Role::Operator);
        Self { world, account, owner, first, second }
    }

    pub fn as_owner(&self) -> Actor {
        self.world.person(self.owner, self.account)
    }

    /// A lot of a product.
    pub fn lot(&mut self, sku: &str, count: u32) -> HoldingId {
        let line = self.world.line(sku, obm(count));
        self.world.mint_line(self.account, line).id
    }

    pub fn try_seat(&mut self, actor: Actor, from: HoldingId, user: UserId) -> Result<Key, Refused> {
        let (key, allotment, code) = (KeyId(self.world.draw()), HoldingId(self.world.draw()), self.world.code());
        let new = NewSeat { key, allotment, from, user, code, units: None };
        self.world.run(actor, Command::GrantSeat(new)).map(|_| self.world.key(key))
    }

    pub fn seat(&mut self, from: HoldingId, user: UserId) -> Key {
        self.try_seat(self.as_owner(), from, user).expect("there is a seat")
    }

    pub fn take(&mut self, key: KeyId) -> Result<(), Refused> {
        self.world.run(self.as_owner(), Command::TakeSeat { key }).map(drop)
    }

    pub fn try_flex(&mut self, actor: Actor, from: HoldingId, units: Option<Units>) -> Result<Key, Refused> {
        let (key, allotment, code) = (KeyId(self.world.draw()), HoldingId(self.world.draw()), self.world.code());
        let new = NewFlex { key, allotment, from, code, units };
        self.world.run(actor, Command::OpenFlex(new)).map(|_| self.world.key(key))
    }

    pub fn flex(&mut self, from: HoldingId) -> Key {
        self.try_flex(self.as_owner(), from, None).expect("it floats")
    }

    /// A console of a product.
    pub fn console(number: u8, sku: &str) -> Console {
        Console { sku: sku.into(), ..Console::new(number) }
    }

    /// A console that asks for so many units.
    pub fn wants(&mut self, console: &mut Console, code: &str, count: u32) -> Result<Lease, Refused> {
        let message = Activate { wanted: Some(obm(count)), ..console.activate(&self.world, code) };
        let lease = leased(self.world.send_activate(&message, None))?;
        console.held = Some(lease.clone());
        Ok(lease)
    }
}

impl World {
    /// Products for named users and with seats that float.
    pub fn sells_shared(&mut self) {
        let named = Product { used_by: UsedBy::User, ..product(NAMED, "Named") };
        let float = Product { used_by: UsedBy::Flex, lease_term: TERM, ..product(FLOAT, "Float") };
        self.done(self.root(), Command::CreateProduct(named));
        self.done(self.root(), Command::CreateProduct(float));
    }

    /// An order whose lines share one permission key; returns its code.
    pub fn permission_key(&mut self, account: AccountId, lines: &[(&str, u32)]) -> String {
        let (key, code) = (KeyId(self.draw()), self.code());
        let lines = lines.iter().map(|(sku, count)| {
            let kind = KeyKind::PermissionKey;
            Line { key, code: code.clone(), kind, ..self.line(sku, obm(*count)) }
        });
        let lines = lines.collect();
        let purchase = self.purchase(account, lines);
        self.done(self.root(), Command::Mint(purchase));
        code
    }

    pub fn redeem(&mut self, account: AccountId, code: &str) -> Result<(), Refused> {
        let operator = self.member(account, Role::Operator);
        self.run(operator, Command::Redeem { account, code: code.into() }).map(drop)
    }
}
