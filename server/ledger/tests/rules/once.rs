//! Requests that named an idempotency key.

use super::world::World;
use leasehold_ledger::actor::Actor;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::account::{NewAccount, Profile};
use leasehold_ledger::rule::once::{Asked, FORGOTTEN_MAX, REMEMBERED_MAX};
use leasehold_ledger::store::{Store, Table};
use leasehold_ledger::{Command, Outcome};
use leasehold_protocol::Refused;

const DAY: i64 = 24 * 3600;

fn asked(world: &World, key: u8, seed: u8) -> Asked {
    Asked {
        place: IdempotencyKey { caller: [1; 16], key: [key; 32] },
        request: [9; 32],
        seed: [seed; 32],
        at: world.now,
    }
}

fn creates(world: &mut World, name: &str) -> Box<Command> {
    let (id, parent) = (AccountId(world.draw()), world.vendor);
    let profile = Profile { name: name.into(), ..Profile::default() };
    Box::new(Command::CreateAccount(NewAccount { id, parent, kind: AccountKind::EndCustomer, profile }))
}

fn once(world: &mut World, asked: &Asked, number: u32, name: &str) -> Result<Outcome, Refused> {
    let command = creates(world, name);
    world.run(world.root(), Command::Once { asked: asked.clone(), number, command })
}

#[test]
fn each_command_of_a_request_is_carried_out_once() {
    let mut world = World::new();
    let request = asked(&world, 1, 1);
    assert_eq!(once(&mut world, &request, 0, "A"), Ok(Outcome::Done));
    assert_eq!(once(&mut world, &request, 0, "B"), Ok(Outcome::Repeated(None)));
    assert_eq!(once(&mut world, &request, 1, "B"), Ok(Outcome::Done));
    assert_eq!(world.events().iter().filter(|event| event.verb == Verb::AccountCreated).count(), 2);
}

#[test]
fn another_run_of_the_same_request_changes_nothing() {
    let mut world = World::new();
    let (first, second) = (asked(&world, 1, 1), asked(&world, 1, 2));
    assert_eq!(once(&mut world, &first, 0, "A"), Ok(Outcome::Done));
    let before = world.rows();
    assert_eq!(once(&mut world, &second, 0, "B"), Ok(Outcome::Raced));
    let answer = KeptAnswer::Secret;
    let remember = |asked: &Asked| Command::RememberAnswer { asked: asked.clone(), answer: answer.clone() };
    assert_eq!(world.run(world.root(), remember(&second)), Ok(Outcome::Raced));
    assert_eq!(world.rows(), before);
    assert_eq!(world.run(world.root(), remember(&first)), Ok(Outcome::Done));
    assert_eq!(world.run(world.root(), remember(&first)), Ok(Outcome::Raced), "the first answer counts");
}

#[test]
fn a_refused_command_leaves_no_note() {
    let mut world = World::new();
    world.customer("Taken");
    let request = asked(&world, 1, 1);
    assert_eq!(once(&mut world, &request, 0, "Taken"), Err(Refused::NameTaken));
    assert_eq!(once(&mut world, &request, 0, "Free"), Ok(Outcome::Done));
}

#[test]
fn nobody_fills_the_store_with_keys() {
    let mut world = World::new();
    let caller = asked(&world, 1, 1).place.caller;
    let full = |tx: &mut dyn leasehold_ledger::store::Write| {
        tx.put(Table::RememberedCounts, &caller, &REMEMBERED_MAX.to_be_bytes())
    };
    world.store.write(&mut |tx| full(tx)).expect("memory");
    let command = creates(&mut world, "One more");
    let one_more = Command::Once { asked: asked(&world, 1, 1), number: 0, command };
    let fault = world.attempt(world.root(), &one_more).expect_err("it is refused");
    assert!(fault.to_string().contains("20000 keys"), "{fault}");
}

#[test]
fn what_is_a_day_old_is_forgotten_a_part_at_a_time() {
    let mut world = World::new();
    let many = FORGOTTEN_MAX + 3;
    for number in 0..many {
        let mut request = asked(&world, 1, 1);
        request.place.key[..8].copy_from_slice(&number.to_be_bytes());
        let remember = Command::RememberAnswer { asked: request, answer: KeptAnswer::Secret };
        world.attempt(world.root(), &remember).expect("it is allowed");
    }
    let kept = |world: &World| world.rows().iter().filter(|(table, ..)| *table == Table::Remembered).count();
    let job = || Actor::system("job forget");
    world.pass(DAY - 1);
    world.done(job(), Command::ForgetAnswers);
    assert_eq!(kept(&world), many);
    world.pass(1);
    world.done(job(), Command::ForgetAnswers);
    assert_eq!(kept(&world), 3);
    world.done(job(), Command::ForgetAnswers);
    assert_eq!(kept(&world), 0);
}
