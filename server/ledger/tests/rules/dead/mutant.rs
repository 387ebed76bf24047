//! The obvious rule, as a thing that goes wrong after every command.

use crate::rules::world::World;
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{charge, view};
use leasehold_protocol::Units;

/// The obvious rule: the device is dead, so what it holds ended with it and nothing has to stand in for it.
pub fn forget(world: &World) {
    let done = world.store.write(&mut |tx| {
        let mut reserves = Vec::new();
        for holding in view::list::<Holding>(tx, &[], None, usize::MAX)? {
            if holding.role == HoldingRole::Reserve {
                reserves.push(holding.id);
                let idle = Holding { encumbered: Units::default(), ..holding };
                tx.put(Table::Holdings, &idle.key(), &row::encode(&idle))?;
            }
        }
        for one in view::list::<Activation>(tx, &[], None, usize::MAX)? {
            let (stood_in, encumbrances): (Vec<_>, Vec<_>) =
                one.encumbrances.iter().cloned().partition(|away| reserves.contains(&away.at));
            for away in &stood_in {
                tx.delete(Table::Encumbrances, &[&away.at.bytes()[..], &one.id.0].concat())?;
                if let Some(due) = one.due {
                    tx.delete(Table::Due, &charge::due_key(away.at, due, one.id.0))?;
                }
            }
            if !stood_in.is_empty() {
                let after = Activation { encumbrances, units: Units::default(), older: vec![], ..one };
                tx.put(Table::Activations, &after.key(), &row::encode(&after))?;
            }
        }
        Ok(())
    });
    done.expect("memory");
}
