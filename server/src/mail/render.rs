//! From a row of the outbox to a letter. What is secret in it is drawn here and goes nowhere but into the letter: the store
//! gets hashes.

use super::letter::Letter;
use super::seats;
use super::words::{self, Link, Sheet};
use crate::app::App;
use crate::config::{self, PortalAddress};
use crate::identity::hashing::NotHashed;
use crate::identity::secret::LINK_PREFIX;
use crate::identity::{Password, Secret};
use crate::random;
use crate::writer::NotWritten;
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::command::people::People;
use leasehold_ledger::record::{Account, AccountId, Mail, MailKind, PasswordHash, SecretId, SecretKind, User};
use leasehold_ledger::rule::setting::link_life;
use leasehold_ledger::store::StoreError;
use leasehold_ledger::view::{find, installation};
use thiserror::Error;
use zeroize::Zeroizing;

/// What a temporary password is made of: what is mistaken for nothing else when it is read out.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Letters in a temporary password: 80 bits.
const TEMPORARY_LEN: usize = 16;

/// There is no letter.
#[derive(Debug, Error)]
pub enum NotRendered {
    /// The store cannot be read, or what the mail is about is not in it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The link was not stored.
    #[error(transparent)]
    NotWritten(#[from] NotWritten),
    /// The temporary password was not hashed.
    #[error(transparent)]
    NotHashed(#[from] NotHashed),
    /// A template failed.
    #[error(transparent)]
    Template(#[from] askama::Error),
}

/// A letter and whom it is for.
#[derive(Debug)]
pub struct Rendered {
    /// The letter, with a link that was drawn for it.
    pub letter: Letter,
    /// What the person is called; may be empty.
    pub name: String,
}

/// Renders a mail as `actor`. Links of the same kind in older copies of it no longer work from then on.
///
/// # Errors
/// [`NotRendered`].
pub async fn render(
    app: &App,
    (settings, portal): (&config::Mail, &PortalAddress),
    (actor, mail): (Actor, &Mail),
) -> Result<Rendered, NotRendered> {
    let mut sheet = sheet(app, portal, mail)?;
    let link = link_life(app.view()?.as_ref(), mail)?;
    if let Some((kind, life)) = link {
        let secret = Secret::drawn(LINK_PREFIX);
        let now = app.clock.now();
        let temporary = mail.temporary_password.then(temporary_password);
        let password = match &temporary {
            None => None,
            Some(text) => Some(PasswordHash(app.identity.hasher.hash(&Password::new(text)).await?)),
        };
        let issue = People::IssueLink { mail: mail.id, id: SecretId(random::id(now)), hash: secret.hash, password };
        app.send(actor, Command::People(Box::new(issue))).await?;
        let address = format!("{portal}/{}?link={}", page(&kind), secret.text);
        sheet.link = Some(Link { address, expires: now.plus(life) });
        sheet.temporary_password = temporary;
    }
    let name = words::full_name(&sheet.user.person);
    Ok(Rendered { letter: words::letter(mail.kind, &settings.subjects, &sheet), name })
}

fn sheet(app: &App, portal: &PortalAddress, mail: &Mail) -> Result<Sheet, StoreError> {
    let view = app.view()?;
    let nowhere = || StoreError::Io(format!("mail {} is about something that is not there", mail.id));
    let account = |id: AccountId| find::<Account>(view.as_ref(), id.bytes())?.ok_or_else(nowhere);
    let vendor = account(installation(view.as_ref())?.vendor)?.profile.name;
    Ok(Sheet {
        vendor,
        portal: portal.clone(),
        user: find::<User>(view.as_ref(), mail.user.bytes())?.ok_or_else(nowhere)?,
        account: mail.account.map(account).transpose()?.map(|account| account.profile.name),
        link: None,
        temporary_password: None,
        seats: match mail.kind {
            MailKind::SeatGranted | MailKind::SeatTakenBack => seats::of(view.as_ref(), mail.user, mail.account)?,
            _ => Vec::new(),
        },
        notice: find(view.as_ref(), &mail.id.0.to_be_bytes())?,
    })
}

/// The portal's page for a link.
fn page(kind: &SecretKind) -> &'static str {
    match kind {
        SecretKind::Invitation => "invitation",
        SecretKind::ChangeEmail { .. } => "email",
        SecretKind::SetPassword | SecretKind::Session | SecretKind::SecondFactor => "password",
    }
}

/// A password to begin with, in groups of four.
fn temporary_password() -> Zeroizing<String> {
    let drawn = Zeroizing::new(random::bytes::<TEMPORARY_LEN>());
    let letters = drawn.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let mut text = Zeroizing::new(String::with_capacity(TEMPORARY_LEN + TEMPORARY_LEN / 4));
    for (at, letter) in letters.enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push('-');
        }
        text.push(letter);
    }
    text
}
