//! Freshness (I10): retries, stale and captured messages, restored devices, copies.

use super::console::{Console, leased, receipt};
use super::world::{World, units};
use leasehold_ledger::Outcome;
use leasehold_ledger::record::*;
use leasehold_protocol::check::Check;
use leasehold_protocol::message::Proof;
use leasehold_protocol::release::Release;
use leasehold_protocol::{Refused, Units};

/// A console with a lease of 4 + 4 out of 10 + 10.
fn running() -> (World, Console, HoldingId) {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    (world, console, key.allotment)
}

fn verbs(told: &[Event]) -> Vec<Verb> {
    told.iter().map(|event| event.verb).collect()
}

#[test]
fn i10_a_retry_gets_the_same_lease_and_is_recorded_once() {
    let (mut world, mut console, _) = running();
    world.days(1);
    let check = console.check(&world);
    let first = leased(world.send_check(&check, None)).expect("a lease");
    world.pass(3600);
    let rows = world.rows();
    let again = leased(world.send_check(&check, None)).expect("a lease");
    assert_eq!(again, first);
    assert_eq!(world.rows(), rows, "nothing is recorded");
    console.held = Some(first.clone());
    let next = world.check_in(&mut console).expect("fresh");
    assert_eq!(next.grant.seq, first.grant.seq + 1);
}

#[test]
fn i10_a_retried_activation_makes_one_activation() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let activate = Console::new(1).activate(&world, &key.code);
    let first = leased(world.send_activate(&activate, None)).expect("a lease");
    let rows = world.rows();
    assert_eq!(leased(world.send_activate(&activate, None)).expect("a lease"), first);
    assert_eq!(world.rows(), rows);
}

#[test]
fn i10_a_stale_message_is_answered_by_a_challenge_and_changes_nothing() {
    let (mut world, mut console, _) = running();
    world.lost_check(&mut console).expect("its answer is lost");
    let rows = world.rows();
    let check = console.check(&world); // a new nonce, and the old lease in hand
    let Outcome::Refusal(refusal) = world.send_check(&check, None) else { panic!("not refused") };
    assert_eq!(refusal.refused(), Some(Refused::Resync));
    let (activation, slot) = world.activation(check.sub);
    let expected = super::world::challenge(check.sub, activation.cti(slot.seq));
    assert_eq!((refusal.sub, refusal.challenge), (Some(check.sub), Some(expected)));
    assert_eq!(world.rows(), rows);
}

#[test]
fn i10_a_restored_console_is_let_in_with_one_rewind_a_day() {
    let (mut world, mut console, _) = running();
    let backup = console.clone();
    for _ in 0..3 {
        world.days(1);
        world.check_in(&mut console).expect("a lease");
    }
    let mut restored = Console { held: backup.held.clone(), ..console.clone() };
    let told = world.events_of(|world| drop(world.resync(&mut restored).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::Rewind]);
    let (activation, slot) = world.activation(restored.sub());
    assert_eq!((activation.abandoned, slot.seq), (vec![(2, 4)], 5));
    let mut again = Console { held: backup.held, ..restored.clone() };
    let told = world.events_of(|world| drop(world.resync(&mut again).expect("a lease")));
    // it goes back behind the branch that it left before, which is no proof of a copy
    assert_eq!(verbs(&told), [], "one alarm a day");
    world.days(1);
    world.check_in(&mut again).expect("fresh from here on");
}

#[test]
fn i10_a_console_that_lost_everything_is_let_in_by_the_challenge_alone() {
    let (mut world, mut console, _) = running();
    let sub = console.sub();
    let check = console.check(&world);
    console.held = None;
    let proof = console.proved(&world, sub);
    let told = world.events_of(|world| {
        let lease = leased(world.send_check(&Check { proof, ..check }, None)).expect("a lease");
        assert_eq!(lease.grant.seq, 2);
    });
    assert_eq!(verbs(&told), [Verb::Rewind]);
}

#[test]
fn i10_two_copies_are_proved_by_a_fork() {
    let (mut world, mut original, _) = running();
    let mut copy = original.clone();
    copy.device = original.device;
    for _ in 0..5 {
        copy.sender(&world); // the copy draws other nonces
    }
    world.days(1);
    world.check_in(&mut original).expect("a lease");
    world.days(1);
    let told = world.events_of(|world| drop(world.resync(&mut copy).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::Rewind]);
    world.days(1);
    let told = world.events_of(|world| drop(world.resync(&mut original).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::Fork]);
}

