//! A waiting device is licensed: what stands against it, and what it is charged when it asks.

use super::Stage;
use crate::rules::console::{Console, leased};
use crate::rules::world::{product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::Role;
use leasehold_ledger::record::*;
use leasehold_protocol::{Refused, Units};

#[test]
fn a5_a_device_is_licensed_by_people_and_charged_when_it_asks() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    let key = stage.world.pool_key(stage.pool, "Key", units(6, 0));
    stage.waits(&mut console);
    let events = stage.world.events().len();
    stage.license(&console, key.id, Some(units(4, 0))).expect("it is allowed");
    stage.license(&console, key.id, Some(units(4, 0))).expect("the same again changes nothing");
    assert_eq!(stage.world.holding(key.allotment).charged, Units::default(), "nothing is charged yet");
    let message = stage.message(&mut console);
    let lease = leased(stage.send(&message)).expect("a lease");
    assert_eq!((&lease.grant.units, lease.grant.seq, lease.grant.nonce), (&units(4, 0), 1, message.sender.nonce));
    assert_eq!((stage.world.holding(key.allotment).charged, stage.row(&console)), (units(4, 0), None));
    let verbs: Vec<Verb> = stage.world.events().split_off(events).iter().map(|event| event.verb).collect();
    assert_eq!(verbs, [Verb::DeviceLicensed, Verb::Activated]);

    let rows = stage.world.rows();
    assert_eq!(leased(stage.send(&message)), Ok(lease.clone()), "the lease that was lost comes again");
    assert!(stage.world.rows() == rows, "and is recorded once");
    assert_eq!(stage.refused(&mut console), Some(Refused::Resync), "another message does not follow it");
    let mut proved = stage.message(&mut console);
    proved.proof = console.proved(&stage.world, lease.grant.sub);
    let again = leased(stage.send(&proved)).expect("it lost its state, and is known");
    assert_eq!((again.grant.sub, again.grant.units), (lease.grant.sub, units(4, 0)), "the units it was given");
    console.held = Some(leased(stage.send(&proved)).expect("the same"));
    stage.world.check_in(&mut console).expect("a console like any other");
    stage.world.release(&mut console).expect("a receipt");
    stage.waits(&mut console);
}

#[test]
fn what_an_activation_would_be_refused_for_licensing_is_refused_for() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    let pool = stage.pool;
    let (used, stopped) =
        (stage.world.pool_key(pool, "Used", units(5, 0)), stage.world.pool_key(pool, "Stopped", units(5, 0)));
    stage.world.activate(&mut Console::new(9), &used.code).expect("a lease");
    stage.world.stop(stopped.id);
    assert_eq!(stage.license(&console, used.id, None), Err(Refused::OutOfReach), "nobody waits");
    stage.waits(&mut console);
    assert_eq!(stage.license(&console, used.id, None), Err(Refused::KeyOnOtherDevice));
    assert_eq!(stage.license(&console, stopped.id, None), Err(Refused::KeyStopped));
    assert_eq!(stage.license(&console, stopped.id, Some(units(6, 0))), Err(Refused::InsufficientUnits));
    assert_eq!(stage.license(&console, stopped.id, Some(Units::default())), Err(Refused::BadQuantity));
    let other = stage.world.customer("Other");
    let lot = stage.world.mint(other, units(5, 0));
    assert_eq!(stage.license(&console, lot.key, None), Err(Refused::OutOfReach), "another account's key");
    let viewer = stage.world.member(stage.account, Role::Viewer);
    let device = console.device.device_id();
    let command = Command::LicenseWaiting { account: stage.account, device, key: stopped.id, units: None };
    assert_eq!(stage.world.run(viewer, command).map(drop), Err(Refused::ForbiddenRole));
    let mut lapsed = Console { sku: "OTHER".into(), ..Console::new(2) };
    stage.world.done(stage.world.root(), Command::CreateProduct(product("OTHER", "OTHER")));
    stage.waits(&mut lapsed);
    let free = stage.world.pool_key(pool, "Free", units(5, 0));
    assert_eq!(stage.license(&lapsed, free.id, None), Err(Refused::KeyInvalid), "a key for another product");
    stage.license(&console, free.id, None).expect("a good one");
}

#[test]
fn i17_what_was_given_and_not_fetched_is_not_given_twice_and_not_kept_from_others() {
    let mut stage = Stage::set();
    let [mut first, mut second, mut third] = [1, 2, 3].map(Console::new);
    for console in [&mut first, &mut second, &mut third] {
        stage.waits(console);
    }
    let account = stage.account;
    let lot = stage.world.mint(account, units(10, 0));
    let single = stage.world.pool_key(stage.pool, "Single", units(5, 0));
    stage.license(&first, lot.key, Some(units(7, 0))).expect("ten are free");
    assert_eq!(stage.license(&second, lot.key, Some(units(4, 0))), Err(Refused::InsufficientUnits));
    stage.license(&second, lot.key, Some(units(3, 0))).expect("three are left");
    assert_eq!(stage.license(&third, lot.key, None), Err(Refused::InsufficientUnits));
    stage.license(&third, single.id, None).expect("a key nobody has");
    assert_eq!(stage.license(&second, single.id, None), Err(Refused::KeyOnOtherDevice), "it was given away");
    // Somebody types the Activation ID in before the first one asks.
    let mut typed = Console::new(4);
    let message =
        leasehold_protocol::activate::Activate { wanted: Some(units(5, 0)), ..typed.activate(&stage.world, &lot.code) };
    leased(stage.world.send_activate(&message, None)).expect("a promise is no booking");
    assert_eq!(stage.refused(&mut first), Some(Refused::InsufficientUnits), "seven are no more there");
    leased(stage.asks(&mut second)).expect("three are");
    assert_eq!(stage.row(&first).map(|row| row.verdict.word()), Some("licensed"), "it goes on asking");
    stage.turn_away(&third);
    stage.license(&first, single.id, None).expect("what was promised to one that was turned away is free");
    leased(stage.asks(&mut first)).expect("a lease");
}

#[test]
fn r11_while_a_rolled_back_store_rests_devices_wait_and_none_is_licensed() {
    let (mut stage, mut first, mut second) = (Stage::set(), Console::new(1), Console::new(2));
    let key = stage.world.pool_key(stage.pool, "Key", units(6, 0));
    stage.waits(&mut first);
    stage.license(&first, key.id, None).expect("it is allowed");
    stage.world.done(stage.world.root(), Command::Restored { epoch: 2 });
    assert_eq!(stage.refused(&mut first), Some(Refused::Quarantine), "nothing new begins");
    stage.waits(&mut second);
    assert_eq!(stage.license(&second, key.id, None), Err(Refused::Quarantine));
    stage.world.done(stage.world.root(), Command::EndQuarantine);
    leased(stage.asks(&mut first)).expect("its lease, without anybody's doing");
}

#[test]
fn a_device_whose_key_is_gone_waits_again() {
    let (mut stage, mut console) = (Stage::set(), Console::new(1));
    let key = stage.world.pool_key(stage.pool, "Key", units(6, 0));
    stage.waits(&mut console);
    stage.license(&console, key.id, None).expect("it is allowed");
    stage.world.delete_key(key.id).expect("it was never used");
    stage.waits(&mut console);
    assert_eq!(stage.row(&console).map(|row| row.verdict), Some(Verdict::Open));
}
