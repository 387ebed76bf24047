//! How a rollback is found out (R11), and how the quarantine after it ends or begins anew.

use super::console::Console;
use super::rolled::Stage;
use super::world::units;
use leasehold_ledger::Command;
use leasehold_ledger::record::quarantine::{REST, WATCH};
use leasehold_ledger::record::*;
use leasehold_protocol::Refused;

#[test]
fn r11_a_later_lease_begins_a_quarantine_where_nobody_knew_of_a_rollback() {
    let mut stage = Stage::set();
    stage.quota(units(8, 4));
    stage.put_back();
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::QuarantineBegan]);
    let began = stage.quarantine().expect("one");
    assert_eq!((began.since, began.doubt), (stage.world.now, Doubt::LaterLease));
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::LeaseProved], "now it is booked");
}

#[test]
fn r11_a_lease_of_a_later_epoch_begins_the_quarantine_anew_with_one_that_nobody_has_seen() {
    let mut stage = Stage::set();
    stage.restore();
    stage.world.pass(WATCH);
    stage.checks().expect("a lease of epoch 2");
    stage.put_back(); // the store of epoch 1, with its anchor
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::QuarantineBegan]);
    let told = stage.verbs(|stage| assert_eq!(stage.checks(), Err(Refused::Quarantine)));
    assert_eq!(told, [Verb::LeaseProved]);
    stage.world.pass(WATCH);
    assert_eq!(stage.checks().expect("a lease").epoch, 3);
}

#[test]
fn r11_a_lease_of_the_history_that_is_known_to_be_lost_begins_nothing_once_it_has_ended() {
    let mut stage = Stage::set();
    stage.quota(units(8, 4));
    stage.restore();
    stage.world.pass(REST); // switched off meanwhile
    let told = stage.verbs(|stage| drop(stage.checks().expect("a lease")));
    assert!(!told.contains(&Verb::QuarantineBegan), "{told:?}");
}

#[test]
fn r11_who_gave_its_lease_back_in_the_lost_history_gets_none_while_the_units_may_be_with_another() {
    let mut stage = Stage::set();
    let code = stage.world.key(stage.key).code;
    let released = Console { held: None, ..stage.console.clone() }; // what it gave back it does not show
    stage.restore();
    stage.world.pass(WATCH);
    let mut console = released.clone();
    assert_eq!(stage.world.activate(&mut console, &code), Err(Refused::Resync));
    assert_eq!(stage.world.activate_again(&mut console, &code, stage.key), Err(Refused::Quarantine));
    stage.world.pass(REST - WATCH);
    assert_eq!(stage.world.activate(&mut console, &code), Err(Refused::Resync));
    stage.world.activate_again(&mut console, &code, stage.key).expect("the lost leases have ended");
}

#[test]
fn the_operator_ends_a_quarantine_once() {
    let mut stage = Stage::set();
    stage.restore();
    let root = stage.world.root();
    let told = stage.verbs(|stage| stage.world.done(root.clone(), Command::EndQuarantine));
    assert_eq!(told, [Verb::QuarantineEnded]);
    assert_eq!(stage.world.run(root, Command::EndQuarantine), Err(Refused::Irreversible));
    stage.check().expect("a lease");
}

#[test]
fn a_clock_that_is_accepted_begins_a_running_quarantine_anew() {
    let mut stage = Stage::set();
    stage.restore();
    let (root, believed) = (stage.world.root(), stage.world.now);
    stage.world.days(40);
    stage.world.done(root, Command::AcceptClock { believed });
    assert_eq!(stage.quarantine().expect("one").since, stage.world.now);
}
