//! API tokens: who may speak for an account, and as what.

use crate::actor::Role;
use crate::record::id::{AccountId, TokenId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

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
}

impl Record for Token {
    const TABLE: Table = Table::Tokens;
    fn key(&self) -> Vec<u8> {
        self.hash.to_vec()
    }
}
