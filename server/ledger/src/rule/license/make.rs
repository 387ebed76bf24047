//! Making a licence, a support or a subscription out of credits (T8-T13, T22-T25).

use crate::actor::{Role, active, organised};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::key::HOLDINGS_MAX;
use crate::record::told::Word;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::license::{edit, term};
use crate::store::Table;
use leasehold_protocol::{Refused, Units};

/// What a new licence is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLicense {
    /// Its id.
    pub id: HoldingId,
    /// The activation key it is made under (T8).
    pub key: KeyId,
    /// What it is to be: the pool's product must be sold as this (T23).
    pub kind: ProductKind,
    /// The pool that pays.
    pub pool: HoldingId,
    /// How many units it has, and costs.
    pub units: Units,
    /// For how many days, if it is a trial.
    pub days: Option<u32>,
    /// Whom it is for.
    pub email: String,
    /// For people.
    pub comment: String,
}

/// Makes a licence.
///
/// # Errors
/// [`Fault`].
pub fn make(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewLicense) -> Result<Outcome, Fault> {
    let mut key = draft.activation_key(new.key)?;
    let (pool, product) = draft.credits(key.account, new.pool)?;
    let account = draft.reach(context.actor, key.account, Role::Operator)?;
    fits(draft, &account, &product, new.kind)?;
    active(&account)?;
    code::quantity(&product, &new.units)?;
    let has_room = key.holdings.len() < HOLDINGS_MAX;
    ensure(has_room, Refused::BadQuantity, || format!("a key has {HOLDINGS_MAX} licences at most; make another key"))?;
    let license = Holding { name: key.licensee.clone(), ..allotted(context, new.id, &key, &pool) };
    draft.open(&mut key, &license);
    draft.pay(context, pool.id, license.id, &new.units)?;
    organised(&account, &product)?;
    let ends = term::end(&product, context.now, new.days)?;
    let (email, comment) = (edit::email(&new.email)?, edit::comment(&new.comment)?);
    let license = Holding { ends, email, comment, ..draft.holding(license.id)? };
    draft.put(&license);
    let facts = Facts::default().is("key", key.id).is("product", &product.sku).is("kind", product.kind.word());
    let facts = facts.is("units", &license.units).is("pool", pool.id);
    let facts = ends.into_iter().fold(facts, |facts, ends| facts.is("ends", ends));
    draft.event_with(context, Verb::LicenseMade, &[account.id], license.id, facts)?;
    Ok(Outcome::Done)
}

/// The account may use the product, and it is one that licences of this kind are made of.
pub(super) fn fits(draft: &Draft<'_>, account: &Account, product: &Product, kind: ProductKind) -> Result<(), Fault> {
    draft.allowed(account, &product.sku)?;
    let is_so = product.kind == kind && product.used_by == UsedBy::Device;
    ensure(is_so, Refused::ProductNotAllowed, || {
        format!("{} is a {} for a {}, not a {}", product.sku, product.kind.word(), product.used_by.word(), kind.word())
    })
}

/// An allotment of nothing, filled from `pool`.
pub(super) fn allotted(context: &Context<'_>, id: HoldingId, key: &Key, pool: &Holding) -> Holding {
    Holding { key: Some(key.id), parent: Some(pool.id), ..pool.empty_beside(id, HoldingRole::Allotment, context.now) }
}

impl Draft<'_> {
    /// Writes a new licence and its indexes; its key gives it from now on.
    pub(super) fn open(&mut self, key: &mut Key, license: &Holding) {
        key.holdings.push(license.id);
        self.put(key);
        self.enter_holding(license);
        self.put_raw(Table::AccountLicenses, [*key.account.bytes(), *license.id.bytes()].concat(), vec![]);
    }
}
