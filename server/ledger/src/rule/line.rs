//! Lines of orders that go to other accounts, in whole or in part (V32-V41).
//!
//! | what goes | where to | what becomes of the numbers |
//! |---|---|---|
//! | all of a line that never was on a device or shared, and whose key gives nothing else | another account | they go with it (V34) |
//! | anything else | a line that is there, of the same product and end date | it has its own (V37) |
//! | anything else | a new line | it gets new ones; the old entitlement's stands in the new order as text (V33, V36) |
//!
//! Only free units go (V38). A line that was on a device before stays with its key where it is, for the device and its past are
//! the account's that had it; so does one that seats were granted from, for what is left of those is the account's too.

use crate::actor::{Role, active, organised};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::transfer::Take;
use crate::store::{Read, Table, after};
use leasehold_protocol::{Refused, Units};

/// What goes where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTransfer {
    /// The line's lot.
    pub lot: HoldingId,
    /// Free units of it.
    pub units: Units,
    /// The account that gets them.
    pub account: AccountId,
    /// The lot there that they join; none for a line of their own.
    pub into: Option<HoldingId>,
    /// The entitlement's number of a new line; none where the line may keep its own, or gets the drawn one.
    pub entitlement: Option<String>,
    /// What a new line is made of.
    pub new: NewLine,
}

/// Ids and numbers drawn for a new line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLine {
    /// The lot's id.
    pub lot: HoldingId,
    /// The Activation ID's id.
    pub key: KeyId,
    /// The Activation ID itself.
    pub code: String,
    /// The entitlement's number.
    pub entitlement: String,
}

/// Transfers a line or some of it.
///
/// # Errors
/// [`Fault`].
pub fn transfer(draft: &mut Draft<'_>, context: &Context<'_>, what: &LineTransfer) -> Result<Outcome, Fault> {
    let source = draft.lot(what.lot)?;
    let giver = draft.reach(context.actor, source.account, Role::Operator)?;
    let taker = draft.reach(context.actor, what.account, Role::Operator)?;
    let into = what.into.map(|id| draft.lot(id)).transpose()?;
    let theirs = |lot: &Holding| lot.account == taker.id && lot.id != source.id;
    ensure(into.as_ref().is_none_or(theirs), Refused::OutOfReach, || "into: no such lot of the account".to_owned())?;
    draft.allowed(&taker, &source.product)?;
    active(&giver)?;
    active(&taker)?;
    draft.distributes(context, &giver, &taker)?;
    let entitlement = what.entitlement.as_deref().map(code::name); // what is wrong with a field is said last
    let number = entitlement.clone().and_then(Result::ok).unwrap_or_else(|| what.new.entitlement.clone());
    let taken = into.is_none() && draft.get(Table::Orders, number.as_bytes())?.is_some();
    ensure(!taken, Refused::NameTaken, || format!("entitlement {number}"))?;
    let product = draft.product(&source.product)?;
    code::quantity(&product, &what.units)?;
    draft.sweep(source.id, context.now)?;
    let source = draft.lot(source.id)?;
    let free = source.free();
    ensure(free.covers(&what.units), Refused::InsufficientUnits, || {
        format!("{free} of the line are available, {} are wanted", what.units)
    })?;
    let whole = into.is_none() && what.entitlement.is_none() && draft.goes_whole(&source, &what.units)?;
    if whole {
        organised(&taker, &product)?;
        if giver.id == taker.id {
            return Ok(Outcome::Done);
        }
        return hand_over(draft, context, source, &taker);
    }
    if let Some(into) = &into {
        ensure(into.product == source.product, Refused::CompatMismatch, || {
            format!("{} and {}", source.product, into.product)
        })?;
    }
    let to = match into {
        Some(into) => into.id,
        None => draft.new_line(context, &source, &taker, &number, &what.new)?,
    };
    draft.transfer(context, source.id, to, &what.units, Take::Free)?;
    organised(&taker, &product)?;
    let target = draft.lot(to)?;
    ensure(target.converted.is_none(), Refused::LicencePooled, || format!("lot {to} was added to the pool"))?;
    entitlement.transpose()?;
    let left = draft.holding(source.id)?.units;
    let before = target.units.saturating_sub(&what.units);
    let facts = Facts::default().other(to).is("units", &what.units);
    let facts = facts.on(0).is("from", source.id).was("units_from", &source.units, &left);
    let facts = facts.on(1).is("to", to).was("units_to", before, &target.units);
    let facts = facts.is("entitlement", target.order.as_deref().unwrap_or_default());
    draft.event_with(context, Verb::LineTransferred, &[giver.id, taker.id], source.id, facts)?;
    Ok(Outcome::Done)
}

