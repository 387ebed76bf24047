//! Floating seats: units of a lot or pool under one key for any number of devices, each of which has one of each kind while
//! its short lease runs (G6, G7, G11). They are the owner's alone to open, to change and to close.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::grant::{Grant, one_each};
use leasehold_protocol::{Refused, Units};

/// Floating seats to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFlex {
    /// Their key's id.
    pub key: KeyId,
    /// Its allotment's id.
    pub allotment: HoldingId,
    /// The lot or pool they come from.
    pub from: HoldingId,
    /// The code that devices send.
    pub code: String,
    /// How many; all that are free unless said otherwise.
    pub units: Option<Units>,
}

/// Opens floating seats (G7).
///
/// # Errors
/// [`Fault`].
pub fn open(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewFlex) -> Result<Outcome, Fault> {
    let from = draft.grantable(new.from)?;
    let account = draft.reach(context.actor, from.account, Role::Viewer)?;
    owners(draft, context, &account)?;
    let product = draft.product(&from.product)?;
    draft.allowed(&account, &product.sku)?;
    let floats = product.used_by == UsedBy::Flex;
    ensure(floats, Refused::ProductNotAllowed, || format!("{} does not float", product.sku))?;
    active(&account)?;
    draft.sweep(from.id, context.now)?;
    let free = draft.holding(from.id)?.free();
    ensure(new.units.is_some() || !free.is_none(), Refused::InsufficientUnits, || format!("{} has none", from.name))?;
    let units = new.units.clone().unwrap_or(free);
    let (key, allotment, code, kind) = (new.key, new.allotment, &new.code, KeyKind::Flex);
    let grant = Grant { key, allotment, code, kind, user: None, units: units.clone() };
    draft.grant(context, &account, &product, &from, grant)?;
    let facts = Facts::default().is("product", &product.sku).is("units", &units).is("from", from.id);
    draft.event_with(context, Verb::FlexOpened, &[account.id], new.key, facts)?;
    Ok(Outcome::Done)
}

/// Who acts owns the account: nobody else, whether beside the owner or above.
///
/// # Errors
/// `admin_only`, or [`Fault::Store`].
pub fn owners(draft: &Draft<'_>, context: &Context<'_>, account: &Account) -> Result<(), Fault> {
    let own = context.actor.user.map(|user| people::membership(draft, account.id, user)).transpose()?.flatten();
    let is_owner = own.is_some_and(|own| own.state == MembershipState::Active && own.standing == Standing::Owner);
    ensure(is_owner, Refused::AdminOnly, || "floating seats are the owner's".to_owned())
}

/// What a device asks for that did not say: one unit of each kind where seats float, else all that its key gives.
#[must_use]
pub fn unless_said(key: &Key, home: &Holding) -> Option<Units> {
    Some(one_each(&home.units)).filter(|units| key.kind == KeyKind::Flex && !units.is_none())
}
