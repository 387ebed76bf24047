//! Secrets of people: sessions, and links that work once. The secret itself is not here: the row's key is its SHA-256.

use crate::record::id::{AccountId, SecretId, UserId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use leasehold_protocol::time::DAY;
use serde::{Deserialize, Serialize};

/// Seconds after which a session ends, used or not, unless the setting `session_hours` says otherwise.
pub const SESSION_LIFE: i64 = 12 * 3600;
/// Seconds after which a session that is not used ends.
pub const SESSION_IDLE: i64 = 30 * 60;
/// Seconds between two records of a session's use: reading a page writes nothing most of the time.
pub const TOUCH_EVERY: i64 = 5 * 60;
/// Seconds a half-finished sign-in waits for the second factor.
pub const SECOND_FACTOR_LIFE: i64 = 10 * 60;
/// Seconds an invitation or a welcome is good, unless the setting `invitation_days` says otherwise.
pub const INVITATION_LIFE: i64 = 14 * DAY;
/// Seconds a link is good that somebody asked for just now, unless the setting `link_hours` says otherwise.
pub const LINK_LIFE: i64 = DAY;

/// What a secret is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// A person who signed in.
    Session,
    /// Joins an account (G24). Good once.
    Invitation,
    /// Sets a password: welcome and reset (A6, V24). Good once.
    SetPassword,
    /// Confirms a new address (G19). Good once.
    ChangeEmail {
        /// The address the link was mailed to.
        to: String,
    },
    /// A password was right, the second factor is awaited. Good once.
    SecondFactor,
}

/// A session or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// Its id, for lists and for closing it; stays when a session's secret is exchanged.
    pub id: SecretId,
    /// What it is for.
    pub kind: SecretKind,
    /// Whose.
    pub user: UserId,
    /// The account it is about: invitations.
    pub account: Option<AccountId>,
    /// Made at.
    pub created: Time,
    /// Good until.
    pub expires: Time,
    /// When it was last used, to within [`TOUCH_EVERY`].
    pub last_used: Time,
    /// From where it was last used: an address, or empty.
    pub from: String,
}

impl Secret {
    /// It is good at `now`: neither over nor, a session, idle for too long.
    #[must_use]
    pub fn is_good(&self, now: Time) -> bool {
        let idle = self.kind == SecretKind::Session && now >= self.last_used.plus(SESSION_IDLE);
        now < self.expires && !idle
    }
}

impl Record for Secret {
    const TABLE: Table = Table::Secrets;
    fn key(&self) -> Vec<u8> {
        self.hash.to_vec()
    }
}
