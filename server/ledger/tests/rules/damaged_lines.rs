//! Damage to reserves and to what they stand in for is noticed.

use super::console::Console;
use super::tampering::{edit, found};
use super::world::{SKU, World, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::rehosts::Rehosts;
use leasehold_ledger::record::*;
use leasehold_protocol::Time;

/// A customer whose device died, with a reserve for it; and another customer with a reserve of its own.
fn rehosted() -> World {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(10, 10));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.rehost(console.sub()).expect("it may");
    let (account, reserve) = (world.customer("Other"), HoldingId(world.draw()));
    world.done(world.root(), Command::MintReserve { account, reserve, sku: SKU.into(), units: units(10, 10) });
    assert!(found(&world).is_empty());
    world
}

#[test]
fn i16_a_reserve_that_its_account_does_not_know_is_found() {
    let world = rehosted();
    edit::<Rehosts>(&world, |one| !std::mem::take(&mut one.reserves).is_empty());
    assert_eq!(found(&world), ["row"]);
}

#[test]
fn i16_a_reserve_that_something_is_issued_from_is_found() {
    let world = rehosted();
    edit::<Holding>(&world, |one| {
        let is_idle = one.role == HoldingRole::Reserve && one.encumbered.is_none();
        if is_idle {
            one.charged = units(1, 1);
        }
        is_idle
    });
    assert_eq!(found(&world), ["I1", "I16"]);
}

#[test]
fn i16_a_reserve_of_somebody_else_that_stands_in_is_found() {
    let world = rehosted();
    let reserves: Vec<HoldingId> = super::tampering::all::<Holding>(&world)
        .into_iter()
        .filter(|one| one.role == HoldingRole::Reserve && one.encumbered.is_none())
        .map(|one| one.id)
        .collect();
    edit::<Activation>(&world, |one| {
        one.encumbrances.iter_mut().for_each(|away| away.at = reserves[0]);
        !one.encumbrances.is_empty()
    });
    assert_eq!(found(&world), ["I1", "I16", "index"]);
}

#[test]
fn rehosts_that_are_not_in_their_order_are_found() {
    let world = rehosted();
    edit::<Rehosts>(&world, |one| {
        one.at.push(Time(1));
        one.at.len() > 1
    });
    assert_eq!(found(&world), ["row"]);
}
