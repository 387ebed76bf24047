//! Revisions of a product: what it was, each time it changed.

use crate::record::product::Product;
use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// A product as it was from some moment on. The one with the highest number is what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// From 1 without gaps.
    pub number: u32,
    /// Since when.
    pub at: Time,
    /// What it said.
    pub product: Product,
}

impl Revision {
    /// What the keys of a product's revisions start with; no sku has a zero byte in it.
    #[must_use]
    pub fn prefix(sku: &str) -> Vec<u8> {
        [sku.as_bytes(), &[0]].concat()
    }
}

impl Record for Revision {
    const TABLE: Table = Table::ProductRevisions;
    fn key(&self) -> Vec<u8> {
        [&Self::prefix(&self.product.sku)[..], &self.number.to_be_bytes()].concat()
    }
}
