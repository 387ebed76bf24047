//! Accounts: one tree from the vendor down to its end customers (A11-A20, I4).

use crate::record::id::AccountId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Levels of the tree, the vendor's included (A14).
pub const DEPTH_MAX: usize = 8;

/// What an account is; never changes (A17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The installation's owner, the root of the tree.
    Vendor,
    /// May have accounts below it.
    Reseller,
    /// Uses licences for its own devices (A12).
    EndCustomer,
}

/// Whether anything new may happen (A18-A20).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// Everything may.
    Active,
    /// Renewals, downloads and releases go on; nothing new (I5).
    Inactive,
}

/// What may be changed of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    /// Unique under its parent after trim, NFC and case folding (A15).
    pub name: String,
    /// Information only (A33).
    pub email: Option<String>,
    /// For the parent's side only (A35).
    pub notes: String,
    /// Starts every licensee name (H17).
    pub key_prefix: Option<String>,
    /// The products it may use; none for all its parent may (T33).
    pub products: Option<BTreeSet<String>>,
    /// May create end customers (A25, V17).
    pub may_create_customers: bool,
    /// May create resellers (A14).
    pub may_create_resellers: bool,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The account above it; none for the vendor.
    pub parent: Option<AccountId>,
    /// What it is.
    pub kind: AccountKind,
    /// Whether anything new may happen.
    pub status: AccountStatus,
    /// False for a personal account, an account of one. A user is in one organisation at most (G28).
    pub organisation: bool,
    /// What a device sends to be announced in this account; none before an administrator asked for one.
    pub enrolment: Option<String>,
    /// When it was deleted: then nobody reaches it, and nothing is in it.
    pub deleted: Option<Time>,
    /// What may be changed.
    pub profile: Profile,
}

impl Account {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.profile.name
    }
}

impl Record for Account {
    const TABLE: Table = Table::Accounts;
    fn key(&self) -> Vec<u8> {
        self.id.bytes().to_vec()
    }
}
