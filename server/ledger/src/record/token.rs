//! API tokens: who may speak for an account, and as what.

use crate::actor::Role;
use crate::record::id::{AccountId, TokenId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Seconds between two records of a token's use: most calls write nothing.
pub const TOUCH_EVERY: i64 = 15 * 60;

/// A token. Its secret is not here: the row's key is the secret's SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Its id, for lists and revocation.
    pub id: TokenId,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// What people call it.
    pub name: String,
    /// The account it speaks for.
    pub account: AccountId,
    /// As what.
    pub role: Role,
    /// Made at.
    pub created: Time,
    /// Good until.
    pub expires: Option<Time>,
    /// What of the API it is for, in the API's own words; none for all of it.
    pub scopes: Option<BTreeSet<String>>,
    /// When it was last used, to within [`TOUCH_EVERY`].
    pub last_used: Option<Time>,
}

impl Token {
    /// A use at `now` is worth a note.
    #[must_use]
    pub fn is_touched(&self, now: Time) -> bool {
        self.last_used.is_none_or(|last| now >= last.plus(TOUCH_EVERY))
    }
}

impl Record for Token {
    const TABLE: Table = Table::Tokens;
    fn key(&self) -> Vec<u8> {
        self.hash.to_vec()
    }
}
