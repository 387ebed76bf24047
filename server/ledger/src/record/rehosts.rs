//! Rehosts: what keeps an account going where devices died, and how often it was drawn on.

use crate::record::id::{AccountId, HoldingId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// Times remembered: as many as a period may have rehosts.
pub const REHOSTS_MAX: u32 = 1000;

/// An account's rehosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rehosts {
    /// Whose.
    pub account: AccountId,
    /// Its reserves, one a compat.
    pub reserves: Vec<HoldingId>,
    /// When devices were rehosted, oldest first, as far back as the period went at the last of them.
    pub at: Vec<Time>,
}

impl Rehosts {
    /// None yet.
    #[must_use]
    pub fn none(account: AccountId) -> Self {
        Self { account, reserves: Vec::new(), at: Vec::new() }
    }
}

impl Record for Rehosts {
    const TABLE: Table = Table::Rehosts;
    fn key(&self) -> Vec<u8> {
        self.account.bytes().to_vec()
    }
}
