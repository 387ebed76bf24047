//! Leases and their renewal (H20, H24, H28, H32, I5, I6, I13).

use super::console::Console;
use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_ledger::record::*;
use leasehold_ledger::rule::lot::Line;
use leasehold_ledger::store::Table;
use leasehold_protocol::activate::Activate;
use leasehold_protocol::time::DAY;
use leasehold_protocol::{Refused, Units};

fn verbs(told: &[Event]) -> Vec<Verb> {
    told.iter().map(|event| event.verb).collect()
}

#[test]
fn h20_a_lease_of_a_pool_key_ends_after_14_days() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    for _ in 0..3 {
        let lease =
            if console.held.is_none() { world.activate(&mut console, &key.code) } else { world.check_in(&mut console) };
        assert_eq!(lease.expect("a lease").exp, world.now.plus(14 * DAY));
        world.days(5);
    }
}

#[test]
fn i13_a_plain_renewal_writes_one_slot_and_no_event() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    for _ in 0..20 {
        world.days(1);
        let before = world.rows();
        world.check_in(&mut console).expect("a lease");
        assert_eq!(world.changed(&before), [Table::Renewals]);
    }
}

#[test]
fn i13_whatever_else_a_check_changes_writes_one_event() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    let told = world.events_of(|world| drop(world.activate(&mut console, &key.code).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::Activated]);
    world.key_quota(key.id, units(2, 2));
    let told = world.events_of(|world| drop(world.check_in(&mut console).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::LeaseChanged]);
    let told = world.events_of(|world| drop(world.check_in(&mut console).expect("the acknowledgement")));
    assert_eq!(verbs(&told), [Verb::UnitsFreed]);
    console.host.version = "9.2".into();
    let told = world.events_of(|world| drop(world.check_in(&mut console).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::LeaseChanged]);
    world.stop(key.id);
    let told = world.events_of(|world| {
        assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped));
        assert_eq!(world.check_in(&mut console), Err(Refused::KeyStopped));
    });
    assert_eq!(verbs(&told), [Verb::CheckRefused], "the first no is recorded, the second is the same");
    world.resume(key.id);
    let told = world.events_of(|world| drop(world.check_in(&mut console).expect("a lease")));
    assert_eq!(verbs(&told), [Verb::LeaseChanged]);
}

#[test]
fn h24_nothing_is_renewed_after_the_maintenance_and_the_last_lease_runs_on() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let until = world.now.plus(3 * DAY).day();
    let lot = world.mint_until(customer, SKU, units(5, 5), until);
    let stock = world.convert(lot.id);
    let key = world.pool_key(stock, "Key", units(5, 5));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.days(3);
    let last = world.check_in(&mut console).expect("the day itself counts");
    assert!(last.notices.contains(&"maintenance_ends_soon".to_owned()));
    world.days(1);
    assert_eq!(world.check_in(&mut console), Err(Refused::MaintenanceExpired));
    assert_eq!(world.activation(last.grant.sub).1.exp, last.exp);
}

#[test]
fn h24_a_product_gated_by_version_is_renewed_for_ever() {
    let mut world = World::new();
    let gated = Product { maintenance: Maintenance::GatesVersion, ..product("GATED", "Gated") };
    world.done(world.root(), Command::CreateProduct(gated));
    let customer = world.customer("Customer");
    let lot = world.mint_until(customer, "GATED", units(5, 5), world.now.day());
    let mut console = Console { sku: "GATED".into(), ..Console::new(1) };
    world.activate(&mut console, &lot.code).expect("a lease");
    world.days(10);
    world.check_in(&mut console).expect("still a lease");
}

#[test]
fn h32_a_version_below_the_lowest_is_refused() {
    let mut world = World::new();
    let modern = Product { min_version: Some("7".into()), ..product("MODERN", "Modern") };
    world.done(world.root(), Command::CreateProduct(modern));
    let customer = world.customer("Customer");
    for (version, runs) in [("6.9.9", false), ("7", true), ("7.0.0", true), ("10.1", true), ("old", false)] {
        let line = world.line("MODERN", units(5, 5));
        let lot = world.mint_line(customer, line);
        let mut console = Console { sku: "MODERN".into(), ..Console::new(1) };
        console.host.version = version.into();
        let answer = world.activate(&mut console, &lot.code);
        assert_eq!(answer.err(), (!runs).then_some(Refused::VersionTooOld), "{version}");
    }
}

#[test]
fn a20_i5_a_renewal_in_an_inactive_account_carries_at_most_what_the_last_lease_did() {
    let mut world = World::new();
    let (customer, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(4, 4));
    let mut console = Console::new(1);
    world.activate(&mut console, &key.code).expect("a lease");
    world.key_quota(key.id, units(8, 2));
    world.set_status(customer, AccountStatus::Inactive);
    world.days(1);
    assert_eq!(world.check_in(&mut console).expect("renewals go on").grant.units, units(4, 2));
    world.days(20);
    assert_eq!(world.check_in(&mut console).expect("a lapsed one is renewed").grant.units, units(4, 2));
    world.release(&mut console).expect("releases go on");
    assert_eq!(world.resync(&mut console), Err(Refused::AccountInactive), "a released one would begin anew");
    world.set_status(customer, AccountStatus::Active);
    assert_eq!(world.resync(&mut console).expect("a lease").grant.units, units(8, 2));
}

