//! Users: people who sign in (A43-A53, T1, T29-T33, V8-V25).

use crate::record::id::UserId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a password was hashed to: a PHC string. It is shown by nothing, `Debug` included (R15).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PasswordHash(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("PasswordHash(..)")
    }
}

/// The secret that a person's authenticator shares with the server (RFC 6238). Shown by nothing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TotpSecret(pub Vec<u8>);

impl fmt::Debug for TotpSecret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TotpSecret(..)")
    }
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totp {
    /// What the codes are made from.
    pub secret: TotpSecret,
    /// The person has shown one code; only then is one asked for at sign-in.
    pub confirmed: bool,
    /// SHA-256 of the recovery codes that are left; each is good once.
    pub recovery: Vec<[u8; 32]>,
    /// The time step of the last code that was taken: it and those before it are not taken again.
    pub last_step: u64,
}

/// Whether a person may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// May.
    Active,
    /// May not, by an administrator's word; failed sign-ins never lock anybody.
    Locked,
}

/// Names and how to reach somebody (V18, V23).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// First name; may be empty.
    pub first_name: String,
    /// Last name; may be empty.
    pub last_name: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// The company the person works for; may be empty.
    pub company: String,
}

/// A person who signs in, by username or by email.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// Unique after folding, without `@`; people invited by email may have none.
    pub username: Option<String>,
    /// Unique after folding. Administrators cannot change it (V19); the person can, by a link mailed to the new one (G19).
    pub email: String,
    /// Names and contact.
    pub person: Person,
    /// None until the person has set one: then there is no signing in.
    pub password: Option<PasswordHash>,
    /// The password was given by somebody else and is to be changed before anything else is done (A52).
    pub must_change: bool,
    /// The second factor, from the moment it is begun.
    pub totp: Option<Totp>,
    /// Whether it may sign in.
    pub state: UserState,
    /// Made at.
    pub created: Time,
    /// When a session of it was last used, to within [`crate::record::secret::TOUCH_EVERY`].
    pub last_seen: Option<Time>,
}

impl User {
    /// The name to show: the username, or the email of somebody without one.
    #[must_use]
    pub fn name(&self) -> &str {
        self.username.as_deref().unwrap_or(&self.email)
    }

    /// The second factor that a sign-in asks for.
    #[must_use]
    pub fn second_factor(&self) -> Option<&Totp> {
        self.totp.as_ref().filter(|totp| totp.confirmed)
    }
}

impl Record for User {
    const TABLE: Table = Table::Users;
    fn key(&self) -> Vec<u8> {
        self.id.bytes().to_vec()
    }
}
