//! A store with something in every table, for tests that damage it.

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::fsck::{self, Report};
use leasehold_ledger::record::*;
use leasehold_ledger::row::{self, Record};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::view;
use leasehold_protocol::Units;

/// A store with something in every table but tokens and jobs.
pub fn full() -> World {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(6, 6));
    let other = world.pool_key(pool, "Other", units(2, 2));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.key_quota(key.id, units(1, 1));
    world.key_quota(other.id, units(5, 5)); // takes units that are still in the first one's lease
    let lot = world.mint(customer, units(2, 2));
    let request = Console::new(2).request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    super::damaged_people::fill(&mut world);
    world
}

pub fn report(world: &World) -> Report {
    let view = world.store.read().expect("memory");
    fsck::check(view.as_ref(), world.now).expect("memory")
}

pub fn found(world: &World) -> Vec<&'static str> {
    let mut found: Vec<_> = report(world).findings.iter().map(|finding| finding.invariant).collect();
    found.sort_unstable();
    found.dedup();
    found
}

pub fn write(world: &World, table: Table, key: &[u8], value: Option<&[u8]>) {
    let written = world.store.write(&mut |tx| match value {
        Some(value) => tx.put(table, key, value),
        None => tx.delete(table, key),
    });
    written.expect("memory");
}

pub fn all<R: Record>(world: &World) -> Vec<R> {
    let view = world.store.read().expect("memory");
    view::list(view.as_ref(), &[], None, usize::MAX).expect("sound")
}

/// Changes the first record that `pick` changes, with a checksum that fits.
pub fn edit<R: Record>(world: &World, mut pick: impl FnMut(&mut R) -> bool) {
    let mut records = all::<R>(world);
    let record = records.iter_mut().find_map(|record| pick(record).then_some(record)).expect("one to change");
    write(world, R::TABLE, &record.key(), Some(&row::encode(record)));
}

/// A damage done by a function, and the invariant it must be found under.
pub type Case = (&'static str, fn(&World));

/// Does each damage to a store of its own and looks for the invariant it breaks.
pub fn each_is_found(cases: &[Case]) {
    for (at, (invariant, damage)) in cases.iter().enumerate() {
        let world = full();
        damage(&world);
        let found = found(&world);
        assert!(found.contains(invariant), "case {at}: {invariant} is not among {found:?}");
    }
}

pub fn grown(holding: &mut Holding, field: impl Fn(&mut Holding) -> &mut Units) -> bool {
    grown_by(true, field(holding))
}

pub fn grown_by(is_it: bool, field: &mut Units) -> bool {
    set(is_it, field, field.checked_add(&units(50, 50)).expect("small"))
}

pub fn set<T>(is_it: bool, field: &mut T, value: T) -> bool {
    if is_it {
        *field = value;
    }
    is_it
}
