//! The outbox: posting mails, the link of one that is being rendered, and what became of them.

use crate::apply::{Context, Outcome};
use crate::draft::{Draft, Fault, ensure};
use crate::people;
use crate::record::*;
use crate::rule::event::Facts;
use crate::rule::setting;
use crate::rule::user::sides;
use crate::store::Table;
use crate::view::find;
use leasehold_protocol::{Refused, Time};
use std::mem::discriminant;

/// Characters of an error that are kept.
const ERROR_LEN_MAX: usize = 500;

/// The link of a mail that is being rendered. It takes the place of an older one for the same; so does a password that
/// was drawn for the mail, which is to be changed at the first sign-in.
///
/// # Errors
/// `irreversible` for a mail that was sent or withdrawn, `out_of_reach` where it has nothing to say any more.
pub fn issue_link(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: MailId,
    secret: (SecretId, [u8; 32]),
    password: Option<&PasswordHash>,
) -> Result<Outcome, Fault> {
    let mail = draft.mail(id)?;
    ensure(mail.is_open(), Refused::Irreversible, || format!("mail {id} was sent or withdrawn"))?;
    let gone = |why: &str| Fault::refused(Refused::OutOfReach, format!("mail {id}: {why}"));
    let user = people::user(draft, mail.user)?.filter(|user| user.state == UserState::Active);
    let mut user = user.ok_or_else(|| gone("the user is locked"))?;
    let (kind, life) = setting::link_life(draft, &mail)?.ok_or_else(|| gone("it carries no link"))?;
    if kind == SecretKind::Invitation {
        let account = mail.account.ok_or_else(|| gone("it names no account"))?;
        let membership = people::membership(draft, account, user.id)?;
        let pending = membership.is_some_and(|one| one.state == MembershipState::Pending);
        pending.then_some(()).ok_or_else(|| gone("the user is not invited any more"))?;
    }
    draft
        .end_all(user.id, |old| discriminant(&old.kind) == discriminant(&kind) && old.account == mail.link_account())?;
    draft.keep(&Secret {
        hash: secret.1,
        id: secret.0,
        kind,
        user: user.id,
        account: mail.link_account(),
        created: context.now,
        expires: context.now.plus(life),
        last_used: context.now,
        from: String::new(),
    });
    if let Some(password) = password {
        ensure(mail.temporary_password, Refused::FieldInvalid, || format!("password: mail {id} has none"))?;
        (user.password, user.must_change) = (Some(password.clone()), true);
        draft.put(&user);
        draft.end_sessions(user.id, None)?;
    }
    // Whoever invites somebody knows the address, and what else its owner is called is not theirs to read (V13).
    let name = if mail.kind == MailKind::Invitation { mail.to.as_str() } else { user.name() };
    let facts = Facts::default().is("user", name).is("mail", mail.kind.name());
    draft.event_with(context, Verb::LinkIssued, &hearers(draft, &mail)?, user.id, facts)?;
    Ok(Outcome::Done)
}

/// A mail server took the mail.
///
/// # Errors
/// [`Fault`].
pub fn sent(draft: &mut Draft<'_>, context: &Context<'_>, id: MailId) -> Result<Outcome, Fault> {
    let before = draft.mail(id)?;
    if before.state == MailState::Sent {
        return Ok(Outcome::Done);
    }
    draft.put_mail(Some(&before), &Mail { state: MailState::Sent, ..before.clone() });
    let facts = Facts::default().is("mail", before.kind.name()).is("to", &before.to);
    draft.event_with(context, Verb::MailSent, &hearers(draft, &before)?, id, facts)?;
    Ok(Outcome::Done)
}

