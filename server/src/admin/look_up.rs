//! Where a person stands, with the accounts themselves.

use leasehold_ledger::people;
use leasehold_ledger::record::{Account, Membership, UserId};
use leasehold_ledger::store::{Read, StoreError};
use leasehold_ledger::view::find;

/// The accounts a user stands in, whatever has become of it there.
///
/// # Errors
/// [`StoreError`].
pub fn accounts_of(view: &dyn Read, user: UserId) -> Result<Vec<(Account, Membership)>, StoreError> {
    let found = people::memberships_of(view, user)?.into_iter().map(|membership| {
        let account = find::<Account>(view, membership.account.bytes())?;
        let missing = || StoreError::Io("a membership leads to no account".into());
        Ok((account.ok_or_else(missing)?, membership))
    });
    found.collect()
}
