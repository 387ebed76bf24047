//! A device goes on with another licence of its key: the one it had was deleted, exchanged, or is over.

use crate::draft::{Draft, Fault};
use crate::record::{Activation, Holding};
use crate::store::Table;
use leasehold_protocol::Time;

impl Draft<'_> {
    /// The activation, with `home` as its home. It stays where it is while anything is charged there; what it carries elsewhere it
    /// goes on carrying.
    ///
    /// # Errors
    /// [`Fault::Store`].
    pub fn rehomed(&mut self, activation: Activation, home: &Holding, now: Time) -> Result<Activation, Fault> {
        if activation.holding == home.id {
            return Ok(activation);
        }
        self.sweep(activation.holding, now)?;
        let before = self.record::<Activation>(&activation.id.0)?.unwrap_or(activation);
        if !before.charged.is_none() {
            return Ok(before);
        }
        let row = |holding: &[u8; 16]| [&holding[..], &before.id.0].concat();
        for table in [Table::HoldingActivations, Table::OpenActivations] {
            self.delete(table, row(before.holding.bytes()));
        }
        self.put_raw(Table::HoldingActivations, row(home.id.bytes()), vec![]);
        let after = Activation { holding: home.id, ..before.clone() };
        self.put_activation(&before, &after)?;
        Ok(after)
    }
}
