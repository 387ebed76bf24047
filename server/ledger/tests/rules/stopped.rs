//! Portal release: what people say ends a renewal, never an artefact (I16).

use super::console::Console;
use super::rehost::dying;
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

#[test]
fn a_stopped_device_runs_to_the_end_of_its_lease_and_no_other_has_its_units_before() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry, FreeOn::AtOnce] {
        let (mut world, _, key, mut console) = dying(free_on);
        let told = world.events_of(|world| {
            for _ in 0..2 {
                world.stop_renewal(console.sub()).expect("it may"); // the second time nothing happens
            }
        });
        assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::RenewalStopped]);
        world.days(1);
        assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped), "{free_on:?}");
        let mut other = Console::new(2);
        assert_eq!(world.activate(&mut other, &key.code).map(drop), Err(Refused::KeyOnOtherDevice), "{free_on:?}");
        world.days(13);
        assert_eq!(world.activate(&mut other, &key.code).expect("its lease has ended").grant.units, units(10, 10));
        assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped), "it stays stopped");
        assert_eq!(world.resume_renewal(console.sub()), Ok(()));
        assert_eq!(world.check_in(&mut console), Err(Refused::KeyOnOtherDevice));
    }
}

#[test]
fn a_stopped_device_keeps_what_left_its_key_before_its_last_lease_no_longer_than_any_other() {
    let mut world = World::with(FreeOn::Expiry);
    let (_, pool) = world.customer_with_pool(units(10, 0));
    let (a, b) = (world.pool_key(pool, "A", units(10, 0)), world.pool_key(pool, "B", units(0, 0)));
    let mut console = Console::new(1);
    world.activate(&mut console, &a.code).expect("a lease of ten");
    world.key_quota(a.id, units(4, 0));
    world.key_quota(b.id, units(6, 0));
    world.days(10);
    assert_eq!(world.check_in(&mut console).expect("the smaller lease").grant.units, units(4, 0));
    world.stop_renewal(console.sub()).expect("it may");
    world.days(4);
    let lease = world.activate(&mut Console::new(2), &b.code).expect("the lease of ten has ended");
    assert_eq!(lease.grant.units, units(6, 0));
    assert_eq!(world.holding(a.allotment).charged, units(4, 0), "the lease of four has not");
    let early = world.activate(&mut Console::new(3), &a.code);
    assert_eq!(early.map(drop), Err(Refused::KeyOnOtherDevice));
    world.days(10);
    assert_eq!(world.activate(&mut Console::new(3), &a.code).expect("now").grant.units, units(4, 0));
}

#[test]
fn a_stopped_device_whose_units_leave_its_key_does_not_take_them_back() {
    let mut world = World::with(FreeOn::Expiry);
    let (_, pool) = world.customer_with_pool(units(10, 0));
    let (a, b) = (world.pool_key(pool, "A", units(10, 0)), world.pool_key(pool, "B", units(0, 0)));
    let console = &mut Console::new(1);
    world.activate(console, &a.code).expect("a lease of ten");
    world.stop_renewal(console.sub()).expect("it may");
    world.key_quota(a.id, units(4, 0));
    world.key_quota(b.id, units(6, 0));
    let lot = world.mint(world.holding(pool).account, units(6, 0));
    let stock = world.convert(lot.id);
    assert_eq!(world.holding(stock).free(), units(6, 0));
    world.pool_quota(pool, units(16, 0));
    world.key_quota(a.id, units(10, 0));
    world.done(Actor::system("job lapse"), Command::Lapse { activation: console.sub() });
    assert_eq!(world.holding(a.allotment).charged, units(4, 0), "nothing comes home to a key that may go on");
    assert_eq!(world.holding(b.allotment).encumbered, units(6, 0));
}

#[test]
fn a_stop_is_taken_back_or_the_key_typed_in_again() {
    let (mut world, _, key, mut console) = dying(FreeOn::Fetch);
    world.stop_renewal(console.sub()).expect("it may");
    assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped));
    world.resume_renewal(console.sub()).expect("it may");
    assert_eq!(world.check_in(&mut console).expect("as if nothing had been").grant.units, units(10, 10));
    world.stop_renewal(console.sub()).expect("it may");
    let told = world.events_of(|world| {
        assert_eq!(world.activate(&mut console, &key.code).expect("anew").grant.units, units(10, 10));
    });
    assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::Activated]);
    assert_eq!(world.activation(console.sub()).0.state, ActivationState::Active);
    world.release(&mut console).expect("a receipt");
    assert_eq!(world.stop_renewal(console.sub()), Err(Refused::LicenceLapsed), "it was given back");
}

#[test]
fn a_stopped_device_on_a_key_that_went_on_is_not_resumed() {
    let (mut world, _, key, console) = dying(FreeOn::Fetch);
    world.rehost(console.sub()).expect("it may");
    world.activate(&mut Console::new(2), &key.code).expect("a lease");
    assert_eq!(world.resume_renewal(console.sub()), Err(Refused::KeyOnOtherDevice));
}
