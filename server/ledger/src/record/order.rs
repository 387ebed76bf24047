//! Orders: what was bought together (V2).

use crate::row::Record;
use crate::store::Table;
use leasehold_protocol::Time;
use serde::{Deserialize, Serialize};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Unique (V2).
    pub entitlement: String,
    /// The buyer's purchase number.
    pub reference: Option<String>,
    /// Recorded at.
    pub at: Time,
}

impl Record for Order {
    const TABLE: Table = Table::Orders;
    fn key(&self) -> Vec<u8> {
        self.entitlement.clone().into_bytes()
    }
}
