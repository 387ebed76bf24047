//! Where the units of living artefacts are booked: charged at home, encumbered where they went, and free in time (I16, I17, H37).

use super::console::{Console, leased};
use super::world::{PoolKey, World, units};
use leasehold_ledger::record::*;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};

fn obm(count: u32) -> Units {
    units(count, 0)
}

/// A pool of 10 of which key A has all, in a lease; and key B with nothing.
fn two_keys(free_on: FreeOn) -> (World, HoldingId, PoolKey, PoolKey, Console) {
    let mut world = World::with(free_on);
    let (_, pool) = world.customer_with_pool(obm(10));
    let (a, b) = (world.pool_key(pool, "A", obm(10)), world.pool_key(pool, "B", obm(0)));
    let mut console = Console::new(1);
    world.activate(&mut console, &a.code).expect("a lease of ten");
    (world, pool, a, b, console)
}

#[test]
fn h37_under_fetch_the_smaller_lease_frees_when_the_console_shows_it() {
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Fetch);
    world.key_quota(a.id, obm(4));
    world.key_quota(b.id, obm(6));
    assert_eq!(world.holding(b.allotment).encumbered, obm(6));
    let mut other = Console::new(2);
    assert_eq!(world.activate(&mut other, &b.code), Err(Refused::InsufficientUnits));
    world.check_in(&mut console).expect("the smaller lease");
    assert_eq!(world.activate(&mut other, &b.code), Err(Refused::InsufficientUnits), "sending is not fetching");
    world.check_in(&mut console).expect("the acknowledgement");
    assert_eq!(world.activate(&mut other, &b.code).expect("six").grant.units, obm(6));
}

#[test]
fn h37_under_fetch_a_console_that_is_never_heard_again_frees_at_its_end() {
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Fetch);
    world.key_quota(a.id, obm(4));
    world.key_quota(b.id, obm(6));
    world.days(1);
    world.lost_check(&mut console).expect("the answer is lost");
    world.days(13);
    assert_eq!(world.activate(&mut Console::new(2), &b.code).expect("six").grant.units, obm(6));
    assert_eq!(world.holding(a.allotment).charged, obm(4), "the lost answer may be in use");
}

#[test]
fn h37_under_expiry_only_the_end_of_the_larger_lease_frees() {
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Expiry);
    world.key_quota(a.id, obm(4));
    world.key_quota(b.id, obm(6));
    for _ in 0..13 {
        world.days(1);
        world.check_in(&mut console).expect("the smaller lease");
        assert_eq!(world.activate(&mut Console::new(2), &b.code), Err(Refused::InsufficientUnits));
    }
    world.days(1);
    assert_eq!(world.activate(&mut Console::new(2), &b.code).expect("six").grant.units, obm(6));
}

#[test]
fn h37_at_once_frees_by_the_portal_s_letter() {
    let (mut world, _, a, b, _) = two_keys(FreeOn::AtOnce);
    world.key_quota(a.id, obm(4));
    world.key_quota(b.id, obm(6));
    assert_eq!(world.activate(&mut Console::new(2), &b.code).expect("six").grant.units, obm(6));
}

#[test]
fn units_that_are_arriving_are_told_and_come_with_a_later_check() {
    let (mut world, pool, a, _, mut console) = two_keys(FreeOn::Fetch);
    let lot = world.mint(world.holding(pool).account, obm(1));
    let stock = world.convert(lot.id);
    world.key_quota(a.id, obm(4));
    let c = world.pool_key(stock, "C", obm(1));
    let mut other = Console::new(2);
    world.activate(&mut other, &c.code).expect("one");
    world.pool_quota(pool, obm(4)); // the other six, still in the first lease, go back to the stock
    world.key_quota(c.id, obm(7));
    let lease = world.check_in(&mut other).expect("a lease");
    assert_eq!((lease.grant.units, lease.notices), (obm(1), vec!["units_arriving".to_owned()]));
    world.check_in(&mut console).expect("the smaller lease");
    world.check_in(&mut console).expect("the acknowledgement");
    let lease = world.check_in(&mut other).expect("a lease");
    assert_eq!((lease.grant.units, lease.notices), (obm(7), vec![]));
}

