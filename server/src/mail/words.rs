//! What each kind of mail says.

use super::letter::{Block, Letter, one_line};
use super::notice;
use crate::config::{PortalAddress, Subjects};
use leasehold_ledger::record::{MailKind, MailNotice, Person, User};
use leasehold_protocol::Time;
use zeroize::Zeroizing;

/// What the words are made from. Names stand here as they were given.
#[derive(Debug)]
pub struct Sheet {
    /// The vendor's name.
    pub vendor: String,
    /// Where the portal is.
    pub portal: PortalAddress,
    /// To whom.
    pub user: User,
    /// The name of the account it is about.
    pub account: Option<String>,
    /// The link that works once.
    pub link: Option<Link>,
    /// The password to begin with.
    pub temporary_password: Option<Zeroizing<String>>,
    /// The seats it tells of.
    pub seats: Vec<super::seats::Seat>,
    /// What there is to tell of licences and consoles.
    pub notice: Option<MailNotice>,
}

/// A link that works once.
#[derive(Debug)]
pub struct Link {
    /// What is opened.
    pub address: String,
    /// Good until.
    pub expires: Time,
}

/// The letter of this kind.
#[must_use]
pub fn letter(kind: MailKind, subjects: &Subjects, sheet: &Sheet) -> Letter {
    let subject = match kind {
        MailKind::Welcome => &subjects.welcome,
        MailKind::Invitation => &subjects.invitation,
        MailKind::Reset => &subjects.reset,
        MailKind::ChangeEmail => &subjects.change_email,
        MailKind::AddressChanged => &subjects.address_changed,
        MailKind::ResellerWelcome => &subjects.reseller_welcome,
        MailKind::PasswordChanged => &subjects.password_changed,
        MailKind::SeatGranted => &subjects.seat_granted,
        MailKind::SeatTakenBack => &subjects.seat_taken_back,
        MailKind::LicencesEnding => &subjects.licences_ending,
        MailKind::MaintenanceEnding => &subjects.maintenance_ending,
        MailKind::ConsolesSilent => &subjects.consoles_silent,
    };
    let words = match kind {
        MailKind::Welcome => welcome(sheet, "An account was made for you"),
        MailKind::ResellerWelcome => welcome(sheet, "You can now sell and manage licences"),
        MailKind::Invitation => invitation(sheet),
        MailKind::Reset => reset(sheet),
        MailKind::ChangeEmail => change_email(sheet),
        MailKind::AddressChanged => address_changed(sheet),
        MailKind::PasswordChanged => password_changed(sheet),
        MailKind::SeatGranted => super::seats::granted(sheet),
        MailKind::SeatTakenBack => super::seats::taken_back(sheet),
        MailKind::LicencesEnding | MailKind::MaintenanceEnding | MailKind::ConsolesSilent => notice::words(kind, sheet),
    };
    let vendor = one_line(&sheet.vendor);
    let greeting = match one_line(&full_name(&sheet.user.person)) {
        name if name.is_empty() => "Hello,".to_owned(),
        name => format!("Hello {name},"),
    };
    let mut blocks = vec![Block::Text(greeting)];
    blocks.extend(words);
    Letter {
        subject: one_line(&subject.line(&vendor)),
        blocks,
        footer: format!("Sent by the licence portal of {vendor}, {}", sheet.portal),
    }
}

/// What somebody is called; empty if nobody said.
#[must_use]
pub fn full_name(person: &Person) -> String {
    format!("{} {}", person.first_name, person.last_name).trim().to_owned()
}

/// A6, A52, T31: name, portal, link, and a password if one was asked for.
fn welcome(sheet: &Sheet, why: &str) -> Vec<Block> {
    let vendor = one_line(&sheet.vendor);
    let mut facts = vec![("Login", one_line(sheet.user.name())), ("Portal", sheet.portal.to_string())];
    facts.extend(account(sheet));
    facts.extend(sheet.temporary_password.as_ref().map(|password| ("Temporary password", password.to_string())));
    let mut blocks = vec![Block::Text(format!("{why} at {vendor}.")), Block::Facts(facts)];
    blocks.extend(opened("Choose your password with this link", sheet));
    if sheet.temporary_password.is_some() {
        blocks.push(text("Or sign in with the temporary password; you will be asked for one of your own."));
    }
    blocks.push(text("If the link is over, ask for a new one in the portal with \"Forgot password\"."));
    blocks
}

/// G24, V6, V22.
fn invitation(sheet: &Sheet) -> Vec<Block> {
    let vendor = one_line(&sheet.vendor);
    let mut blocks = vec![Block::Text(format!("You are invited to share the licences of an account at {vendor}."))];
    blocks.extend(account(sheet).map(|account| Block::Facts(vec![account])));
    blocks.extend(opened("Accept with this link", sheet));
    blocks.push(text("If you do not know the account, do nothing: you join nothing without the link."));
    blocks
}

/// V24.
fn reset(sheet: &Sheet) -> Vec<Block> {
    let mut blocks = vec![
        text("Somebody, we hope you, asked for a new password."),
        Block::Facts(vec![("Login", one_line(sheet.user.name()))]),
    ];
    blocks.extend(opened("Choose it with this link", sheet));
    blocks.push(text("If it was not you, do nothing: your password stays as it is."));
    blocks
}

/// G19, to the address that is to be.
fn change_email(sheet: &Sheet) -> Vec<Block> {
    let mut blocks = vec![
        text("This address is to become the one you sign in with and get mail at."),
        Block::Facts(vec![("Login so far", one_line(sheet.user.name()))]),
    ];
    blocks.extend(opened("Confirm it with this link", sheet));
    blocks.push(text("If you know nothing of it, do nothing: then nothing changes."));
    blocks
}

/// G19, to the address that was.
fn address_changed(sheet: &Sheet) -> Vec<Block> {
    vec![
        text("The address of your account was changed. Mail goes to the new one from now on."),
        Block::Facts(vec![
            ("New address", one_line(&sheet.user.email)),
            ("Login", one_line(sheet.user.name())),
            ("Portal", sheet.portal.to_string()),
        ]),
        text("If it was not you, tell your administrator at once."),
    ]
}

fn password_changed(sheet: &Sheet) -> Vec<Block> {
    vec![
        text("Your password was changed, and everybody else who was signed in with the old one is signed out."),
        Block::Facts(vec![("Login", one_line(sheet.user.name())), ("Portal", sheet.portal.to_string())]),
        text("If it was not you, choose a new one at once with \"Forgot password\", and tell your administrator."),
    ]
}

/// A paragraph.
pub fn text(words: &str) -> Block {
    Block::Text(words.to_owned())
}

/// The account it is about, as a fact.
pub fn account(sheet: &Sheet) -> Option<(&'static str, String)> {
    sheet.account.as_ref().map(|name| ("Account", one_line(name)))
}

fn opened(what: &str, sheet: &Sheet) -> Vec<Block> {
    let Some(link) = &sheet.link else { return Vec::new() };
    let until = link.expires.to_string();
    vec![Block::Text(format!("{what}. It works once, until {until}:")), Block::Link(link.address.clone())]
}