/// A try failed. While another one is to come nothing has changed but the outbox, and no Event says so.
///
/// # Errors
/// [`Fault`].
pub fn failed(
    draft: &mut Draft<'_>,
    context: &Context<'_>,
    id: MailId,
    error: &str,
    next_try: Option<Time>,
) -> Result<Outcome, Fault> {
    let before = draft.mail(id)?;
    if !before.is_open() {
        return Ok(Outcome::Done);
    }
    let after = Mail {
        state: if next_try.is_some() { MailState::Waiting } else { MailState::Failed },
        tries: before.tries.saturating_add(1),
        next_try: next_try.unwrap_or(before.next_try),
        last_error: error.chars().take(ERROR_LEN_MAX).collect(),
        ..before.clone()
    };
    draft.put_mail(Some(&before), &after);
    if next_try.is_none() {
        let facts = Facts::default().is("mail", after.kind.name()).is("to", &after.to).is("error", &after.last_error);
        draft.event_with(context, Verb::MailFailed, &hearers(draft, &after)?, id, facts)?;
    }
    Ok(Outcome::Done)
}

/// Whose Events a mail's are: those of the account it is about, or else its reader's.
fn hearers(draft: &Draft<'_>, mail: &Mail) -> Result<Vec<AccountId>, Fault> {
    mail.account.map_or_else(|| sides(draft, mail.user), |account| Ok(vec![account]))
}

impl Draft<'_> {
    /// Posts a mail. An older one that says the same to the same user is withdrawn.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn post(
        &mut self,
        context: &Context<'_>,
        kind: MailKind,
        user: &User,
        account: Option<AccountId>,
    ) -> Result<Mail, Fault> {
        self.post_to(context, kind, user, account, user.email.clone())
    }

    /// [`Draft::post`] to another address than the user's.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn post_to(
        &mut self,
        context: &Context<'_>,
        kind: MailKind,
        user: &User,
        account: Option<AccountId>,
        to: String,
    ) -> Result<Mail, Fault> {
        self.withdraw(user.id, |older| older.kind == kind && older.account == account)?;
        self.enqueue(context, kind, user, account, to)
    }

    /// Posts a mail beside older ones of its kind.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn enqueue(
        &mut self,
        context: &Context<'_>,
        kind: MailKind,
        user: &User,
        account: Option<AccountId>,
        to: String,
    ) -> Result<Mail, Fault> {
        let head = find::<MailHead>(self, MailHead::KEY)?.unwrap_or_default();
        let mail = Mail {
            id: MailId(head.last.0 + 1),
            kind,
            user: user.id,
            to,
            account,
            temporary_password: false,
            created: context.now,
            state: MailState::Waiting,
            tries: 0,
            next_try: context.now,
            last_error: String::new(),
        };
        self.put(&MailHead { last: mail.id });
        self.put_mail(None, &mail);
        Ok(mail)
    }

    /// Withdraws mails to a user that may still be sent.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn withdraw(&mut self, user: UserId, which: impl Fn(&Mail) -> bool) -> Result<(), Fault> {
        for mail in people::mails_open(self, user)?.into_iter().filter(which) {
            self.put_mail(Some(&mail), &Mail { state: MailState::Withdrawn, ..mail.clone() });
        }
        Ok(())
    }

    /// Writes a mail and its indexes.
    pub fn put_mail(&mut self, before: Option<&Mail>, after: &Mail) {
        let own = [&after.user.bytes()[..], &after.id.0.to_be_bytes()].concat();
        if let Some(before) = before.filter(|mail| mail.is_waiting()) {
            self.delete(Table::OutboxDue, before.due_key());
        }
        if after.is_waiting() {
            self.put_raw(Table::OutboxDue, after.due_key(), vec![]);
        }
        if after.is_open() {
            self.put_raw(Table::UserMails, own, vec![]);
        } else {
            self.delete(Table::UserMails, own);
        }
        self.put(after);
    }

    fn mail(&self, id: MailId) -> Result<Mail, Fault> {
        people::mail(self, id)?.ok_or_else(|| Fault::refused(Refused::OutOfReach, format!("no mail {id}")))
    }
}
