//! What may be changed of an account, and what it has to be like.

use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::store::{Read, Table};
use leasehold_protocol::Refused;
use std::collections::BTreeSet;

/// Changes to a profile: what is not named stays as it is at the moment of the change, so that two administrators at once
/// lose nothing of each other's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfileChange {
    /// What it is: named only to be refused, for that never changes (A17).
    pub kind: Option<AccountKind>,
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
    /// It names nothing but what an account's own administrators may change. What a field is at the moment plays no part:
    /// who tries values would learn the notes from the answers (A35).
    pub(super) fn is_own(&self) -> bool {
        let Self { kind, name: _, email: _, notes, key_prefix, products, may_create_customers, may_create_resellers } =
            self;
        kind.is_none()
            && notes.is_none()
            && key_prefix.is_none()
            && products.is_none()
            && may_create_customers.is_none()
            && may_create_resellers.is_none()
    }

    pub(super) fn over(&self, before: &Profile) -> Profile {
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

/// Every product that is named is there.
pub fn known(draft: &Draft<'_>, profile: &Profile) -> Result<(), Fault> {
    profile.products.iter().flatten().try_for_each(|sku| draft.product(sku).map(drop))
}

/// Nobody gives what the account above does not have.
pub fn not_wider(draft: &Draft<'_>, account: &Account, profile: &Profile) -> Result<(), Fault> {
    let Some(parent) = account.parent.map(|parent| draft.account(parent)).transpose()?.flatten() else { return Ok(()) };
    let beyond = (profile.may_create_customers && !parent.profile.may_create_customers)
        || (profile.may_create_resellers && !parent.profile.may_create_resellers);
    ensure(!beyond, Refused::NotReseller, || "nobody gives what the account above does not have".to_owned())
}

/// A profile for `account` as it is stored, its name indexed in the place of the one so far.
pub fn checked(draft: &mut Draft<'_>, account: &Account, profile: &Profile) -> Result<Profile, Fault> {
    not_wider(draft, account, profile)?;
    let name = code::name(&profile.name); // what is wrong with a field is said last
    if let Some(new) = name.as_ref().ok().and_then(|name| name_key(account, name)) {
        let holder = draft.get(Table::AccountNames, &new)?;
        let taken = holder.is_some_and(|holder| holder != account.id.bytes());
        ensure(!taken, Refused::NameTaken, || format!("{:?}", profile.name))?;
        if let Some(old) = name_key(account, account.name()).filter(|_| !account.name().is_empty()) {
            draft.delete(Table::AccountNames, old);
        }
        draft.put_raw(Table::AccountNames, new, account.id.bytes().to_vec());
    }
    if let Some(prefix) = &profile.key_prefix {
        code::licensee(None, prefix)?;
    }
    let name = name?;
    let short = profile.notes.len() <= NOTES_LEN_MAX;
    ensure(short, Refused::FieldInvalid, || "notes: longer than 4096 bytes".to_owned())?;
    let email = profile.email.as_deref().map(code::name).transpose()?;
    Ok(Profile { name, email, ..profile.clone() })
}

/// Where an account's name stands among those of its siblings; the vendor has none.
#[must_use]
pub fn name_key(account: &Account, name: &str) -> Option<Vec<u8>> {
    account.parent.map(|parent| [&parent.bytes()[..], code::fold(name).as_bytes()].concat())
}
