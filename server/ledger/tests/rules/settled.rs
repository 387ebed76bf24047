//! Plain renewals (I13): an activation is settled when its next lease follows from its own row, and no longer as soon as a row
//! around it changes. That both ways to a lease agree is compared at every check of every test.

use super::console::{Console, leased};
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_protocol::ActivationId;
use leasehold_protocol::activate::Activate;

fn is_settled(world: &World, id: ActivationId) -> bool {
    world.activation(id).0.settled.is_some()
}

/// A customer with a pool, a key of four units in it, and a console that runs on all of them.
fn running() -> (World, HoldingId, KeyId, Console) {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    (world, pool, key.id, console)
}

#[test]
fn i13_an_activation_with_all_it_wants_is_settled_from_its_first_lease_on() {
    let (mut world, _, _, mut console) = running();
    assert!(is_settled(&world, console.sub()));
    for _ in 0..3 {
        world.days(1);
        world.check_in(&mut console).expect("a lease");
        assert!(is_settled(&world, console.sub()));
    }
}

/// What it is called, what does it, and the checks until it is settled again.
type Change = (&'static str, fn(&mut World, KeyId, &mut Console), usize);

#[test]
fn i13_what_changes_around_an_activation_unsettles_it_until_it_has_heard_of_it() {
    let (mut world, _, key, mut console) = running();
    let sub = console.sub();
    let changes: [Change; 5] = [
        ("more units", |world, key, _| world.key_quota(key, units(6, 6)), 1),
        ("fewer units: told, proved, done", |world, key, _| world.key_quota(key, units(2, 2)), 3),
        ("a stop and its end", |world, key, _| (world.stop(key), world.resume(key)).1, 1),
        ("another version: told, settled", |_, _, console| console.host.version = "9.9".into(), 2),
        ("another fingerprint", |_, _, console| console.host.fingerprint.extend([("cpu".into(), [7; 32])]), 1),
    ];
    for (change, make, checks) in changes {
        world.days(1);
        make(&mut world, key, &mut console);
        for left in (0..checks).rev() {
            world.check_in(&mut console).expect("a lease");
            assert_eq!(is_settled(&world, sub), left == 0, "{change}, {left} checks before the end");
        }
    }
}

#[test]
fn i13_a_refusal_a_stop_and_a_lapse_leave_nothing_settled() {
    let (mut world, _, key, mut console) = running();
    world.stop(key);
    assert!(!is_settled(&world, console.sub()), "stopped");
    world.check_in(&mut console).expect_err("stopped");
    world.resume(key);
    world.check_in(&mut console).expect("a lease");
    assert!(is_settled(&world, console.sub()), "resumed");
    world.days(15);
    world.run(Actor::system("job lapse"), Command::Lapse { activation: console.sub() }).expect("recorded");
    assert!(!is_settled(&world, console.sub()), "lapsed");
    world.check_in(&mut console).expect("a lease");
    assert!(is_settled(&world, console.sub()), "back");
    let sub = console.sub();
    world.release(&mut console).expect("a receipt");
    assert!(!is_settled(&world, sub), "released");
}

#[test]
fn i13_devices_on_one_lot_are_settled_each_for_itself() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let (mut first, mut second) = (Console::new(1), Console::new(2));
    for (console, count) in [(&mut first, 3), (&mut second, 2)] {
        let message = Activate { wanted: Some(units(count, count)), ..console.activate(&world, &lot.code) };
        console.held = Some(leased(world.send_activate(&message, None)).expect("a lease"));
    }
    assert!(is_settled(&world, first.sub()), "what the second device is charged is no business of the first");
    assert!(is_settled(&world, second.sub()));
    world.release(&mut second).expect("a receipt");
    let message = Activate { wanted: None, proof: first.proof(), ..first.activate(&world, &lot.code) };
    first.held = Some(leased(world.send_activate(&message, None)).expect("a lease"));
    assert_eq!(first.held.as_ref().map(|lease| lease.grant.units.clone()), Some(units(5, 5)));
    world.check_in(&mut first).expect("a lease");
    assert!(is_settled(&world, first.sub()), "it has all there is");
    second.held = None;
    let mut third = Console::new(3);
    world.activate(&mut third, &lot.code).expect_err("nothing is left");
    assert!(is_settled(&world, first.sub()), "a refusal changes nothing");
}