#[test]
fn i6_a_lease_ends_with_the_units_it_draws_on() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let line = Line { expires: Some(world.now.plus(20 * DAY)), ..world.line(SKU, units(5, 5)) };
    let (end, lot) = (world.now.plus(20 * DAY), world.mint_line(customer, line));
    let mut console = Console::new(1);
    world.activate(&mut console, &lot.code).expect("a lease");
    world.days(10);
    assert_eq!(world.check_in(&mut console).expect("a lease").exp, end);
    world.days(10);
    assert_eq!(world.check_in(&mut console), Err(Refused::LicenceLapsed));
}

#[test]
fn i6_a_changed_device_is_recorded_once_a_day_or_refused() {
    let mut world = World::new();
    let strict = Product { device_change: DeviceChange::Refused, ..product("STRICT", "Strict") };
    world.done(world.root(), Command::CreateProduct(strict));
    let customer = world.customer("Customer");
    let parts = |parts: &[(&str, u8)]| parts.iter().map(|(part, hash)| ((*part).to_owned(), [*hash; 32])).collect();
    for (sku, refused) in [(SKU, None), ("STRICT", Some(Refused::DeviceMismatch))] {
        let line = world.line(sku, units(5, 5));
        let lot = world.mint_line(customer, line);
        let mut console = Console { sku: sku.into(), ..Console::new(if refused.is_some() { 2 } else { 1 }) };
        console.host.fingerprint = parts(&[("board", 1), ("disk", 1)]);
        world.activate(&mut console, &lot.code).expect("a lease");
        console.host.fingerprint = parts(&[("board", 1), ("disk", 2)]);
        world.check_in(&mut console).expect("half of it is left");
        console.host.fingerprint = parts(&[("board", 2), ("disk", 2)]);
        let told = world.events_of(|world| {
            for _ in 0..2 {
                assert_eq!(world.check_in(&mut console).err(), refused);
            }
        });
        assert_eq!(verbs(&told), [if refused.is_some() { Verb::CheckRefused } else { Verb::DeviceMismatch }]);
        world.days(1);
        let told = world.events_of(|world| assert_eq!(world.check_in(&mut console).err(), refused));
        assert_eq!(verbs(&told), if refused.is_some() { vec![] } else { vec![Verb::DeviceMismatch] });
    }
}

#[test]
fn v4_devices_of_an_activation_id_share_its_units() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 1));
    let mut consoles = [Console::new(1), Console::new(2), Console::new(3)];
    let mut ask = |world: &mut World, at: usize, wanted: Units| {
        let message = Activate { wanted: Some(wanted), ..consoles[at].activate(world, &lot.code) };
        super::console::leased(world.send_activate(&message, None)).map(|lease| lease.grant.units)
    };
    assert_eq!(ask(&mut world, 0, units(3, 0)), Ok(units(3, 0)));
    assert_eq!(ask(&mut world, 1, units(3, 0)), Err(Refused::InsufficientUnits));
    assert_eq!(ask(&mut world, 1, units(2, 1)), Ok(units(2, 1)));
    assert_eq!(ask(&mut world, 2, units(0, 1)), Err(Refused::InsufficientUnits));
    assert_eq!(ask(&mut world, 2, Units::default()), Err(Refused::BadQuantity));
}

#[test]
fn a_key_is_for_one_product_and_strangers_get_the_same_no() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let lot = world.mint(customer, units(5, 5));
    let before = world.rows();
    let mut console = Console { sku: "OTHER".into(), ..Console::new(1) };
    for code in [lot.code.as_str(), "AAAA-AAAA-AAAA-AAAA", "nonsense"] {
        let message = console.activate(&world, code);
        let outcome = world.send_activate(&message, None);
        assert!(matches!(outcome, leasehold_ledger::Outcome::Stranger(_)), "{outcome:?}");
    }
    let mut known = Console::new(2);
    world.activate(&mut known, &lot.code).expect("a lease");
    let rows = world.rows();
    let mut thief = Console { held: known.held.clone(), ..Console::new(3) };
    for thief in [&mut thief, &mut Console { sku: "OTHER".into(), ..known.clone() }] {
        let (check, release) = (thief.check(&world), thief.release(&world));
        assert!(matches!(world.send_check(&check, None), leasehold_ledger::Outcome::Stranger(_)));
        assert!(matches!(world.send_release(&release, None), leasehold_ledger::Outcome::Stranger(_)));
    }
    assert!(world.rows() == rows && rows != before, "strangers write nothing");
}
