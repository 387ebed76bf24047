//! Where a person stands, with the accounts themselves.

use leasehold_ledger::people;
use leasehold_ledger::record::user::{Person, User, UserState};
use leasehold_ledger::record::{Account, Membership, MembershipState, UserId};
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

/// A user as it is known in some of its places. Where it was only invited, that is by its address: who may invite anybody is not
/// to read what they told others.
#[must_use]
pub fn known(user: User, places: &[(Account, Membership)]) -> User {
    let is_in = places.iter().any(|(_, membership)| membership.state != MembershipState::Pending);
    let (Some((_, invited)), false) = (places.first(), is_in) else { return user };
    User {
        id: user.id,
        username: None,
        email: user.email,
        person: Person::default(),
        password: None,
        must_change: false,
        totp: None,
        state: UserState::Active,
        created: invited.since,
        last_seen: None,
    }
}
