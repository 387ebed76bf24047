//! Accounts: creating and changing them, and what their products are (A11-A38, T29-T33, V17).

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::account::DEPTH_MAX;
use crate::record::told::Word;
use crate::record::*;
use crate::rule::event::Facts;
use leasehold_protocol::Refused;

mod profile;

pub use crate::record::Profile;
pub use profile::{ProfileChange, name_key};
use profile::{checked, known, not_wider};

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

/// Creates an account below one in reach.
///
/// # Errors
/// [`Fault`].
pub fn create(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewAccount) -> Result<Outcome, Fault> {
    let account = found(draft, context, new)?;
    created(draft, context, &account, Facts::default())?;
    Ok(Outcome::Done)
}

/// Makes the account, without an Event: by an administrator above it, where every account above it may have such accounts.
///
/// # Errors
/// [`Fault`].
pub fn found(draft: &mut Draft<'_>, context: &Context<'_>, new: &NewAccount) -> Result<Account, Fault> {
    let parent = draft.reach(context.actor, new.parent, Role::Admin)?;
    known(draft, &new.profile)?;
    active(&parent)?;
    let may = |step: &Account| match (step.kind, new.kind) {
        (AccountKind::EndCustomer, _) => false,
        (_, AccountKind::EndCustomer) => step.profile.may_create_customers,
        (_, AccountKind::Reseller) => step.profile.may_create_resellers,
        (_, AccountKind::Vendor) => false,
    };
    // A right that was taken from an account is none below it either: it would go on by way of a reseller of its own.
    if let Some(barred) = draft.path(&parent)?.iter().find(|step| !may(step)) {
        let detail = format!("{} may not have this kind of account below it", barred.name());
        return Err(Fault::refused(Refused::NotReseller, detail));
    }
    enter(draft, &parent, new)
}

/// Writes a new account below `parent`.
///
/// # Errors
/// [`Fault`].
pub fn enter(draft: &mut Draft<'_>, parent: &Account, new: &NewAccount) -> Result<Account, Fault> {
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
    let deep = draft.path(parent)?.len();
    ensure(deep < DEPTH_MAX, Refused::FieldInvalid, || format!("parent: the tree has at most {DEPTH_MAX} levels"))?;
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
    if !change.is_own() {
        from_above(context, &account)?;
    }
    let after = change.over(&account.profile);
    known(draft, &after)?;
    not_wider(draft, &account, &after)?;
    let kept = change.kind.is_none_or(|kind| kind == account.kind);
    ensure(kept, Refused::TypeImmutable, || format!("{} is a {}", account.name(), account.kind.word()))?;
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
