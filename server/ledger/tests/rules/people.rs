//! What people do, one call each.

use super::world::{Lot, PoolKey, SKU, World};
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::command::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::rule::lot::{Line, Purchase};
use leasehold_ledger::rule::pool::Destination;
use leasehold_protocol::{Day, Refused, Units};

impl World {
    pub fn create_account(&mut self, actor: Actor, parent: AccountId, kind: AccountKind, name: &str) -> AccountId {
        self.try_account(actor, parent, kind, name).expect("it is allowed")
    }

    pub fn try_account(
        &mut self,
        actor: Actor,
        parent: AccountId,
        kind: AccountKind,
        name: &str,
    ) -> Result<AccountId, Refused> {
        let id = AccountId(self.draw());
        let profile = Profile {
            name: name.into(),
            may_create_customers: kind == AccountKind::Reseller,
            may_create_resellers: kind == AccountKind::Reseller,
            ..Profile::default()
        };
        self.run(actor, Command::CreateAccount(NewAccount { id, parent, kind, profile })).map(|_| id)
    }

    pub fn customer(&mut self, name: &str) -> AccountId {
        self.create_account(self.root(), self.vendor, AccountKind::EndCustomer, name)
    }

    pub fn reseller(&mut self, name: &str) -> AccountId {
        self.create_account(self.root(), self.vendor, AccountKind::Reseller, name)
    }

    pub fn set_status(&mut self, account: AccountId, status: AccountStatus) {
        self.done(self.root(), Command::SetAccountStatus { account, status });
    }

    pub fn line(&mut self, sku: &str, units: Units) -> Line {
        Line {
            lot: HoldingId(self.draw()),
            key: KeyId(self.draw()),
            code: self.code(),
            kind: KeyKind::ActivationId,
            sku: sku.into(),
            units,
            expires: None,
            upgrade_until: None,
            free_on: self.free_on,
        }
    }

    pub fn purchase(&mut self, account: AccountId, lines: Vec<Line>) -> Purchase {
        Purchase { account, entitlement: format!("E-{}", self.draw().as_u128()), reference: None, lines }
    }

    pub fn mint_line(&mut self, account: AccountId, line: Line) -> Lot {
        let lot = Lot { id: line.lot, key: line.key, code: line.code.clone() };
        let purchase = self.purchase(account, vec![line]);
        self.done(self.root(), Command::Mint(purchase));
        lot
    }

    pub fn mint(&mut self, account: AccountId, units: Units) -> Lot {
        let line = self.line(SKU, units);
        self.mint_line(account, line)
    }

    pub fn mint_until(&mut self, account: AccountId, sku: &str, units: Units, until: Day) -> Lot {
        let line = Line { upgrade_until: Some(until), ..self.line(sku, units) };
        self.mint_line(account, line)
    }

    pub fn try_convert(&mut self, lot: HoldingId, force: bool) -> Result<(), Refused> {
        let stock = HoldingId(self.draw());
        let operator = self.member(self.holding(lot).account, Role::Operator);
        self.run(operator, Command::Convert { lot, stock, force }).map(drop)
    }

    pub fn convert(&mut self, lot: HoldingId) -> HoldingId {
        self.try_convert(lot, false).expect("it is poolable");
        let lot = self.holding(lot);
        self.stock(lot.account, &lot.compat).id
    }

    /// Units bought and added to the pool.
    pub fn pooled(&mut self, account: AccountId, units: Units) -> HoldingId {
        let lot = self.mint(account, units);
        self.convert(lot.id)
    }

    pub fn try_pool(&mut self, account: AccountId, name: &str, sku: &str) -> Result<HoldingId, Refused> {
        let id = HoldingId(self.draw());
        let free_on = self.free_on;
        let create = Command::CreatePool { id, account, name: name.into(), sku: sku.into(), free_on };
        self.run(self.member(account, Role::Operator), create).map(|_| id)
    }

    pub fn try_pool_quota(&mut self, pool: HoldingId, quota: Units) -> Result<(), Refused> {
        let operator = self.member(self.holding(pool).account, Role::Operator);
        self.run(operator, Command::SetPoolQuota { pool, quota }).map(drop)
    }

    pub fn pool_quota(&mut self, pool: HoldingId, quota: Units) {
        self.try_pool_quota(pool, quota).expect("the stock has it");
    }

    pub fn pool(&mut self, account: AccountId, name: &str, quota: Units) -> HoldingId {
        let pool = self.try_pool(account, name, SKU).expect("the name is free");
        self.pool_quota(pool, quota);
        pool
    }

    pub fn try_pool_key(&mut self, pool: HoldingId, name: &str, quota: Units) -> Result<PoolKey, Refused> {
        let (id, allotment, code) = (KeyId(self.draw()), HoldingId(self.draw()), self.code());
        let operator = self.member(self.holding(pool).account, Role::Operator);
        let new = NewKey { id, allotment, pool, code: code.clone(), name: name.into(), quota };
        self.run(operator, Command::CreatePoolKey(new)).map(|_| PoolKey { id, allotment, code })
    }

    pub fn pool_key(&mut self, pool: HoldingId, name: &str, quota: Units) -> PoolKey {
        self.try_pool_key(pool, name, quota).expect("the pool has it")
    }

    pub fn try_key_quota(&mut self, key: KeyId, quota: Units) -> Result<(), Refused> {
        let operator = self.member(self.key(key).account, Role::Operator);
        self.run(operator, Command::SetKeyQuota { key, quota }).map(drop)
    }

    pub fn key_quota(&mut self, key: KeyId, quota: Units) {
        self.try_key_quota(key, quota).expect("the pool has it");
    }

    pub fn stop(&mut self, key: KeyId) {
        self.done(self.root(), Command::StopKey { key });
    }

    pub fn resume(&mut self, key: KeyId) {
        self.done(self.root(), Command::ResumeKey { key });
    }

    pub fn delete_key(&mut self, key: KeyId) -> Result<(), Refused> {
        self.run(self.root(), Command::DeleteKey { key }).map(drop)
    }

    pub fn move_to(
        &mut self,
        actor: Actor,
        from: HoldingId,
        account: AccountId,
        to: Destination,
        units: Units,
    ) -> Result<(), Refused> {
        self.run(actor, Command::Move { from, account, to, units }).map(drop)
    }

    /// A customer with `bought` in one pool of that size.
    pub fn customer_with_pool(&mut self, bought: Units) -> (AccountId, HoldingId) {
        let customer = self.customer("Customer");
        self.pooled(customer, bought.clone());
        let pool = self.pool(customer, "Pool", bought);
        (customer, pool)
    }
}
