//! What goes wrong with seats, permission keys and licences.

use super::{activations, ended, put};
use leasehold_ledger::draft::Draft;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::grant::one_each;
use leasehold_ledger::store::{StoreError, Write};
use leasehold_ledger::view;
use leasehold_protocol::{Time, Units};
use std::collections::BTreeSet;

/// Each floating device is one seat, however many it asked for.
pub fn devices_counted(tx: &mut dyn Write) -> Result<(), StoreError> {
    for home in floating(tx)? {
        let mut charged = Units::default();
        for one in activations(tx)?.into_iter().filter(|one| one.holding == home.id) {
            let counted = one.charged.min(&one_each(&home.units));
            charged = plus(&charged, &counted);
            if counted != one.charged {
                put(tx, &Activation { charged: counted, ..one })?;
            }
        }
        if charged != home.charged {
            put(tx, &Holding { charged, ..home })?;
        }
    }
    Ok(())
}

/// A floating device that missed its check has no seat.
pub fn silence_frees(tx: &mut dyn Write, now: Time) -> Result<(), StoreError> {
    let homes: BTreeSet<HoldingId> = floating(tx)?.into_iter().map(|home| home.id).collect();
    let mut silent = BTreeSet::new();
    for one in activations(tx)?.into_iter().filter(|one| homes.contains(&one.holding)) {
        let slot = view::renewal(tx, one.id)?;
        if slot.is_some_and(|slot| slot.iat.plus((slot.exp.0 - slot.iat.0) * 3 / 4) < now) {
            silent.insert(one.id);
        }
    }
    ended(tx, now, |one| silent.contains(&one.id))
}

/// The term costs nothing: what was burnt for it is in the pool still.
pub fn unburnt(tx: &mut dyn Write, license: HoldingId) -> Result<(), StoreError> {
    let license: Option<Holding> = view::find(tx, license.bytes())?;
    let Some((license, pool)) = license.and_then(|one| one.parent.map(|pool| (one, pool))) else { return Ok(()) };
    let pool: Option<Holding> = view::find(tx, pool.bytes())?;
    let Some(pool) = pool else { return Ok(()) };
    put(tx, &Holding { units: plus(&pool.units, &license.units), ..pool })
}

/// A key that was redeemed gives everything once more.
pub fn twice(tx: &mut dyn Write, code: &str) -> Result<(), StoreError> {
    let key = Draft::new(tx).key_by_code(code)?.filter(|key| key.redeemed.is_some());
    for lot in key.map(|key| key.holdings).unwrap_or_default() {
        let lot: Option<Holding> = view::find(tx, lot.bytes())?;
        let Some(lot) = lot else { continue };
        put(tx, &Holding { units: plus(&lot.units, &lot.minted), ..lot })?;
    }
    Ok(())
}

/// The allotments of floating seats.
fn floating(tx: &dyn Write) -> Result<Vec<Holding>, StoreError> {
    let mut homes = Vec::new();
    for key in view::list::<Key>(tx, &[], None, usize::MAX)?.into_iter().filter(|key| key.kind == KeyKind::Flex) {
        for home in key.holdings {
            homes.extend(view::find::<Holding>(tx, home.bytes())?);
        }
    }
    Ok(homes)
}

fn plus(a: &Units, b: &Units) -> Units {
    a.checked_add(b).expect("small")
}
