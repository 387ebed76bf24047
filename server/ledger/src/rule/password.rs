//! Passwords: asking for a link to set one, and setting one (A6-A9, V24). How good a password is, and hashing it, is for
//! whoever sees it; the ledger does not.

use crate::apply::{Context, Outcome};
use crate::command::people::Authority;
use crate::draft::{Draft, Fault};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::secret::still;
use crate::rule::user::sides;
use leasehold_protocol::Refused;

/// Mails a link to set a new password. Nothing changes while such a mail waits already.
///
/// # Errors
/// `out_of_reach` for somebody who is locked or not there.
pub fn request(draft: &mut Draft<'_>, context: &Context<'_>, id: UserId) -> Result<Outcome, Fault> {
    let user = people::user(draft, id)?.filter(|user| user.state == UserState::Active);
    let user = user.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no user {id}")))?;
    if people::mails_open(draft, id)?.iter().any(|mail| mail.kind == MailKind::Reset && mail.is_waiting()) {
        return Ok(Outcome::Done);
    }
    draft.post(context, MailKind::Reset, &user, None)?;
    let facts = Facts::default().is("user", user.name());
    draft.event_with(context, Verb::ResetRequested, &sides(draft, id)?, id, facts)?;
    Ok(Outcome::Done)
}

/// Sets a password. Every session ends, but for the one it was changed in; so does every other way in that was open.
///
/// # Errors
/// [`Fault`].
pub fn set(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    authority: &Authority,
    password: &PasswordHash,
) -> Result<Outcome, Fault> {
    let (user, kept, by) = match authority {
        Authority::Link { hash } => {
            let (_, user) = draft.link(context, hash, |kind| *kind == SecretKind::SetPassword)?;
            (user, None, "link")
        }
        Authority::Own { verified, session, next } => {
            let user = draft.oneself(context)?;
            let kept = draft.exchange_session(context, &user, session, next)?;
            still(&user, verified)?;
            (user, Some(kept), "user")
        }
    };
    supersede(draft, user.id, kept)?;
    if user.password.is_some() && !user.must_change {
        draft.post(context, MailKind::PasswordChanged, &user, None)?;
    }
    draft.put(&User { password: Some(password.clone()), must_change: false, ..user.clone() });
    let facts = Facts::default().is("user", user.name()).is("by", by);
    draft.event_with(context, Verb::PasswordChanged, &sides(draft, user.id)?, user.id, facts)?;
    Ok(Outcome::Done)
}

/// Closes every way in that the former password, or a mail of that time, opened: whoever had got hold of one must not
/// come back with it. Invitations stay: they are the inviting account's to take back.
///
/// # Errors
/// [`Fault::Store`].
pub fn supersede(draft: &mut Draft<'_>, user: UserId, keep: Option<SecretId>) -> Result<(), Fault> {
    draft.end_all(user, |secret| secret.kind != SecretKind::Invitation && Some(secret.id) != keep)?;
    draft.withdraw(user, |mail| match mail.kind {
        MailKind::Welcome | MailKind::ResellerWelcome | MailKind::Reset | MailKind::ChangeEmail => true,
        MailKind::Invitation | MailKind::AddressChanged | MailKind::PasswordChanged => false,
        MailKind::SeatGranted | MailKind::SeatTakenBack => false,
        MailKind::LicencesEnding | MailKind::MaintenanceEnding | MailKind::ConsolesSilent => false,
    })
}
