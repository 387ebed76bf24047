//! Transfers between accounts (A54-A62).

use super::console::Console;
use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::actor::{Actor, Role};
use leasehold_ledger::record::*;
use leasehold_ledger::rule::pool::Destination;
use leasehold_protocol::{Refused, Units};

/// Vendor, a reseller with 10 + 10 in stock, and its customer.
fn distribution() -> (World, AccountId, HoldingId, AccountId, Actor) {
    let mut world = World::new();
    let reseller = world.reseller("Reseller");
    let stock = world.pooled(reseller, units(10, 10));
    let customer = world.create_account(world.root(), reseller, AccountKind::EndCustomer, "Customer");
    let operator = world.member(reseller, Role::Operator);
    (world, reseller, stock, customer, operator)
}

fn new_pool(world: &mut World, name: Option<&str>) -> Destination {
    Destination::New { id: HoldingId(world.draw()), name: name.map(str::to_owned) }
}

fn id(destination: &Destination) -> HoldingId {
    match destination {
        Destination::New { id, .. } | Destination::Existing(id) => *id,
    }
}

#[test]
fn a56_a62_a_transfer_is_one_step_and_conserves_the_total() {
    let (mut world, reseller, stock, customer, operator) = distribution();
    let to = new_pool(&mut world, Some("From us"));
    let told = world.events_of(|world| {
        world.move_to(operator, stock, customer, to.clone(), units(4, 1)).expect("it is allowed");
    });
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].verb, told[0].accounts.clone()), (Verb::UnitsMoved, vec![reseller, customer]));
    let eyes: Vec<_> = told[0].facts.iter().map(|fact| (fact.name.as_str(), fact.eyes)).collect();
    let (giver, taker) = (Eyes::Side(0), Eyes::Side(1));
    let each = [("units", Eyes::All), ("from", giver), ("units_from", giver), ("to", taker), ("units_to", taker)];
    assert_eq!(eyes, each, "neither side reads what the other has");
    assert_eq!(told[0].other, Some(id(&to).to_string()));
    assert_eq!(world.holding(stock).units, units(6, 9));
    let pool = world.holding(id(&to));
    assert_eq!((pool.units, pool.account, pool.name.as_str()), (units(4, 1), customer, "From us"));
}

#[test]
fn a57_units_are_pulled_back_from_an_account_below() {
    let (mut world, reseller, stock, customer, operator) = distribution();
    let to = new_pool(&mut world, None);
    world.move_to(operator.clone(), stock, customer, to.clone(), units(4, 0)).expect("down");
    let back = Destination::Existing(stock);
    let customers = world.member(customer, Role::Admin);
    let by_customer = world.move_to(customers, id(&to), reseller, back.clone(), units(4, 0));
    assert_eq!(by_customer, Err(Refused::OutOfReach), "the account above is out of its reach");
    world.move_to(operator, id(&to), reseller, back, units(4, 0)).expect("up");
    assert_eq!(world.holding(stock).units, units(10, 10));
}

#[test]
fn a58_the_destination_lies_in_reach() {
    let (mut world, _, stock, _, operator) = distribution();
    let elsewhere = world.customer("Elsewhere");
    let to = new_pool(&mut world, None);
    assert_eq!(world.move_to(operator.clone(), stock, elsewhere, to, units(1, 0)), Err(Refused::OutOfReach));
    let theirs = world.pooled(elsewhere, units(5, 5));
    let to = new_pool(&mut world, None);
    let own = operator.member.expect("a member").0;
    assert_eq!(world.move_to(operator, theirs, own, to, units(1, 0)), Err(Refused::OutOfReach));
}

#[test]
fn a59_at_least_one_and_no_more_than_is_available() {
    let (mut world, _, stock, customer, operator) = distribution();
    let mut refused = |units: Units| {
        let to = new_pool(&mut world, None);
        let moved = world.move_to(operator.clone(), stock, customer, to, units);
        moved.expect_err("nothing moves")
    };
    assert_eq!(refused(Units::default()), Refused::BadQuantity);
    assert_eq!(refused(units(11, 0)), Refused::InsufficientUnits);
    assert_eq!(refused(units(10, 11)), Refused::InsufficientUnits);
}

