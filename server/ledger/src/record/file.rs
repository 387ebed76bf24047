//! Licence files: what was signed for a request, byte for byte.

use crate::record::id::AccountId;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::{ActivationId, Digest, Time};
use serde::{Deserialize, Serialize};

/// A licence file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseFile {
    /// Whose.
    pub account: AccountId,
    /// SHA-256 of the request's COSE bytes; unique in an account.
    pub request: Digest,
    /// The activation it made or changed.
    pub activation: ActivationId,
    /// Its sequence number there.
    pub seq: u32,
    /// The signed COSE bytes.
    pub bytes: Vec<u8>,
    /// Signed at.
    pub at: Time,
    /// Returned or replaced at; the request is not answered again.
    pub ended: Option<Time>,
}

impl LicenseFile {
    /// The key of a file's row.
    #[must_use]
    pub fn key_of(account: AccountId, request: Digest) -> Vec<u8> {
        [&account.bytes()[..], &request.0].concat()
    }
}

impl Record for LicenseFile {
    const TABLE: Table = Table::Files;
    fn key(&self) -> Vec<u8> {
        Self::key_of(self.account, self.request)
    }
}
