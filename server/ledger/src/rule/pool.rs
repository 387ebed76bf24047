//! Pools: the stock of converted licences, named pools with quotas (H8-H13), transfers to other accounts (A56-A62).

use crate::actor::{Role, active, organised};
use crate::apply::{Context, Outcome};
use crate::charge::sum;
use crate::draft::{Draft, Fault, ensure};
use crate::record::told::Word;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::transfer::Take;
use crate::store::{Read, Table};
use leasehold_protocol::{Refused, Units};
use uuid::Uuid;

/// Where transferred units arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A new pool; without a name it is called after its product (A61).
    New {
        /// Its id.
        id: HoldingId,
        /// Its name.
        name: Option<String>,
    },
    /// A pool that is there.
    Existing(HoldingId),
}

/// The name the stock of a compat has; people cannot give it, for it begins with a space.
#[must_use]
pub fn stock_name(compat: &str) -> String {
    format!(" {compat}")
}

/// Makes an empty named pool (H10, H11).
///
/// # Errors
/// [`Fault`].
pub fn create(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: HoldingId,
    account: AccountId,
    name: &str,
    sku: &str,
    free_on: FreeOn,
) -> Result<Outcome, Fault> {
    let account = draft.reach(context.actor, account, Role::Operator)?;
    let product = draft.product(sku)?;
    draft.allowed(&account, sku)?;
    active(&account)?;
    let name = code::name(name)?;
    draft.new_pool(context, id, account.id, &product, HoldingRole::Pool, &name, free_on)?;
    organised(&account, &product)?;
    let detail: [(&str, &dyn std::fmt::Display); 3] =
        [("name", &name), ("product", &sku), ("free_on", &free_on.word())];
    draft.event(context, Verb::PoolCreated, &[account.id], id, &detail)?;
    Ok(Outcome::Done)
}

/// Sets what a pool and its keys hold together (H12): the difference comes from, or goes back to, the stock (H13).
///
/// # Errors
/// [`Fault`].
pub fn set_quota(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    pool: HoldingId,
    quota: &Units,
) -> Result<Outcome, Fault> {
    let holding = draft.pool(pool)?;
    ensure(holding.role == HoldingRole::Pool, Refused::OutOfReach, || {
        format!("{pool} is the stock, not a named pool")
    })?;
    draft.reach_active(context.actor, holding.account, Role::Operator)?;
    code::kinds(&draft.product(&holding.product)?, quota)?;
    let before = holding.quota();
    let (more, less) = (quota.saturating_sub(&before), before.saturating_sub(quota));
    let stock = draft.stock(holding.account, &holding.compat)?;
    let none = || Fault::refused(Refused::InsufficientUnits, "nothing was added to the pool yet".to_owned());
    if more.is_none() && less.is_none() {
        return Ok(Outcome::Done);
    }
    let stock = stock.ok_or_else(none)?;
    if !more.is_none() {
        draft.transfer(context, stock, pool, &more, Take::Carried)?;
    }
    let short = || format!("the pool's keys hold {}", holding.granted);
    ensure(holding.units.covers(&less), Refused::QuotaBelowChildren, short)?;
    if !less.is_none() {
        draft.transfer(context, pool, stock, &less, Take::Carried)?;
    }
    draft.granted(holding.parent, &more, &less)?;
    let mut holding = draft.pool(pool)?;
    if holding.parent.is_none() {
        holding.parent = Some(stock);
        draft.put(&holding);
        draft.granted(Some(stock), &holding.quota(), &Units::default())?;
    }
    let facts = Facts::default().is("name", &holding.name).was("quota", &before, quota);
    draft.event_with(context, Verb::PoolQuotaChanged, &[holding.account], pool, facts)?;
    Ok(Outcome::Done)
}

