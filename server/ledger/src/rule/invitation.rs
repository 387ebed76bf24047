//! Invitations: an address is asked to join an account, and joins by a link that works once (G22-G28, V6, V22).
//!
//! Somebody who has no password yet proves with the link that the address is theirs, and brings names and a password.
//! Everybody else has to be signed in as well: a user may have been made by an administrator who chose its password, and a
//! link mailed to an address is no reason to let that administrator in.

use crate::actor::{Role, active};
use crate::apply::{Context, Outcome};
use crate::command::people::Claim;
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::{joining, password, user};
use leasehold_protocol::Refused;

/// Invitations to one address that are open.
pub const INVITED_MAX: usize = 100;

/// Invites an address. Whoever is invited already gets another mail, and the role named now.
///
/// # Errors
/// [`Fault`].
pub fn invite(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    account: AccountId,
    email: &str,
    role: Role,
    id: UserId,
) -> Result<Outcome, Fault> {
    let account = draft.reach_active(context.actor, account, Role::Admin)?;
    let email = code::email(email)?;
    let known = people::user_named(draft, &email)?;
    let before = known.as_ref().map(|user| people::membership(draft, account.id, user.id)).transpose()?.flatten();
    let state = before.map_or(MembershipState::Removed, |before| before.state);
    let is_in = matches!(state, MembershipState::Active | MembershipState::Disabled);
    ensure(!is_in, Refused::NameTaken, || format!("{email} is a member already"))?;
    if state == MembershipState::Removed {
        joining::room(draft, &account)?;
        joining::not_full(draft, account.id, MembershipState::Pending)?;
        known.as_ref().map_or(Ok(()), |user| not_everywhere(draft, user))?;
    }
    let user = match known {
        Some(user) => user,
        None => {
            let user = unclaimed(context, id, email);
            draft.put_user(None, &user)?;
            user
        }
    };
    let (state, since, standing) = (MembershipState::Pending, context.now, Standing::None);
    draft.put_membership(&Membership { account: account.id, user: user.id, role, standing, state, since });
    draft.post(context, MailKind::Invitation, &user, Some(account.id))?;
    let facts = Facts::default().is("email", &user.email).is("role", crate::record::told::Word::word(role));
    draft.event_with(context, Verb::UserInvited, &[account.id], user.id, facts)?;
    Ok(Outcome::Done)
}

/// Joins by link.
///
/// # Errors
/// [`Fault`]; `forbidden_role` for somebody who has to sign in first.
pub fn confirm(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    link: &[u8; 32],
    claim: Option<&Claim>,
) -> Result<Outcome, Fault> {
    let (secret, before) = draft.link(context, link, |kind| *kind == SecretKind::Invitation)?;
    let invalid = || Fault::refused(Refused::LinkInvalid, "the invitation was taken back".to_owned());
    let account = secret.account.map(|account| draft.account(account)).transpose()?.flatten().ok_or_else(invalid)?;
    let membership = people::membership(draft, account.id, before.id)?;
    let pending = membership.filter(|one| one.state == MembershipState::Pending).ok_or_else(invalid)?;
    // Who brings a password had none when the request came in: somebody else chose one since, and the link is not enough any more.
    let signed_in = claim.is_none() && context.actor.user == Some(before.id);
    let is_it = before.password.is_none() || signed_in;
    ensure(is_it, Refused::ForbiddenRole, || format!("sign in as {} first", before.name()))?;
    active(&account)?;
    let user = if before.password.is_none() { claimed(draft, &before, claim)? } else { before };
    let joined = joining::join(draft, context, &account, user.id, pending.role)?;
    let facts = Facts::default().is("user", user.name()).between(Some(&pending), Some(&joined));
    draft.event_with(context, Verb::InvitationConfirmed, &[account.id], user.id, facts)?;
    Ok(Outcome::Done)
}

/// Whoever is invited by many already is invited by no more.
fn not_everywhere(draft: &Draft<'_>, user: &User) -> Result<(), Fault> {
    let all = people::memberships_of(draft, user.id)?;
    let open = all.iter().filter(|one| one.state == MembershipState::Pending).count();
    ensure(open < INVITED_MAX, Refused::FieldInvalid, || {
        format!("email: {INVITED_MAX} invitations to {} are open", user.email)
    })
}

fn unclaimed(context: &Context<'_>, id: UserId, email: String) -> User {
    User {
        id,
        username: None,
        email,
        person: Person::default(),
        password: None,
        must_change: false,
        totp: None,
        state: UserState::Active,
        created: context.now,
        last_seen: None,
    }
}

/// A user with what somebody who was invited brings along.
fn claimed(draft: &mut Draft<'_>, before: &User, claim: Option<&Claim>) -> Result<User, Fault> {
    let missing = || Fault::refused(Refused::FieldInvalid, "password: whoever has none yet chooses one".to_owned());
    let claim = claim.ok_or_else(missing)?;
    let after = User {
        username: claim.username.as_deref().map(code::username).transpose()?,
        person: user::checked(&claim.person)?,
        password: Some(claim.password.clone()),
        ..before.clone()
    };
    draft.put_user(Some(before), &after)?;
    password::supersede(draft, after.id, None)?;
    Ok(after)
}
