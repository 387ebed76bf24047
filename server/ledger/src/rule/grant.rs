//! A part of a lot or pool under a key of its own: what named seats (G12) and floating ones (G6) have in common.
//!
//! The units move into an allotment, so no more is ever granted than there is (G13), and they go back the way they came.

use crate::actor::organised;
use crate::apply::Context;
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::transfer::Take;
use leasehold_protocol::{Refused, Units};

/// A key to be, and what it gives.
#[derive(Debug)]
pub struct Grant<'a> {
    /// The key's id.
    pub key: KeyId,
    /// Its allotment's id.
    pub allotment: HoldingId,
    /// Its code.
    pub code: &'a str,
    /// Which of the two it is.
    pub kind: KeyKind,
    /// Whose seat it is.
    pub user: Option<UserId>,
    /// How many units.
    pub units: Units,
}

/// One unit of each kind that is among these.
#[must_use]
pub fn one_each(units: &Units) -> Units {
    let ones = units.iter().filter(|(_, count)| *count > 0).filter_map(|(kind, _)| Units::of(kind, 1).ok());
    ones.fold(Units::default(), |all, one| all.max(&one))
}

impl Draft<'_> {
    /// A lot or a pool: what something may be granted from.
    ///
    /// # Errors
    /// `out_of_reach`.
    pub fn grantable(&self, id: HoldingId) -> Result<Holding, Fault> {
        let holding = self.holding(id)?;
        let fits = matches!(holding.role, HoldingRole::Lot | HoldingRole::Pool | HoldingRole::Stock);
        ensure(fits, Refused::OutOfReach, || format!("{id} is neither a lot nor a pool"))?;
        Ok(holding)
    }

    /// Moves units of a lot or pool under a new key. What devices run on is not given away; what an artefact that was
    /// taken back still carries is, and arrives when that has ended.
    ///
    /// # Errors
    /// `bad_quantity`, `insufficient_units`, `org_required`, `key_format`, `key_taken`, `key_required`, `licence_lapsed`.
    pub fn grant(
        &mut self,
        context: &Context<'_>,
        account: &Account,
        product: &Product,
        from: &Holding,
        grant: Grant<'_>,
    ) -> Result<Key, Fault> {
        code::quantity(product, &grant.units)?;
        let allotment = Holding {
            name: account.name().to_owned(),
            key: Some(grant.key),
            parent: Some(from.id),
            ..from.empty_beside(grant.allotment, HoldingRole::Allotment, context.now)
        };
        self.enter_holding(&allotment);
        self.sweep(from.id, context.now)?;
        let take = if self.holding(from.id)?.charged.is_none() { Take::Carried } else { Take::Free };
        self.transfer(context, from.id, allotment.id, &grant.units, take)?;
        self.granted(Some(from.id), &grant.units, &Units::default())?;
        organised(account, product)?;
        let code = self.new_code(grant.code, grant.key)?;
        self.redeemed(from)?;
        ensure(from.is_good(context.now), Refused::LicenceLapsed, || format!("{} has ended", from.name))?;
        let licensee = account.name().to_owned();
        let key = Key::new(grant.key, grant.kind, code, licensee, account.id, context.now);
        let key = Key { holdings: vec![grant.allotment], user: grant.user, ..key };
        self.put(&key);
        Ok(key)
    }

    /// Whose permission key was not redeemed yet is not granted from: it may still be anybody's.
    fn redeemed(&self, from: &Holding) -> Result<(), Fault> {
        let Some(key) = from.key.map(|key| self.key(key)).transpose()? else { return Ok(()) };
        let waits = key.kind == KeyKind::PermissionKey && key.redeemed.is_none();
        ensure(!waits, Refused::KeyRequired, || "its permission key was not redeemed yet".to_owned())
    }
}
