//! What people do about a device that is elsewhere or dead: end its renewal, or go on without it at once.
//!
//! Nothing that people say ends an artefact: a device that is said to be dead may be running. So an end of renewal frees its
//! units when the last artefact has run out, and a rehost frees them at once by booking that artefact where other units
//! stand in for it: in a **reserve**, which exists for nothing else.
//!
//! ```text
//! before   home: units 10, charged 10                        reserve: units 10, free 10
//! after    home: units 10, charged  0, free 10               reserve: units 10, encumbered 10 (until the old lease ends)
//! ```
//! No unit moves, so a reserve needs neither the end date nor the upgrade date of what it stands in for, and the sum of all
//! living artefacts stays within what is on the books (I16). A reserve is minted: by the vendor, or at an account's first rehost
//! of a compat with as many units as the device at hand has. It is drawn on so many times a period, counted per account.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::charge::{living, sum};
use crate::draft::{Draft, Fault, ensure};
use crate::record::rehosts::Rehosts;
use crate::record::*;
use crate::renewal::Renewal;
use crate::rule::check::rival;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::issue::Case;
use crate::rule::setting;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{ActivationId, Refused, Time, Units};

/// Ends the renewal of an activation: its next check is refused, what the device holds runs to its end and its units come free
/// then. The key, typed in again on the device, begins anew.
///
/// # Errors
/// [`Fault`].
pub fn stop(draft: &mut Draft<'_>, context: &Context<'_>, id: ActivationId) -> Result<Outcome, Fault> {
    let (before, slot) = draft.known(id)?;
    draft.reach(context.actor, before.account, Role::Operator)?;
    if before.state == ActivationState::Stopped {
        return Ok(Outcome::Done);
    }
    ensure(!slot.is_released(), Refused::LicenceLapsed, || "the device has given it back".to_owned())?;
    draft.put_activation(&before, &Activation { state: ActivationState::Stopped, ..before.clone() })?;
    draft.event_with(context, Verb::RenewalStopped, &[before.account], id, told(&before, &slot))?;
    Ok(Outcome::Done)
}

/// Takes that back: the device is renewed at its next check, as far as there are units.
///
/// # Errors
/// [`Fault`].
pub fn resume(draft: &mut Draft<'_>, context: &Context<'_>, id: ActivationId) -> Result<Outcome, Fault> {
    let (before, slot) = draft.known(id)?;
    draft.reach(context.actor, before.account, Role::Operator)?;
    if before.state != ActivationState::Stopped {
        return Ok(Outcome::Done);
    }
    let lives = slot.exp > context.now;
    let case = Case::of(draft, &before)?;
    let rival = if lives { rival(draft, &case, id, context.now)? } else { None };
    ensure(rival.is_none(), Refused::KeyOnOtherDevice, || "the key is on another device now".to_owned())?;
    let state = if lives { ActivationState::Active } else { ActivationState::Lapsed };
    draft.put_activation(&before, &Activation { state, ..before.clone() })?;
    draft.event_with(context, Verb::RenewalResumed, &[before.account], id, told(&before, &slot))?;
    Ok(Outcome::Done)
}

/// Gives a dead device's units to whichever comes next, at once: its renewal is ended, and its account's reserve stands in for
/// what it may still be running on. `reserve` names the reserve if this is the account's first rehost of the compat.
///
/// # Errors
/// [`Fault`].
pub fn rehost(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: ActivationId,
    reserve: HoldingId,
) -> Result<Outcome, Fault> {
    let (before, _) = draft.known(id)?;
    let account = draft.reach_active(context.actor, before.account, Role::Operator)?;
    draft.sweep(before.holding, context.now)?;
    let (before, slot) = draft.known(id)?;
    let endless = slot.exp == Time::MAX || before.older.iter().any(|artefact| artefact.exp == Time::MAX);
    let lives = !living(&before, &slot, context.now).is_none();
    ensure(!(lives && endless), Refused::LicenceActivated, || "a licence file without an end is out".to_owned())?;
    let units = before.charged.clone();
    ensure(lives && !units.is_none(), Refused::LicenceLapsed, || "it holds no units of its key".to_owned())?;
    let mut rehosts = draft.rehosts(account.id)?;
    let (most, days) = setting::rehosts(draft, account.id)?;
    let since = context.now.plus(-i64::from(days) * DAY);
    rehosts.at.retain(|at| *at > since);
    let used = u32::try_from(rehosts.at.len()).unwrap_or(u32::MAX);
    ensure(used < most, Refused::RehostLimit, || format!("{used} devices were rehosted within {days} days"))?;
    let home = draft.holding(before.holding)?;
    let reserve = match draft.reserve(&rehosts, &home.compat)? {
        Some(known) => known,
        None => {
            let product = draft.product(&home.product)?;
            draft.new_reserve(context, &mut rehosts, &product, reserve, &units)?
        }
    };
    draft.sweep(reserve.id, context.now)?;
    let free = draft.holding(reserve.id)?.free();
    ensure(free.covers(&units), Refused::RehostLimit, || format!("the reserve has {free}, {units} are needed"))?;
    rehosts.at.push(context.now);
    draft.put(&rehosts);
    draft.stand_in(&before, reserve.id)?;
    let facts = told(&before, &slot).is("reserve", reserve.id).is("left", most - used - 1);
    draft.event_with(context, Verb::DeviceRehosted, &[account.id], id, facts)?;
    Ok(Outcome::Done)
}

