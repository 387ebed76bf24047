//! Devices that announced themselves under an account's enrolment code and wait to be licensed (A5).

use crate::record::id::{AccountId, KeyId};
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::claims::Fingerprint;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{DeviceId, PublicKey, Time, Units};
use serde::{Deserialize, Serialize};

/// Devices that one account lets wait.
pub const WAITING_MAX: usize = 1000;
/// Seconds after which a device that was not heard any more is forgotten, and one that was turned away.
pub const FORGOTTEN_AFTER: i64 = 30 * DAY;
/// Seconds after which it is noted again that a waiting device was heard.
const HEARD_NOTE: i64 = 3600;

/// A device that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Under whose code.
    pub account: AccountId,
    /// Hash of its public key.
    pub device: DeviceId,
    /// Its public key.
    pub public: PublicKey,
    /// The product's sku.
    pub product: String,
    /// What it is called, as it said last.
    pub name: Option<String>,
    /// Salted hashes of its parts, as it said last.
    pub fingerprint: Fingerprint,
    /// The product's version, as it said last.
    pub version: String,
    /// First heard.
    pub announced: Time,
    /// Last heard, to the hour; not of one that was turned away.
    pub heard: Time,
    /// What people decided.
    pub verdict: Verdict,
}

/// What people decided about a device that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// Nothing yet.
    Open,
    /// It gets its lease when it asks.
    Licensed(Given),
    /// It is to go away.
    TurnedAway,
}

/// What a waiting device was given. Nothing is charged for it before the device asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// The key.
    pub key: KeyId,
    /// Units of it; none for all it gives.
    pub units: Option<Units>,
    /// When.
    pub at: Time,
}

impl Verdict {
    /// The stable name.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Open => "waiting",
            Verdict::Licensed(_) => "licensed",
            Verdict::TurnedAway => "turned_away",
        }
    }
}

impl Waiting {
    /// The key of a waiting device's row.
    #[must_use]
    pub fn key_of(account: AccountId, device: DeviceId) -> Vec<u8> {
        [&account.bytes()[..], &device.0].concat()
    }

    /// It was not heard for so long that it waits no more.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        now >= self.heard.plus(FORGOTTEN_AFTER)
    }

    /// It is long ago that it was noted that it was heard.
    #[must_use]
    pub fn is_noted_again(&self, now: Time) -> bool {
        now >= self.heard.plus(HEARD_NOTE)
    }

    /// What it was given.
    #[must_use]
    pub fn given(&self) -> Option<&Given> {
        match &self.verdict {
            Verdict::Licensed(given) => Some(given),
            _ => None,
        }
    }
}

impl Record for Waiting {
    const TABLE: Table = Table::WaitingDevices;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.account, self.device)
    }
}
