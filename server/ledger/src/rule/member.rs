//! Members of an account: role, disabling, enabling, removing (G22, G28-G31, V20-V25).
//!
//! What an inactive account stops (I5): joining it, that is users made in it, invitations, confirmations and enabling. What
//! goes on: signing in and looking, changing names, roles and passwords, disabling, removing, locking, handing over.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::told::Word;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::joining::{leave, one_organisation};
use crate::rule::ownership::stands_above;
use crate::rule::seat::take_all;
use leasehold_protocol::Refused;
use std::collections::BTreeSet;

/// Members that one command removes at most.
pub const REMOVED_AT_ONCE_MAX: usize = 100;

/// Gives a member another role.
///
/// # Errors
/// [`Fault`].
pub fn set_role(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
    role: Role,
) -> Result<Outcome, Fault> {
    let (_, before) = listed(draft, context, account, user)?;
    if before.role == role {
        return Ok(Outcome::Done);
    }
    protected(&before)?;
    let after = Membership { role, ..before.clone() };
    changed(draft, context, Verb::RoleChanged, (&before, &after), Facts::default())
}

/// Takes a member out of the sharing group (G29): its seats are taken back, and a co-administrator is one no more (G34).
///
/// # Errors
/// [`Fault`].
pub fn disable(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
) -> Result<Outcome, Fault> {
    let (_, before) = listed(draft, context, account, user)?;
    if before.state == MembershipState::Disabled {
        return Ok(Outcome::Done);
    }
    takes_part(&before)?;
    protected(&before)?;
    let (state, standing) = (MembershipState::Disabled, Standing::None);
    let after = Membership { state, standing, since: context.now, ..before.clone() };
    draft.end_sessions(user, None)?;
    let facts = take_all(draft, context, (account, user), Facts::default())?;
    changed(draft, context, Verb::MemberDisabled, (&before, &after), facts)
}

/// Lets a disabled member take part again (G30).
///
/// # Errors
/// [`Fault`].
pub fn enable(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
) -> Result<Outcome, Fault> {
    let (home, before) = listed(draft, context, account, user)?;
    active(&home)?;
    if before.state == MembershipState::Active {
        return Ok(Outcome::Done);
    }
    one_organisation(draft, &home, user)?;
    let was_in = before.state == MembershipState::Disabled;
    ensure(was_in, Refused::NotParticipant, || "the user has not confirmed the invitation".to_owned())?;
    let after = Membership { state: MembershipState::Active, since: context.now, ..before.clone() };
    changed(draft, context, Verb::MemberEnabled, (&before, &after), Facts::default())
}

/// Takes members off the list: all of them or none (G31, V25). Invitations under way are withdrawn.
///
/// # Errors
/// [`Fault`].
pub fn remove(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    users: &[UserId],
) -> Result<Outcome, Fault> {
    let users: BTreeSet<UserId> = users.iter().copied().collect();
    draft.reach(context.actor, account, Role::Admin)?;
    let all = users.iter().map(|user| listed(draft, context, account, *user).map(|(_, one)| one));
    let all = all.collect::<Result<Vec<_>, _>>()?;
    all.iter().try_for_each(protected)?;
    let some = 1..=REMOVED_AT_ONCE_MAX;
    ensure(some.contains(&all.len()), Refused::FieldInvalid, || format!("users: 1 to {REMOVED_AT_ONCE_MAX} at once"))?;
    let mut facts = Facts::default();
    for before in &all {
        leave(draft, context, before)?;
        facts = facts.is("user", name_of(draft, before)?);
        facts = take_all(draft, context, (account, before.user), facts)?;
    }
    let subject = if let [one] = &all[..] { one.user.to_string() } else { account.to_string() };
    draft.event_with(context, Verb::MembersRemoved, &[account], subject, facts)?;
    Ok(Outcome::Done)
}

/// An owner of any of the accounts through which it is administered is locked, or loses the second factor, from above only
/// (G35).
///
/// # Errors
/// `owner_protected`, or [`Fault::Store`].
pub fn spare_owner(draft: &Draft<'_>, context: &Context<'_>, at: &[Membership], user: &User) -> Result<(), Fault> {
    for membership in at.iter().filter(|one| one.standing == Standing::Owner) {
        let account = draft.account(membership.account)?;
        let above = account.is_some_and(|account| stands_above(context, &account));
        ensure(above, Refused::OwnerProtected, || user.name().to_owned())?;
    }
    Ok(())
}

/// What an Event calls a member's part.
#[must_use]
pub fn word_of(membership: &Membership) -> &'static str {
    match membership.standing {
        Standing::None => membership.role.word(),
        standing => standing.word(),
    }
}

/// An account in the actor's reach as administrator, and somebody on its list.
///
/// # Errors
/// [`Fault`].
pub fn listed(
    draft: &Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    user: UserId,
) -> Result<(Account, Membership), Fault> {
    let account = draft.reach(context.actor, account, Role::Admin)?;
    let membership = people::membership(draft, account.id, user)?;
    let listed = membership.filter(|one| one.state != MembershipState::Removed);
    let missing = || Fault::refused(Refused::OutOfReach, format!("no member {user}"));
    Ok((account, listed.ok_or_else(missing)?))
}

/// Only who takes part may be given or deprived of anything (G34).
///
/// # Errors
/// `not_participant`.
pub fn takes_part(membership: &Membership) -> Result<(), Fault> {
    let active = membership.state == MembershipState::Active;
    ensure(active, Refused::NotParticipant, || format!("the user is {}", membership.state.word()))
}

fn protected(membership: &Membership) -> Result<(), Fault> {
    let owner = membership.standing == Standing::Owner;
    ensure(!owner, Refused::OwnerProtected, || "hand the ownership over first".to_owned())
}

/// What an Event calls a member: somebody who was merely invited, by the address that was typed (V13).
fn name_of(draft: &Draft<'_>, member: &Membership) -> Result<String, Fault> {
    let Some(user) = people::user(draft, member.user)? else { return Ok(member.user.to_string()) };
    let name = if member.state == MembershipState::Pending { user.email.as_str() } else { user.name() };
    Ok(name.to_owned())
}

fn changed(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    verb: Verb,
    (before, after): (&Membership, &Membership),
    facts: Facts,
) -> Result<Outcome, Fault> {
    draft.put(after);
    let facts = facts.is("user", name_of(draft, before)?).between(Some(before), Some(after));
    draft.event_with(context, verb, &[after.account], after.user, facts)?;
    Ok(Outcome::Done)
}