/// Adds units to an account's reserve of a product's compat: the vendor's to do. `id` names the reserve if it is the first.
///
/// # Errors
/// [`Fault`].
pub fn mint(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    id: HoldingId,
    sku: &str,
    units: &Units,
) -> Result<Outcome, Fault> {
    draft.vendor_admin(context.actor)?;
    let account = draft.reach(context.actor, account, Role::Admin)?;
    let product = draft.product(sku)?;
    active(&account)?;
    code::quantity(&product, units)?;
    let mut rehosts = draft.rehosts(account.id)?;
    let reserve = match draft.reserve(&rehosts, &product.compat)? {
        Some(known) => known,
        None => draft.new_reserve(context, &mut rehosts, &product, id, &Units::default())?,
    };
    draft.put(&rehosts);
    let before = draft.holding(reserve.id)?;
    let after = draft.mint_into(before.clone(), units)?;
    let facts = Facts::default().is("product", sku).was("units", &before.units, &after.units);
    draft.event_with(context, Verb::ReserveMinted, &[account.id], reserve.id, facts)?;
    Ok(Outcome::Done)
}

/// What Events say of the activation.
fn told(activation: &Activation, slot: &Renewal) -> Facts {
    let facts = Facts::default().is("device", activation.device).is("units", &activation.units);
    facts.is("until", slot.exp)
}

impl Draft<'_> {
    fn rehosts(&self, account: AccountId) -> Result<Rehosts, Fault> {
        Ok(self.record(account.bytes())?.unwrap_or_else(|| Rehosts::none(account)))
    }

    /// The reserve of a compat among an account's.
    fn reserve(&self, rehosts: &Rehosts, compat: &str) -> Result<Option<Holding>, Fault> {
        for id in &rehosts.reserves {
            let reserve = self.holding(*id)?;
            if reserve.compat == compat {
                return Ok(Some(reserve));
            }
        }
        Ok(None)
    }

    /// Writes a reserve of a product's compat, with as many units.
    fn new_reserve(
        &mut self,
        context: &Context<'_>,
        rehosts: &mut Rehosts,
        product: &Product,
        id: HoldingId,
        units: &Units,
    ) -> Result<Holding, Fault> {
        let reserve = Holding::empty(id, rehosts.account, product, HoldingRole::Reserve, context.now);
        self.enter_holding(&reserve);
        rehosts.reserves.push(id);
        self.mint_into(reserve, units)
    }

    fn mint_into(&mut self, mut reserve: Holding, units: &Units) -> Result<Holding, Fault> {
        self.moved(None, Some(reserve.id), units);
        reserve.units = sum(&reserve.units, units)?;
        reserve.minted = sum(&reserve.minted, units)?;
        self.put(&reserve);
        Ok(reserve)
    }

    /// Takes the free units of an account's reserves out of the books: it is closed.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn dissolve_reserves(&mut self, context: &Context<'_>, account: AccountId) -> Result<(), Fault> {
        for id in self.rehosts(account)?.reserves {
            self.sweep(id, context.now)?;
            let mut reserve = self.holding(id)?;
            let free = reserve.free();
            self.moved(Some(id), None, &free);
            reserve.units = reserve.units.saturating_sub(&free);
            reserve.retired = sum(&reserve.retired, &free)?;
            self.put(&reserve);
        }
        Ok(())
    }
}
