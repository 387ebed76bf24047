//! Another email address: asked for by the person, confirmed by a link mailed there (G19, V19).

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::record::*;
use crate::rule::code;
use crate::rule::event::Facts;
use crate::rule::user::sides;
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

/// Takes the new address, and tells the old one. Links that were mailed to the old one do not work any more.
///
/// # Errors
/// [`Fault`]; `name_taken` where the address is somebody else's by now.
pub fn confirm(draft: &mut Draft<'_>, context: &Context<'_>, link: &[u8; 32]) -> Result<Outcome, Fault> {
    let (secret, before) = draft.link(context, link, |kind| matches!(kind, SecretKind::ChangeEmail { .. }))?;
    let SecretKind::ChangeEmail { to } = &secret.kind else {
        return Err(Fault::refused(Refused::LinkInvalid, "no such link".to_owned()));
    };
    let after = User { email: to.clone(), ..before.clone() };
    draft.put_user(Some(&before), &after)?;
    draft.use_up(&secret);
    draft.end_all(after.id, |secret| secret.kind == SecretKind::SetPassword)?;
    draft.withdraw(after.id, |mail| mail.to == before.email && mail.link().is_some())?;
    draft.post_to(context, MailKind::AddressChanged, &after, None, before.email.clone())?;
    let facts = Facts::default().is("user", after.name()).between(Some(&before), Some(&after));
    draft.event_with(context, Verb::EmailChanged, &sides(draft, after.id)?, after.id, facts)?;
    Ok(Outcome::Done)
}
