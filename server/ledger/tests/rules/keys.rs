//! Pool keys (H14-H18, H26-H31, H38).

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::ProfileChange;
use leasehold_ledger::rule::key::NewKey;
use leasehold_ledger::store::Table;
use leasehold_protocol::{Refused, Units};

#[test]
fn h16_keys_of_a_pool_hold_no_more_than_the_pool() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "First", units(6, 0));
    assert_eq!(world.try_pool_key(pool, "Second", units(5, 0)).map(drop), Err(Refused::InsufficientUnits));
    world.pool_key(pool, "Second", units(4, 10));
    assert_eq!(world.try_key_quota(key.id, units(7, 0)), Err(Refused::InsufficientUnits));
    assert_eq!(world.try_key_quota(key.id, units(0, 1)), Err(Refused::InsufficientUnits));
    world.pool_key(pool, "Third", Units::default());
}

#[test]
fn h17_the_account_s_prefix_starts_every_licensee_name() {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let change = ProfileChange { key_prefix: Some(Some("CSV-PS".into())), ..ProfileChange::default() };
    world.done(world.root(), Command::UpdateAccount { account: customer, change });
    let key = world.pool_key(pool, "PoolKey", units(1, 1));
    assert_eq!(world.key(key.id).licensee, "CSV-PS-PoolKey");
    let lease = world.activate(&mut Console::new(1), &key.code).expect("a lease");
    assert_eq!(lease.grant.licensee, "CSV-PS-PoolKey");
}

#[test]
fn h18_a_licensee_name_is_letters_digits_underscore_and_hyphen() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    for name in ["", "a b", "\u{fc}", "a.b", &"x".repeat(65)] {
        assert_eq!(world.try_pool_key(pool, name, units(1, 1)).map(drop), Err(Refused::LicenseeName), "{name:?}");
    }
    world.pool_key(pool, &format!("A_b-9{}", "x".repeat(59)), units(1, 1));
}

#[test]
fn t7_a_deleted_key_s_code_stays_taken() {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    world.delete_key(key.id).expect("it was never used");
    assert_eq!(world.holding(pool).free(), units(10, 10));
    let new = NewKey {
        id: KeyId(world.draw()),
        allotment: HoldingId(world.draw()),
        pool,
        code: key.code.to_lowercase(),
        name: "Again".into(),
        quota: units(1, 1),
    };
    let operator = world.member(customer, Role::Operator);
    assert_eq!(world.run(operator, Command::CreatePoolKey(new)), Err(Refused::KeyTaken));
    assert_eq!(world.delete_key(key.id), Err(Refused::OutOfReach));
    assert_eq!(world.activate(&mut Console::new(1), &key.code).map(drop), Err(Refused::KeyInvalid));
}

#[test]
fn h28_a_quota_change_reaches_the_console_at_its_next_check() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    assert_eq!(world.activate(&mut console, &key.code).expect("a lease").grant.units, units(4, 4));
    world.key_quota(key.id, units(6, 2));
    world.days(1);
    assert_eq!(world.check_in(&mut console).expect("a lease").grant.units, units(6, 2));
}

#[test]
fn h29_h30_a_key_in_use_is_deleted_only_when_its_last_lease_has_ended() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    assert_eq!(world.delete_key(key.id), Err(Refused::KeyInUse));
    world.days(20); // longer than 14 days since it was made, but it is still renewed
    world.check_in(&mut console).expect("re-opened");
    assert_eq!(world.delete_key(key.id), Err(Refused::KeyInUse));
    world.stop(key.id);
    assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped));
    world.days(13);
    assert_eq!(world.delete_key(key.id), Err(Refused::KeyInUse));
    world.days(1);
    assert_eq!(world.delete_key(key.id), Ok(()));
    assert_eq!(world.holding(pool).free(), units(10, 10));
    assert_eq!(world.check_in(&mut console), Err(Refused::KeyInvalid));
}

#[test]
fn h31_a_release_on_the_console_frees_the_key_at_once() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.release(&mut console).expect("a receipt");
    assert_eq!(world.holding(key.allotment).free(), units(4, 4));
    world.activate(&mut Console::new(2), &key.code).expect("the key is free");
}

#[test]
fn h31_under_expiry_a_release_proves_nothing_until_the_lease_has_ended() {
    let mut world = World::with(FreeOn::Expiry);
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let (mut first, mut second) = (Console::new(1), Console::new(2));
    world.activate(&mut first, &key.code).expect("a lease");
    world.release(&mut first).expect("a receipt");
    assert_eq!(world.holding(key.allotment).free(), Units::default());
    assert_eq!(world.activate(&mut second, &key.code), Err(Refused::LicenceLapsed));
    assert_eq!(world.delete_key(key.id), Err(Refused::KeyInUse));
    world.days(14);
    assert_eq!(world.activate(&mut second, &key.code).expect("a lease").grant.units, units(4, 4));
}

#[test]
fn h38_i9_a_pool_key_runs_on_one_device_at_a_time() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let (mut first, mut second) = (Console::new(1), Console::new(2));
    world.activate(&mut first, &key.code).expect("a lease");
    assert_eq!(world.activate(&mut second, &key.code), Err(Refused::KeyOnOtherDevice));
    world.key_quota(key.id, units(10, 10)); // free units are no reason
    assert_eq!(world.activate(&mut second, &key.code), Err(Refused::KeyOnOtherDevice));
    world.days(14);
    world.activate(&mut second, &key.code).expect("the first has lapsed");
    assert_eq!(world.check_in(&mut first), Err(Refused::KeyOnOtherDevice));
}

#[test]
fn a_stopped_key_renews_nothing_until_it_is_resumed() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    let lease = world.activate(&mut console, &key.code).expect("a lease");
    world.stop(key.id);
    assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped));
    assert_eq!(world.activate(&mut Console::new(2), &key.code), Err(Refused::KeyStopped));
    assert_eq!(world.activation(lease.grant.sub).1.exp, lease.exp, "what is out runs to its end");
    let told = world.events_of(|world| world.stop(key.id));
    assert!(told.is_empty(), "it was stopped before");
    world.resume(key.id);
    world.check_in(&mut console).expect("a lease");
}

#[test]
fn devices_that_come_and_go_leave_nothing_that_a_renewal_has_to_read() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(1, 1));
    for number in 1..=20 {
        let mut console = Console::new(number);
        world.activate(&mut console, &key.code).expect("the key is free");
        world.release(&mut console).expect("a receipt");
    }
    let rows = world.rows();
    let open = |table| rows.iter().filter(|(found, ..)| *found == table).count();
    assert_eq!((open(Table::HoldingActivations), open(Table::OpenActivations)), (20, 0));
}
