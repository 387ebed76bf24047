//! Another email address: asked for by the person, confirmed by a link mailed there (G19, V19).

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::user::{is_unclaimed, sides};
use leasehold_protocol::Refused;

/// Asks for another address. Whether it is somebody else's already is told to nobody but its reader.
///
/// # Errors
/// [`Fault`].
pub fn request(draft: &mut Draft<'_>, context: &Context<'_>, to: &str) -> Result<Outcome, Fault> {
    let user = draft.oneself(context)?;
    let to = code::email(to)?;
    ensure(to != user.email, Refused::FieldInvalid, || "email: it is the address already".to_owned())?;
    draft.end_all(user.id, |secret| matches!(secret.kind, SecretKind::ChangeEmail { .. }))?;
    draft.post_to(context, MailKind::ChangeEmail, &user, None, to.clone())?;
    let facts = Facts::default().is("user", user.name()).is("to", to);
    draft.event_with(context, Verb::EmailChangeRequested, &sides(draft, user.id)?, user.id, facts)?;
    Ok(Outcome::Done)
}

/// Takes the new address, and tells the old one. Links that were mailed to the old one do not work any more. What somebody
/// who never came was invited to under the new one, its reader is.
///
/// # Errors
/// [`Fault`]; `name_taken` where the address is somebody else's by now.
pub fn confirm(draft: &mut Draft<'_>, context: &Context<'_>, link: &[u8; 32]) -> Result<Outcome, Fault> {
    let (secret, before) = draft.link(context, link, |kind| matches!(kind, SecretKind::ChangeEmail { .. }))?;
    let SecretKind::ChangeEmail { to } = &secret.kind else {
        return Err(Fault::refused(Refused::LinkInvalid, "no such link".to_owned()));
    };
    let after = User { email: to.clone(), ..before.clone() };
    if let Some(holder) = people::user_named(draft, to)?
        && holder.id != after.id
        && is_unclaimed(draft, &holder)?
    {
        give_way(draft, context, &holder, &after)?;
    }
    draft.put_user(Some(&before), &after)?;
    draft.use_up(&secret);
    draft.end_all(after.id, |secret| secret.kind == SecretKind::SetPassword)?;
    draft.withdraw(after.id, |mail| mail.to == before.email && mail.link().is_some())?;
    draft.post_to(context, MailKind::AddressChanged, &after, None, before.email.clone())?;
    let facts = Facts::default().is("user", after.name()).between(Some(&before), Some(&after));
    draft.event_with(context, Verb::EmailChanged, &sides(draft, after.id)?, after.id, facts)?;
    Ok(Outcome::Done)
}

/// Somebody who was invited under an address and never came leaves it, and the invitations, to whoever has shown that it is
/// theirs. The row stays, for mails and Events name it, under what is no address and no username.
fn give_way(draft: &mut Draft<'_>, context: &Context<'_>, nobody: &User, to: &User) -> Result<(), Fault> {
    let (email, person, state) = (format!("{}@", nobody.id), Person::default(), UserState::Locked);
    draft.put_user(Some(nobody), &User { email, person, state, username: None, ..nobody.clone() })?;
    draft.end_all(nobody.id, |_| true)?;
    draft.withdraw(nobody.id, |_| true)?;
    for invited in people::memberships_of(draft, nobody.id)? {
        if invited.state != MembershipState::Pending {
            continue;
        }
        draft.put(&Membership { state: MembershipState::Removed, since: context.now, ..invited.clone() });
        let there = people::membership(draft, invited.account, to.id)?.map(|there| there.state);
        if !matches!(there, Some(MembershipState::Active | MembershipState::Disabled)) {
            draft.put_membership(&Membership { user: to.id, ..invited.clone() });
            draft.post(context, MailKind::Invitation, to, Some(invited.account))?;
        }
    }
    Ok(())
}
