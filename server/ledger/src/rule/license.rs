//! Licences, supports and subscriptions under activation keys (T8-T25).
//!
//! A credit is a unit in a pool of the product (T37): there is no other currency. A licence is an allotment under an activation
//! key, and everything that becomes of it is made of the ledger's own operations:
//!
//! | deed | operation | what it costs |
//! |---|---|---|
//! | make ([`mod@make`]) | pool -> new allotment | its units; of a trial's sku the pool is the allowance (T13) |
//! | upgrade the units ([`upgrade`]) | pool -> allotment, or back | the difference (T15, T20) |
//! | upgrade the edition ([`upgrade`]) | allotment -> its pool, the other pool -> new allotment | the difference between the editions |
//! | extend ([`extend`]) | pool -> nothing | its units once more, for one more term (T21) |
//! | delete ([`delete`]) | allotment -> pool | nothing, unless a term was begun: a year that was used is used (T17) |
//!
//! Credits are free units: what a device carries still cannot be spent. A licence that was deleted or exchanged stays as a record
//! of no units with an end in the past, for activations and Events name it; its key gives it no more.

pub mod delete;
pub mod edit;
pub mod extend;
pub mod home;
pub mod key;
pub mod make;
pub mod term;
pub mod upgrade;

use crate::apply::{Context, Outcome};
use crate::command::license::LicenseCommand;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::store::Table;
use leasehold_protocol::{Refused, Units};

/// Decides a command about licences.
///
/// # Errors
/// [`Fault`].
pub fn decide(draft: &mut Draft<'_>, context: &Context<'_>, command: &LicenseCommand) -> Result<Outcome, Fault> {
    match command {
        LicenseCommand::CreateKey(new) => key::create(draft, context, new),
        LicenseCommand::Make(new) => make::make(draft, context, new),
        LicenseCommand::Upgrade { license, units, pool: None, .. } => upgrade::resize(draft, context, *license, units),
        LicenseCommand::Upgrade { license, units, pool: Some(pool), id } => {
            upgrade::upgrade(draft, context, *license, units, (*pool, *id))
        }
        LicenseCommand::Extend { license } => extend::extend(draft, context, *license),
        LicenseCommand::Edit { license, change } => edit::edit(draft, context, *license, change),
        LicenseCommand::Delete { license } => delete::delete(draft, context, *license),
    }
}

impl Draft<'_> {
    /// An activation key.
    ///
    /// # Errors
    /// `out_of_reach`.
    pub fn activation_key(&self, id: KeyId) -> Result<Key, Fault> {
        let key = self.key(id)?;
        let is_one = key.kind == KeyKind::ActivationKey && key.state != KeyState::Deleted;
        ensure(is_one, Refused::OutOfReach, || format!("{id} is no activation key"))?;
        Ok(key)
    }

    /// A licence, with its key and the pool its units came from.
    ///
    /// # Errors
    /// `out_of_reach`; also for one that was deleted or exchanged.
    pub fn license(&self, id: HoldingId) -> Result<(Key, Holding, HoldingId), Fault> {
        let missing = || Fault::refused(Refused::OutOfReach, format!("{id} is no licence"));
        let holding = self.holding(id)?;
        let (key, pool) = holding.key.zip(holding.parent).ok_or_else(missing)?;
        let key = self.activation_key(key)?;
        ensure(key.holdings.contains(&id), Refused::OutOfReach, || format!("{id} was deleted or exchanged"))?;
        Ok((key, holding, pool))
    }

    /// A pool of credits of `account`, and its product.
    ///
    /// # Errors
    /// `out_of_reach`.
    pub(crate) fn credits(&self, account: AccountId, pool: HoldingId) -> Result<(Holding, Product), Fault> {
        let pool = self.pool(pool)?;
        ensure(pool.account == account, Refused::OutOfReach, || format!("pool {} is not the account's", pool.id))?;
        let product = self.product(&pool.product)?;
        Ok((pool, product))
    }

    /// Gives units of a licence back to its pool; where a device carries them, they arrive when it lets go.
    pub(crate) fn refund(
        &mut self,
        context: &Context<'_>,
        license: HoldingId,
        pool: HoldingId,
        units: &Units,
    ) -> Result<(), Fault> {
        self.transfer(context, license, pool, units, crate::rule::transfer::Take::Carried)?;
        self.granted(Some(pool), &Units::default(), units)
    }

    /// Pays for units of a licence with free ones of the pool.
    pub(crate) fn pay(
        &mut self,
        context: &Context<'_>,
        pool: HoldingId,
        license: HoldingId,
        units: &Units,
    ) -> Result<(), Fault> {
        self.transfer(context, pool, license, units, crate::rule::transfer::Take::Free)?;
        self.granted(Some(pool), units, &Units::default())
    }

    /// A licence without units is no licence of its key any more: nothing is issued from it again.
    pub(crate) fn close(&mut self, context: &Context<'_>, key: &mut Key, license: HoldingId) -> Result<(), Fault> {
        let mut gone = self.holding(license)?;
        gone.ends = Some(gone.ends.map_or(context.now, |ends| ends.min(context.now)));
        self.put(&gone);
        key.holdings.retain(|id| *id != license);
        self.put(key);
        self.delete(Table::AccountLicenses, [*key.account.bytes(), *license.bytes()].concat());
        Ok(())
    }

    /// Some device has run on it.
    pub(crate) fn was_activated(&self, license: HoldingId) -> Result<bool, Fault> {
        Ok(!crate::view::seconds(self, Table::HoldingActivations, license.bytes())?.is_empty())
    }
}
