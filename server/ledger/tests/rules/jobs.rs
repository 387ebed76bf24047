//! What jobs record: lapses, an hour of renewals, their own runs.

use super::console::Console;
use super::world::{World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::housekeeping::{HourOfRenewals, job_ran_at};
use leasehold_ledger::store::Store;
use leasehold_protocol::{ActivationId, Refused};

fn verbs(told: &[Event]) -> Vec<Verb> {
    told.iter().map(|event| event.verb).collect()
}

#[test]
fn a_lapse_is_recorded_once_and_a_check_re_opens_it_if_units_are_free() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let (mut first, mut second) = (Console::new(1), Console::new(2));
    let lease = world.activate(&mut first, &lot.code).expect("a lease");
    let lapse = Command::Lapse { activation: lease.grant.sub };
    let job = || Actor::system("job lapse");
    let told = world.events_of(|world| world.done(job(), lapse.clone()));
    assert!(told.is_empty(), "it is alive");
    world.days(14);
    let told = world.events_of(|world| {
        world.done(job(), lapse.clone());
        world.done(job(), lapse.clone());
    });
    assert_eq!(verbs(&told), [Verb::Lapsed]);
    assert_eq!(world.holding(lot.id).free(), units(5, 5));
    let told = world.events_of(|world| drop(world.check_in(&mut first).expect("re-opened")));
    assert_eq!(verbs(&told), [Verb::Activated]);
    world.days(14);
    world.activate(&mut second, &lot.code).expect("all five");
    assert_eq!(world.check_in(&mut first), Err(Refused::LicenceLapsed), "none is free");
    world.release(&mut second).expect("a receipt");
    world.check_in(&mut first).expect("re-opened");
    let unknown = Command::Lapse { activation: ActivationId([9; 16]) };
    assert_eq!(world.run(job(), unknown), Err(Refused::OutOfReach));
}

#[test]
fn i13_an_hour_of_renewals_is_one_event_and_a_job_s_run_is_none() {
    let mut world = World::new();
    let told = world.events_of(|world| {
        let hour = HourOfRenewals { hour: world.now, count: 3, digest: [1; 32] };
        world.done(Actor::system("job renewals"), Command::RecordRenewals(hour));
        let ran = Command::JobRan { name: "renewals".into(), at: world.now };
        world.done(Actor::system("job renewals"), ran);
    });
    assert_eq!(verbs(&told), [Verb::Renewals]);
    let view = world.store.read().expect("memory");
    assert_eq!(job_ran_at(view.as_ref(), "renewals"), Ok(Some(world.now)));
    assert_eq!(job_ran_at(view.as_ref(), "other"), Ok(None));
}
