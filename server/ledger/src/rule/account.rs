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

pub use crate::record::Profile;

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

/// Changes to a profile: what is not named stays as it is at the moment of the change, so that two administrators at once
/// lose nothing of each other's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// Its name.
    pub name: Option<String>,
    /// Information only; `Some(None)` takes it away, here and below.
    pub email: Option<Option<String>>,
    /// For the parent's side only.
    pub notes: Option<String>,
    /// Starts every licensee name.
    pub key_prefix: Option<Option<String>>,
    /// The products it may use.
    pub products: Option<Option<BTreeSet<String>>>,
    /// May create end customers.
    pub may_create_customers: Option<bool>,
    /// May create resellers.
    pub may_create_resellers: Option<bool>,
}

impl ProfileChange {
    fn over(&self, before: &Profile) -> Profile {
        let change = self.clone();
        let before = before.clone();
        Profile {
            name: change.name.unwrap_or(before.name),
            email: change.email.unwrap_or(before.email),
            notes: change.notes.unwrap_or(before.notes),
            key_prefix: change.key_prefix.unwrap_or(before.key_prefix),
            products: change.products.unwrap_or(before.products),
            may_create_customers: change.may_create_customers.unwrap_or(before.may_create_customers),
            may_create_resellers: change.may_create_resellers.unwrap_or(before.may_create_resellers),
        }
    }
}

/// Bytes in the longest note.
const NOTES_LEN_MAX: usize = 4096;

/// Creates an account below one in reach.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewAccount) -> Result<Outcome, Fault> {
    let account = found(draft, context, new)?;
    created(draft, context, &account, Facts::default())?;
    Ok(Outcome::Done)
}

/// Makes the account, without an Event: by an administrator above it whose account may have such accounts.
///
/// # Errors
/// [`Fault`].
pub fn found(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewAccount) -> Result<Account, Fault> {
    let parent = draft.reach_active(context.actor, new.parent, Role::Admin)?;
    let may = match (parent.kind, new.kind) {
        (AccountKind::EndCustomer, _) => false,
        (_, AccountKind::EndCustomer) => parent.profile.may_create_customers,
        (_, AccountKind::Reseller) => parent.profile.may_create_resellers,
        (_, AccountKind::Vendor) => false,
    };
    ensure(may, Refused::NotReseller, || format!("{} may not create this kind of account", parent.name()))?;
    enter(draft, &parent, new)
}

/// Writes a new account below `parent`.
///
/// # Errors
/// [`Fault`].
pub fn enter(draft: &mut Draft<'_>, parent: &Account, new: &NewAccount) -> Result<Account, Fault> {
    let deep = draft.path(parent)?.len();
    ensure(deep < DEPTH_MAX, Refused::FieldInvalid, || format!("parent: the tree has at most {DEPTH_MAX} levels"))?;
    let account = Account {
        id: new.id,
        parent: Some(parent.id),
        kind: new.kind,
        status: AccountStatus::Active,
        organisation: true,
        enrolment: None,
        deleted: None,
        profile: Profile::default(),
    };
    let profile = checked(draft, &account, &new.profile)?;
    let account = Account { profile, ..account };
    draft.put(&account);
    Ok(account)
}

/// Writes the Event of a new account: the parent's side hears whose it is, the account's own what it is.
///
/// # Errors
/// [`Fault::Store`].
pub fn created(draft: &mut Draft<'_>, context: &Context<'_>, account: &Account, facts: Facts) -> Result<(), Fault> {
    let parent = account.parent.unwrap_or(account.id);
    let facts = facts.other(account.id).on(0).is("parent", parent).on(1).between(None, Some(account));
    draft.event_with(context, Verb::AccountCreated, &[parent, account.id], account.id, facts)
}

/// Changes an account's profile. Its own administrators change its name and email (G18); the rest is for its parent's
/// side, so that nobody widens its own rights.
///
/// # Errors
/// [`Fault`].
pub fn update(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: AccountId,
    change: &ProfileChange,
) -> Result<Outcome, Fault> {
    let account = draft.reach(context.actor, id, Role::Admin)?;
    let after = change.over(&account.profile);
    let own = Profile { name: after.name.clone(), email: after.email.clone(), ..account.profile.clone() };
    if after != own {
        from_above(context, &account)?;
    }
    let after = checked(draft, &account, &after)?;
    if after == account.profile {
        return Ok(Outcome::Done);
    }
    let after = Account { profile: after, ..account.clone() };
    draft.put(&after);
    let facts = Facts::default().between(Some(&account), Some(&after));
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
///
/// # Errors
/// `admin_only`.
pub fn from_above(context: &Context<'_>, account: &Account) -> Result<(), Fault> {
    let own = context.actor.member.is_some_and(|(home, _)| home == account.id);
    ensure(!own || account.parent.is_none(), Refused::AdminOnly, || {
        "an account is changed by the one above it".to_owned()
    })
}

/// A profile for `account` as it is stored, its name indexed in the place of the one so far.
fn checked(draft: &mut Draft<'_>, account: &Account, profile: &Profile) -> Result<Profile, Fault> {
    let name = code::name(&profile.name)?;
    let short = profile.notes.len() <= NOTES_LEN_MAX;
    ensure(short, Refused::FieldInvalid, || "notes: longer than 4096 bytes".to_owned())?;
    let email = profile.email.as_deref().map(code::name).transpose()?;
    if let Some(prefix) = &profile.key_prefix {
        code::licensee(None, prefix)?;
    }
    if let Some(parent) = account.parent.map(|parent| draft.account(parent)).transpose()?.flatten() {
        let beyond = (profile.may_create_customers && !parent.profile.may_create_customers)
            || (profile.may_create_resellers && !parent.profile.may_create_resellers);
        ensure(!beyond, Refused::NotReseller, || "nobody gives what the account above does not have".to_owned())?;
    }
    for sku in profile.products.iter().flatten() {
        draft.product(sku)?;
    }
    if let Some(new) = name_key(account, &name) {
        let holder = draft.get(Table::AccountNames, &new)?;
        let taken = holder.is_some_and(|holder| holder != account.id.bytes());
        ensure(!taken, Refused::NameTaken, || format!("{name:?}"))?;
        if let Some(old) = name_key(account, account.name()).filter(|_| !account.name().is_empty()) {
            draft.delete(Table::AccountNames, old);
        }
        draft.put_raw(Table::AccountNames, new, account.id.bytes().to_vec());
    }
    Ok(Profile { name, email, ..profile.clone() })
}

/// Where an account's name stands among those of its siblings; the vendor has none.
#[must_use]
pub fn name_key(account: &Account, name: &str) -> Option<Vec<u8>> {
    account.parent.map(|parent| [&parent.bytes()[..], code::fold(name).as_bytes()].concat())
}

impl Draft<'_> {
    /// The product is among those of the account and of all above it.
    ///
    /// # Errors
    /// `product_not_allowed`.
    pub fn allowed(&self, account: &Account, sku: &str) -> Result<(), Fault> {
        let path = self.path(account)?;
        let barred =
            path.iter().find(|step| step.profile.products.as_ref().is_some_and(|products| !products.contains(sku)));
        match barred {
            Some(_) => Err(Fault::refused(Refused::ProductNotAllowed, sku.to_owned())),
            None => Ok(()),
        }
    }
}
