//! Redeeming a permission key: what was bought with it goes from its seller to whoever has the code, once (G1, G9, G10, G15).
//!
//! No unit moves: lots change hands as they are. Whoever holds the code may redeem it into an account it acts for; a key that
//! was sold to a customer itself is redeemed there and nowhere else. What a redeemed key held is told to nobody, so that is
//! looked at first.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::charge::sum;
use crate::draft::{Draft, Fault, ensure};
use crate::record::told::Word;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use leasehold_protocol::{Refused, Units};
use std::collections::BTreeSet;

/// A permission key that may still be redeemed, and what it holds.
#[derive(Debug, Clone)]
pub struct Package {
    /// The key.
    pub key: Key,
    /// Its lots with their products.
    pub lots: Vec<(Holding, Product)>,
    /// With whom it lies.
    pub seller: Account,
}

impl Package {
    /// It is for an organisation: it floats, or is said to be, or has two licences of one type (G2).
    #[must_use]
    pub fn needs_organisation(&self) -> bool {
        let mut types = BTreeSet::new();
        self.lots.iter().any(|(_, product)| product.is_shared() || !types.insert(license_type(product)))
    }
}

/// The type of licence that people know a product by (G8).
#[must_use]
pub fn license_type(product: &Product) -> &'static str {
    if product.used_by == UsedBy::Flex { product.used_by.word() } else { product.term.word() }
}

/// Redeems a key into an account.
///
/// # Errors
/// [`Fault`].
pub fn redeem(draft: &mut Draft<'_>, context: &Context<'_>, id: AccountId, typed: &str) -> Result<Outcome, Fault> {
    let account = draft.reach(context.actor, id, Role::Operator)?;
    let found = package(draft, typed, Some(account.id));
    if let Ok(package) = &found {
        package.lots.iter().try_for_each(|(_, product)| draft.allowed(&account, &product.sku))?;
    }
    active(&account)?;
    let package = found?;
    sells(&package)?;
    let fits = account.organisation || !package.needs_organisation();
    ensure(fits, Refused::OrgRequired, || "what it holds is shared by several people".to_owned())?;
    let key = package.key.id;
    let seller = package.seller.id;
    let facts = hand_over(draft, context, package, &account)?;
    draft.event_with(context, Verb::KeyRedeemed, &[seller, account.id], key, facts)?;
    Ok(Outcome::Done)
}

/// The permission key with this code, for a redeemer or for an organisation that is not there yet.
///
/// # Errors
/// `key_invalid`, `key_redeemed`, `key_format`, `key_required`, or [`Fault::Store`].
pub fn package(draft: &Draft<'_>, typed: &str, redeemer: Option<AccountId>) -> Result<Package, Fault> {
    ensure(!typed.trim().is_empty(), Refused::KeyRequired, || "no key was given".to_owned())?;
    let key = draft.key_by_code(&code::parse(typed)?)?.filter(|key| key.kind == KeyKind::PermissionKey);
    let unknown = || Fault::refused(Refused::KeyInvalid, "no such permission key".to_owned());
    let key = key.filter(|key| key.state != KeyState::Deleted).ok_or_else(unknown)?;
    let seller = draft.account(key.account)?.ok_or_else(unknown)?;
    let elsewhere = seller.kind == AccountKind::EndCustomer && redeemer != Some(seller.id);
    let taken = key.redeemed.is_some() || elsewhere;
    ensure(!taken, Refused::KeyRedeemed, || "the key is a customer's already".to_owned())?;
    let mut lots = Vec::new();
    for id in &key.holdings {
        let lot = draft.holding(*id)?;
        if lot.account == key.account {
            let product = draft.product(&lot.product)?;
            lots.push((lot, product));
        }
    }
    Ok(Package { key, lots, seller })
}

/// Whoever the key lies with sells now.
///
/// # Errors
/// `account_inactive`, without telling who that is.
pub fn sells(package: &Package) -> Result<(), Fault> {
    let sells = active(&package.seller).is_ok();
    ensure(sells, Refused::AccountInactive, || "who sold the key is inactive".to_owned())
}

/// Hands lots and key over as they are. Returns what the Event says of it.
///
/// # Errors
/// `key_stopped`, `licence_activated`, `licence_pooled`, `quota_below_children`, or [`Fault::Store`].
pub fn hand_over(draft: &mut Draft<'_>, context: &Context<'_>, package: Package, to: &Account) -> Result<Facts, Fault> {
    let Package { key, lots, .. } = package;
    ensure(key.state == KeyState::Open, Refused::KeyStopped, || "the key is stopped".to_owned())?;
    let mut now = Vec::new();
    for (lot, _) in lots {
        draft.sweep(lot.id, context.now)?;
        now.push(draft.holding(lot.id)?);
    }
    let no = |holds: fn(&Holding) -> bool, refused, why: &str| {
        ensure(now.iter().all(holds), refused, || format!("its seller {why}"))
    };
    no(|lot| lot.free() == lot.units, Refused::LicenceActivated, "uses what it holds")?;
    no(|lot| lot.converted.is_none(), Refused::LicencePooled, "added what it holds to a pool")?;
    no(|lot| lot.granted.is_none(), Refused::QuotaBelowChildren, "granted what it holds to somebody")?;
    let mut units = Units::default();
    let mut products = BTreeSet::new();
    for lot in now {
        units = sum(&units, &lot.units)?;
        products.insert(lot.product.clone());
        draft.give_lot(lot, to.id);
    }
    let (licensee, redeemed) = (to.name().to_owned(), Some(context.now));
    draft.put(&Key { account: to.id, licensee, redeemed, ..key });
    let products = Vec::from_iter(products).join(", ");
    Ok(Facts::default().is("products", products).is("units", units))
}