#[test]
fn a59_units_in_living_leases_are_not_available() {
    let (mut world, _, stock, customer, operator) = distribution();
    let key = world.pool_key(stock, "Key", units(6, 0));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.key_quota(key.id, units(1, 0));
    assert_eq!(world.holding(stock).encumbered, units(5, 0), "they arrive with the lease they are in");
    let to = new_pool(&mut world, None);
    let moved = world.move_to(operator.clone(), stock, customer, to.clone(), units(5, 0));
    assert_eq!(moved, Err(Refused::InsufficientUnits));
    world.check_in(&mut console).expect("the smaller lease");
    world.check_in(&mut console).expect("the acknowledgement");
    world.move_to(operator, stock, customer, to, units(9, 0)).expect("they are free");
}

#[test]
fn a60_an_existing_pool_takes_more_of_the_same_and_nothing_else() {
    let (mut world, _, stock, customer, operator) = distribution();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let same = world.try_pool(customer, "Same", SKU).expect("the name is free");
    let other = world.try_pool(customer, "Other", "OBS-STD").expect("the name is free");
    let to = Destination::Existing;
    world.move_to(operator.clone(), stock, customer, to(same), units(1, 0)).expect("the same compat");
    world.move_to(operator.clone(), stock, customer, to(same), units(1, 0)).expect("and again");
    assert_eq!(world.holding(same).units, units(2, 0));
    let mixed = world.move_to(operator.clone(), stock, customer, to(other), units(1, 0));
    assert_eq!(mixed, Err(Refused::CompatMismatch));
    let itself = world.move_to(operator.clone(), stock, world.holding(stock).account, to(stock), units(1, 0));
    assert_eq!(itself, Err(Refused::OutOfReach));
    let own = operator.member.expect("a member").0;
    assert_eq!(world.move_to(operator, stock, own, to(same), units(1, 0)), Err(Refused::OutOfReach));
}

#[test]
fn a61_a_pool_without_a_name_gets_one_and_the_second_another() {
    let (mut world, _, stock, customer, operator) = distribution();
    let mut names = Vec::new();
    for _ in 0..2 {
        let to = new_pool(&mut world, None);
        world.move_to(operator.clone(), stock, customer, to.clone(), units(1, 0)).expect("it is allowed");
        names.push(world.holding(id(&to)).name);
    }
    assert!(names[0] != names[1] && names.iter().all(|name| name.starts_with("Backup OEM ")), "{names:?}");
    let taken = new_pool(&mut world, Some(&names[0].clone()));
    assert_eq!(world.move_to(operator, stock, customer, taken, units(1, 0)), Err(Refused::NameTaken));
}

#[test]
fn a19_nothing_moves_into_or_out_of_an_inactive_account() {
    let (mut world, reseller, stock, customer, _) = distribution();
    let root = world.root();
    for inactive in [customer, reseller] {
        world.set_status(inactive, AccountStatus::Inactive);
        let to = new_pool(&mut world, None);
        let moved = world.move_to(root.clone(), stock, customer, to, units(1, 0));
        assert_eq!(moved, Err(Refused::AccountInactive));
        world.set_status(inactive, AccountStatus::Active);
    }
}

#[test]
fn h12_a_pool_with_units_from_elsewhere_and_from_the_stock_is_counted_whole() {
    // the parent's account of its children missed what they had before it became their parent
    let (mut world, _, stock, customer, operator) = distribution();
    let to = new_pool(&mut world, None);
    world.move_to(operator.clone(), stock, customer, to.clone(), units(4, 0)).expect("down");
    let own = world.pooled(customer, units(5, 5));
    world.pool_quota(id(&to), units(6, 0));
    assert_eq!((world.holding(own).granted, world.holding(own).units), (units(6, 0), units(3, 5)));
    let back = new_pool(&mut world, None);
    let reseller = operator.member.expect("a member").0;
    world.move_to(operator, id(&to), reseller, back, units(5, 0)).expect("up");
    assert_eq!(world.holding(own).granted, units(1, 0));
}

#[test]
fn a57_a_customer_moves_between_its_own_pools() {
    let (mut world, _, stock, customer, operator) = distribution();
    let (first, second) = (new_pool(&mut world, None), new_pool(&mut world, None));
    world.move_to(operator, stock, customer, first.clone(), units(4, 0)).expect("down");
    let own = world.member(customer, Role::Operator);
    world.move_to(own, id(&first), customer, second.clone(), units(1, 0)).expect("its own");
    assert_eq!(world.holding(id(&second)).units, units(1, 0));
}
