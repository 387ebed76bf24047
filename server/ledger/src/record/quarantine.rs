//! What the store knows about not knowing everything: it was rolled back, and leases may be out that it never heard of.

use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use leasehold_protocol::time::DAY;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds nothing is renewed, so that whoever holds a newer lease can show it: 48 hours, or a product's lease term if that
/// is shorter.
pub const WATCH: i64 = 2 * DAY;
/// Seconds nothing is moved and no file is issued. What a product's leases may do is bound by their own term.
pub const REST: i64 = 14 * DAY;

/// How the store came to doubt itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// It was restored from a backup.
    Restored,
    /// Its anchor has seen later Events, or others.
    Behind,
    /// Its anchor is of another epoch.
    OtherEpoch,
    /// Its anchor is gone.
    NoAnchor,
    /// A device proved a lease that is later than the store's own record of it.
    LaterLease,
}

impl fmt::Display for Doubt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Doubt::Restored => "it was restored from a backup",
            Doubt::Behind => "it is behind its anchor",
            Doubt::OtherEpoch => "its anchor is of another epoch",
            Doubt::NoAnchor => "its anchor is gone",
            Doubt::LaterLease => "a device proved a later lease than it has on record",
        })
    }
}

/// The quarantine, running or over. There is no row before the first and after one that the operator ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// When it began.
    pub since: Time,
    /// Why.
    pub doubt: Doubt,
}

impl Quarantine {
    /// The row's key.
    pub const KEY: &'static [u8] = b"quarantine";

    /// When leases with this term are renewed again.
    #[must_use]
    pub fn watch_ends(&self, lease_term: i64) -> Time {
        self.since.plus(WATCH.min(lease_term))
    }

    /// When leases with this term may grow and begin again: by then none is alive that was signed before.
    #[must_use]
    pub fn rest_ends(&self, lease_term: i64) -> Time {
        self.since.plus(lease_term)
    }

    /// When units move and files are issued again.
    #[must_use]
    pub fn ends(&self) -> Time {
        self.since.plus(REST)
    }
}

impl Record for Quarantine {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}

/// The store has an anchor: one that is missing was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchored {
    /// Since when.
    pub since: Time,
}

impl Anchored {
    /// The row's key.
    pub const KEY: &'static [u8] = b"anchored";
}

impl Record for Anchored {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}