#[test]
fn i10_a_proof_of_the_last_lease_is_no_rewind() {
    let (mut world, mut console, _) = running();
    let told = world.events_of(|world| drop(world.resync(&mut console).expect("a lease")));
    assert_eq!(verbs(&told), []);
}

#[test]
fn i10_captured_messages_change_nothing_when_they_are_replayed() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    let activate = console.activate(&world, &key.code);
    console.held = Some(leased(world.send_activate(&activate, None)).expect("a lease"));
    let first = console.held.clone();
    let mut checks = Vec::new();
    for _ in 0..3 {
        world.days(1);
        checks.push(console.check(&world));
        console.held = Some(leased(world.send_check(checks.last().expect("one"), None)).expect("a lease"));
    }
    let proof = Console { held: first.clone(), ..console.clone() }.proved(&world, console.sub());
    let proved = Check { proof, ..console.check(&world) };
    console.held = Some(leased(world.send_check(&proved, first.as_ref())).expect("a lease"));
    world.days(1);
    world.check_in(&mut console).expect("a lease");
    let release = console.release(&world);
    receipt(world.send_release(&release, None)).expect("a receipt");
    let rows = world.rows();
    let resync = |outcome| assert_eq!(leased(outcome).err(), Some(Refused::Resync));
    for check in &checks {
        resync(world.send_check(check, None));
    }
    resync(world.send_check(&proved, first.as_ref()));
    resync(world.send_activate(&activate, None));
    receipt(world.send_release(&release, None)).expect("the same receipt");
    assert_eq!(world.rows(), rows);
}

#[test]
fn i10_a_released_activation_is_re_opened_by_a_challenge_only() {
    let (mut world, mut console, allotment) = running();
    let release = console.release(&world);
    let first = receipt(world.send_release(&release, None)).expect("a receipt");
    assert_eq!(receipt(world.send_release(&release, None)).expect("the same"), first);
    assert_eq!(world.check_in(&mut console), Err(Refused::Resync));
    let key = world.key(world.holding(allotment).key.expect("a key"));
    assert_eq!(world.activate(&mut console, &key.code), Err(Refused::Resync));
    let told = world.events_of(|world| drop(world.resync(&mut console).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::Activated]);
    assert_eq!(world.holding(allotment).charged, units(4, 4));
    // the receipt's challenge was used up
    assert_eq!(receipt(world.send_release(&release, None)).err(), Some(Refused::Resync));
}

#[test]
fn i10_a_release_out_of_turn_needs_the_challenge_too() {
    let (mut world, mut console, allotment) = running();
    world.lost_check(&mut console).expect("its answer is lost");
    let release = console.release(&world);
    assert_eq!(receipt(world.send_release(&release, None)).err(), Some(Refused::Resync));
    assert_eq!(world.holding(allotment).charged, units(4, 4));
    let proof = console.proved(&world, release.sub);
    let release = Release { proof, ..console.release(&world) };
    receipt(world.send_release(&release, console.held.as_ref())).expect("a receipt");
    assert_eq!(world.holding(allotment).charged, Units::default());
}

#[test]
fn i10_a_challenge_for_another_answer_is_worth_nothing() {
    let (mut world, mut console, _) = running();
    let early = console.proved(&world, console.sub());
    world.check_in(&mut console).expect("a lease");
    let rows = world.rows();
    let check = Check { proof: Proof { held: None, ..early }, ..console.check(&world) };
    assert_eq!(leased(world.send_check(&check, None)).err(), Some(Refused::Resync));
    assert_eq!(world.rows(), rows);
}

#[test]
fn i10_a_lease_of_another_device_or_activation_proves_nothing_about_this_one() {
    let (mut world, mut console, _) = running();
    for _ in 0..2 {
        world.check_in(&mut console).expect("a lease");
    }
    let mut foreign = console.held.clone().expect("a lease");
    foreign.grant.device = leasehold_protocol::PublicKey([9; 32]);
    let proof = console.proved(&world, console.sub());
    let check = Check { proof, ..console.check(&world) };
    leased(world.send_check(&check, Some(&foreign))).expect("a lease, as for one that lost everything");
    assert_eq!(world.activation(console.sub()).0.abandoned, [(1, 3)]);
}
