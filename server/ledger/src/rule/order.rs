//! Lines of orders: which lots an order's number stands on, whoever has them now.

use crate::draft::Draft;
use crate::record::HoldingId;
use crate::store::{Read, StoreError, Table};
use crate::view::seconds;
use uuid::Uuid;

/// The key of a line; no number has a zero byte in it.
#[must_use]
pub fn line_key(entitlement: &str, lot: HoldingId) -> Vec<u8> {
    [&prefix(entitlement)[..], &lot.bytes()[..]].concat()
}

fn prefix(entitlement: &str) -> Vec<u8> {
    [entitlement.as_bytes(), &[0]].concat()
}

/// The lots of an order, in its lines' order.
///
/// # Errors
/// [`StoreError`].
pub fn lines(view: &dyn Read, entitlement: &str) -> Result<Vec<HoldingId>, StoreError> {
    let ids = seconds(view, Table::OrderLines, &prefix(entitlement))?;
    Ok(ids.into_iter().map(|id| HoldingId(Uuid::from_bytes(id))).collect())
}

impl Draft<'_> {
    /// A lot is a line of an order: to be called with every lot that is made with an order's number on it.
    pub fn put_line(&mut self, entitlement: &str, lot: HoldingId) {
        self.put_raw(Table::OrderLines, line_key(entitlement, lot), vec![]);
    }
}
