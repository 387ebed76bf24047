//! Adding a lot to the pool, also while it is in use (H2-H7, H23).

use super::console::{Console, leased};
use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};

/// A lot of 10 + 10, all of it in a console's lease, converted a day later.
fn converted_in_use(free_on: FreeOn) -> (World, Console, HoldingId, HoldingId) {
    let mut world = World::with(free_on);
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(10, 10));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("a lease");
    world.days(1);
    let stock = world.convert(lot.id);
    (world, console, lot.id, stock)
}

#[test]
fn h2_a_metered_licence_is_not_poolable_and_neither_is_one_that_ends() {
    let mut world = World::new();
    let metered = Product { metered: true, ..product("METERED", "Metered") };
    world.done(world.root(), Command::CreateProduct(metered));
    let customer = world.customer("Customer");
    let metered = world.line("METERED", units(1, 0));
    let dated = Line { expires: Some(world.now.plus(DAY)), ..world.line(SKU, units(1, 0)) };
    for line in [metered, dated] {
        let lot = world.mint_line(customer, line);
        assert_eq!(world.try_convert(lot.id, true), Err(Refused::NotPoolable));
    }
}

#[test]
fn h4_a_conversion_is_done_once_and_never_undone() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(1, 0));
    let stock = world.convert(lot.id);
    assert_eq!(world.try_convert(lot.id, true), Err(Refused::Irreversible));
    let back = leasehold_ledger::rule::pool::Destination::Existing(lot.id);
    let root = world.root();
    assert_eq!(world.move_to(root, stock, customer, back, units(1, 0)), Err(Refused::OutOfReach));
    assert_eq!(world.try_convert(stock, true), Err(Refused::OutOfReach), "only lots are converted");
}

#[test]
fn h5_a_pooled_licence_is_installed_nowhere_any_more() {
    let (mut world, _, lot, _) = converted_in_use(FreeOn::Fetch);
    let code = world.key(world.holding(lot).key.expect("a key")).code;
    let mut other = Console::new(2);
    assert_eq!(world.activate(&mut other, &code).map(drop), Err(Refused::LicencePooled));
    world.days(30);
    assert_eq!(world.activate(&mut other, &code).map(drop), Err(Refused::LicencePooled));
}

#[test]
fn h6_a_console_on_a_pooled_licence_gets_its_last_lease_to_14_days_after_the_conversion() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry, FreeOn::AtOnce] {
        let (mut world, mut console, lot, stock) = converted_in_use(free_on);
        let end = world.now.plus(14 * DAY);
        for days in [0, 3, 10] {
            world.days(days);
            let lease = world.check_in(&mut console).expect("the last lease");
            assert_eq!((lease.exp, lease.grant.units), (end, units(10, 10)), "{free_on:?}");
            assert_eq!(lease.notices, ["licence_pooled"]);
        }
        let away = if free_on == FreeOn::AtOnce { Units::default() } else { units(10, 10) };
        assert_eq!((world.holding(lot).units, world.holding(stock).encumbered), (Units::default(), away));
        world.days(1);
        assert_eq!(world.check_in(&mut console), Err(Refused::LicencePooled));
        let key = world.pool_key(stock, "Key", units(10, 10));
        assert_eq!(world.activate(&mut Console::new(2), &key.code).expect("all").grant.units, units(10, 10));
    }
}

#[test]
fn h6_a_console_that_let_its_last_lease_lapse_gets_no_other() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("a lease");
    world.days(10);
    world.convert(lot.id);
    world.days(5);
    assert_eq!(world.check_in(&mut console), Err(Refused::LicencePooled));
}