#[test]
fn a_quota_lowered_and_raised_again_takes_nothing_from_the_pool_for_longer_than_a_check() {
    // a plain renewal used to keep the old booking in the pool alive for ever, and starved the pool's other keys
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(obm(20));
    let (a, b) = (world.pool_key(pool, "A", obm(10)), world.pool_key(pool, "B", obm(0)));
    let mut console = Console::new(1);
    world.activate(&mut console, &a.code).expect("ten");
    world.key_quota(a.id, obm(4)); // six arrive in the pool with the lease
    world.key_quota(a.id, obm(10)); // six others, free ones, come back
    world.key_quota(b.id, obm(10)); // the rest of the pool
    world.days(1);
    world.check_in(&mut console).expect("ten, as before");
    assert_eq!(world.activate(&mut Console::new(2), &b.code).expect("ten").grant.units, obm(10));
}

#[test]
fn a_release_under_expiry_holds_the_key_s_own_units_and_not_those_it_gave_away() {
    // what was released was booked where units had gone before it was even signed, and starved that place for a second term
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Expiry);
    world.key_quota(a.id, obm(6));
    world.key_quota(b.id, obm(4));
    world.days(10);
    world.check_in(&mut console).expect("six");
    world.release(&mut console).expect("a receipt");
    world.days(4); // the lease of ten has ended, that of six has not
    assert_eq!(world.activate(&mut Console::new(2), &b.code).expect("four").grant.units, obm(4));
    assert_eq!(world.holding(a.allotment).charged, obm(6));
}

#[test]
fn units_on_their_way_home_are_charged_there_again() {
    let (mut world, pool, a, b, mut console) = two_keys(FreeOn::Fetch);
    world.key_quota(a.id, obm(4));
    world.key_quota(b.id, obm(6));
    world.key_quota(b.id, obm(0));
    assert_eq!(world.holding(pool).encumbered, obm(6));
    world.key_quota(a.id, obm(10));
    assert_eq!((world.holding(a.allotment).charged, world.holding(pool).encumbered), (obm(10), obm(0)));
    world.days(1);
    assert_eq!(world.check_in(&mut console).expect("ten").grant.units, obm(10));
}

#[test]
fn several_older_artefacts_are_freed_each_at_its_own_end() {
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Expiry);
    for (day, quota) in [(1, 7), (2, 5), (3, 2)] {
        world.days(1);
        world.key_quota(a.id, obm(quota));
        world.key_quota(b.id, obm(10 - quota));
        assert_eq!(world.check_in(&mut console).expect("smaller").grant.units, obm(quota), "day {day}");
    }
    let mut other = Console::new(2);
    let mut ask = |world: &mut World| {
        let lease = if other.held.is_none() { world.activate(&mut other, &b.code) } else { world.check_in(&mut other) };
        lease.map_or(0, |lease| lease.grant.units.count("OBM"))
    };
    // the lease of ten ends on day 14, that of seven a day later, that of five on day 16
    for (days, expected) in [(10, 0), (1, 3), (1, 5), (1, 8)] {
        world.days(days);
        assert_eq!(ask(&mut world), expected);
    }
}

#[test]
fn a_rewind_keeps_what_the_abandoned_branch_may_carry() {
    let (mut world, _, a, b, mut console) = two_keys(FreeOn::Fetch);
    world.key_quota(a.id, obm(2));
    world.check_in(&mut console).expect("two");
    let backup = console.clone();
    world.check_in(&mut console).expect("the acknowledgement");
    world.key_quota(a.id, obm(9));
    world.check_in(&mut console).expect("nine");
    world.key_quota(a.id, obm(2));
    world.key_quota(b.id, obm(8));
    let mut restored = Console { held: backup.held, ..console };
    world.resync(&mut restored).expect("two");
    assert_eq!(world.holding(b.allotment).free(), obm(1), "seven live in the branch it left");
    world.check_in(&mut restored).expect("it goes on from here");
    assert_eq!(world.holding(b.allotment).free(), obm(8));
}

