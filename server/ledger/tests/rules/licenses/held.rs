//! What a device has of a licence, and when it hears of a change (T15, T21).

use super::{PRO, STD, Shop, TRIAL, YEAR};
use crate::rules::world::units;
use leasehold_protocol::Refused;
use leasehold_protocol::time::DAY;

#[test]
fn no_lease_outlives_the_licence_it_stems_from() {
    let mut shop = Shop::new(10);
    shop.try_make(TRIAL, 2, Some(5)).expect("there is an allowance");
    let mut console = shop.console(1, TRIAL);
    let now = shop.world.now;
    assert_eq!(shop.activate(&mut console), Ok(units(2, 0)));
    assert_eq!(console.held.as_ref().map(|lease| lease.exp), Some(now.plus(5 * DAY)));
    shop.world.days(5);
    assert_eq!(shop.world.check_in(&mut console), Err(Refused::LicenceLapsed));
}

#[test]
fn t15_more_units_cost_the_difference_and_are_heard_of_at_the_next_check() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 2);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    assert_eq!(shop.resize(license, 11), Err(Refused::InsufficientUnits));
    shop.resize(license, 10).expect("there are credits");
    assert_eq!(shop.credits(STD), 0);
    assert_eq!(shop.world.check_in(&mut console).expect("a lease").grant.units, units(10, 0));
    assert_eq!(shop.resize(license, 0), Err(Refused::BadQuantity));
    shop.resize(license, 4).expect("fewer");
    assert_eq!(shop.credits(STD), 0, "the device carries them until it has fetched the smaller lease");
    assert_eq!(shop.world.check_in(&mut console).expect("a lease").grant.units, units(4, 0));
    shop.world.check_in(&mut console).expect("it shows that it has it");
    assert_eq!(shop.credits(STD), 6);
}

#[test]
fn t21_a_console_hears_of_the_new_end_at_its_next_check() {
    let mut shop = Shop::new(10);
    let license = shop.make(YEAR, 1);
    shop.world.days(360);
    let mut console = shop.console(1, YEAR);
    shop.activate(&mut console).expect("a lease");
    let ends = shop.world.holding(license).ends;
    assert_eq!(console.held.as_ref().map(|lease| lease.exp), ends, "no lease outlives the licence");
    shop.world.check_in(&mut console).expect("a plain renewal");
    shop.extend(license).expect("there are credits");
    let lease = shop.world.check_in(&mut console).expect("a lease");
    assert_eq!(lease.exp, shop.world.now.plus(14 * DAY));
}

#[test]
fn of_several_licences_of_a_product_a_device_takes_one_that_is_good_and_stays_with_it() {
    let mut shop = Shop::new(20);
    let over = shop.make(YEAR, 5);
    let mut first = shop.console(1, YEAR);
    assert_eq!(shop.activate(&mut first), Ok(units(5, 0)));
    shop.world.days(366);
    assert_eq!(shop.world.check_in(&mut first), Err(Refused::LicenceLapsed));
    shop.make(YEAR, 2);
    shop.make(YEAR, 1);
    assert_eq!(shop.activate(&mut first), Ok(units(2, 0)), "it goes on with another one of its key");
    let mut second = shop.console(2, YEAR);
    assert_eq!(shop.activate(&mut second), Ok(units(1, 0)), "the other one is taken");
    shop.extend(over).expect("there are credits");
    assert_eq!(shop.activate(&mut first), Ok(units(2, 0)), "it stays with the one it has");
    let mut third = shop.console(3, YEAR);
    assert_eq!(shop.activate(&mut third), Ok(units(5, 0)));
}

#[test]
fn a_licence_that_was_exchanged_back_is_taken_up_by_the_device_that_had_it() {
    let mut shop = Shop::new(10);
    let license = shop.make(STD, 3);
    let mut console = shop.console(1, STD);
    shop.activate(&mut console).expect("a lease");
    let other = shop.exchange(license, PRO, 3).expect("there are credits");
    shop.exchange(other, STD, 3).expect("and back");
    assert_eq!(shop.credits(STD), 4, "three are encumbered by the old lease");
    assert_eq!(shop.activate(&mut console), Ok(units(3, 0)));
    shop.world.check_in(&mut console).expect("it shows that it has the new one");
    assert_eq!(shop.credits(STD), 7, "what the old lease carried arrived");
}
