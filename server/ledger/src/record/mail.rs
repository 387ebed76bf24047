//! The outbox: mails to send, and those that were. No secret stands in one: its link is drawn when it is rendered, and the
//! store keeps that link's hash only.

use crate::record::id::{AccountId, UserId};
use crate::record::secret::SecretKind;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A mail's number: they are counted from one, in the order they were posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MailId(pub u64);

impl fmt::Display for MailId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl FromStr for MailId {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// What a mail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// To a new user: name, and a link to set a password (A6, A51, A52).
    Welcome,
    /// To somebody who is asked to join an account (G24, V6, V22).
    Invitation,
    /// A link to set a new password (V24).
    Reset,
    /// To the new address: a link that confirms it (G19).
    ChangeEmail,
    /// To the old address: it was replaced.
    AddressChanged,
    /// To a reseller's first user: name, link, and where the portal is (T31).
    ResellerWelcome,
    /// The password was changed.
    PasswordChanged,
    /// To somebody who was granted a seat: which ones there are now, with their codes (G12).
    SeatGranted,
    /// To somebody from whom a seat was taken back.
    SeatTakenBack,
    /// To administrators: licences end soon.
    LicencesEnding,
    /// To administrators: the days end soon on which upgrades are free.
    MaintenanceEnding,
    /// To administrators: consoles were not heard of for some days.
    ConsolesSilent,
}

impl MailKind {
    /// It tells what is no hurry: those that somebody waits for are sent first.
    #[must_use]
    pub const fn can_wait(self) -> bool {
        matches!(self, Self::Invitation | Self::LicencesEnding | Self::MaintenanceEnding | Self::ConsolesSilent)
    }

    /// The name people and programs see.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            MailKind::Welcome => "welcome",
            MailKind::Invitation => "invitation",
            MailKind::Reset => "reset",
            MailKind::ChangeEmail => "change_email",
            MailKind::AddressChanged => "address_changed",
            MailKind::ResellerWelcome => "reseller_welcome",
            MailKind::PasswordChanged => "password_changed",
            MailKind::SeatGranted => "seat_granted",
            MailKind::SeatTakenBack => "seat_taken_back",
            MailKind::LicencesEnding => "licences_ending",
            MailKind::MaintenanceEnding => "maintenance_ending",
            MailKind::ConsolesSilent => "consoles_silent",
        }
    }
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// To be sent, or to be tried again.
    Waiting,
    /// A mail server took it.
    Sent,
    /// Given up; it may be tried again by hand.
    Failed,
    /// What it says is no longer so, or a newer one says it. Never sent.
    Withdrawn,
}

/// A mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Its number.
    pub id: MailId,
    /// What it says.
    pub kind: MailKind,
    /// To whom.
    pub user: UserId,
    /// Where to: the address at the time it was posted.
    pub to: String,
    /// The account it is about.
    pub account: Option<AccountId>,
    /// A password is to be drawn and mailed with it, to be changed at the first sign-in (A52).
    pub temporary_password: bool,
    /// Posted at.
    pub created: Time,
    /// How far it has come.
    pub state: MailState,
    /// Tries that failed.
    pub tries: u32,
    /// Not to be tried before.
    pub next_try: Time,
    /// Why the last try failed; empty before.
    pub last_error: String,
}

impl Mail {
    /// The link it carries. How long that one is good: [`crate::rule::setting::link_life`].
    #[must_use]
    pub fn link(&self) -> Option<SecretKind> {
        match self.kind {
            MailKind::Welcome | MailKind::ResellerWelcome | MailKind::Reset => Some(SecretKind::SetPassword),
            MailKind::Invitation => Some(SecretKind::Invitation),
            MailKind::ChangeEmail => Some(SecretKind::ChangeEmail { to: self.to.clone() }),
            MailKind::AddressChanged | MailKind::PasswordChanged | MailKind::SeatGranted | MailKind::SeatTakenBack => {
                None
            }
            MailKind::LicencesEnding | MailKind::MaintenanceEnding | MailKind::ConsolesSilent => None,
        }
    }

    /// It is to somebody who did not ask for it just now, so that its link is good for longer.
    #[must_use]
    pub fn invites(&self) -> bool {
        matches!(self.kind, MailKind::Welcome | MailKind::ResellerWelcome | MailKind::Invitation)
    }

    /// It is to be sent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == MailState::Waiting
    }

    /// It may still be sent, if only by hand.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state, MailState::Waiting | MailState::Failed)
    }

    /// The account its link is about.
    #[must_use]
    pub fn link_account(&self) -> Option<AccountId> {
        self.account.filter(|_| self.kind == MailKind::Invitation)
    }

    /// The key of its row among those that wait.
    #[must_use]
    pub fn due_key(&self) -> Vec<u8> {
        [self.next_try.0.to_be_bytes(), self.id.0.to_be_bytes()].concat()
    }
}

impl Record for Mail {
    const TABLE: Table = Table::Outbox;
    fn key(&self) -> Vec<u8> {
        self.id.0.to_be_bytes().to_vec()
    }
}

/// The number of the last mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailHead {
    /// The number; 0 before the first.
    pub last: MailId,
}

impl MailHead {
    /// The row's key.
    pub const KEY: &'static [u8] = b"mail_head";
}

impl Record for MailHead {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}