#[test]
fn a_second_activation_of_a_device_looks_at_what_has_ended_meanwhile() {
    // the activation was read before the sweep and written back after it, and charges of others were lost
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, obm(10));
    let ask = |world: &mut World, console: &mut Console, count: u32| {
        let message = Activate { wanted: Some(obm(count)), ..console.activate(world, &lot.code) };
        let lease = leased(world.send_activate(&message, None))?;
        console.held = Some(lease);
        Ok::<_, Refused>(())
    };
    let (mut first, mut second) = (Console::new(1), Console::new(2));
    ask(&mut world, &mut first, 5).expect("five");
    world.days(1);
    ask(&mut world, &mut second, 5).expect("the other five");
    let message = Activate { wanted: Some(obm(2)), ..first.activate(&world, &lot.code) };
    leased(world.send_activate(&message, None)).expect("two; its answer is lost, five may still be in use");
    world.pass(14 * DAY - DAY); // the lease of five has ended, that of two has not
    let proof = first.proved(&world, first.sub());
    let message = Activate { wanted: Some(obm(3)), proof, ..first.activate(&world, &lot.code) };
    let held = first.held.clone();
    leased(world.send_activate(&message, held.as_ref())).expect("three");
    assert_eq!(world.holding(lot.id).charged, obm(8));
}

#[test]
fn a_key_deleted_and_made_again_has_its_units_at_once() {
    let (mut world, pool, a, _, mut console) = two_keys(FreeOn::Fetch);
    world.release(&mut console).expect("a receipt");
    world.delete_key(a.id).expect("not in use");
    let again = world.pool_key(pool, "A", obm(10));
    assert_eq!(world.activate(&mut Console::new(2), &again.code).expect("ten").grant.units, obm(10));
}

#[test]
fn many_smaller_leases_in_a_row_are_remembered_in_bounded_space() {
    let mut world = World::with(FreeOn::Expiry);
    let (_, pool) = world.customer_with_pool(obm(100));
    let key = world.pool_key(pool, "Key", obm(100));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a hundred");
    for count in (1..100).rev() {
        world.pass(60);
        world.key_quota(key.id, obm(count));
        world.check_in(&mut console).expect("one less");
    }
    let (activation, _) = world.activation(console.sub());
    assert!(activation.older.len() <= 32, "{} are remembered", activation.older.len());
    world.days(15);
    assert_eq!(world.holding(pool).units, obm(99));
    let all = world.pool_key(pool, "All", obm(99));
    assert_eq!(world.activate(&mut Console::new(2), &all.code).expect("all").grant.units, obm(99));
}

#[test]
fn more_devices_than_one_sweep_looks_at_are_freed_by_the_next() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, obm(300));
    for number in 0..300_u32 {
        let mut bytes = [7; 32];
        bytes[..4].copy_from_slice(&number.to_be_bytes());
        let mut console = Console { device: leasehold_protocol::PublicKey(bytes), ..Console::new(1) };
        let message = Activate { wanted: Some(obm(1)), ..console.activate(&world, &lot.code) };
        world.activate_quietly(&message);
    }
    world.check("300 activations");
    world.days(14);
    let mut last = Console::new(9);
    let ask = |world: &mut World, last: &mut Console| {
        let message = Activate { wanted: Some(obm(300)), ..last.activate(world, &lot.code) };
        leased(world.send_activate(&message, None)).map(|lease| lease.grant.units)
    };
    let first = ask(&mut world, &mut last);
    assert!(first == Ok(obm(300)) || ask(&mut world, &mut last) == Ok(obm(300)), "{first:?}");
}
