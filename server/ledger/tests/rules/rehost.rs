//! Rehost: a dead device's units are there at once, and its artefact is stood in for (I16).

use super::console::Console;
use super::world::{PoolKey, World, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::store::Store;
use leasehold_protocol::{ActivationId, Refused, Units};

impl World {
    fn by(&self, account: AccountId) -> Actor {
        self.member(account, Role::Operator)
    }

    pub fn stop_renewal(&mut self, activation: ActivationId) -> Result<(), Refused> {
        let account = self.activation(activation).0.account;
        self.run(self.by(account), Command::StopRenewal { activation }).map(drop)
    }

    pub fn resume_renewal(&mut self, activation: ActivationId) -> Result<(), Refused> {
        let account = self.activation(activation).0.account;
        self.run(self.by(account), Command::ResumeRenewal { activation }).map(drop)
    }

    pub fn rehost(&mut self, activation: ActivationId) -> Result<(), Refused> {
        let (account, reserve) = (self.activation(activation).0.account, HoldingId(self.draw()));
        self.run(self.by(account), Command::Rehost { activation, reserve }).map(drop)
    }

    pub fn reserve(&self, account: AccountId) -> Option<Holding> {
        let view = self.store.read().expect("memory");
        let all = leasehold_ledger::view::holdings_of(view.as_ref(), account).expect("sound");
        all.into_iter().find(|one| one.role == HoldingRole::Reserve)
    }
}

/// A pool key of 10 + 10, all there is, on a console that is about to die.
pub fn dying(free_on: FreeOn) -> (World, AccountId, PoolKey, Console) {
    let mut world = World::with(free_on);
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(10, 10));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    (world, customer, key, console)
}

#[test]
fn a_rehosted_devices_units_are_there_at_once_and_its_lease_is_stood_in_for() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry] {
        let (mut world, customer, key, mut dead) = dying(free_on);
        let told = world.events_of(|world| world.rehost(dead.sub()).expect("it may"));
        assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::DeviceRehosted]);
        assert_eq!(told[0].moves.len(), 1, "the reserve was minted by it");
        let reserve = world.reserve(customer).expect("there is one");
        assert_eq!((reserve.units.clone(), reserve.encumbered), (units(10, 10), units(10, 10)));
        assert_eq!(world.holding(key.allotment).free(), units(10, 10));
        let mut other = Console::new(2);
        assert_eq!(world.activate(&mut other, &key.code).expect("at once").grant.units, units(10, 10));
        assert_eq!(world.check_in(&mut dead), Err(Refused::KeyStopped));
        world.days(7);
        assert_eq!(world.check_in(&mut other).expect("a lease").grant.units, units(10, 10));
        assert_eq!(world.rehost(other.sub()), Err(Refused::RehostLimit), "the reserve stands in for the first");
        world.days(7);
        world.rehost(other.sub()).expect("it is free again");
        assert_eq!(world.reserve(customer).expect("the same").id, reserve.id);
    }
}

#[test]
fn a_place_that_a_rehost_made_is_kept_for_whoever_comes() {
    let (mut world, customer, key, dead) = dying(FreeOn::Fetch);
    world.rehost(dead.sub()).expect("it may");
    world.done(Actor::system("job lapse"), Command::Lapse { activation: dead.sub() });
    assert_eq!(world.reserve(customer).expect("there is one").encumbered, units(10, 10), "nothing goes back home");
    assert!(world.activate(&mut Console::new(2), &key.code).is_ok());
}

#[test]
fn so_many_devices_are_rehosted_a_period() {
    let (mut world, customer, key, mut last) = dying(FreeOn::Fetch);
    for number in 2..5 {
        world.rehost(last.sub()).expect("three are");
        last = Console::new(number);
        world.activate(&mut last, &key.code).expect("a lease");
        world.days(15);
        world.activate(&mut last, &key.code).expect("a lease");
    }
    assert_eq!(world.rehost(last.sub()), Err(Refused::RehostLimit));
    let changes = vec![("rehosts_max".to_owned(), Some(SettingValue::Number(4)))];
    world.done(world.root(), Command::ChangeSettings { scope: Scope::Account(customer), changes });
    world.rehost(last.sub()).expect("four are, for this account");
    world.days(400);
    let mut next = Console::new(9);
    world.activate(&mut next, &key.code).expect("a lease");
    world.rehost(next.sub()).expect("those of last year count no more");
}

