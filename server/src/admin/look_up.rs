//! Where a person stands, with the accounts themselves, and what is seen of it there; who somebody is who comes with a secret.

use super::auth::Origin;
use super::problem::Problem;
use super::sight::Sight;
use crate::app::App;
use leasehold_ledger::people;
use leasehold_ledger::record::secret::{Secret, SecretKind};
use leasehold_ledger::record::user::{Person, User, UserState};
use leasehold_ledger::record::{Account, Membership, MembershipState, UserId};
use leasehold_ledger::store::{Read, StoreError};
use leasehold_ledger::view::find;
use leasehold_protocol::Refused;

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

/// The secret with this hash and its user, if it is of this kind and good now.
///
/// # Errors
/// [`Problem`] when the store cannot be read.
pub fn good_secret(app: &App, hash: &[u8; 32], kind: &SecretKind) -> Result<Option<(Secret, User)>, Problem> {
    let view = app.view()?;
    let secret = find::<Secret>(view.as_ref(), hash)?;
    let Some(secret) = secret.filter(|secret| secret.kind == *kind && secret.is_good(app.clock.now())) else {
        return Ok(None);
    };
    Ok(find::<User>(view.as_ref(), secret.user.bytes())?.map(|user| (secret, user)))
}

/// [`good_secret`] for a link out of a mail. One that is none counts as a failed sign-in.
///
/// # Errors
/// `link_invalid`, or [`Problem`] when the store cannot be read.
pub fn good_link(app: &App, origin: Origin, hash: &[u8; 32], kind: &SecretKind) -> Result<(Secret, User), Problem> {
    good_secret(app, hash, kind)?.ok_or_else(|| {
        app.limits.not_signed_in(origin.address());
        Problem::refused(Refused::LinkInvalid, "nothing can be done with it".to_owned())
    })
}

/// A user as it is known in some of its places. Where it was only invited, that is by its address: who may invite anybody is not
/// to read what they told others. So it is where it was disabled, once it takes part out of sight alone.
///
/// # Errors
/// [`Problem`] when the store cannot be read.
pub fn known(sight: &Sight<'_>, user: User, places: &[(Account, Membership)]) -> Result<User, Problem> {
    let is = |state| places.iter().any(|(_, membership)| membership.state == state);
    let disabled = is(MembershipState::Disabled);
    let is_known = is(MembershipState::Active) || (disabled && !takes_part_elsewhere(sight, user.id)?);
    let (Some((_, invited)), false) = (places.first(), is_known) else { return Ok(user) };
    Ok(User {
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
    })
}

/// Somebody is active somewhere, and nowhere in reach.
fn takes_part_elsewhere(sight: &Sight<'_>, user: UserId) -> Result<bool, Problem> {
    let mut is_active = false;
    for membership in people::memberships_of(&sight.draft, user)? {
        if membership.state == MembershipState::Active {
            is_active = true;
            if sight.reaches(membership.account)? {
                return Ok(false);
            }
        }
    }
    Ok(is_active)
}
