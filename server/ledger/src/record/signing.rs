//! What the installation signs with: the keyset in force, and which of its keys are in use.

use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Kid;
use serde::{Deserialize, Serialize};

/// The keyset in force. The store is what counts; the file beside the keys follows it. Until a first keyset was imported there is
/// none here, and the file alone says what is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signing {
    /// The keyset's version.
    pub version: u32,
    /// The keyset as the root signed it: COSE bytes, 16 KiB at most.
    pub keyset: Vec<u8>,
    /// The key that signs leases, refusals and receipts.
    pub lease: Kid,
    /// The key that signs licence files.
    pub file: Kid,
}

impl Signing {
    /// The row's key.
    pub const KEY: &'static [u8] = b"signing";
}

impl Record for Signing {
    const TABLE: Table = Table::Meta;
    fn key(&self) -> Vec<u8> {
        Self::KEY.to_vec()
    }
}
