//! The sum per pool: a key may have what its pool and all its keys hold, less what the others of them have in leases. What was
//! moved out of the pool while a lease carried it is nowhere in that sum.

use super::{activations, put};
use leasehold_ledger::charge::living;
use leasehold_ledger::record::{Holding, HoldingId, HoldingRole};
use leasehold_ledger::store::{StoreError, Write};
use leasehold_ledger::view;
use leasehold_protocol::{Time, Units};
use std::collections::BTreeMap;

/// Lets each key's own holding have as much free as its pool's sum says.
pub fn sum_up(tx: &mut dyn Write, now: Time) -> Result<(), StoreError> {
    let mut lives: BTreeMap<HoldingId, Units> = BTreeMap::new();
    for one in activations(tx)? {
        if let Some(slot) = view::renewal(tx, one.id)? {
            let sum = lives.entry(one.holding).or_default();
            *sum = plus(sum, &living(&one, &slot, now));
        }
    }
    let holdings = view::list::<Holding>(tx, &[], None, usize::MAX)?;
    let is_key = |holding: &&Holding| holding.role == HoldingRole::Allotment;
    for key in holdings.iter().filter(is_key) {
        let pool = holdings.iter().find(|pool| Some(pool.id) == key.parent).expect("it is there");
        let others = holdings.iter().filter(is_key).filter(|one| one.parent == key.parent && one.id != key.id);
        let all = others.clone().fold(plus(&pool.units, &key.units), |all, one| plus(&all, &one.units));
        let used = others.filter_map(|one| lives.get(&one.id)).fold(Units::default(), |all, one| plus(&all, one));
        let may = key.units.min(&all.saturating_sub(&used));
        put(tx, &Holding { encumbered: key.units.saturating_sub(&may), ..key.clone() })?;
    }
    Ok(())
}

fn plus(a: &Units, b: &Units) -> Units {
    a.checked_add(b).expect("small")
}
