//! Joining an account, and leaving it: what every way in and out has to see to.

use crate::actor::Role;
use crate::apply::Context;
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::store::Table;
use crate::view::holdings_of;
use leasehold_protocol::Refused;
use std::ops::ControlFlow;

/// Invitations of one account that are open.
pub const PENDING_MAX: usize = 1000;
/// Members of one account that are not removed, those invited included.
pub const LISTED_MAX: usize = 10_000;
/// Members of one account with those removed, whose rows stay.
pub const EVER_MAX: usize = 50_000;

/// Makes a user an active member; in a personal account, its owner.
///
/// # Errors
/// `user_in_other_org`, `personal_licences`, or [`Fault::Store`].
pub fn join(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: &Account,
    user: UserId,
    role: Role,
) -> Result<Membership, Fault> {
    one_organisation(draft, account, user)?;
    no_personal_licences(draft, account, user)?;
    let standing = if account.organisation { Standing::None } else { Standing::Owner };
    let role = if account.organisation { role } else { Role::Admin };
    uninvite(draft, account.id, user)?;
    let (state, since) = (MembershipState::Active, context.now);
    let membership = Membership { account: account.id, user, role, standing, state, since };
    draft.put_membership(&membership);
    Ok(membership)
}

/// A user is active in one organisation at most (G28); personal accounts do not count.
///
/// # Errors
/// `user_in_other_org`, or [`Fault::Store`].
pub fn one_organisation(draft: &Draft<'_>, account: &Account, user: UserId) -> Result<(), Fault> {
    if !account.organisation {
        return Ok(());
    }
    for other in people::memberships_of(draft, user)? {
        if other.state != MembershipState::Active || other.account == account.id {
            continue;
        }
        let there = draft.account(other.account)?;
        let elsewhere = there.is_some_and(|there| there.organisation);
        ensure(!elsewhere, Refused::UserInOtherOrg, || "the user is active in another organisation".to_owned())?;
    }
    Ok(())
}

/// There is room for one more: a personal account is an account of one.
///
/// # Errors
/// `org_required`, or [`Fault::Store`].
pub fn room(draft: &Draft<'_>, account: &Account) -> Result<(), Fault> {
    if account.organisation {
        return Ok(());
    }
    let taken = people::member_who(draft, account.id, |one| one.state != MembershipState::Removed)?;
    ensure(taken.is_none(), Refused::OrgRequired, || format!("{} is a personal account", account.name()))
}

/// An account's list is not full yet for one more in this state. Looking ends where it is.
///
/// # Errors
/// `field_invalid`, or [`Fault::Store`].
pub fn not_full(draft: &Draft<'_>, account: AccountId, state: MembershipState) -> Result<(), Fault> {
    let (mut rows, mut listed, mut pending) = (0, 0, 0);
    let full = people::through_members(draft, account, |one| {
        rows += 1;
        listed += usize::from(one.state != MembershipState::Removed);
        pending += usize::from(one.state == MembershipState::Pending);
        if state == MembershipState::Pending && pending >= PENDING_MAX {
            ControlFlow::Break(format!("{PENDING_MAX} invitations are open; take some back"))
        } else if listed >= LISTED_MAX {
            ControlFlow::Break(format!("it has {LISTED_MAX} members; remove some"))
        } else if rows >= EVER_MAX {
            ControlFlow::Break(format!("{EVER_MAX} people were its members, those removed included"))
        } else {
            ControlFlow::Continue(())
        }
    })?;
    full.map_or(Ok(()), |why| Err(Fault::refused(Refused::FieldInvalid, format!("account: {why}"))))
}

/// Ends one membership and everything that hangs on it. The sessions of somebody who was merely invited, or disabled, go on:
/// else whoever knows an address could sign its owner out, and so could an account that somebody left for another.
///
/// # Errors
/// [`Fault::Store`].
pub fn leave(draft: &mut Draft<'_>, context: &Context<'_>, before: &Membership) -> Result<(), Fault> {
    uninvite(draft, before.account, before.user)?;
    if before.state == MembershipState::Active {
        draft.end_sessions(before.user, None)?;
    }
    let (state, standing) = (MembershipState::Removed, Standing::None);
    draft.put(&Membership { state, standing, since: context.now, ..before.clone() });
    Ok(())
}

/// Takes back the invitation of a user to an account, its link and its mail; and notices about the account that wait to be sent.
///
/// # Errors
/// [`Fault::Store`].
pub fn uninvite(draft: &mut Draft<'_>, account: AccountId, user: UserId) -> Result<(), Fault> {
    let about = |of: Option<AccountId>| of == Some(account);
    draft.end_all(user, |secret| secret.kind == SecretKind::Invitation && about(secret.account))?;
    draft.withdraw(user, |mail| mail.kind.can_wait() && about(mail.account))
}

/// Who joins an organisation has no licences of its own left behind (DOMAIN record 3).
fn no_personal_licences(draft: &Draft<'_>, joined: &Account, user: UserId) -> Result<(), Fault> {
    if !joined.organisation {
        return Ok(());
    }
    for own in people::memberships_of(draft, user)? {
        let account = draft.account(own.account)?.filter(|account| !account.organisation);
        let Some(account) = account.filter(|_| own.state == MembershipState::Active) else { continue };
        let owns =
            holdings_of(draft, account.id)?.iter().any(|one| one.role != HoldingRole::Reserve && !one.units.is_none());
        ensure(!owns, Refused::PersonalLicences, || account.name().to_owned())?;
    }
    Ok(())
}

impl Draft<'_> {
    /// Writes a membership that may be new.
    pub fn put_membership(&mut self, membership: &Membership) {
        let index = [*membership.user.bytes(), *membership.account.bytes()].concat();
        self.put_raw(Table::UserAccounts, index, vec![]);
        self.put(membership);
    }
}
