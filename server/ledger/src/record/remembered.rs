//! What is remembered of a request that named an idempotency key: what it did, and how it was answered.

use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Seconds a request is remembered.
pub const REMEMBERED_FOR: i64 = 24 * 3600;

/// Bytes of a [`IdempotencyKey`] that name the caller.
const CALLER_LEN: usize = 16;

/// Whose request, under which key: two hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct IdempotencyKey {
    /// A hash of who calls.
    pub caller: [u8; CALLER_LEN],
    /// SHA-256 of the key.
    pub key: [u8; 32],
}

impl IdempotencyKey {
    /// The row's key.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        [&self.caller[..], &self.key].concat()
    }
}

/// A request that named an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Whose, under which key.
    pub place: IdempotencyKey,
    /// A keyed hash of what was asked.
    pub request: [u8; 32],
    /// What its ids were drawn from, so that asking again draws the same. Nothing secret is drawn from it.
    pub seed: [u8; 32],
    /// First asked at.
    pub at: Time,
    /// Its commands that were carried out, by their number, each with the file it signed.
    pub done: BTreeMap<u32, Option<Vec<u8>>>,
    /// How it was answered; none if the server ended in between.
    pub answer: Option<KeptAnswer>,
}

impl Remembered {
    /// Whether it is so old that it counts no more.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        now.0 >= self.at.0.saturating_add(REMEMBERED_FOR)
    }

    /// The key of its row in the order of ages.
    #[must_use]
    pub fn age_key(&self) -> Vec<u8> {
        [&self.at.0.to_be_bytes()[..], &self.place.bytes()].concat()
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeptAnswer {
    /// As it was sent.
    Sent {
        /// The HTTP status.
        status: u16,
        /// Names and values of the headers that belong to it.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// It held a secret, which is not kept.
    Secret,
}

impl Record for Remembered {
    const TABLE: Table = Table::Remembered;
    fn key(&self) -> Vec<u8> {
        self.place.bytes()
    }
}
