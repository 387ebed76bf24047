//! Devices: where a key is used (A5, A22).

use crate::record::id::AccountId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::claims::Fingerprint;
use leasehold_protocol::{DeviceId, PublicKey, Time};
use serde::{Deserialize, Serialize};

/// A device, as one account knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Whose.
    pub account: AccountId,
    /// Hash of its public key.
    pub id: DeviceId,
    /// Its public key.
    pub public: PublicKey,
    /// What people call it.
    pub name: Option<String>,
    /// Salted hashes of its parts, as first reported.
    pub fingerprint: Fingerprint,
    /// First heard.
    pub first_seen: Time,
}

impl Device {
    /// The key of a device's row.
    #[must_use]
    pub fn key_of(account: AccountId, device: DeviceId) -> Vec<u8> {
        [&account.bytes()[..], &device.0].concat()
    }

    /// Less than half of the fingerprint is left (I6).
    #[must_use]
    pub fn is_changed(&self, now: &Fingerprint) -> bool {
        let left = self.fingerprint.iter().filter(|(component, hash)| now.get(*component) == Some(*hash)).count();
        !self.fingerprint.is_empty() && left * 2 < self.fingerprint.len()
    }
}

impl Record for Device {
    const TABLE: Table = Table::Devices;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.account, self.id)
    }
}
