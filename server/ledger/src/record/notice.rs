//! Notices: what an account's administrators were told of by mail, and what such a mail says.

use crate::record::mail::{MailId, MailKind};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// Units end soon.
    Ending,
    /// The days end soon on which upgrades are free.
    Maintenance,
    /// A console was not heard of for some days.
    Silent,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: [NoticeKind; 3] = [NoticeKind::Ending, NoticeKind::Maintenance, NoticeKind::Silent];

    /// The mail that tells it.
    #[must_use]
    pub const fn mail(self) -> MailKind {
        match self {
            NoticeKind::Ending => MailKind::LicencesEnding,
            NoticeKind::Maintenance => MailKind::MaintenanceEnding,
            NoticeKind::Silent => MailKind::ConsolesSilent,
        }
    }

    const fn byte(self) -> u8 {
        match self {
            NoticeKind::Ending => 0,
            NoticeKind::Maintenance => 1,
            NoticeKind::Silent => 2,
        }
    }
}

/// What was told last of something, so that it is told once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What kind of notice.
    pub kind: NoticeKind,
    /// Of what: (account, holding), (account, device), or the account itself, for the day of the last mail to it.
    pub subject: Vec<u8>,
    /// The end that was told; of a console, when it was last heard; of an account, the beginning of the day.
    pub of: Time,
    /// So many days ahead, or after.
    pub days: u32,
}

impl Notice {
    /// The key of a notice's row.
    #[must_use]
    pub fn key_of(kind: NoticeKind, subject: &[u8]) -> Vec<u8> {
        [&[kind.byte()], subject].concat()
    }
}

impl Record for Notice {
    const TABLE: Table = Table::Notices;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.kind, &self.subject)
    }
}

/// One line of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    /// What it is called.
    pub name: String,
    /// The products' skus.
    pub products: Vec<String>,
    /// Units, for people; empty for a console.
    pub units: String,
    /// When it ends; of a console, when it was last heard.
    pub at: Time,
}

/// What the notice in a mail says, as it was when it was posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailNotice {
    /// In which mail.
    pub mail: MailId,
    /// What ends, or who is silent: the first of them.
    pub lines: Vec<NoticeLine>,
    /// How many more there are.
    pub more: u32,
}

impl Record for MailNotice {
    const TABLE: Table = Table::MailNotices;
    fn key(&self) -> Vec<u8> {
        self.mail.0.to_be_bytes().to_vec()
    }
}