#[test]
fn h6_a_pool_key_on_the_same_device_takes_the_place_of_the_old_lease() {
    for free_on in [FreeOn::Fetch, FreeOn::Expiry] {
        let (mut world, mut console, _, stock) = converted_in_use(free_on);
        let old = console.sub();
        let key = world.pool_key(stock, "Key", units(10, 10)); // every unit of it is in the console's own lease
        let told = world.events_of(|world| {
            let lease = world.replace(&mut console, &key.code).expect("its own units are no rival's");
            assert_eq!(lease.grant.units, units(10, 10));
        });
        assert_eq!(told.iter().map(|event| event.verb).collect::<Vec<_>>(), [Verb::Activated]);
        assert_eq!(world.activation(old).0.state, ActivationState::Released);
        assert_eq!(world.holding(key.allotment).charged, units(10, 10));
        world.days(1);
        world.check_in(&mut console).expect("a lease");
    }
}

#[test]
fn h6_the_old_lease_lives_until_the_console_shows_the_new_one() {
    // the answer to an activation that replaces may be lost, and the console runs on what it has
    let (mut world, mut console, lot, stock) = converted_in_use(FreeOn::Fetch);
    let key = world.pool_key(stock, "Key", units(4, 4));
    let replaces = console.held.as_ref().map(|lease| lease.grant.cti);
    let activate = Activate { replaces, ..console.activate(&world, &key.code) };
    let lease = leased(world.send_activate(&activate, None)).expect("its answer is lost");
    assert_eq!(world.holding(stock).free(), Units::default(), "the other six may still be in use");
    assert_eq!(leased(world.send_activate(&activate, None)).expect("the same"), lease);
    assert_eq!(world.holding(stock).free(), Units::default());
    console.held = Some(lease);
    world.check_in(&mut console).expect("the acknowledgement");
    assert_eq!(world.holding(stock).free(), units(6, 6));
    assert_eq!(world.holding(lot).charged, Units::default());
}

#[test]
fn h6_only_a_last_lease_of_the_same_account_and_kind_is_replaced() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let (customer, other) = (world.customer("Customer"), world.customer("Other"));
    let lot = world.mint(customer, units(3, 3));
    let line = world.line("OBS-STD", units(3, 3));
    let standard = world.mint_line(customer, line);
    let foreign = world.mint(other, units(3, 3));
    let mut console = Console::new(1);
    let old = world.activate(&mut console, &lot.code).expect("a lease").grant.sub;
    for (code, sku) in [(&standard.code, "OBS-STD"), (&foreign.code, SKU)] {
        let mut same_device = Console { sku: sku.into(), ..console.clone() };
        world.replace(&mut same_device, code).expect("a lease beside the other");
        assert_eq!(world.activation(old).0.state, ActivationState::Active);
    }
}

#[test]
fn h7_stock_licences_arrive_free_and_those_in_use_arrive_with_their_leases() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let (used, unused) = (world.mint(customer, units(5, 0)), world.mint(customer, units(7, 0)));
    world.activate(&mut Console::new(1), &used.code).expect("a lease");
    let stock = world.convert(used.id);
    world.convert(unused.id);
    let stock = world.holding(stock);
    assert_eq!((stock.units.clone(), stock.free(), stock.encumbered), (units(12, 0), units(7, 0), units(5, 0)));
}

#[test]
fn h7_a_living_file_without_an_end_is_returned_first() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let mut console = Console::new(1);
    let request = console.request(&world, &lot.code);
    world.answer(customer, &request).expect("a file");
    assert_eq!(world.try_convert(lot.id, true), Err(Refused::LicenceActivated));
    world.give_back(&mut console, customer, 1).expect("taken back");
    assert_eq!(world.try_convert(lot.id, false), Ok(()));
}

#[test]
fn h23_a_lot_whose_maintenance_has_ended_is_converted_by_force_only() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let yesterday = leasehold_protocol::Day(world.now.day().0 - 1);
    let lot = world.mint_until(customer, SKU, units(1, 0), yesterday);
    assert_eq!(world.try_convert(lot.id, false), Err(Refused::MaintenanceExpired));
    assert_eq!(world.try_convert(lot.id, true), Ok(()));
    let stock = world.stock(customer, "OEM");
    assert_eq!(stock.upgrade_until, Some(yesterday));
    let key = world.pool_key(stock.id, "Key", units(1, 0));
    assert_eq!(world.activate(&mut Console::new(1), &key.code).map(drop), Err(Refused::MaintenanceExpired));
}