/// All of a line goes to another account, numbers included.
fn hand_over(draft: &mut Draft<'_>, context: &Context<'_>, lot: Holding, taker: &Account) -> Result<Outcome, Fault> {
    let giver = lot.account;
    if let Some(key) = lot.key {
        let key = draft.key(key)?;
        draft.put(&Key { account: taker.id, licensee: taker.name().to_owned(), ..key });
    }
    let facts = Facts::default().is("units", &lot.units).is("entitlement", lot.order.as_deref().unwrap_or_default());
    let facts = facts.on(0).is("to_account", taker.id);
    let id = lot.id;
    draft.give_lot(lot, taker.id);
    draft.event_with(context, Verb::LineTransferred, &[giver, taker.id], id, facts)?;
    Ok(Outcome::Done)
}

impl Draft<'_> {
    /// Units go to other accounts by the hand of a vendor or reseller only (A30, V40).
    ///
    /// # Errors
    /// `not_reseller`.
    pub fn distributes(&self, context: &Context<'_>, giver: &Account, taker: &Account) -> Result<(), Fault> {
        let home = context.actor.member.map(|(home, _)| self.account(home)).transpose()?.flatten();
        let distributes = giver.id == taker.id || home.is_some_and(|home| home.kind != AccountKind::EndCustomer);
        ensure(distributes, Refused::NotReseller, || giver.name().to_owned())
    }

    /// These units are all there is to a line: nothing of it is out, was ever granted, or was ever on a device, and its key
    /// gives nothing else.
    fn goes_whole(&self, lot: &Holding, units: &Units) -> Result<bool, Fault> {
        let is_all = *units == lot.units && lot.free() == lot.units && lot.converted.is_none();
        let any = |table| self.scan(table, lot.id.bytes(), &after(lot.id.bytes()), 1);
        let (used, granted) = (any(Table::HoldingActivations)?, any(Table::PoolAllotments)?);
        let key = lot.key.map(|key| self.key(key)).transpose()?;
        Ok(is_all && used.is_empty() && granted.is_empty() && key.is_none_or(|key| key.holdings.len() == 1))
    }

    /// Writes an empty line beside `source`, with an order and an Activation ID of its own.
    fn new_line(
        &mut self,
        context: &Context<'_>,
        source: &Holding,
        account: &Account,
        number: &str,
        new: &NewLine,
    ) -> Result<HoldingId, Fault> {
        self.put(&Order { entitlement: number.to_owned(), reference: source.order.clone(), at: context.now });
        self.enter_holding(&Holding {
            account: account.id,
            name: number.to_owned(),
            key: Some(new.key),
            order: Some(number.to_owned()),
            starts: source.starts,
            ..source.empty_beside(new.lot, HoldingRole::Lot, context.now)
        });
        self.put_line(number, new.lot);
        let code = self.new_code(&new.code, new.key)?;
        let licensee = account.name().to_owned();
        let key = Key::new(new.key, KeyKind::ActivationId, code, licensee, account.id, context.now);
        self.put(&Key { holdings: vec![new.lot], ..key });
        Ok(new.lot)
    }
}
