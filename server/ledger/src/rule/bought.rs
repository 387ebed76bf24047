//! The key that a line of an order comes with: an Activation ID of its own (V3), or a permission key, which several lines of
//! one order may share (G1).

use crate::apply::Context;
use crate::draft::{Draft, Fault, ensure};
use crate::record::key::HOLDINGS_MAX;
use crate::record::*;
use crate::rule::lot::Line;
use leasehold_protocol::Refused;

impl Draft<'_> {
    /// Writes the key of a line whose lot is written.
    ///
    /// # Errors
    /// `bad_quantity`, `key_format`, `key_taken`, or [`Fault::Store`].
    pub fn key_of_line(
        &mut self,
        context: &Context<'_>,
        account: &Account,
        order: &str,
        line: &Line,
    ) -> Result<(), Fault> {
        if let Some(mut key) = self.record::<Key>(line.key.bytes())? {
            let first = key.holding().map(|id| self.holding(id)).transpose()?;
            let is_here = first.is_some_and(|lot| lot.order.as_deref() == Some(order));
            let shared = is_here && [key.kind, line.kind] == [KeyKind::PermissionKey; 2];
            ensure(shared, Refused::KeyTaken, || "only lines of one order share a permission key".to_owned())?;
            let room = key.holdings.len() < HOLDINGS_MAX;
            ensure(room, Refused::BadQuantity, || format!("more than {HOLDINGS_MAX} lines under one key"))?;
            key.holdings.push(line.lot);
            self.put(&key);
            return Ok(());
        }
        let code = self.new_code(&line.code, line.key)?;
        let key = Key::new(line.key, line.kind, code, account.name().to_owned(), account.id, context.now);
        self.put(&Key { holdings: vec![line.lot], ..key });
        Ok(())
    }
}
