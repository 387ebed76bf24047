//! Accounts: creating and changing them, and what their products are (A11-A38, T29-T33, V17).

use crate::actor::Role;
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::account::DEPTH_MAX;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::store::{Read, Table};
use leasehold_protocol::Refused;
use std::collections::BTreeSet;

/// What a new account is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// The account above it.
    pub parent: AccountId,
    /// What it is; for ever.
    pub kind: AccountKind,
    /// The rest.
    pub profile: Profile,
}

/// What may be changed of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// Information only.
    pub email: Option<String>,
    /// For the parent's side only.
    pub notes: String,
    /// Starts every licensee name.
    pub key_prefix: Option<String>,
    /// The products it may use; none for all its parent may.
    pub products: Option<BTreeSet<String>>,
    /// May create end customers.
    pub may_create_customers: bool,
    /// May create resellers.
    pub may_create_resellers: bool,
}

/// Bytes in the longest note.
const NOTES_LEN_MAX: usize = 4096;

/// Creates an account below one in reach.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewAccount) -> Result<Outcome, Fault> {
    let parent = draft.reach_active(context.actor, new.parent, Role::Admin)?;
    let may = match (parent.kind, new.kind) {
        (AccountKind::EndCustomer, _) => false,
        (_, AccountKind::EndCustomer) => parent.may_create_customers,
        (_, AccountKind::Reseller) => parent.may_create_resellers,
        (_, AccountKind::Vendor) => false,
    };
    ensure(may, Refused::NotReseller, || format!("{} may not create this kind of account", parent.name))?;
    let deep = draft.path(&parent)?.len();
    ensure(deep < DEPTH_MAX, Refused::FieldInvalid, || format!("parent: the tree has at most {DEPTH_MAX} levels"))?;
    let account = Account {
        id: new.id,
        parent: Some(parent.id),
        kind: new.kind,
        name: String::new(),
        status: AccountStatus::Active,
        email: None,
        notes: String::new(),
        key_prefix: None,
        products: None,
        may_create_customers: false,
        may_create_resellers: false,
    };
    let account = profiled(draft, account, &new.profile)?;
    draft.put(&account);
    let facts = Facts::default().other(account.id).on(0).is("parent", parent.id).on(1).between(None, Some(&account));
    draft.event_with(context, Verb::AccountCreated, &[parent.id, account.id], account.id, facts)?;
    Ok(Outcome::Done)
}

/// Changes an account's profile: by its parent's side, so that nobody widens its own rights.
///
/// # Errors
/// [`Fault`].
pub fn update(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: AccountId,
    profile: &Profile,
) -> Result<Outcome, Fault> {
    let before = draft.reach(context.actor, id, Role::Admin)?;
    from_above(context, &before)?;
    let after = profiled(draft, before.clone(), profile)?;
    if after == before {
        return Ok(Outcome::Done);
    }
    draft.put(&after);
    let facts = Facts::default().between(Some(&before), Some(&after));
    draft.event_with(context, Verb::AccountUpdated, &[id], id, facts)?;
    Ok(Outcome::Done)
}

/// Deactivates or reactivates an account (A18-A20, A38).
///
/// # Errors
/// [`Fault`].
pub fn set_status(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: AccountId,
    status: AccountStatus,
) -> Result<Outcome, Fault> {
    let before = draft.reach(context.actor, id, Role::Admin)?;
    from_above(context, &before)?;
    if before.status == status {
        return Ok(Outcome::Done);
    }
    let after = Account { status, ..before.clone() };
    draft.put(&after);
    let verb = match status {
        AccountStatus::Active => Verb::AccountReactivated,
        AccountStatus::Inactive => Verb::AccountDeactivated,
    };
    let facts = Facts::default().between(Some(&before), Some(&after));
    draft.event_with(context, verb, &[id], id, facts)?;
    Ok(Outcome::Done)
}

/// Only the vendor changes the vendor; everybody else is changed from above.
fn from_above(context: &Context<'_>, account: &Account) -> Result<(), Fault> {
    let own = context.actor.member.is_some_and(|(home, _)| home == account.id);
    ensure(!own || account.parent.is_none(), Refused::AdminOnly, || {
        "an account is changed by the one above it".to_owned()
    })
}

/// `account` with a profile, its name checked and indexed.
fn profiled(draft: &mut Draft<'_>, account: Account, profile: &Profile) -> Result<Account, Fault> {
    let field = |holds: bool, problem: &str| ensure(holds, Refused::FieldInvalid, || problem.to_owned());
    let name = code::name(&profile.name)?;
    field(profile.notes.len() <= NOTES_LEN_MAX, "notes: longer than 4096 bytes")?;
    let email = profile.email.as_deref().map(code::name).transpose()?;
    if let Some(prefix) = &profile.key_prefix {
        code::licensee(None, prefix)?;
    }
    if let Some(parent) = account.parent.map(|parent| draft.account(parent)).transpose()?.flatten() {
        let beyond = (profile.may_create_customers && !parent.may_create_customers)
            || (profile.may_create_resellers && !parent.may_create_resellers);
        ensure(!beyond, Refused::NotReseller, || "nobody gives what the account above does not have".to_owned())?;
    }
    for sku in profile.products.iter().flatten() {
        draft.product(sku)?;
    }
    let key = |name: &str| account.parent.map(|parent| [&parent.bytes()[..], code::fold(name).as_bytes()].concat());
    if let Some(new) = key(&name) {
        let holder = draft.get(Table::AccountNames, &new)?;
        let taken = holder.is_some_and(|holder| holder != account.id.bytes());
        ensure(!taken, Refused::NameTaken, || format!("{name:?}"))?;
        if let Some(old) = key(&account.name).filter(|_| !account.name.is_empty()) {
            draft.delete(Table::AccountNames, old);
        }
        draft.put_raw(Table::AccountNames, new, account.id.bytes().to_vec());
    }
    Ok(Account {
        name,
        email,
        notes: profile.notes.clone(),
        key_prefix: profile.key_prefix.clone(),
        products: profile.products.clone(),
        may_create_customers: profile.may_create_customers,
        may_create_resellers: profile.may_create_resellers,
        ..account
    })
}

impl Draft<'_> {
    /// The product is among those of the account and of all above it.
    ///
    /// # Errors
    /// `product_not_allowed`.
    pub fn allowed(&self, account: &Account, sku: &str) -> Result<(), Fault> {
        let path = self.path(account)?;
        let barred = path.iter().find(|step| step.products.as_ref().is_some_and(|products| !products.contains(sku)));
        match barred {
            Some(_) => Err(Fault::refused(Refused::ProductNotAllowed, sku.to_owned())),
            None => Ok(()),
        }
    }
}