#[test]
fn a_reserve_is_minted_by_the_vendor_and_of_use_to_nothing_else() {
    let (mut world, customer, key, dead) = dying(FreeOn::Fetch);
    let mint = |world: &mut World, actor| {
        let (reserve, sku, units) = (HoldingId(world.draw()), super::world::SKU.to_owned(), units(3, 0));
        world.run(actor, Command::MintReserve { account: customer, reserve, sku, units }).map(drop)
    };
    let theirs = world.member(customer, Role::Admin);
    assert_eq!(mint(&mut world, theirs), Err(Refused::AdminOnly));
    let root = world.root();
    mint(&mut world, root.clone()).expect("it may");
    mint(&mut world, root.clone()).expect("and more");
    let reserve = world.reserve(customer).expect("one");
    assert_eq!((reserve.units, reserve.minted), (units(6, 0), units(6, 0)));
    assert_eq!(world.rehost(dead.sub()), Err(Refused::RehostLimit), "it is not enough for the device");
    assert_eq!(world.holding(key.allotment).charged, units(10, 10));
    let away = world.line_transfer(reserve.id, customer, units(1, 0));
    assert_eq!(world.transfer_line(root.clone(), &away), Err(Refused::OutOfReach), "it is no line");
    let pull = Command::Retire { lot: reserve.id, units: units(1, 0) };
    assert_eq!(world.run(root, pull).map(drop), Err(Refused::OutOfReach));
}

#[test]
fn a_licence_file_without_an_end_is_returned_and_not_rehosted() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 0));
    let request = Console::new(1).request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    assert_eq!(world.rehost(world.filed().0.id), Err(Refused::LicenceActivated));
    assert_eq!(world.reserve(customer), None);
}

#[test]
fn what_has_ended_needs_no_rehost() {
    let (mut world, customer, _, dead) = dying(FreeOn::Fetch);
    world.days(15);
    assert_eq!(world.rehost(dead.sub()), Err(Refused::LicenceLapsed));
    assert_eq!(world.reserve(customer), None);
}

#[test]
fn a_rehost_of_a_device_on_a_line_frees_it_for_a_transfer_and_nobody_has_more_than_was_bought() {
    let mut world = World::new();
    let partner = world.reseller("Partner");
    let lot = world.mint(partner, units(10, 0));
    let customer = world.create_account(world.root(), partner, AccountKind::EndCustomer, "Customer");
    let mut dead = Console::new(1);
    world.activate(&mut dead, &lot.code).expect("a lease");
    let what = world.line_transfer(lot.id, customer, units(10, 0));
    let operator = world.member(partner, Role::Operator);
    assert_eq!(world.transfer_line(operator.clone(), &what), Err(Refused::InsufficientUnits));
    world.rehost(dead.sub()).expect("it may");
    world.transfer_line(operator, &what).expect("free now");
    let lease = world.activate(&mut Console::new(2), &what.new.code).expect("a lease");
    assert_eq!(lease.grant.units, units(10, 0));
    let reserve = world.reserve(partner).expect("it stands in for the dead one");
    assert_eq!((reserve.encumbered.clone(), reserve.units), (units(10, 0), units(10, 0)));
    world.days(15);
    world.done(Actor::system("job lapse"), Command::Lapse { activation: dead.sub() });
    assert_eq!(world.reserve(partner).expect("still there").encumbered, Units::default());
}

#[test]
fn an_account_is_closed_with_its_reserve() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let (reserve, sku) = (HoldingId(world.draw()), super::world::SKU.to_owned());
    world.done(world.root(), Command::MintReserve { account: customer, reserve, sku, units: units(3, 0) });
    world.done(world.root(), Command::DeleteAccount { account: customer });
    let reserve = world.holding(reserve);
    assert_eq!((reserve.units, reserve.retired), (Units::default(), units(3, 0)));
    let last = world.events().pop().expect("one");
    assert_eq!((last.verb, last.moves.len()), (Verb::AccountDeleted, 1));
}
