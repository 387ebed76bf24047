//! Lots: bought units come in (A63, V2, H1), leave the books, or are added to the pool for good (H3-H7).

use crate::actor::{Role, active, organised};
use crate::apply::{Context, Outcome};
use crate::charge::sum;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::conversion::against;
use crate::rule::event::Facts;
use crate::rule::pool::stock_name;
use crate::rule::transfer::Take;
use crate::store::{Read, Table};
use leasehold_protocol::{Day, Refused, Time, Units};

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The lot's id.
    pub lot: HoldingId,
    /// The Activation ID's id (V3).
    pub key: KeyId,
    /// The Activation ID, or the permission key, itself.
    pub code: String,
    /// Which of the two it is.
    pub kind: KeyKind,
    /// The product.
    pub sku: String,
    /// How many.
    pub units: Units,
    /// Good until; none for ever.
    pub expires: Option<Time>,
    /// Upgrades are free up to and including this day.
    pub upgrade_until: Option<Day>,
    /// When shrunk leases free units.
    pub free_on: FreeOn,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchase {
    /// The account that bought.
    pub account: AccountId,
    /// Unique (V2).
    pub entitlement: String,
    /// The buyer's number.
    pub reference: Option<String>,
    /// What was bought.
    pub lines: Vec<Line>,
}

/// Lines in one order.
pub const LINES_MAX: usize = 100;

/// Records an order: only the vendor mints.
///
/// # Errors
/// [`Fault`].
pub fn mint(draft: &mut Draft<'_>, context: &Context<'_>, purchase: &Purchase) -> Result<Outcome, Fault> {
    draft.vendor_admin(context.actor)?;
    let account = draft.reach(context.actor, purchase.account, Role::Admin)?;
    let products = purchase.lines.iter().map(|line| draft.product(&line.sku)).collect::<Result<Vec<_>, _>>()?;
    active(&account)?;
    let name = code::name(&purchase.entitlement); // what is wrong with a field is said last
    let entitlement = name.clone().unwrap_or_default();
    let taken = draft.get(Table::Orders, entitlement.as_bytes())?.is_some();
    ensure(!taken, Refused::NameTaken, || format!("entitlement {entitlement}"))?;
    let lines = 1..=LINES_MAX;
    ensure(lines.contains(&purchase.lines.len()), Refused::BadQuantity, || format!("{} lines", purchase.lines.len()))?;
    let mut minted = Units::default();
    for (line, product) in purchase.lines.iter().zip(&products) {
        code::quantity(product, &line.units)?;
        minted = sum(&minted, &line.units)?;
    }
    for (line, product) in purchase.lines.iter().zip(products) {
        mint_line(draft, context, &account, &entitlement, line, product)?;
    }
    name?;
    let past = purchase.lines.iter().any(|line| line.expires.is_some_and(|end| end <= context.now));
    ensure(!past, Refused::FieldInvalid, || "expires: this moment has passed".to_owned())?;
    draft.put(&Order { entitlement: entitlement.clone(), reference: purchase.reference.clone(), at: context.now });
    let detail: [(&str, &dyn std::fmt::Display); 2] = [("units", &minted), ("lines", &purchase.lines.len())];
    draft.event(context, Verb::UnitsMinted, &[account.id], entitlement, &detail)?;
    Ok(Outcome::Done)
}

fn mint_line(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: &Account,
    order: &str,
    line: &Line,
    product: Product,
) -> Result<(), Fault> {
    let bought = matches!(line.kind, KeyKind::ActivationId | KeyKind::PermissionKey);
    ensure(bought, Refused::FieldInvalid, || {
        "kind: what is bought has an activation_id or a permission_key".to_owned()
    })?;
    draft.moved(None, Some(line.lot), &line.units);
    draft.enter_holding(&Holding {
        name: order.to_owned(),
        key: Some(line.key),
        order: Some(order.to_owned()),
        units: line.units.clone(),
        minted: line.units.clone(),
        expires: line.expires,
        backing: vec![line.lot],
        upgrade_until: line.upgrade_until,
        bought_until: line.upgrade_until,
        free_on: line.free_on,
        ..Holding::empty(line.lot, account.id, &product, HoldingRole::Lot, context.now)
    });
    draft.put_line(order, line.lot);
    draft.key_of_line(context, account, order, line)
}

/// Takes free units of a lot out of the books.
///
/// # Errors
/// [`Fault`].
pub fn retire(draft: &mut Draft<'_>, context: &Context<'_>, lot: HoldingId, units: &Units) -> Result<Outcome, Fault> {
    draft.vendor_admin(context.actor)?;
    let product = draft.product(&draft.lot(lot)?.product)?;
    code::quantity(&product, units)?;
    let before = draft.lot(lot)?;
    draft.burn(context, lot, units)?;
    let after = draft.lot(lot)?;
    let facts = Facts::default().is("units", units).was("units_left", &before.units, &after.units);
    draft.event_with(context, Verb::UnitsRetired, &[after.account], lot, facts)?;
    Ok(Outcome::Done)
}

/// Adds a lot to its account's stock of the same compat, for good. What is in use arrives encumbered. `stock` names the
/// stock if this is the account's first lot of that compat; `force` accepts that its maintenance, and so that of every
/// pool key, has ended already (H23).
///
/// # Errors
/// [`Fault`].
pub fn convert(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    lot: HoldingId,
    stock: HoldingId,
    force: bool,
) -> Result<Outcome, Fault> {
    let mut holding = draft.lot(lot)?;
    let account = draft.reach_active(context.actor, holding.account, Role::Operator)?;
    let product = draft.product(&holding.product)?;
    organised(&account, &product)?;
    let standing = against(draft, &holding, &product, context.now)?;
    if let Some(first) = standing.iter().find(|one| !(force && one.can_be_forced)) {
        return Err(Fault::refused(first.refused, first.why));
    }
    let stock = draft.stock_or_new(context, &holding, &product, stock)?;
    let units = holding.units.clone();
    if !units.is_none() {
        draft.transfer(context, lot, stock, &units, Take::Carried)?;
    }
    holding = draft.lot(lot)?;
    holding.converted = Some(context.now);
    draft.put(&holding);
    let detail: [(&str, &dyn std::fmt::Display); 2] = [("units", &units), ("stock", &stock)];
    draft.event(context, Verb::LotConverted, &[holding.account], lot, &detail)?;
    Ok(Outcome::Done)
}

impl Draft<'_> {
    /// A lot.
    ///
    /// # Errors
    /// `out_of_reach`.
    pub fn lot(&self, id: HoldingId) -> Result<Holding, Fault> {
        let holding = self.holding(id)?;
        let detail = || format!("{id} is no lot");
        ensure(holding.role == HoldingRole::Lot, Refused::OutOfReach, detail)?;
        Ok(holding)
    }

    fn stock_or_new(
        &mut self,
        context: &Context<'_>,
        lot: &Holding,
        product: &Product,
        id: HoldingId,
    ) -> Result<HoldingId, Fault> {
        if let Some(stock) = self.stock(lot.account, &lot.compat)? {
            return Ok(stock);
        }
        let name = stock_name(&lot.compat);
        self.new_pool(context, id, lot.account, product, HoldingRole::Stock, &name, lot.free_on)?;
        Ok(id)
    }
}
