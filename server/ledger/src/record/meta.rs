//! Rows there is one of.

use crate::record::id::AccountId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// The installation. Written once, when the store is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Its name in every signed artefact (`iss`).
    pub iss: String,
    /// The root of the account tree.
    pub vendor: AccountId,
    /// Rises when the store was restored from a backup.
    pub epoch: u32,
    /// Made at.
    pub created: Time,
}

impl Installation {
    /// The row's key.
    pub const KEY: &'static [u8] = b"installation";
}

impl Record for Installation {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}

/// The time of a commit, written with one an hour: what a clock is held against when the server starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCommit {
    /// The time.
    pub at: Time,
}

impl LastCommit {
    /// The row's key.
    pub const KEY: &'static [u8] = b"last_commit";
}

impl Record for LastCommit {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}

/// The end of the chain of Events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventHead {
    /// The last Event's number; 0 before the first.
    pub number: u64,
    /// SHA-256 of its row.
    pub hash: [u8; 32],
}

impl EventHead {
    /// The row's key.
    pub const KEY: &'static [u8] = b"event_head";
}

impl Record for EventHead {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}