/// Moves free units of a pool to another account's pool, or between two pools of one account (A56-A62).
///
/// # Errors
/// [`Fault`].
pub fn move_units(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    from: HoldingId,
    account: AccountId,
    to: &Destination,
    units: &Units,
) -> Result<Outcome, Fault> {
    let source = draft.pool(from)?;
    let giver = draft.reach(context.actor, source.account, Role::Operator)?;
    let taker = draft.reach(context.actor, account, Role::Operator)?;
    draft.allowed(&taker, &source.product)?;
    active(&giver)?;
    active(&taker)?;
    draft.distributes(context, &giver, &taker)?;
    let product = draft.product(&source.product)?;
    code::quantity(&product, units)?;
    let (to, is_new) = match to {
        Destination::Existing(id) => (draft.pool(*id)?.id, false),
        Destination::New { id, name } => {
            let name = name.as_deref().map_or_else(|| Ok(auto_name(&product.name, id.0)), code::name)?;
            draft.new_pool(context, *id, taker.id, &product, HoldingRole::Pool, &name, source.free_on)?;
            (*id, true)
        }
    };
    let mut target = draft.pool(to)?;
    let detail = || format!("pool {to} is not the account's");
    ensure(target.account == taker.id && to != from, Refused::OutOfReach, detail)?;
    if is_new {
        target.expires = source.expires;
        draft.put(&target);
    }
    draft.transfer(context, from, to, units, Take::Free)?;
    organised(&taker, &product)?;
    draft.granted(source.parent, &Units::default(), units)?;
    draft.granted(target.parent, units, &Units::default())?;
    let (gave, took) = (draft.holding(from)?, draft.holding(to)?);
    let facts = Facts::default().other(to).is("units", units);
    let facts = facts.on(0).is("from", from).was("units_from", &source.units, &gave.units);
    let facts = facts.on(1).is("to", to).was("units_to", &target.units, &took.units);
    draft.event_with(context, Verb::UnitsMoved, &[giver.id, taker.id], from, facts)?;
    Ok(Outcome::Done)
}

/// The product's name and the head of the id, so that a second one does not collide.
fn auto_name(product: &str, id: Uuid) -> String {
    format!("{product} {}", &id.simple().to_string()[20..])
}

impl Draft<'_> {
    /// A pool or stock.
    ///
    /// # Errors
    /// `out_of_reach`.
    pub fn pool(&self, id: HoldingId) -> Result<Holding, Fault> {
        let holding = self.holding(id)?;
        let is_pool = matches!(holding.role, HoldingRole::Pool | HoldingRole::Stock);
        ensure(is_pool, Refused::OutOfReach, || format!("{id} is no pool"))?;
        Ok(holding)
    }

    /// The account's stock of a compat, once something was converted.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn stock(&self, account: AccountId, compat: &str) -> Result<Option<HoldingId>, Fault> {
        let id = self.get(Table::PoolNames, &pool_name_key(account, &stock_name(compat)))?;
        let id = id.and_then(|id| Uuid::from_slice(&id).ok());
        Ok(id.map(HoldingId))
    }

    /// Writes an empty pool and its indexes.
    ///
    /// # Errors
    /// `name_taken` (I11).
    #[allow(clippy::too_many_arguments, reason = "each is one field of the new record")]
    pub fn new_pool(
        &mut self,
        context: &Context<'_>,
        id: HoldingId,
        account: AccountId,
        product: &Product,
        role: HoldingRole,
        name: &str,
        free_on: FreeOn,
    ) -> Result<(), Fault> {
        let key = pool_name_key(account, name);
        ensure(self.get(Table::PoolNames, &key)?.is_none(), Refused::NameTaken, || format!("{name:?}"))?;
        self.put_raw(Table::PoolNames, key, id.bytes().to_vec());
        let name = name.trim().to_owned();
        self.enter_holding(&Holding { name, free_on, ..Holding::empty(id, account, product, role, context.now) });
        Ok(())
    }

    /// Writes a new holding and the indexes that lead to it.
    pub fn enter_holding(&mut self, holding: &Holding) {
        self.put(holding);
        self.put_raw(Table::AccountHoldings, [*holding.account.bytes(), *holding.id.bytes()].concat(), vec![]);
        if let Some(above) = holding.parent.filter(|_| holding.role == HoldingRole::Allotment) {
            self.put_raw(Table::PoolAllotments, [*above.bytes(), *holding.id.bytes()].concat(), vec![]);
        }
    }

    /// Gives a lot as it is to another account: its units change hands, and go nowhere.
    pub fn give_lot(&mut self, lot: Holding, to: AccountId) {
        self.moved(Some(lot.id), Some(lot.id), &lot.units);
        self.delete(Table::AccountHoldings, [*lot.account.bytes(), *lot.id.bytes()].concat());
        self.enter_holding(&Holding { account: to, ..lot });
    }

    /// Keeps a parent's account of what its children hold.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn granted(&mut self, parent: Option<HoldingId>, more: &Units, less: &Units) -> Result<(), Fault> {
        let Some(parent) = parent else { return Ok(()) };
        let mut holding = self.holding(parent)?;
        holding.granted = sum(&holding.granted.saturating_sub(less), more)?;
        self.put(&holding);
        Ok(())
    }
}

pub(crate) fn pool_name_key(account: AccountId, name: &str) -> Vec<u8> {
    // The stock's name begins with a space, which folding would take away.
    let folded = name.strip_prefix(' ').map_or_else(|| code::fold(name), |compat| format!(" {compat}"));
    [&account.bytes()[..], folded.as_bytes()].concat()
}
