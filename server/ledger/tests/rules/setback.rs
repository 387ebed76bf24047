//! The server's clock is set back a little, which it may be without anybody being asked: what had ended by then stays ended.

use super::console::Console;
use super::tampering;
use super::world::{PoolKey, World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_protocol::time::DAY;

/// Key A had ten in a lease that ended a second ago; they have gone to key B since, and the clock is set back a minute.
fn gone_and_back(free_on: FreeOn) -> (World, PoolKey, PoolKey, Console) {
    let mut world = World::with(free_on);
    let (_, pool) = world.customer_with_pool(units(10, 0));
    let (a, b) = (world.pool_key(pool, "A", units(10, 0)), world.pool_key(pool, "B", units(0, 0)));
    let mut console = Console::new(1);
    world.activate(&mut console, &a.code).expect("ten");
    world.pass(14 * DAY + 1);
    world.key_quota(a.id, units(0, 0));
    world.key_quota(b.id, units(10, 0));
    assert_eq!(world.holding(b.allotment).free(), units(10, 0), "the lease has ended");
    world.pass(-60);
    (world, a, b, console)
}

#[test]
fn i17_a_lease_that_had_ended_is_not_booked_again_by_a_check_after_the_clock_was_set_back() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry] {
        let (mut world, a, b, mut console) = gone_and_back(free_on);
        let lease = world.check_in(&mut console).expect("a lease of nothing");
        assert!(lease.grant.units.is_none());
        let (a, b) = (world.holding(a.allotment), world.holding(b.allotment));
        assert_eq!((a.charged, b.free()), (units(0, 0), units(10, 0)), "{free_on:?}");
    }
}

#[test]
fn i17_a_lease_that_had_ended_is_not_booked_again_by_a_look_at_it_after_the_clock_was_set_back() {
    let (world, a, _, console) = gone_and_back(FreeOn::Fetch);
    let lapse = Command::Lapse { activation: console.sub() };
    world.attempt(Actor::system("job lapse"), &lapse).expect("it is there");
    let home = world.holding(a.allotment);
    assert!(home.units.covers(&home.charged), "{} charged of {}", home.charged, home.units);
}

#[test]
fn i16_under_at_once_a_shorter_lease_after_the_clock_was_set_back_is_looked_at_when_it_ends() {
    let mut world = World::with(FreeOn::AtOnce);
    let (_, pool) = world.customer_with_pool(units(10, 0));
    let key = world.pool_key(pool, "A", units(10, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("ten");
    world.pass(-60);
    world.check_in(&mut console).expect("ten"); // the whole store is checked after it
}

#[test]
fn i6_a_lease_from_before_the_clock_was_set_back_is_none_from_after_the_conversion_that_followed() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(10, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("ten");
    world.pass(3 * DAY);
    world.check_in(&mut console).expect("ten");
    let believed = world.now;
    world.pass(-2 * DAY);
    world.done(world.root(), Command::AcceptClock { believed });
    world.pass(DAY);
    world.convert(lot.id); // the whole store is checked after it
    assert_eq!(tampering::found(&world), Vec::<&str>::new());
    world.pass(2 * DAY);
    world.check_in(&mut console).expect("one that ends with the grace");
    assert_eq!(tampering::found(&world), Vec::<&str>::new());
    tampering::edit(&world, |one: &mut Holding| {
        let is_it = one.converted.is_some();
        one.converted = one.converted.map(|at| at.plus(-DAY));
        is_it
    });
    assert_eq!(tampering::found(&world), ["I6"], "it outlives the grace");
}

#[test]
fn i6_a_lot_converted_after_the_clock_was_set_back_a_little_has_no_lease_that_outlives_the_grace() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(10, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("ten");
    world.pass(-300);
    world.convert(lot.id); // the whole store is checked after it
    assert_eq!(tampering::found(&world), Vec::<&str>::new());
}
