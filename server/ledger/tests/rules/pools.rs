//! Pools and their quotas (H8-H13, H36, H39, I7).

use super::world::{SKU, World, product, units};
use leasehold_ledger::Command;
use leasehold_protocol::{Day, Refused, Units};

#[test]
fn h39_case_study_leaves_40_and_40() {
    let mut world = World::new();
    let customer = world.customer("Partner");
    let stock = world.pooled(customer, units(100, 100));
    for (name, keys) in [("A", [10, 10].as_slice()), ("B", &[20]), ("C", &[20])] {
        let pool = world.pool(customer, name, units(20, 20));
        for (number, quota) in keys.iter().enumerate() {
            world.pool_key(pool, &format!("{name}{number}"), units(*quota, *quota));
        }
        let pool = world.holding(pool);
        assert_eq!((pool.quota(), pool.free()), (units(20, 20), Units::default()));
    }
    let stock = world.holding(stock);
    assert_eq!((stock.free(), stock.quota()), (units(40, 40), units(100, 100)));
}

#[test]
fn h8_the_total_of_a_type_is_the_sum_of_its_converted_licences() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let customer = world.customer("Customer");
    world.pooled(customer, units(10, 0));
    world.pooled(customer, units(5, 7));
    let line = world.line("OBS-STD", units(3, 3));
    let other = world.mint_line(customer, line);
    world.convert(other.id);
    assert_eq!(world.stock(customer, "OEM").quota(), units(15, 7));
    assert_eq!(world.stock(customer, "Standard").quota(), units(3, 3));
}

#[test]
fn h9_types_are_not_mixed_in_one_pool() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let customer = world.customer("Customer");
    let stock = world.pooled(customer, units(10, 0));
    let other = world.try_pool(customer, "Standard pool", "OBS-STD").expect("the name is free");
    assert_eq!(world.try_pool_quota(other, units(1, 0)), Err(Refused::InsufficientUnits), "no Standard stock");
    let to = leasehold_ledger::rule::pool::Destination::Existing(other);
    let root = world.root();
    assert_eq!(world.move_to(root, stock, customer, to, units(1, 0)), Err(Refused::CompatMismatch));
}

#[test]
fn h10_h11_pool_names_are_unique_in_an_account_and_there_is_no_limit() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    for number in 0..40 {
        world.try_pool(customer, &format!("Pool {number}"), SKU).expect("the name is free");
    }
    assert_eq!(world.try_pool(customer, " POOL 7", SKU), Err(Refused::NameTaken));
    world.pooled(customer, units(1, 0));
    world.try_pool(customer, "OEM", SKU).expect("the stock's own name is not in the way");
    let other = world.customer("Other");
    world.try_pool(other, "Pool 7", SKU).expect("another account's names are its own");
}

#[test]
fn h13_pools_hold_no_more_than_the_type_has_of_each_kind() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    world.pooled(customer, units(10, 5));
    let pool = world.pool(customer, "A", units(6, 5));
    let second = world.try_pool(customer, "B", SKU).expect("the name is free");
    assert_eq!(world.try_pool_quota(second, units(5, 0)), Err(Refused::InsufficientUnits));
    assert_eq!(world.try_pool_quota(second, units(0, 1)), Err(Refused::InsufficientUnits));
    assert_eq!(world.try_pool_quota(second, units(4, 0)), Ok(()));
    assert_eq!(world.try_pool_quota(pool, Units::of("seat", 1).expect("good")), Err(Refused::BadQuantity));
}

#[test]
fn h36_a_pool_is_not_lowered_below_its_keys() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(6, 6));
    assert_eq!(world.try_pool_quota(pool, units(5, 10)), Err(Refused::QuotaBelowChildren));
    assert_eq!(world.try_pool_quota(pool, units(6, 6)), Ok(()));
    world.key_quota(key.id, units(1, 1));
    assert_eq!(world.try_pool_quota(pool, units(1, 1)), Ok(()));
}

#[test]
fn h21_h22_free_upgrades_end_with_the_earliest_licence_of_the_type() {
    let mut world = World::new();
    world.done(world.root(), Command::CreateProduct(product("OBS-STD", "Standard")));
    let customer = world.customer("Customer");
    let day = |year: i64, month: i64, day: i64| Day(date(year, month, day));
    let oem = [day(2024, 10, 1), day(2024, 12, 1), day(2025, 12, 1)];
    let standard = [day(2024, 10, 1), day(2026, 1, 1), day(2024, 8, 1)];
    let lots = oem.map(|until| (SKU, until)).into_iter().chain(standard.map(|until| ("OBS-STD", until)));
    for (sku, until) in lots {
        let lot = world.mint_until(customer, sku, units(10, 10), until);
        world.convert(lot.id);
    }
    let (oem, standard) = (world.stock(customer, "OEM"), world.stock(customer, "Standard"));
    assert_eq!(oem.upgrade_until.map(|day| day.to_string()).as_deref(), Some("2024-10-01"));
    assert_eq!(standard.upgrade_until.map(|day| day.to_string()).as_deref(), Some("2024-08-01"));
    let pool = world.pool(customer, "Pool", units(10, 10));
    let key = world.pool_key(pool, "Key", units(10, 10));
    let mut console = super::console::Console::new(1);
    let lease = world.activate(&mut console, &key.code).expect("a lease");
    assert_eq!(lease.grant.free_upgrade_until, oem.upgrade_until);
}

/// Days since 1970 of a date in the years 2024 to 2026.
fn date(year: i64, month: i64, day: i64) -> i64 {
    let lengths = [31, if year == 2024 { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years = [2024, 2025].iter().filter(|one| **one < year).map(|one| if *one == 2024 { 366 } else { 365 });
    19_723 + years.sum::<i64>() + lengths.iter().take(usize::try_from(month - 1).expect("a month")).sum::<i64>() + day
        - 1
}

#[test]
fn h14_the_stock_is_no_named_pool() {
    let mut world = World::new();
    let customer = world.customer("Customer");
    let stock = world.pooled(customer, units(3, 0));
    assert_eq!(world.try_pool_quota(stock, units(1, 0)), Err(Refused::OutOfReach));
    let key = world.pool_key(stock, "Key", units(1, 0));
    assert_eq!(world.holding(key.allotment).parent, Some(stock));
}

#[test]
fn i13_a_quota_that_stays_writes_nothing() {
    let mut world = World::new();
    let (_, pool) = world.customer_with_pool(units(10, 10));
    let key = world.pool_key(pool, "Key", units(5, 5));
    let before = world.rows();
    world.pool_quota(pool, units(10, 10));
    world.key_quota(key.id, units(5, 5));
    assert_eq!(world.rows(), before);
}
