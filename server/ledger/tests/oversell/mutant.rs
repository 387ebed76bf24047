//! The obvious rule, as a thing that goes wrong after every command: whatever is not in an activation's last lease is forgotten, and
//! what a quota gave up looks free.

use leasehold_ledger::charge::due_key;
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{StoreError, Table, Write};
use leasehold_ledger::view;
use leasehold_protocol::{Time, Units};
use std::collections::BTreeMap;

pub fn forget(tx: &mut dyn Write, now: Time) -> Result<(), StoreError> {
    let mut holdings: BTreeMap<HoldingId, Holding> = BTreeMap::new();
    for holding in view::list::<Holding>(tx, &[], None, usize::MAX)? {
        let none = Units::default();
        holdings.insert(holding.id, Holding { charged: none.clone(), encumbered: none, ..holding });
    }
    for activation in view::list::<Activation>(tx, &[], None, usize::MAX)? {
        let slot = view::renewal(tx, activation.id)?;
        let lives = slot.is_some_and(|slot| slot.exp > now);
        let home = holdings.get_mut(&activation.holding).expect("it is there");
        let room = home.units.saturating_sub(&home.charged);
        let charged = if lives { activation.units.min(&room) } else { Units::default() };
        home.charged = home.charged.checked_add(&charged).expect("small");
        for away in &activation.encumbrances {
            tx.delete(Table::Encumbrances, &[&away.at.bytes()[..], &activation.id.0].concat())?;
            if let Some(due) = activation.due {
                tx.delete(Table::Due, &due_key(away.at, due, activation.id.0))?;
            }
        }
        let after = Activation { charged, encumbrances: vec![], older: vec![], ..activation.clone() };
        if after != activation {
            tx.put(Table::Activations, &after.key(), &row::encode(&after))?;
        }
    }
    holdings.values().try_for_each(|holding| tx.put(Table::Holdings, &holding.key(), &row::encode(holding)))
}
