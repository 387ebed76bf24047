//! Licences under activation keys: what they cost, how long they last, what becomes of their credits (T8-T25, T37).

mod changed;
mod held;
mod made;
mod model;

use super::console::Console;
use super::world::{World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::command::license::LicenseCommand;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::license::key::NewActivationKey;
use leasehold_ledger::rule::license::make::NewLicense;
use leasehold_protocol::{Refused, Units};
use std::collections::BTreeMap;

/// A permanent licence, its dearer edition, a year of support, thirty days on trial.
pub const STD: &str = "STD";
pub const PRO: &str = "PRO";
pub const YEAR: &str = "YEAR";
pub const YEAR_PRO: &str = "YEAR-PRO";
pub const TRIAL: &str = "TRIAL";

/// A reseller with credits of everything.
pub struct Shop {
    pub world: World,
    pub account: AccountId,
    pub key: KeyId,
    pub code: String,
    /// Named pools that have the credits of a product; of others the stock has them.
    pub pools: BTreeMap<&'static str, HoldingId>,
}

impl Shop {
    /// A shop with as many credits of each product.
    pub fn new(credits: u32) -> Self {
        let mut world = World::new();
        let made = |sku: &str, kind, term, term_days| Product { kind, term, term_days, ..product(sku, sku) };
        for product in [
            made(STD, ProductKind::License, Term::Perpetual, None),
            made(PRO, ProductKind::License, Term::Perpetual, None),
            made(YEAR, ProductKind::License, Term::Annual, None),
            made(YEAR_PRO, ProductKind::License, Term::Annual, None),
            made(TRIAL, ProductKind::License, Term::Trial, Some(30)),
        ] {
            world.done(world.root(), Command::CreateProduct(product));
        }
        let account = world.reseller("Reseller");
        let (key, code) = (KeyId(world.draw()), world.code());
        let mut shop = Self { world, account, key, code: code.clone(), pools: BTreeMap::new() };
        for sku in [STD, PRO, YEAR, YEAR_PRO, TRIAL] {
            shop.buy(sku, credits);
        }
        let new = NewActivationKey { id: key, account, code, name: "Example Ltd".into() };
        shop.run(LicenseCommand::CreateKey(new)).expect("the code is free");
        shop
    }

    pub fn buy(&mut self, sku: &str, credits: u32) {
        let line = self.world.line(sku, units(credits, 0));
        let lot = self.world.mint_line(self.account, line);
        self.world.convert(lot.id);
    }

    pub fn run(&mut self, command: LicenseCommand) -> Result<(), Refused> {
        let operator = self.world.member(self.account, Role::Operator);
        self.world.run(operator, Command::License(Box::new(command))).map(drop)
    }

    pub fn pool(&self, sku: &str) -> HoldingId {
        self.pools.get(sku).copied().unwrap_or_else(|| self.world.stock(self.account, sku).id)
    }

    /// Credits that can be spent.
    pub fn credits(&self, sku: &str) -> u32 {
        self.world.holding(self.pool(sku)).free().count("OBM")
    }

    pub fn try_make(&mut self, sku: &str, count: u32, days: Option<u32>) -> Result<HoldingId, Refused> {
        let id = HoldingId(self.world.draw());
        let (email, comment) = ("it@mail.example".to_owned(), "desk 4".to_owned());
        let kind = ProductKind::License;
        let (key, pool) = (self.key, self.pool(sku));
        let new = NewLicense { id, key, kind, pool, units: units(count, 0), days, email, comment };
        self.run(LicenseCommand::Make(new)).map(|()| id)
    }

    pub fn make(&mut self, sku: &str, count: u32) -> HoldingId {
        self.try_make(sku, count, (sku == TRIAL).then_some(30)).expect("there are credits")
    }

    pub fn resize(&mut self, license: HoldingId, count: u32) -> Result<(), Refused> {
        let id = HoldingId(self.world.draw());
        self.run(LicenseCommand::Upgrade { license, units: units(count, 0), pool: None, id })
    }

    pub fn exchange(&mut self, license: HoldingId, sku: &str, count: u32) -> Result<HoldingId, Refused> {
        let (id, pool) = (HoldingId(self.world.draw()), Some(self.pool(sku)));
        self.run(LicenseCommand::Upgrade { license, units: units(count, 0), pool, id }).map(|()| id)
    }

    pub fn extend(&mut self, license: HoldingId) -> Result<(), Refused> {
        self.run(LicenseCommand::Extend { license })
    }

    pub fn delete(&mut self, license: HoldingId) -> Result<(), Refused> {
        self.run(LicenseCommand::Delete { license })
    }

    pub fn console(&self, number: u8, sku: &str) -> Console {
        Console { sku: sku.into(), ..Console::new(number) }
    }

    pub fn activate(&mut self, console: &mut Console) -> Result<Units, Refused> {
        let code = self.code.clone();
        let lease = match self.world.activate(console, &code) {
            Err(Refused::Resync) => self.world.activate_again(console, &code, self.key),
            answer => answer,
        };
        lease.map(|lease| lease.grant.units)
    }
}
